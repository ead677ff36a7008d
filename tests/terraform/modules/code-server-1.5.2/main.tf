# Stub: the inputs, the script and the app that it creates.
terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.5"
    }
  }
}

resource "coder_script" "code_server" {
  agent_id     = var.agent_id
  display_name = "code-server"
  run_on_start = true
  script       = "# stub: ${join(",", var.extensions)}"

  lifecycle {
    precondition {
      condition     = !var.offline || (length(var.extensions) == 0 && !var.use_cached)
      error_message = "offline excludes extensions and use_cached."
    }
  }
}

resource "coder_app" "code_server" {
  agent_id     = var.agent_id
  slug         = var.slug
  display_name = var.display_name
  url          = "http://localhost:${var.port}/"
  icon         = "/icon/code.svg"
  subdomain    = var.subdomain
  share        = var.share
  order        = var.order
  group        = var.group
  open_in      = var.open_in

  healthcheck {
    url       = "http://localhost:${var.port}/healthz"
    interval  = 5
    threshold = 6
  }
}
