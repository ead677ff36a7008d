# The pod and its volume: names, labels, image, environment; a stopped workspace.
# coder_* is the real provider: it checks parameters, and it needs no server.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url = "https://git.example.com/team/setup.git"
}

override_data {
  target = data.coder_workspace.me
  values = {
    id          = "11111111-2222-3333-4444-555555555555"
    name        = "dev"
    start_count = 1
    access_url  = "https://coder.example.com"
  }
}

override_data {
  target = data.coder_workspace_owner.me
  values = {
    id        = "99999999-8888-7777-6666-555555555555"
    name      = "ada"
    full_name = "Ada Lovelace"
    email     = "ada@example.com"
  }
}

override_resource {
  target = coder_agent.main
  values = {
    id          = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    token       = "agent-token"
    init_script = "BINARY_URL=https://coder.example.com/bin/coder-linux-amd64\nexport CODER_AGENT_URL=\"https://coder.example.com/\"\n"
  }
}

# Before any run that makes a volume: the class of one that exists never changes.
run "a_class_for_the_volume" {
  command = plan
  variables {
    storage_class = "fast"
  }
  assert {
    condition     = kubernetes_persistent_volume_claim_v1.workspaces.spec[0].storage_class_name == "fast"
    error_message = "the administrator's choice; none means the cluster's default"
  }
}

run "a_started_workspace" {
  assert {
    condition     = kubernetes_deployment_v1.workspace[0].metadata[0].name == "coder-11111111-2222-3333-4444-555555555555"
    error_message = "the Deployment is called coder-<workspace id>"
  }
  assert {
    condition     = kubernetes_persistent_volume_claim_v1.workspaces.metadata[0].name == "coder-11111111-2222-3333-4444-555555555555-workspaces"
    error_message = "the volume is called coder-<workspace id>-workspaces"
  }
  assert {
    condition = local.labels == {
      "app.kubernetes.io/name"     = "coder-workspace"
      "app.kubernetes.io/instance" = "coder-11111111-2222-3333-4444-555555555555"
      "app.kubernetes.io/part-of"  = "coder"
      "com.coder.resource"         = "true"
      "com.coder.workspace.id"     = "11111111-2222-3333-4444-555555555555"
      "com.coder.workspace.name"   = "dev"
      "com.coder.user.id"          = "99999999-8888-7777-6666-555555555555"
      "com.coder.user.username"    = "ada"
    }
    error_message = "eight labels"
  }
  assert {
    condition = alltrue([
      for metadata in [
        kubernetes_persistent_volume_claim_v1.workspaces.metadata[0],
        kubernetes_deployment_v1.workspace[0].metadata[0],
        kubernetes_deployment_v1.workspace[0].spec[0].template[0].metadata[0],
      ] : tomap(metadata.labels) == tomap(local.labels) && tomap(metadata.annotations) == tomap({ "com.coder.user.email" = "ada@example.com" })
    ])
    error_message = "labels and annotation are on the volume, the Deployment and its pods alike"
  }
  assert {
    condition     = tomap(kubernetes_deployment_v1.workspace[0].spec[0].selector[0].match_labels) == tomap({ "com.coder.workspace.id" = "11111111-2222-3333-4444-555555555555" })
    error_message = "the selector is the workspace's id alone: other workspaces' pods must not match"
  }
  assert {
    condition     = kubernetes_deployment_v1.workspace[0].spec[0].replicas == "1" && kubernetes_deployment_v1.workspace[0].spec[0].strategy[0].type == "Recreate"
    error_message = "one pod at a time may have the volume"
  }
  assert {
    condition     = !kubernetes_deployment_v1.workspace[0].wait_for_rollout && !kubernetes_persistent_volume_claim_v1.workspaces.wait_until_bound
    error_message = "Terraform does not wait for the pod nor for the volume"
  }
  assert {
    condition = (
      tomap(kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].resources[0].limits) == tomap({ cpu = "2", memory = "4Gi" }) &&
      tomap(kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].resources[0].requests) == tomap({ cpu = "250m", memory = "512Mi" })
    )
    error_message = "requests are fixed, limits are the parameters"
  }
  assert {
    condition = (
      !kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].security_context[0].privileged &&
      !kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].automount_service_account_token &&
      kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].security_context[0].run_as_user == "0"
    )
    error_message = "root for the builder, but neither privileged nor with a token of the cluster"
  }
  assert {
    condition     = kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].termination_grace_period_seconds > coder_script.shutdown.timeout
    error_message = "the pod has time for the whole shutdown script"
  }
  assert {
    condition     = length(kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].init_container) == 0
    error_message = "no init container without workspaced_image"
  }
  assert {
    condition     = length(kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].env) == length(distinct(kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].env[*].name))
    error_message = "no variable of the pod is there twice"
  }
}

run "workspaces_rather_on_different_nodes" {
  command = plan
  assert {
    condition = alltrue([
      for term in kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].affinity[0].pod_anti_affinity[0].preferred_during_scheduling_ignored_during_execution :
      term.weight == 1 && term.pod_affinity_term[0].topology_key == "kubernetes.io/hostname" &&
      term.pod_affinity_term[0].label_selector[0].match_labels["app.kubernetes.io/name"] == "coder-workspace"
    ])
    error_message = "a wish and no demand, about all workspaces"
  }
}

run "the_agent" {
  command = plan
  assert {
    condition     = coder_agent.main.env["GIT_AUTHOR_NAME"] == "Ada Lovelace" && coder_agent.main.env["GIT_COMMITTER_EMAIL"] == "ada@example.com"
    error_message = "git knows who commits"
  }
  assert {
    condition     = coder_agent.main.dir == "/workspaces/setup" && coder_agent.main.os == "linux" && !one(coder_agent.main.display_apps).vscode
    error_message = "terminals begin in the checkout; the button of VS Code is the module's"
  }
  assert {
    condition     = length(coder_agent.main.metadata) == 8 && length(distinct(coder_agent.main.metadata[*].key)) == 8
    error_message = "eight figures with keys of their own"
  }
  assert {
    condition     = alltrue([for item in coder_agent.main.metadata : item.timeout == 5 && item.interval >= 10 && item.interval <= 60])
    error_message = "coder stat cpu samples for a second: a timeout of one would be too short"
  }
  assert {
    condition     = coder_script.startup.run_on_start && coder_script.startup.start_blocks_login && coder_script.startup.timeout > var.startup_seconds && coder_script.shutdown.run_on_stop
    error_message = "workspacectl gives up before the agent does, and so can say why"
  }
}

run "the_token_of_the_mcp_server" {
  command = plan
  assert {
    condition     = random_password.fleet_mcp.length == 43 && !random_password.fleet_mcp.special
    error_message = "fleet-mcp takes 43 characters, and the agent expands $ in values: letters and digits only"
  }
}

run "apps_and_their_health" {
  command = plan
  assert {
    condition     = one(coder_app.workspaced.healthcheck).url == "http://127.0.0.1:9001/health" && one(coder_app.fleet_mcp.healthcheck).url == "http://127.0.0.1:8000/health"
    error_message = "both apps are checked, at addresses that are never IPv6"
  }
  assert {
    condition     = coder_app.fleet_mcp.slug == "fleet-mcp" && coder_app.fleet_mcp.subdomain && coder_app.fleet_mcp.share == "owner"
    error_message = "for the owner alone, on a host name of its own"
  }
  assert {
    condition     = one(coder_app.fleet_mcp.healthcheck).interval == 10 && one(coder_app.fleet_mcp.healthcheck).threshold == 24
    error_message = "four minutes until the first start counts as unhealthy"
  }
}

run "what_users_choose" {
  command = plan
  assert {
    condition = alltrue([
      for parameter in [
        data.coder_parameter.git_branch, data.coder_parameter.cpu, data.coder_parameter.memory, data.coder_parameter.workspaces_volume_size,
        data.coder_parameter.system_prompt, data.coder_parameter.ai_prompt, data.coder_parameter.devcontainer_builder,
      ] : parameter.mutable && parameter.icon != "" && parameter.description != ""
    ])
    error_message = "everything may be changed later, and is explained"
  }
  assert {
    condition     = data.coder_parameter.cpu.value == "2" && data.coder_parameter.memory.value == "4" && data.coder_parameter.workspaces_volume_size.value == "10"
    error_message = "the defaults"
  }
  assert {
    condition     = data.coder_parameter.system_prompt.form_type == "textarea" && data.coder_parameter.system_prompt.value == ""
    error_message = "a prompt has more than one line"
  }
}

run "without_coder_url_the_init_script_stays" {
  command = plan
  assert {
    condition     = output.pod_environment["ENVBUILDER_INIT_SCRIPT"] == coder_agent.main.init_script
    error_message = "the init script is the server's own"
  }
  assert {
    condition     = output.pod_environment["CODER_AGENT_URL"] == "https://coder.example.com/"
    error_message = "the agent's address ends with a slash"
  }
}

run "coder_url_is_written_into_the_init_script" {
  variables {
    coder_url = "http://coder.coder.svc.cluster.local/"
  }
  assert {
    condition     = output.pod_environment["ENVBUILDER_INIT_SCRIPT"] == "BINARY_URL=http://coder.coder.svc.cluster.local/bin/coder-linux-amd64\nexport CODER_AGENT_URL=\"http://coder.coder.svc.cluster.local/\"\n"
    error_message = "download and agent use the address inside the cluster"
  }
  assert {
    condition     = output.pod_environment["CODER_AGENT_URL"] == "http://coder.coder.svc.cluster.local/"
    error_message = "envbuilder too"
  }
}

run "workspaced_from_an_image" {
  variables {
    workspaced_image = "images.example.com/workspaced:1"
  }
  assert {
    condition = (
      kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].init_container[0].image == "images.example.com/workspaced:1" &&
      kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].init_container[0].volume_mount[0].mount_path == "/opt/workspaced" &&
      contains(kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].volume_mount[*].mount_path, "/opt/workspaced")
    )
    error_message = "the init container hands the program over by a volume"
  }
}

run "kubernetes_secrets_never_pass_terraform" {
  variables {
    kubernetes_secrets = { HA_TOKEN = { secret = "haos-api", key = "password" } }
  }
  assert {
    condition = anytrue([
      for env in kubernetes_deployment_v1.workspace[0].spec[0].template[0].spec[0].container[0].env :
      env.name == "HA_TOKEN" && env.value_from[0].secret_key_ref[0].name == "haos-api" && env.value_from[0].secret_key_ref[0].optional
      if length(env.value_from) == 1
    ])
    error_message = "the pod refers to the Secret, and starts without it"
  }
  assert {
    condition     = strcontains(output.scripts["startup"], "optional_names='HA_TOKEN'")
    error_message = "the startup script says so when it is not there"
  }
}

run "a_stopped_workspace_keeps_its_volume_only" {
  override_data {
    target = data.coder_workspace.me
    values = {
      id          = "11111111-2222-3333-4444-555555555555"
      name        = "dev"
      start_count = 0
      access_url  = "https://coder.example.com"
    }
  }
  variables {
    secrets            = { HA_TOKEN = { item = "haos-api" } }
    onepassword_vault  = "team"
    enable_code_server = true
  }
  assert {
    condition     = length(kubernetes_deployment_v1.workspace) + length(envbuilder_cached_image.workspace) + length(coder_metadata.container_info) == 0
    error_message = "nothing runs"
  }
  assert {
    condition     = kubernetes_persistent_volume_claim_v1.workspaces.metadata[0].name == "coder-11111111-2222-3333-4444-555555555555-workspaces"
    error_message = "the volume stays"
  }
  assert {
    condition = sum([
      for modules in [module.claude_code, module.vscode_desktop, module.git_commit_signing, module.coder_login, module.code_server] : length(modules)
    ]) == 0
    error_message = "no module makes anything for a pod that does not exist"
  }
  assert {
    condition     = length(data.onepassword_item.secret) + length(data.onepassword_vault.secrets) + length(data.kubernetes_config_map_v1.cluster) == 0
    error_message = "stopping and deleting depends on nothing outside"
  }
}

run "a_bigger_volume" {
  command = plan
  override_data {
    target = data.coder_parameter.workspaces_volume_size
    values = { value = "20" }
  }
  assert {
    condition     = kubernetes_persistent_volume_claim_v1.workspaces.spec[0].resources[0].requests["storage"] == "20Gi"
    error_message = "the size reaches the volume: it must not be ignored"
  }
}
