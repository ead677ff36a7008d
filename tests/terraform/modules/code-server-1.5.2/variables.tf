variable "agent_id" {
  type = string
}

variable "extensions" {
  type    = list(string)
  default = []
}

variable "port" {
  type    = number
  default = 13337
}

variable "display_name" {
  type    = string
  default = "code-server"
}

variable "slug" {
  type    = string
  default = "code-server"
}

variable "settings" {
  type    = any
  default = {}
}

variable "machine_settings" {
  type    = any
  default = {}
}

variable "folder" {
  type    = string
  default = ""
}

variable "workspace" {
  type    = string
  default = ""
  validation {
    condition     = var.workspace == "" || (var.folder == "" && endswith(var.workspace, ".code-workspace"))
    error_message = "workspace is a .code-workspace file and excludes folder."
  }
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
  validation {
    condition     = contains(["owner", "authenticated", "public"], var.share)
    error_message = "share is owner, authenticated or public."
  }
}

variable "order" {
  type    = number
  default = null
}

variable "group" {
  type    = string
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

variable "extensions_dir" {
  type    = string
  default = ""
}

variable "auto_install_extensions" {
  type    = bool
  default = false
}

variable "subdomain" {
  type    = bool
  default = false
}

variable "open_in" {
  type    = string
  default = "slim-window"
  validation {
    condition     = contains(["tab", "slim-window"], var.open_in)
    error_message = "open_in is tab or slim-window."
  }
}

variable "additional_args" {
  type    = string
  default = ""
}
