# Secrets and who sees them: README.md, "Secrets", says what stays in Terraform state and how to avoid it.

locals {
  uses_onepassword = length(var.secrets) > 0

  # Nobody needs secrets to stop or delete a workspace; so neither depends on 1Password.
  wanted_secrets = data.coder_workspace.me.start_count == 0 ? {} : var.secrets

  # Set by the template, the agent or a module below. Coder lets the last of two variables of one name win, silently.
  names_of_the_template = [
    "GH_TOKEN",
    "FLEET_MCP_AUTH_TOKEN",
    "FLEET_MCP_AUTH_ENABLED",
    "FLEET_MCP_TASKFILE",
    "PATH",
    "CODER_AGENT_TOKEN",
    "CODER_AGENT_URL",
    "CODER_SESSION_TOKEN",
    "CODER_URL",
  ]

  # By environment variable. A field that is not named is the one that the item's category has.
  secret_values = {
    for name, wanted in local.wanted_secrets : name => (
      wanted.field == "" ? try(coalesce(
        data.onepassword_item.secret[name].credential,
        data.onepassword_item.secret[name].password,
      ), "") :
      wanted.field == "credential" ? try(coalesce(data.onepassword_item.secret[name].credential), "") :
      wanted.field == "password" ? try(coalesce(data.onepassword_item.secret[name].password), "") :
      try(coalesce(flatten([
        for section in data.onepassword_item.secret[name].section : [
          for field in section.field : field.value if field.label == wanted.field
        ]
      ])...), "")
    )
  }
  present_secrets = toset([for name, value in local.secret_values : name if nonsensitive(value != "")])
  missing_secrets = setsubtract(keys(local.wanted_secrets), local.present_secrets)
  missing_required = [
    for name in local.missing_secrets :
    "${name} (item ${var.secrets[name].item}, ${var.secrets[name].field == "" ? "credential or password" : "field ${var.secrets[name].field}"})"
    if var.secrets[name].required
  ]

  # The module of Claude Code makes this variable itself, whatever it is given.
  claude_token_name = "CLAUDE_CODE_OAUTH_TOKEN"
  claude_token      = lookup(local.secret_values, local.claude_token_name, "")

  github_token     = try(coalesce(one(data.coder_external_auth.github[*].access_token)), "")
  github_connected = nonsensitive(local.github_token != "")
}

data "onepassword_vault" "secrets" {
  count = length(local.wanted_secrets) > 0 ? 1 : 0
  name  = var.onepassword_vault

  lifecycle {
    postcondition {
      condition     = self.uuid != ""
      error_message = "1Password has no vault ${var.onepassword_vault}, or the token of the Coder server may not read it."
    }
  }
}

# An item that does not exist is an error of the provider's own. An item without the wanted value is judged where the pod
# is planned (workspace.tf): fatal when required, else a hint on the dashboard.
data "onepassword_item" "secret" {
  for_each = local.wanted_secrets
  vault    = one(data.onepassword_vault.secrets[*].uuid)
  title    = each.value.item
}

resource "coder_env" "secret" {
  for_each = setsubtract(local.present_secrets, var.enable_claude_code ? [local.claude_token_name] : [])
  agent_id = coder_agent.main.id
  name     = each.key
  value    = local.secret_values[each.key]
}

data "coder_external_auth" "github" {
  count    = var.github_external_auth_id == "" ? 0 : 1
  id       = var.github_external_auth_id
  optional = !var.github_auth_required
}

resource "coder_env" "github" {
  count    = local.github_connected ? 1 : 0
  agent_id = coder_agent.main.id
  name     = "GH_TOKEN"
  value    = local.github_token
}

# The token between Claude Code and the MCP server. 43 characters, or fleet-mcp does not start; letters and digits only: the
# agent expands $ in what coder_env sets.
resource "random_password" "fleet_mcp" {
  length  = 43
  special = false
  keepers = {
    workspace = data.coder_workspace.me.id
  }
}

resource "coder_env" "fleet_mcp" {
  for_each = merge(
    {
      FLEET_MCP_AUTH_ENABLED = "true"
      FLEET_MCP_AUTH_TOKEN   = random_password.fleet_mcp.result
    },
    var.fleet_mcp_taskfile == "" ? {} : { FLEET_MCP_TASKFILE = "${var.workspace_dir}/${var.fleet_mcp_taskfile}" },
  )
  agent_id = coder_agent.main.id
  name     = each.key
  value    = each.value
}
