# Stands in for version 1.2.1 of the module: its real inputs and outputs, and the environment variables that it sets.
terraform {
  required_version = ">= 1.0"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.5"
    }
  }
}

variable "agent_id" {
  type = string
}

variable "folder" {
  type    = string
  default = ""
}

variable "open_recent" {
  type    = bool
  default = false
}

variable "order" {
  type    = number
  default = null
}

variable "group" {
  type    = string
  default = null
}

resource "coder_app" "vscode" {
  agent_id     = var.agent_id
  slug         = "vscode"
  display_name = "VS Code Desktop"
  url          = "vscode://coder.coder-remote/open?folder=${var.folder}"
  external     = true
  order        = var.order
  group        = var.group
}

output "vscode_url" {
  value = coder_app.vscode.url
}
