# GitHub: connected, not connected, no such provider on the server.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url = "https://github.com/example/setup.git"
}

run "connected" {
  override_data {
    target = data.coder_external_auth.github
    values = { access_token = "token-of-ada" }
  }
  assert {
    condition     = coder_env.github[0].name == "GH_TOKEN" && coder_env.github[0].value == "token-of-ada"
    error_message = "gh works without a login"
  }
  assert {
    condition     = output.pod_environment["ENVBUILDER_GIT_PASSWORD"] == "token-of-ada" && output.pod_environment["ENVBUILDER_GIT_USERNAME"] == "x-access-token"
    error_message = "the builder clones with the token of now"
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].git_password == "token-of-ada"
    error_message = "so does the search in the cache"
  }
  assert {
    condition     = !contains(keys(local.container_facts), "github")
    error_message = "nothing to say"
  }
  assert {
    condition     = !data.coder_external_auth.github[0].optional
    error_message = "Coder asks for the login before it creates a workspace"
  }
}

run "another_git_server_does_not_get_the_token" {
  variables {
    repo_url = "https://git.example.com/team/setup.git"
  }
  override_data {
    target = data.coder_external_auth.github
    values = { access_token = "token-of-ada" }
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].git_password == null && !contains(keys(nonsensitive(output.pod_environment)), "ENVBUILDER_GIT_PASSWORD")
    error_message = "a token goes to the server that it is for"
  }
  assert {
    condition     = coder_env.github[0].value == "token-of-ada"
    error_message = "gh works all the same"
  }
}

run "not_connected" {
  variables {
    github_auth_required = false
  }
  override_data {
    target = data.coder_external_auth.github
    values = { access_token = "" }
  }
  assert {
    condition     = length(coder_env.github) == 0 && envbuilder_cached_image.workspace[0].git_password == null
    error_message = "an empty token is worse than none"
  }
  assert {
    condition     = !contains(keys(nonsensitive(output.pod_environment)), "ENVBUILDER_GIT_PASSWORD")
    error_message = "the builder clones without a login"
  }
  assert {
    condition     = startswith(local.container_facts.github, "not connected")
    error_message = "the dashboard says so"
  }
  assert {
    condition     = data.coder_external_auth.github[0].optional
    error_message = "nobody is forced to log in"
  }
}

run "a_server_without_the_provider" {
  variables {
    github_external_auth_id = ""
  }
  assert {
    condition     = length(data.coder_external_auth.github) == 0 && length(coder_env.github) == 0
    error_message = "a server that lacks the provider refuses a template that names it"
  }
  assert {
    condition     = !contains(keys(local.container_facts), "github")
    error_message = "who does not use GitHub needs no hint"
  }
}
