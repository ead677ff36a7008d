# Stands in for version 1.0.32 of the module: its real inputs and outputs, and the environment variables that it sets.
terraform {
  required_version = ">= 1.0"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 0.12"
    }
  }
}

variable "agent_id" {
  type = string
}

resource "coder_script" "signing" {
  agent_id     = var.agent_id
  display_name = "Git commit signing"
  script       = "true"
  run_on_start = true
}
