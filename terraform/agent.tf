# The agent in the pod, and the scripts that it runs when the workspace starts and stops.

data "coder_provisioner" "me" {}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # Where pods reach the server. The address that users see must stay what it is: it is sent to their machines too, so
  # it cannot be replaced by the provider's argument `url`.
  access_url = trimsuffix(data.coder_workspace.me.access_url, "/")
  coder_url = trimsuffix(
    coalesce(var.coder_url, try(local.cluster["coder_url"], ""), local.access_url), "/"
  )

  # The init script downloads the agent from the server and tells it the server's address: that is the place to rewrite.
  # CODER_AGENT_URL alone would only steer where envbuilder sends its log. Modules append to it, hence the slash.
  agent_environment = {
    CODER_AGENT_TOKEN      = coder_agent.main.token
    CODER_AGENT_URL        = "${local.coder_url}/"
    ENVBUILDER_INIT_SCRIPT = replace(coder_agent.main.init_script, local.access_url, local.coder_url)

    # The builder has been here already: no containers within the container.
    CODER_AGENT_DEVCONTAINERS_ENABLE = "false"
    # As root, before the agent.
    ENVBUILDER_SETUP_SCRIPT = local.prepare_script
  }

  git_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)

  # What all scripts know. None of these values can have a quote in it: variables.tf sees to that.
  script_values = {
    workspace_dir = var.workspace_dir
    persist_dir   = "${local.volume_mount_path}/.persist"
    program_dir   = local.program_mount_path
  }
  startup_script = templatefile("${path.module}/scripts/startup.sh.tftpl", merge(local.script_values, {
    config          = var.workspaced_config
    default_config  = file("${path.module}/files/workspaced.toml")
    startup_seconds = var.startup_seconds
    optional_names  = join(" ", sort(concat(tolist(local.missing_secrets), keys(var.kubernetes_secrets))))
  }))
  shutdown_script = templatefile("${path.module}/scripts/shutdown.sh.tftpl", merge(local.script_values, {
    stop_seconds = var.stop_seconds - 10
  }))
  wait_services_script = templatefile("${path.module}/scripts/wait_services.sh.tftpl", merge(local.script_values, {
    startup_seconds = var.startup_seconds
  }))
  provide_script = templatefile("${path.module}/scripts/provide.sh.tftpl", merge(local.script_values, {
    source_program = "/usr/local/bin/workspaced"
  }))
  prepare_script = templatefile("${path.module}/scripts/prepare.sh.tftpl", merge(local.script_values, {
    passwd_file = "/etc/passwd"
  }))
}

resource "coder_agent" "main" {
  arch = data.coder_provisioner.me.arch
  os   = "linux"
  dir  = var.workspace_dir

  # GitHub's login for git itself needs nothing here: the agent sets GIT_ASKPASS.
  env = {
    GIT_AUTHOR_NAME     = local.git_name
    GIT_AUTHOR_EMAIL    = data.coder_workspace_owner.me.email
    GIT_COMMITTER_NAME  = local.git_name
    GIT_COMMITTER_EMAIL = data.coder_workspace_owner.me.email
    WORKSPACE_DIR       = var.workspace_dir
  }

  # VS Code is the module's, with the right folder.
  display_apps {
    vscode          = false
    vscode_insiders = false
    web_terminal    = true
    ssh_helper      = true
  }

  dynamic "metadata" {
    for_each = local.agent_metadata
    content {
      key          = metadata.value.key
      display_name = metadata.value.display_name
      order        = metadata.key
      interval     = metadata.value.interval
      timeout      = 5
      script = templatefile("${path.module}/scripts/stat.sh.tftpl", merge(local.script_values, {
        arguments = metadata.value.arguments
        disk_dir  = local.volume_mount_path
      }))
    }
  }
}

# Scripts of their own instead of startup_script: they have their own log, a time limit, and hold back logins.
resource "coder_script" "startup" {
  agent_id           = coder_agent.main.id
  display_name       = "Services"
  icon               = "/icon/widgets.svg"
  script             = local.startup_script
  run_on_start       = true
  start_blocks_login = true
  # workspacectl gives up first, and says on whom it waited.
  timeout = var.startup_seconds + 30
}

resource "coder_script" "shutdown" {
  agent_id     = coder_agent.main.id
  display_name = "Stop services"
  icon         = "/icon/widgets.svg"
  script       = local.shutdown_script
  run_on_stop  = true
  timeout      = var.stop_seconds - 5
}
