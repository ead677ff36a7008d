# Secrets: where they come from, what happens when one is missing, and that no variable is set twice.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url          = "https://git.example.com/team/setup.git"
  onepassword_vault = "team"
}

run "no_secrets_at_all" {
  assert {
    condition     = length(data.onepassword_vault.secrets) == 0 && length(coder_env.secret) == 0
    error_message = "1Password is not asked"
  }
}

run "three_secrets" {
  variables {
    secrets = {
      CLAUDE_CODE_OAUTH_TOKEN = { item = "claude-code" }
      PERPLEXITY_API_KEY      = { item = "perplexity", required = false }
      HA_TOKEN                = { item = "haos-api", field = "password" }
    }
  }
  assert {
    condition     = coder_env.secret["PERPLEXITY_API_KEY"].value == "from-credential" && coder_env.secret["HA_TOKEN"].value == "from-password"
    error_message = "the field that is named, else the credential"
  }
  assert {
    condition     = local.claude_token == "from-credential"
    error_message = "the module of Claude Code gets its token"
  }
  assert {
    condition     = length(output.agent_variables) == length(distinct(output.agent_variables)) && !contains(output.agent_variables, "CLAUDE_CODE_OAUTH_TOKEN")
    error_message = "no variable twice; the one of the module is left to it"
  }
  assert {
    condition     = !contains(keys(local.container_facts), "missing secrets")
    error_message = "nothing is missing"
  }
}

run "without_the_module_the_token_is_an_ordinary_secret" {
  variables {
    enable_claude_code = false
    secrets            = { CLAUDE_CODE_OAUTH_TOKEN = { item = "claude-code" } }
  }
  assert {
    condition     = coder_env.secret["CLAUDE_CODE_OAUTH_TOKEN"].value == "from-credential"
    error_message = "somebody must set it"
  }
}

run "an_item_with_a_password_only" {
  override_data {
    target = data.onepassword_item.secret
    values = { credential = "", password = "from-password", section = [] }
  }
  variables {
    secrets = { HA_TOKEN = { item = "haos-api" } }
  }
  assert {
    condition     = coder_env.secret["HA_TOKEN"].value == "from-password"
    error_message = "a login item has its secret in password"
  }
}

run "a_required_secret_without_value" {
  command = plan
  override_data {
    target = data.onepassword_item.secret
    values = { credential = "", password = "", section = [] }
  }
  variables {
    secrets = { HA_TOKEN = { item = "haos-api" } }
  }
  expect_failures = [kubernetes_deployment_v1.workspace]
}

run "a_misnamed_field" {
  command = plan
  variables {
    secrets = { HA_TOKEN = { item = "haos-api", field = "no such field" } }
  }
  expect_failures = [kubernetes_deployment_v1.workspace]
}

run "an_optional_secret_without_value" {
  override_data {
    target = data.onepassword_item.secret
    values = { credential = "", password = "", section = [] }
  }
  variables {
    secrets = { PERPLEXITY_API_KEY = { item = "perplexity", required = false } }
  }
  assert {
    condition     = length(coder_env.secret) == 0
    error_message = "an empty variable would look like a value"
  }
  assert {
    condition     = local.container_facts["missing secrets"] == "PERPLEXITY_API_KEY"
    error_message = "the dashboard says what is missing"
  }
  assert {
    condition     = strcontains(output.scripts["startup"], "optional_names='PERPLEXITY_API_KEY'")
    error_message = "so does the startup script"
  }
}

run "an_unknown_vault" {
  command = plan
  override_data {
    target = data.onepassword_vault.secrets
    values = { uuid = "" }
  }
  variables {
    secrets = { HA_TOKEN = { item = "haos-api" } }
  }
  expect_failures = [data.onepassword_vault.secrets]
}

run "a_secret_may_not_take_a_name_of_the_template" {
  command = plan
  variables {
    secrets = { GH_TOKEN = { item = "github" } }
  }
  expect_failures = [var.secrets]
}

run "a_kubernetes_secret_neither" {
  command = plan
  variables {
    secrets            = { HA_TOKEN = { item = "haos-api" } }
    kubernetes_secrets = { HA_TOKEN = { secret = "haos-api", key = "password" } }
  }
  expect_failures = [var.kubernetes_secrets]
}

run "the_token_of_claude_code_would_be_overwritten" {
  command = plan
  variables {
    kubernetes_secrets = { CLAUDE_CODE_OAUTH_TOKEN = { secret = "claude-code", key = "credential" } }
  }
  expect_failures = [var.kubernetes_secrets]
}

run "no_secret_in_what_everybody_sees" {
  variables {
    secrets = { HA_TOKEN = { item = "haos-api" } }
  }
  assert {
    condition     = !strcontains(jsonencode(local.container_facts), "from-credential") && !strcontains(jsonencode(local.container_facts), nonsensitive(random_password.fleet_mcp.result))
    error_message = "metadata shows no secret"
  }
  assert {
    condition     = !strcontains(jsonencode(output.scripts), "from-credential") && !strcontains(jsonencode(output.scripts), nonsensitive(random_password.fleet_mcp.result))
    error_message = "scripts are in logs: no secret in them"
  }
}
