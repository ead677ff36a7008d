# Where the image comes from: no cache, a hit, a cluster that lacks its ConfigMap.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url = "https://git.example.com/team/setup.git"
}

run "a_hit_is_pulled_by_the_name_that_nodes_know" {
  assert {
    condition     = output.image == "localhost:31500/workspaces@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    error_message = "host of the pull URL, digest of the cache"
  }
  assert {
    condition     = kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].image == output.image && kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].image_pull_policy == "IfNotPresent"
    error_message = "a digest needs no second pull"
  }
  assert {
    condition     = local.container_facts.cached == "yes"
    error_message = "the dashboard says that the image came from the cache"
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].cache_repo == "registry.coder.svc.cluster.local:5000/workspaces" && envbuilder_cached_image.workspace[0].insecure
    error_message = "builds push to the address inside the cluster"
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].git_url == "https://git.example.com/team/setup.git#refs/heads/main"
    error_message = "the branch is a full reference"
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].cache_ttl_days == 30
    error_message = "layers live as long as the registry keeps them"
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].remote_repo_build_mode && output.pod_environment["ENVBUILDER_REMOTE_REPO_BUILD_MODE"] == "false"
    error_message = "the image is looked up by the branch, and built from the checkout"
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].extra_env == tomap({ ENVBUILDER_PUSH_IMAGE = "true" })
    error_message = "the provider gets nothing that changes at every start: it would look through the registry each time"
  }
  assert {
    condition     = output.pod_environment["ENVBUILDER_CACHE_REPO"] == "registry.coder.svc.cluster.local:5000/workspaces" && output.pod_environment["CODER_AGENT_TOKEN"] != ""
    error_message = "the pod gets what the provider says and what the agent needs"
  }
}

run "another_branch" {
  override_data {
    target = data.coder_parameter.git_branch
    values = { value = "feature/x" }
  }
  assert {
    condition     = envbuilder_cached_image.workspace[0].git_url == "https://git.example.com/team/setup.git#refs/heads/feature/x" && local.container_facts.branch == "feature/x"
    error_message = "builder and dashboard use the branch of the parameter"
  }
}

run "one_name_for_push_and_pull" {
  override_data {
    target = data.kubernetes_config_map_v1.cluster
    values = { data = { registry_url = "registry.coder.svc.cluster.local:5000" } }
  }
  assert {
    condition     = startswith(output.image, "registry.coder.svc.cluster.local:5000/workspaces@sha256:")
    error_message = "without registry_pull_url the image keeps its name"
  }
}

run "the_cluster_says_where_coder_is" {
  override_data {
    target = data.kubernetes_config_map_v1.cluster
    values = { data = { registry_url = "registry.example.com", coder_url = "http://coder.coder.svc.cluster.local" } }
  }
  assert {
    condition     = output.pod_environment["CODER_AGENT_URL"] == "http://coder.coder.svc.cluster.local/"
    error_message = "the ConfigMap gives the address when the variable does not"
  }
}

run "a_missing_config_map" {
  command = plan
  override_data {
    target = data.kubernetes_config_map_v1.cluster
    values = { data = null }
  }
  expect_failures = [data.kubernetes_config_map_v1.cluster]
}

run "a_config_map_without_the_key" {
  command = plan
  override_data {
    target = data.kubernetes_config_map_v1.cluster
    values = { data = { registry_pull_url = "localhost:31500" } }
  }
  expect_failures = [data.kubernetes_config_map_v1.cluster]
}

run "without_a_cache" {
  variables {
    cache_enabled = false
  }
  assert {
    condition     = length(envbuilder_cached_image.workspace) + length(data.kubernetes_config_map_v1.cluster) == 0
    error_message = "neither cluster nor registry are asked"
  }
  assert {
    condition     = output.image == "ghcr.io/coder/envbuilder:1.3.0" && local.container_facts.cached == "no cache"
    error_message = "every start builds"
  }
  assert {
    condition = (
      output.pod_environment["ENVBUILDER_GIT_URL"] == "https://git.example.com/team/setup.git#refs/heads/main" &&
      !contains(keys(nonsensitive(output.pod_environment)), "ENVBUILDER_DEVCONTAINER_DIR") &&
      output.pod_environment["ENVBUILDER_WORKSPACE_FOLDER"] == "/workspaces/setup" &&
      output.pod_environment["ENVBUILDER_FALLBACK_IMAGE"] == "docker.io/codercom/enterprise-base:ubuntu" &&
      !contains(keys(nonsensitive(output.pod_environment)), "ENVBUILDER_CACHE_REPO")
    )
    error_message = "the builder is told the same as with a cache, the cache aside"
  }
}

run "a_directory_that_is_named" {
  variables {
    devcontainer_dir = "tools/devcontainer"
    cache_enabled    = false
  }
  assert {
    condition     = output.pod_environment["ENVBUILDER_DEVCONTAINER_DIR"] == "tools/devcontainer"
    error_message = "the builder looks there and nowhere else"
  }
}

run "a_registry_with_a_login" {
  variables {
    cache_enabled        = false
    docker_config_base64 = "e30="
  }
  assert {
    condition     = output.pod_environment["ENVBUILDER_DOCKER_CONFIG_BASE64"] == "e30="
    error_message = "the builder gets the login"
  }
}
