# The image of the workspace: what envbuilder has built before from this devcontainer, else the builder itself.

locals {
  git_url = "${var.repo_url}#refs/heads/${data.coder_parameter.git_branch.value}"

  # The registry has two names where nodes do not know the cluster's DNS: builds push to registry_url, nodes pull from
  # registry_pull_url.
  cluster           = one(data.kubernetes_config_map_v1.cluster[*].data)
  registry_url      = try(local.cluster["registry_url"], "")
  registry_pull_url = try(coalesce(local.cluster["registry_pull_url"]), local.registry_url)
  cache_repo        = var.cache_enabled ? "${local.registry_url}/${var.cache_repo_name}" : ""

  # What the builder is told whether there is a cache or not; the keys of the provider's arguments of the same name.
  builder_environment = merge(
    {
      ENVBUILDER_GIT_URL          = local.git_url
      ENVBUILDER_WORKSPACE_FOLDER = var.workspace_dir
      ENVBUILDER_FALLBACK_IMAGE   = var.fallback_image
    },
    # Not even with its default: the builder takes the fallback image only where no directory is named.
    var.devcontainer_dir == "" ? {} : { ENVBUILDER_DEVCONTAINER_DIR = var.devcontainer_dir },
    nonsensitive(var.docker_config_base64 != "") ? { ENVBUILDER_DOCKER_CONFIG_BASE64 = var.docker_config_base64 } : {},
  )

  # GitHub takes a token as the password of any user, and this name is the documented one. No other server gets it.
  git_login = local.github_connected && startswith(var.repo_url, "https://${var.github_host}/") ? {
    ENVBUILDER_GIT_USERNAME = "x-access-token"
    ENVBUILDER_GIT_PASSWORD = local.github_token
  } : {}

  image = (
    length(envbuilder_cached_image.workspace) == 0 ? data.coder_parameter.devcontainer_builder.value :
    replace(envbuilder_cached_image.workspace[0].image, local.registry_url, local.registry_pull_url)
  )

  # With a cache the provider says what the builder must be told. What changes at every start is merged over it and
  # not handed to the provider, which would look through the registry anew for each new token.
  pod_environment = merge(
    try(envbuilder_cached_image.workspace[0].env_map, local.builder_environment),
    { ENVBUILDER_REMOTE_REPO_BUILD_MODE = tostring(var.remote_repo_build_mode) },
    local.git_login,
    local.agent_environment,
  )
}

# An object that does not exist is no error to this data source, only null: hence the condition.
data "kubernetes_config_map_v1" "cluster" {
  count = var.cache_enabled ? data.coder_workspace.me.start_count : 0

  metadata {
    name      = var.config_map_name
    namespace = var.config_map_namespace
  }

  lifecycle {
    postcondition {
      condition     = try(self.data["registry_url"], "") != ""
      error_message = "The ConfigMap ${var.config_map_name} in namespace ${var.config_map_namespace} has no key registry_url, or does not exist. Create it, or push the template with cache_enabled = false."
    }
  }
}

# It looks where the layers of this commit of the branch are, in a clone of its own: whatever the builder does, with
# remote_repo_build_mode = false the provider would clone into workspace_folder on the Coder server, once and for all
# workspaces. In that clone the files of features have another path at each look: who uses them is never found.
resource "envbuilder_cached_image" "workspace" {
  count = var.cache_enabled ? data.coder_workspace.me.start_count : 0

  builder_image          = data.coder_parameter.devcontainer_builder.value
  cache_repo             = local.cache_repo
  cache_ttl_days         = var.cache_ttl_days
  git_url                = local.git_url
  git_username           = lookup(local.git_login, "ENVBUILDER_GIT_USERNAME", null)
  git_password           = lookup(local.git_login, "ENVBUILDER_GIT_PASSWORD", null)
  workspace_folder       = var.workspace_dir
  devcontainer_dir       = var.devcontainer_dir == "" ? null : var.devcontainer_dir
  fallback_image         = var.fallback_image
  docker_config_base64   = nonsensitive(var.docker_config_base64 == "") ? null : var.docker_config_base64
  remote_repo_build_mode = true
  insecure               = var.cache_insecure

  extra_env = {
    ENVBUILDER_PUSH_IMAGE = "true"
  }
}
