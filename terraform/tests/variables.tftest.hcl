# Every variable that can be wrong says so before anything is planned; all wrong ones at once.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

run "wrong_values" {
  command = plan
  variables {
    repo_url               = "https://git.example.com/team/setup.git#main"
    workspace_dir          = "/home/coder/setup"
    builder_image          = "ghcr.io/coder/envbuilder:latest"
    stop_seconds           = 5
    startup_seconds        = 0
    cache_ttl_days         = 0
    cache_repo_name        = "Workspaces"
    coder_url              = "http://coder.example.com/path"
    workspaced_config      = "/etc/workspaced.toml"
    claude_permission_mode = "yolo"
    secrets                = { HA_TOKEN = { item = "haos-api" } } # without a vault
    extra_apps             = { fleet-mcp = { display_name = "x", url = "https://example.com" } }
  }
  expect_failures = [
    var.repo_url,
    var.workspace_dir,
    var.builder_image,
    var.stop_seconds,
    var.startup_seconds,
    var.cache_ttl_days,
    var.cache_repo_name,
    var.coder_url,
    var.workspaced_config,
    var.claude_permission_mode,
    var.onepassword_vault,
    var.extra_apps,
  ]
}

run "wrong_in_another_way" {
  command = plan
  variables {
    repo_url          = "git@example.com:team/setup"
    workspace_dir     = "/workspaces/it's"
    builder_image     = "ghcr.io/coder/envbuilder"
    stop_seconds      = 1000
    workspaced_config = "it's.toml"
    extra_apps        = { Home = { display_name = "x", url = "https://example.com" } }
  }
  expect_failures = [
    var.repo_url,
    var.workspace_dir,
    var.builder_image,
    var.stop_seconds,
    var.workspaced_config,
    var.extra_apps,
  ]
}

run "wrong_in_a_third_way" {
  command = plan
  variables {
    repo_url      = "https://ada:token@git.example.com/team/setup.git"
    workspace_dir = "/workspaces/a/b"
    extra_apps    = { home = { display_name = "x", url = "https://example.com", health_url = "https://example.com" } }
  }
  expect_failures = [
    var.repo_url,
    var.workspace_dir,
    var.extra_apps,
  ]
}
