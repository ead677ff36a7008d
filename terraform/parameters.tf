# What users choose when they create or update a workspace, in the order of the form.

data "coder_parameter" "git_branch" {
  name         = "git_branch"
  display_name = "Branch"
  description  = "Branch of the repository to start from. An existing checkout is left as it is."
  type         = "string"
  default      = "main"
  mutable      = true
  icon         = "/icon/git.svg"
  order        = 1

  validation {
    regex = "^[A-Za-z0-9]([A-Za-z0-9._/+-]*[A-Za-z0-9_+-])?$"
    error = "A branch name begins with a letter or digit and has only letters, digits and . _ / + - after it."
  }
}

data "coder_parameter" "cpu" {
  name         = "cpu"
  display_name = "CPU cores"
  description  = "Most that the workspace may use; 0.25 of a core is set aside for it."
  type         = "number"
  form_type    = "slider"
  default      = tostring(min(2, var.max_cpu))
  mutable      = true
  icon         = "/icon/memory.svg"
  order        = 2

  validation {
    min   = 1
    max   = var.max_cpu
    error = "Choose between {min} and {max} cores."
  }
}

data "coder_parameter" "memory" {
  name         = "memory"
  display_name = "Memory (GiB)"
  description  = "Most that the workspace may use; 512 MiB are set aside for it. What needs more is killed."
  type         = "number"
  form_type    = "slider"
  default      = tostring(min(4, var.max_memory))
  mutable      = true
  icon         = "/icon/memory.svg"
  order        = 3

  validation {
    min   = 1
    max   = var.max_memory
    error = "Choose between {min} and {max} GiB."
  }
}

# Growing happens in place. Shrinking would replace the volume, and everything on it would be lost: hence monotonic.
data "coder_parameter" "workspaces_volume_size" {
  name         = "workspaces_volume_size"
  display_name = "Volume (GiB)"
  description  = "Size of /workspaces, which outlives stops and updates. It can grow later, never shrink."
  type         = "number"
  default      = tostring(min(10, var.max_volume_size))
  mutable      = true
  icon         = "/icon/folder.svg"
  order        = 4

  validation {
    min       = 1
    max       = var.max_volume_size
    monotonic = "increasing"
    error     = "Choose at most {max} GiB, and not less than the volume has now."
  }
}

data "coder_parameter" "system_prompt" {
  name         = "system_prompt"
  display_name = "System prompt"
  description  = "What Claude Code is told about its role. Presets fill it in."
  type         = "string"
  form_type    = "textarea"
  default      = ""
  mutable      = true
  icon         = "/icon/claude.svg"
  order        = 5
}

data "coder_parameter" "ai_prompt" {
  name         = "ai_prompt"
  display_name = "First prompt"
  description  = "What Claude Code starts to work on at once. Optional; a task brings its own."
  type         = "string"
  form_type    = "textarea"
  default      = ""
  mutable      = true
  icon         = "/icon/claude.svg"
  order        = 6
}

data "coder_parameter" "devcontainer_builder" {
  name         = "devcontainer_builder"
  display_name = "Builder"
  description  = "Image of envbuilder that builds the devcontainer. Change it only to try another version: the cache starts anew."
  type         = "string"
  default      = var.builder_image
  mutable      = true
  icon         = "/icon/container.svg"
  order        = 7

  validation {
    regex = "^[a-z0-9][A-Za-z0-9._:/-]*(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$"
    error = "Name an image with its version, like ghcr.io/coder/envbuilder:1.3.0."
  }
}
