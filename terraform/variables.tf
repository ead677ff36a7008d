# Set once by whoever pushes the template, in terraform.tfvars.json; users never see these.
# What users choose for each workspace is in parameters.tf.
#
# Coder reads this file with a parser of its own. An error_message is plain text there: with a function or a reference in
# one the template is refused. A default of null is none: whoever pushes the template is asked for a value.

# ---------------------------------------------------------------- the repository

variable "repo_url" {
  type        = string
  description = "Git repository that becomes the workspace, without a branch: https://git.example.com/team/setup.git"

  validation {
    condition     = can(regex("^https?://[^/#@'\\s]+/[^#'\\s]+$", var.repo_url))
    error_message = "repo_url must be like https://git.example.com/team/setup.git: without a user or token, which everybody could read, and without a #branch, which users choose by the parameter git_branch."
  }
}

variable "workspace_dir" {
  type        = string
  default     = "/workspaces/setup"
  description = "Where the repository is checked out; everything under /workspaces is on the volume of the workspace."

  validation {
    condition     = can(regex("^/workspaces/[A-Za-z0-9._-]+$", var.workspace_dir))
    error_message = "workspace_dir must be a directory right under /workspaces, like /workspaces/setup."
  }
}

variable "devcontainer_dir" {
  type        = string
  default     = ""
  description = "Directory of devcontainer.json in the repository. Empty: the builder looks for it, and takes fallback_image when there is none. A directory that is named must be there, or the workspace does not start."
}

# ---------------------------------------------------------------- Kubernetes

variable "use_kubeconfig" {
  type        = bool
  default     = false
  description = "Use ~/.kube/config of the Coder server instead of its ServiceAccount: only for a server outside the cluster."
}

variable "namespace" {
  type        = string
  default     = "coder-workspace"
  description = "Namespace of the workspaces. It must exist, and Coder's ServiceAccount must be allowed to work in it."
}

variable "storage_class" {
  type        = string
  default     = ""
  description = "Storage class of the volumes; empty takes the cluster's default. It must allow expansion for volumes to grow."
}

variable "privileged" {
  type        = bool
  default     = false
  description = "Run the container privileged. Needed for Docker in Docker only, and refused under the Pod Security level baseline."
}

variable "stop_seconds" {
  type        = number
  default     = 60
  description = "How long a stopping workspace may take, in seconds: services get all but the last 10 of them."

  validation {
    condition     = var.stop_seconds >= 20 && var.stop_seconds <= 600
    error_message = "stop_seconds must be between 20 and 600."
  }
}

variable "max_cpu" {
  type        = number
  default     = 8
  description = "Most CPU cores that a user may choose."
}

variable "max_memory" {
  type        = number
  default     = 16
  description = "Most memory that a user may choose, in GiB."
}

variable "max_volume_size" {
  type        = number
  default     = 100
  description = "Largest volume that a user may choose, in GiB."
}

# ---------------------------------------------------------------- the image

variable "builder_image" {
  type        = string
  default     = "ghcr.io/coder/envbuilder:1.3.0"
  description = "Default of the parameter devcontainer_builder. Pinned: the cache is keyed by the builder too, so a moving tag means surprise rebuilds."

  validation {
    condition     = can(regex("^[a-z0-9][A-Za-z0-9._:/-]*(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.builder_image)) && !endswith(var.builder_image, ":latest")
    error_message = "builder_image must name a version, like ghcr.io/coder/envbuilder:1.3.0."
  }
}

variable "fallback_image" {
  type        = string
  default     = "docker.io/codercom/enterprise-base:ubuntu"
  description = "What a workspace starts with when its devcontainer does not build, so that its user can repair it from inside."
}

variable "cache_enabled" {
  type        = bool
  default     = true
  description = "Keep built images in the cluster's registry. Without it every start builds the devcontainer anew."
}

variable "cache_repo_name" {
  type        = string
  default     = "workspaces"
  description = "Repository in the registry that holds layers and images."

  validation {
    condition     = can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", var.cache_repo_name))
    error_message = "cache_repo_name must be a repository path in lower case, like team/workspaces."
  }
}

variable "cache_ttl_days" {
  type        = number
  default     = 30
  description = "Age in days from which a cached layer is built anew. Keep it equal to the registry's retention of layers."

  validation {
    condition     = var.cache_ttl_days >= 1
    error_message = "cache_ttl_days must be at least 1."
  }
}

variable "cache_insecure" {
  type        = bool
  default     = true
  description = "The registry speaks plain HTTP or has a certificate that nobody knows, as registries inside a cluster do. Set it to false for a registry with TLS."
}

variable "remote_repo_build_mode" {
  type        = bool
  default     = false
  description = "What the builder builds from: the branch as it is on the server (true), or the checkout in the workspace with all that was changed in it. What was built before is looked up by the branch in any case."
}

variable "docker_config_base64" {
  type        = string
  default     = ""
  sensitive   = true
  description = "config.json of Docker in base64, for a registry or base images that need a login. It ends up in Terraform state and in the pod."
}

variable "config_map_name" {
  type        = string
  default     = "coder-workspace-config"
  description = "ConfigMap of the cluster with the key registry_url and, optionally, registry_pull_url and coder_url. Read when cache_enabled."
}

variable "config_map_namespace" {
  type        = string
  default     = "coder"
  description = "Namespace of that ConfigMap. Coder's ServiceAccount needs `get` on it."
}

# ---------------------------------------------------------------- Coder

variable "coder_url" {
  type        = string
  default     = ""
  description = "Address of the Coder server as pods reach it, like http://coder.coder.svc.cluster.local. Empty: the key coder_url of the ConfigMap, else the server's access URL."

  validation {
    condition     = var.coder_url == "" || can(regex("^https?://[^/'\\s]+/?$", var.coder_url))
    error_message = "coder_url must be a scheme and a host, like http://coder.coder.svc.cluster.local."
  }
}

variable "app_subdomain" {
  type        = bool
  default     = true
  description = "Serve apps on host names of their own. Needs CODER_WILDCARD_ACCESS_URL on the server; false serves them under a path."
}

variable "extra_apps" {
  type = map(object({
    display_name = string
    url          = string
    icon         = optional(string)
    external     = optional(bool, true)
    health_url   = optional(string)
  }))
  default     = {}
  description = "More apps on the dashboard, by slug: links (external = true), or ports of the workspace, with a health address if there is one."

  validation {
    condition     = alltrue([for slug in keys(var.extra_apps) : can(regex("^[a-z0-9](-?[a-z0-9])*$", slug)) && !contains(["fleet-mcp", "workspaced", "ccw", "ccw-cli", "code-server", "vscode"], slug)])
    error_message = "A slug in extra_apps is made of a-z, 0-9 and single hyphens, and is none of fleet-mcp, workspaced, ccw, ccw-cli, code-server, vscode."
  }

  validation {
    condition     = alltrue([for app in values(var.extra_apps) : !(app.external && app.health_url != null)])
    error_message = "An external app in extra_apps cannot have a health_url: Coder checks only what runs in the workspace."
  }
}

# ---------------------------------------------------------------- GitHub

variable "github_external_auth_id" {
  type        = string
  default     = "primary-github"
  description = "Id of the GitHub provider on the Coder server (CODER_EXTERNAL_AUTH_0_ID). Empty when the server has none."
}

variable "github_auth_required" {
  type        = bool
  default     = true
  description = "Ask users to log in to GitHub before they create a workspace. With false, who did not gets one without GH_TOKEN, good for public repositories."
}

variable "github_host" {
  type        = string
  default     = "github.com"
  description = "Host of that GitHub. Its token is used to clone repo_url only when repo_url is there too."
}

# ---------------------------------------------------------------- secrets

variable "onepassword_vault" {
  type        = string
  default     = ""
  description = "Name of the 1Password vault that holds the items of `secrets`."

  validation {
    condition     = var.onepassword_vault != "" || length(var.secrets) == 0
    error_message = "onepassword_vault must name the vault that holds the items of `secrets`."
  }
}

variable "secrets" {
  type = map(object({
    item     = string
    field    = optional(string, "")
    required = optional(bool, true)
  }))
  default     = {}
  description = "Secrets from 1Password, by environment variable: the item's title; the field's label (empty: credential, else password); whether a workspace must not start without it. They end up in Terraform state."

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !contains(local.names_of_the_template, name)])
    error_message = "A key of `secrets` is the name of an environment variable, and none that the template sets itself: those are names_of_the_template in its secrets.tf."
  }
}

variable "kubernetes_secrets" {
  type = map(object({
    secret   = string
    key      = string
    required = optional(bool, false)
  }))
  default     = {}
  description = "Secrets from Kubernetes Secrets in `namespace`, by environment variable: name and key; whether the pod must not start without it. They never reach Terraform."

  validation {
    condition     = alltrue([for name in keys(var.kubernetes_secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !startswith(name, "ENVBUILDER_") && !contains(local.names_of_the_template, name) && !contains(keys(var.secrets), name)])
    error_message = "A key of kubernetes_secrets is the name of an environment variable, neither in `secrets` nor one that the template sets itself: those are ENVBUILDER_* and names_of_the_template in its secrets.tf."
  }

  # Its module sets the variable in any case, and what the agent sets wins over what the pod has.
  validation {
    condition     = !(var.enable_claude_code && contains(keys(var.kubernetes_secrets), "CLAUDE_CODE_OAUTH_TOKEN"))
    error_message = "CLAUDE_CODE_OAUTH_TOKEN belongs into `secrets` while enable_claude_code is true: the module of Claude Code would overwrite it with nothing."
  }
}

# ---------------------------------------------------------------- services and tools

variable "workspaced_image" {
  type        = string
  default     = ""
  description = "Image with workspaced in /usr/local/bin and with /bin/sh and cp: gives the program to devcontainers that lack it. Empty: the devcontainer must have it."
}

variable "workspaced_config" {
  type        = string
  default     = ""
  description = "Configuration of the services, relative to workspace_dir. Empty: workspaced.toml of the repository, else the one that comes with this template."

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]*$", var.workspaced_config)) && !startswith(var.workspaced_config, "/")
    error_message = "workspaced_config must be a path inside the repository, made of A-Z, a-z, 0-9, '.', '_', '/' and '-'."
  }
}

variable "startup_seconds" {
  type        = number
  default     = 300
  description = "How long the required services may take to become ready, in seconds."

  validation {
    condition     = var.startup_seconds >= 10 && var.startup_seconds <= 3600
    error_message = "startup_seconds must be between 10 and 3600."
  }
}

variable "fleet_mcp_taskfile" {
  type        = string
  default     = ""
  description = "FLEET_MCP_TASKFILE for the MCP server, relative to workspace_dir. Empty: the server's own default."
}

variable "enable_claude_code" {
  type        = bool
  default     = true
  description = "Install Claude Code and show it as an app."
}

variable "claude_permission_mode" {
  type        = string
  default     = "default"
  description = "How Claude Code asks before it acts: default, acceptEdits, plan or bypassPermissions."

  validation {
    condition     = contains(["default", "acceptEdits", "plan", "bypassPermissions"], var.claude_permission_mode)
    error_message = "claude_permission_mode must be default, acceptEdits, plan or bypassPermissions."
  }
}

variable "enable_tasks" {
  type        = bool
  default     = false
  description = "Coder Tasks. For Coder 2.28 to 2.36 only: later servers have removed them. Needs enable_claude_code."

  validation {
    condition     = !var.enable_tasks || var.enable_claude_code
    error_message = "enable_tasks needs enable_claude_code: a task is a conversation with Claude Code."
  }
}

variable "enable_code_server" {
  type        = bool
  default     = false
  description = "VS Code in the browser, with the extensions of code_server_extensions."
}

variable "code_server_extensions" {
  type        = list(string)
  default     = []
  description = "Extensions that code-server installs. Those that devcontainer.json names are not installed by the builder."
}
