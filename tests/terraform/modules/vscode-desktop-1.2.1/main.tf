# Stub: the inputs, the output, and the app that it creates.
terraform {
  required_version = ">= 1.0"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.5"
    }
  }
}

resource "coder_app" "vscode" {
  agent_id     = var.agent_id
  slug         = "vscode"
  display_name = "VS Code Desktop"
  url          = "vscode://coder.coder-remote/open?folder=${var.folder}&openRecent=${var.open_recent}"
  external     = true
  icon         = "/icon/code.svg"
  order        = var.order
  group        = var.group
}

output "vscode_url" {
  value = coder_app.vscode.url
}
