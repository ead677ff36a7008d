# The cache has nothing: in a file of its own, because the runs of one file share a state, and there the image is found.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url = "https://git.example.com/team/setup.git"
}

run "a_miss_builds" {
  override_resource {
    target = envbuilder_cached_image.workspace
    values = {
      exists  = false
      image   = "ghcr.io/coder/envbuilder:1.3.0"
      env_map = { ENVBUILDER_GIT_URL = "https://git.example.com/team/setup.git#refs/heads/main" }
    }
  }
  assert {
    condition     = output.image == "ghcr.io/coder/envbuilder:1.3.0"
    error_message = "the builder runs, its name untouched"
  }
  assert {
    condition     = startswith(local.container_facts.cached, "no:")
    error_message = "the dashboard says why this start takes long"
  }
}
