# What the dashboard shows of a workspace: figures that the agent reports, and facts known when it was started.

locals {
  # In this order. Container figures are those that the limits apply to; host figures tell a slow node from a slow
  # workspace.
  agent_metadata = [
    { key = "services", display_name = "Services ready", arguments = "services", interval = 10 },
    { key = "cpu", display_name = "CPU", arguments = "cpu", interval = 10 },
    { key = "memory", display_name = "RAM", arguments = "mem", interval = 10 },
    { key = "disk", display_name = "Volume", arguments = "disk", interval = 60 },
    { key = "cpu_host", display_name = "CPU (host)", arguments = "cpu --host", interval = 10 },
    { key = "memory_host", display_name = "RAM (host)", arguments = "mem --host", interval = 10 },
    { key = "load_host", display_name = "Load (host)", arguments = "load --host", interval = 60 },
    { key = "swap_host", display_name = "Swap (host)", arguments = "swap --host", interval = 60 },
  ]

  cache_state = (
    !var.cache_enabled ? "no cache" :
    try(envbuilder_cached_image.workspace[0].exists, false) ? "yes" : "no: this start builds the image"
  )

  # Never a secret: what coder_metadata marks as sensitive is hidden on the page only, not in the API.
  container_facts = merge(
    {
      image        = local.image
      cached       = local.cache_state
      repository   = var.repo_url
      branch       = data.coder_parameter.git_branch.value
      "cache repo" = coalesce(local.cache_repo, "none")
      namespace    = var.namespace
    },
    length(local.missing_secrets) == 0 ? {} : {
      "missing secrets" = join(", ", sort(tolist(local.missing_secrets)))
    },
    var.github_external_auth_id == "" || local.github_connected ? {} : {
      github = "not connected: no GH_TOKEN, public repositories only"
    },
  )
}

resource "coder_metadata" "container_info" {
  count       = data.coder_workspace.me.start_count
  resource_id = kubernetes_deployment_v1.workspace[0].id

  dynamic "item" {
    for_each = local.container_facts
    content {
      key   = item.key
      value = item.value
    }
  }
}
