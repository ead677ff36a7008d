# What the dashboard links to, and whose health it shows. To Coder every answer below 500 is healthy.

resource "coder_app" "fleet_mcp" {
  agent_id     = coder_agent.main.id
  slug         = "fleet-mcp"
  display_name = "Fleet MCP"
  icon         = "/icon/widgets.svg"
  url          = "http://127.0.0.1:8000"
  subdomain    = var.app_subdomain
  share        = "owner"
  order        = 3

  # Four minutes of patience: the server installs its own dependencies at the first start.
  healthcheck {
    url       = "http://127.0.0.1:8000/health"
    interval  = 10
    threshold = 24
  }
}

# 503 until every required service is ready, 200 afterwards.
resource "coder_app" "workspaced" {
  agent_id     = coder_agent.main.id
  slug         = "workspaced"
  display_name = "Services"
  icon         = "/icon/widgets.svg"
  url          = "http://127.0.0.1:9001"
  subdomain    = var.app_subdomain
  share        = "owner"
  order        = 4

  healthcheck {
    url       = "http://127.0.0.1:9001/health"
    interval  = 5
    threshold = 60
  }
}

# The provider takes even external = false for a contradiction to subdomain, share and healthcheck: hence null.
resource "coder_app" "extra" {
  for_each = var.extra_apps

  agent_id     = coder_agent.main.id
  slug         = each.key
  display_name = each.value.display_name
  icon         = each.value.icon
  url          = each.value.url
  external     = each.value.external ? true : null
  subdomain    = each.value.external ? null : var.app_subdomain
  share        = each.value.external ? null : "owner"
  order        = 10

  dynamic "healthcheck" {
    for_each = each.value.health_url == null ? [] : [each.value.health_url]
    content {
      url       = healthcheck.value
      interval  = 10
      threshold = 24
    }
  }
}
