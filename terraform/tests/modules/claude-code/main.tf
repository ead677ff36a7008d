# Stands in for version 4.9.2 of the module: its real inputs and outputs, and the environment variables that it sets.
terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.12"
    }
  }
}

variable "agent_id" {
  type = string
}

variable "workdir" {
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

variable "web_app_display_name" {
  type    = string
  default = "Claude Code"
}

variable "cli_app_display_name" {
  type    = string
  default = "Claude Code CLI"
}

variable "agentapi_version" {
  type    = string
  default = "v0.11.8"
}

variable "ai_prompt" {
  type    = string
  default = ""
}

variable "claude_code_version" {
  type    = string
  default = "latest"
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

variable "permission_mode" {
  type    = string
  default = ""
}

variable "mcp" {
  type    = string
  default = ""
}

variable "allowed_tools" {
  type    = string
  default = ""
}

variable "disallowed_tools" {
  type    = string
  default = ""
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
}

variable "boundary_version" {
  type    = string
  default = "latest"
}

variable "pre_install_script" {
  type    = string
  default = null
}

variable "post_install_script" {
  type    = string
  default = null
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

variable "install_agentapi" {
  type    = bool
  default = true
}

variable "subdomain" {
  type    = bool
  default = false
}

variable "install_claude_code" {
  type    = bool
  default = true
}

variable "disable_autoupdater" {
  type    = bool
  default = false
}

variable "dangerously_skip_permissions" {
  type    = bool
  default = false
}

variable "install_via_npm" {
  type    = bool
  default = false
}

variable "enable_boundary" {
  type    = bool
  default = false
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
}

variable "enable_state_persistence" {
  type    = bool
  default = true
}

variable "continue" {
  type    = bool
  default = true
}

variable "mcp_config_remote_path" {
  type    = list(string)
  default = []
}

variable "claude_code_oauth_token" {
  type      = string
  default   = ""
  sensitive = true
}

resource "coder_env" "always" {
  for_each = {
    CODER_MCP_CLAUDE_MD_PATH       = var.claude_md_path
    CODER_MCP_CLAUDE_SYSTEM_PROMPT = "<system>${var.system_prompt}</system>"
    CLAUDE_CODE_OAUTH_TOKEN        = var.claude_code_oauth_token
  }
  agent_id = var.agent_id
  name     = each.key
  value    = each.value
}

resource "coder_app" "web" {
  count        = var.web_app || var.report_tasks ? 1 : 0
  agent_id     = var.agent_id
  slug         = "ccw"
  display_name = var.web_app_display_name
  url          = "http://localhost:3284/"
  order        = var.order
  subdomain    = var.subdomain
}

output "task_app_id" {
  value = one(coder_app.web[*].id)
}
