# Stub: the inputs, the output, and what it creates in the workspace, without the scripts' contents.
terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.12"
    }
  }
}

locals {
  # Every variable of the environment that the module may set, by name; null is one that it does not create.
  environment = {
    CLAUDE_CODE_OAUTH_TOKEN        = var.claude_code_oauth_token
    CODER_MCP_CLAUDE_SYSTEM_PROMPT = var.system_prompt
    CODER_MCP_CLAUDE_MD_PATH       = var.claude_md_path == "" ? null : var.claude_md_path
    CLAUDE_API_KEY                 = var.enable_aibridge || var.claude_api_key != "" ? var.claude_api_key : null
    DISABLE_AUTOUPDATER            = var.disable_autoupdater ? "1" : null
    ANTHROPIC_MODEL                = var.model == "" ? null : var.model
    ANTHROPIC_BASE_URL             = var.enable_aibridge ? "https://coder.example.com/api/v2/aibridge/anthropic" : null
  }
}

resource "coder_env" "this" {
  for_each = nonsensitive(toset([for name, value in local.environment : name if value != null]))

  agent_id = var.agent_id
  name     = each.key
  value    = local.environment[each.key]
}

# One script in the real module; apart here, so that those which the template hands in can be looked at.
resource "coder_script" "agentapi" {
  for_each = {
    for name, script in {
      "Before AgentAPI" = var.pre_install_script
      "Start AgentAPI"  = "#!/bin/sh\ntrue"
      "After AgentAPI"  = var.post_install_script
    } : name => script if script != null
  }

  agent_id     = var.agent_id
  display_name = each.key
  run_on_start = true
  script       = each.value
}

resource "coder_app" "web" {
  agent_id     = var.agent_id
  slug         = "ccw"
  display_name = var.web_app_display_name
  url          = "http://localhost:3284/"
  icon         = var.icon
  order        = var.order
  group        = var.group
  subdomain    = var.subdomain

  healthcheck {
    url       = "http://localhost:3284/status"
    interval  = 3
    threshold = 20
  }
}

resource "coder_app" "cli" {
  count = var.cli_app ? 1 : 0

  agent_id     = var.agent_id
  slug         = "ccw-cli"
  display_name = var.cli_app_display_name
  command      = "agentapi attach"
  icon         = var.icon
}

output "task_app_id" {
  value = coder_app.web.id
}
