# Every variable that can be wrong says so before anything is planned.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url = "https://git.example.com/team/setup.git"
}

run "repo_url_with_a_branch" {
  command = plan
  variables {
    repo_url = "https://git.example.com/team/setup.git#main"
  }
  expect_failures = [var.repo_url]
}

run "repo_url_without_a_scheme" {
  command = plan
  variables {
    repo_url = "git@example.com:team/setup"
  }
  expect_failures = [var.repo_url]
}

run "repo_url_with_a_token" {
  command = plan
  variables {
    repo_url = "https://ada:token@git.example.com/team/setup.git"
  }
  expect_failures = [var.repo_url]
}

run "workspace_dir_outside_the_volume" {
  command = plan
  variables {
    workspace_dir = "/home/coder/setup"
  }
  expect_failures = [var.workspace_dir]
}

run "workspace_dir_with_a_quote" {
  command = plan
  variables {
    workspace_dir = "/workspaces/it's"
  }
  expect_failures = [var.workspace_dir]
}

run "a_moving_builder" {
  command = plan
  variables {
    builder_image = "ghcr.io/coder/envbuilder:latest"
  }
  expect_failures = [var.builder_image]
}

run "a_builder_without_version" {
  command = plan
  variables {
    builder_image = "ghcr.io/coder/envbuilder"
  }
  expect_failures = [var.builder_image]
}

run "too_little_time_to_stop" {
  command = plan
  variables {
    stop_seconds = 5
  }
  expect_failures = [var.stop_seconds]
}

run "too_little_time_to_start" {
  command = plan
  variables {
    startup_seconds = 0
  }
  expect_failures = [var.startup_seconds]
}

run "a_cache_that_keeps_nothing" {
  command = plan
  variables {
    cache_ttl_days = 0
  }
  expect_failures = [var.cache_ttl_days]
}

run "a_cache_repo_in_capitals" {
  command = plan
  variables {
    cache_repo_name = "Workspaces"
  }
  expect_failures = [var.cache_repo_name]
}

run "coder_url_with_a_path" {
  command = plan
  variables {
    coder_url = "http://coder.example.com/path"
  }
  expect_failures = [var.coder_url]
}

run "a_configuration_outside_the_repository" {
  command = plan
  variables {
    workspaced_config = "/etc/workspaced.toml"
  }
  expect_failures = [var.workspaced_config]
}

run "a_permission_mode_that_does_not_exist" {
  command = plan
  variables {
    claude_permission_mode = "yolo"
  }
  expect_failures = [var.claude_permission_mode]
}

run "secrets_without_a_vault" {
  command = plan
  variables {
    secrets = { HA_TOKEN = { item = "haos-api" } }
  }
  expect_failures = [var.onepassword_vault]
}

run "a_slug_that_is_taken" {
  command = plan
  variables {
    extra_apps = { fleet-mcp = { display_name = "x", url = "https://example.com" } }
  }
  expect_failures = [var.extra_apps]
}

run "a_slug_with_capitals" {
  command = plan
  variables {
    extra_apps = { Home = { display_name = "x", url = "https://example.com" } }
  }
  expect_failures = [var.extra_apps]
}

run "an_external_app_with_health" {
  command = plan
  variables {
    extra_apps = { home = { display_name = "x", url = "https://example.com", health_url = "https://example.com" } }
  }
  expect_failures = [var.extra_apps]
}
