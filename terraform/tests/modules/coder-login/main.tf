# Stands in for version 1.1.1 of the module: its real inputs and outputs, and the environment variables that it sets.
terraform {
  required_version = ">= 1.0"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 0.23"
    }
  }
}

variable "agent_id" {
  type = string
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

resource "coder_env" "always" {
  for_each = {
    CODER_SESSION_TOKEN = data.coder_workspace_owner.me.session_token
    CODER_URL           = data.coder_workspace.me.access_url
  }
  agent_id = var.agent_id
  name     = each.key
  value    = each.value
}
