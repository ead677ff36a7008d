variable "agent_id" {
  type = string
}

variable "order" {
  type    = number
  default = null
}

variable "group" {
  type    = string
  default = null
}

variable "icon" {
  type    = string
  default = "/icon/claude.svg"
}

variable "workdir" {
  type = string
}

variable "report_tasks" {
  type    = bool
  default = true
}

variable "web_app" {
  type    = bool
  default = true
}

variable "cli_app" {
  type    = bool
  default = false
}

variable "web_app_display_name" {
  type    = string
  default = "Claude Code"
}

variable "cli_app_display_name" {
  type    = string
  default = "Claude Code CLI"
}

variable "pre_install_script" {
  type    = string
  default = null
}

variable "post_install_script" {
  type    = string
  default = null
}

variable "install_agentapi" {
  type    = bool
  default = true
}

variable "agentapi_version" {
  type    = string
  default = "v0.11.8"
}

variable "ai_prompt" {
  type    = string
  default = ""
}

variable "subdomain" {
  type    = bool
  default = false
}

variable "install_claude_code" {
  type    = bool
  default = true
}

variable "claude_code_version" {
  type    = string
  default = "latest"
}

variable "disable_autoupdater" {
  type    = bool
  default = false
}

variable "claude_api_key" {
  type    = string
  default = ""
}

variable "model" {
  type    = string
  default = ""
}

variable "resume_session_id" {
  type    = string
  default = ""
}

variable "continue" {
  type    = bool
  default = true
}

variable "dangerously_skip_permissions" {
  type    = bool
  default = false
}

variable "permission_mode" {
  type    = string
  default = ""
  validation {
    condition     = contains(["", "default", "acceptEdits", "plan", "auto", "bypassPermissions"], var.permission_mode)
    error_message = "permission_mode is none of those that Claude Code has."
  }
}

variable "mcp" {
  type    = string
  default = ""
}

variable "mcp_config_remote_path" {
  type    = list(string)
  default = []
}

variable "allowed_tools" {
  type    = string
  default = ""
}

variable "disallowed_tools" {
  type    = string
  default = ""
}

variable "claude_code_oauth_token" {
  type      = string
  default   = ""
  sensitive = true
}

variable "system_prompt" {
  type    = string
  default = ""
}

variable "claude_md_path" {
  type    = string
  default = "$HOME/.claude/CLAUDE.md"
}

variable "claude_binary_path" {
  type    = string
  default = "$HOME/.local/bin"
  validation {
    condition     = var.claude_binary_path == "$HOME/.local/bin" || !var.install_claude_code
    error_message = "claude_binary_path is for a program that the module does not install."
  }
}

variable "install_via_npm" {
  type    = bool
  default = false
}

variable "enable_boundary" {
  type    = bool
  default = false
}

variable "boundary_version" {
  type    = string
  default = "latest"
}

variable "compile_boundary_from_source" {
  type    = bool
  default = false
}

variable "use_boundary_directly" {
  type    = bool
  default = false
}

variable "enable_aibridge" {
  type    = bool
  default = false
  validation {
    condition     = !var.enable_aibridge || (var.claude_api_key == "" && var.claude_code_oauth_token == "")
    error_message = "enable_aibridge excludes a key and a token."
  }
}

variable "enable_state_persistence" {
  type    = bool
  default = true
}
