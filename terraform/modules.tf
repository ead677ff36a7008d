# Modules of Coder's registry, pinned: what a workspace gets must not change between two starts.

locals {
  tasks_count  = var.enable_tasks ? data.coder_workspace.me.start_count : 0
  claude_count = var.enable_claude_code ? data.coder_workspace.me.start_count : 0

  # A task brings its prompt; from the data source, because the one of coder_ai_task would close a circle.
  task_prompt  = try(coalesce(one(data.coder_task.me[*].prompt)), "")
  first_prompt = local.task_prompt != "" ? local.task_prompt : data.coder_parameter.ai_prompt.value
}

# Version 4.9.2 is the last that knows tasks; without them it serves the same Claude Code, hence one version for both.
module "claude_code" {
  count   = local.claude_count
  source  = "registry.coder.com/coder/claude-code/coder"
  version = "4.9.2"

  agent_id                = coder_agent.main.id
  workdir                 = var.workspace_dir
  order                   = 1
  subdomain               = var.app_subdomain
  ai_prompt               = local.first_prompt
  system_prompt           = data.coder_parameter.system_prompt.value
  permission_mode         = var.claude_permission_mode
  claude_code_oauth_token = local.claude_token
  continue                = true

  # It makes Claude Code skip all questions too, so only where a task cannot be asked.
  report_tasks = var.enable_tasks

  # The module's scripts run beside ours, and Claude Code connects to its MCP servers once, when it starts.
  post_install_script = local.wait_services_script
}

data "coder_task" "me" {
  count = var.enable_tasks ? 1 : 0
}

resource "coder_ai_task" "main" {
  count  = local.tasks_count
  app_id = module.claude_code[0].task_app_id
}

module "vscode_desktop" {
  count    = data.coder_workspace.me.start_count
  source   = "registry.coder.com/coder/vscode-desktop/coder"
  version  = "1.2.1"
  agent_id = coder_agent.main.id
  folder   = var.workspace_dir
  order    = 2
}

module "git_commit_signing" {
  count    = data.coder_workspace.me.start_count
  source   = "registry.coder.com/coder/git-commit-signing/coder"
  version  = "1.0.32"
  agent_id = coder_agent.main.id
}

module "coder_login" {
  count    = data.coder_workspace.me.start_count
  source   = "registry.coder.com/coder/coder-login/coder"
  version  = "1.1.1"
  agent_id = coder_agent.main.id
}

module "code_server" {
  count      = var.enable_code_server ? data.coder_workspace.me.start_count : 0
  source     = "registry.coder.com/coder/code-server/coder"
  version    = "1.5.2"
  agent_id   = coder_agent.main.id
  folder     = var.workspace_dir
  subdomain  = var.app_subdomain
  extensions = var.code_server_extensions
  order      = 5
}
