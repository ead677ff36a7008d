# Stub: the input, and the script that it creates.
terraform {
  required_version = ">= 1.0"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 0.12"
    }
  }
}

resource "coder_script" "git_commit_signing" {
  agent_id     = var.agent_id
  display_name = "Git commit signing"
  run_on_start = true
  script       = "# stub"
}
