# Claude Code, tasks, presets and apps.

mock_provider "kubernetes" { source = "./tests/mocks" }
mock_provider "envbuilder" { source = "./tests/mocks" }
mock_provider "random" { source = "./tests/mocks" }
mock_provider "onepassword" { source = "./tests/mocks" }

variables {
  repo_url = "https://git.example.com/team/setup.git"
}

run "without_tasks" {
  assert {
    condition     = length(data.coder_task.me) + length(coder_ai_task.main) == 0
    error_message = "newer servers know no tasks"
  }
  assert {
    condition     = length(module.claude_code) == 1
    error_message = "Claude Code is there all the same"
  }
}

run "the_prompt_of_the_parameter" {
  override_data {
    target = data.coder_parameter.ai_prompt
    values = { value = "look around" }
  }
  assert {
    condition     = local.first_prompt == "look around"
    error_message = "without a task the parameter is the first prompt"
  }
}

run "with_tasks" {
  variables {
    enable_tasks = true
  }
  override_data {
    target = data.coder_task.me
    values = { prompt = "repair the build" }
  }
  override_data {
    target = data.coder_parameter.ai_prompt
    values = { value = "look around" }
  }
  assert {
    condition     = coder_ai_task.main[0].app_id == module.claude_code[0].task_app_id
    error_message = "the task is the app of the module"
  }
  assert {
    condition     = local.first_prompt == "repair the build"
    error_message = "the prompt of the task goes first"
  }
}

run "tasks_need_claude_code" {
  command = plan
  variables {
    enable_tasks       = true
    enable_claude_code = false
  }
  expect_failures = [var.enable_tasks]
}

run "without_claude_code" {
  variables {
    enable_claude_code = false
  }
  assert {
    condition     = length(module.claude_code) == 0 && length(module.vscode_desktop) == 1
    error_message = "everything else stays"
  }
}

run "presets" {
  assert {
    condition     = [for preset in data.coder_workspace_preset.role : preset.name if preset.default] == ["Coder"]
    error_message = "one default"
  }
  assert {
    condition     = [for preset in data.coder_workspace_preset.role : preset.name] == ["Coder", "Operator", "Researcher"]
    error_message = "three roles"
  }
  assert {
    condition = alltrue(flatten([
      for preset in data.coder_workspace_preset.role : [
        for name in keys(preset.parameters) : contains(["git_branch", "cpu", "memory", "workspaces_volume_size", "system_prompt", "ai_prompt", "devcontainer_builder"], name)
      ]
    ]))
    error_message = "Coder ignores a parameter that does not exist, silently"
  }
  assert {
    condition     = alltrue([for preset in data.coder_workspace_preset.role : length(preset.parameters["system_prompt"]) > 200 && preset.description != "" && preset.icon != ""])
    error_message = "each has a prompt, a description and an icon"
  }
}

run "presets_obey_the_maxima" {
  variables {
    max_cpu    = 1
    max_memory = 2
  }
  assert {
    condition     = alltrue([for preset in data.coder_workspace_preset.role : preset.parameters["cpu"] == "1" && preset.parameters["memory"] == "2"])
    error_message = "a preset above the maximum could never be chosen"
  }
  assert {
    condition     = data.coder_parameter.cpu.value == "1" && data.coder_parameter.memory.value == "2"
    error_message = "nor could a default"
  }
}

run "more_apps" {
  variables {
    extra_apps = {
      home  = { display_name = "Home", url = "https://home.example.com" }
      notes = { display_name = "Notes", url = "http://127.0.0.1:7000", external = false, health_url = "http://127.0.0.1:7000/health" }
    }
    enable_code_server     = true
    code_server_extensions = ["golang.go"]
  }
  assert {
    condition     = coder_app.extra["home"].external && coder_app.extra["notes"].subdomain && one(coder_app.extra["notes"].healthcheck).url == "http://127.0.0.1:7000/health"
    error_message = "links, and ports with health"
  }
  assert {
    condition     = length(module.code_server) == 1
    error_message = "VS Code in the browser, where wanted"
  }
}

run "apps_by_path" {
  variables {
    app_subdomain = false
  }
  assert {
    condition     = !coder_app.fleet_mcp.subdomain && !coder_app.workspaced.subdomain
    error_message = "for servers without a wildcard name"
  }
}
