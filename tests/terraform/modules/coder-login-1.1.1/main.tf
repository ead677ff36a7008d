# Stub: the input, and the variables of the environment that it creates.
terraform {
  required_version = ">= 1.0"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 0.23"
    }
  }
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

resource "coder_env" "session_token" {
  agent_id = var.agent_id
  name     = "CODER_SESSION_TOKEN"
  value    = data.coder_workspace_owner.me.session_token
}

resource "coder_env" "url" {
  agent_id = var.agent_id
  name     = "CODER_URL"
  value    = data.coder_workspace.me.access_url
}
