# Stands in for version 1.5.2 of the module: its real inputs and outputs, and the environment variables that it sets.
terraform {
  required_version = ">= 1.9"

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

variable "display_name" {
  type    = string
  default = "code-server"
}

variable "slug" {
  type    = string
  default = "code-server"
}

variable "folder" {
  type    = string
  default = ""
}

variable "workspace" {
  type    = string
  default = ""
}

variable "install_prefix" {
  type    = string
  default = "/tmp/code-server"
}

variable "log_path" {
  type    = string
  default = "/tmp/code-server.log"
}

variable "install_version" {
  type    = string
  default = ""
}

variable "share" {
  type    = string
  default = "owner"
}

variable "extensions_dir" {
  type    = string
  default = ""
}

variable "open_in" {
  type    = string
  default = "slim-window"
}

variable "additional_args" {
  type    = string
  default = ""
}

variable "group" {
  type    = string
  default = null
}

variable "extensions" {
  type    = list(string)
  default = []
}

variable "settings" {
  type    = any
  default = {}
}

variable "machine_settings" {
  type    = any
  default = {}
}

variable "port" {
  type    = number
  default = 13337
}

variable "order" {
  type    = number
  default = null
}

variable "offline" {
  type    = bool
  default = false
}

variable "use_cached" {
  type    = bool
  default = false
}

variable "use_cached_extensions" {
  type    = bool
  default = false
}

variable "auto_install_extensions" {
  type    = bool
  default = false
}

variable "subdomain" {
  type    = bool
  default = false
}

resource "coder_app" "code_server" {
  agent_id     = var.agent_id
  slug         = var.slug
  display_name = var.display_name
  url          = "http://localhost:${var.port}/?folder=${urlencode(var.folder)}"
  subdomain    = var.subdomain
  share        = var.share
  order        = var.order
}
