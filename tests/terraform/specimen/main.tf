# Something of every provider and of a registry module: what the bed itself is tested with (test_bed.py).
terraform {
  required_version = ">= 1.9"

  required_providers {
    coder       = { source = "coder/coder", version = ">= 2.13.0, < 3.0.0" }
    envbuilder  = { source = "coder/envbuilder", version = "~> 1.0" }
    kubernetes  = { source = "hashicorp/kubernetes", version = ">= 2.37.1, < 4.0.0" }
    onepassword = { source = "1Password/onepassword", version = ">= 3.0.1, < 4.0.0" }
    random      = { source = "hashicorp/random", version = "~> 3.6" }
  }
}

variable "image" {
  type    = string
  default = "ghcr.io/coder/envbuilder:1.3.0"
}

data "coder_workspace" "me" {}

data "coder_parameter" "cpu" {
  name    = "cpu"
  type    = "number"
  default = "2"
  mutable = true
  validation {
    min = 1
    max = 8
  }
}

data "kubernetes_config_map_v1" "shared" {
  metadata {
    name      = "coder-workspace-config"
    namespace = "coder"
  }
}

data "onepassword_item" "token" {
  vault = "sample-vault-uuid"
  title = "claude-code"
}

resource "random_password" "token" {
  length  = 48
  special = false
}

resource "envbuilder_cached_image" "dev" {
  count         = 0
  builder_image = var.image
  cache_repo    = data.kubernetes_config_map_v1.shared.data["registry_url"]
  git_url       = "https://example.com/repository.git"
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_env" "token" {
  agent_id = coder_agent.main.id
  name     = "SPECIMEN_TOKEN"
  value    = data.onepassword_item.token.credential
}

module "claude-code" {
  source  = "registry.coder.com/coder/claude-code/coder"
  version = "4.9.2"

  agent_id = coder_agent.main.id
  workdir  = "/workspaces"
}

resource "kubernetes_persistent_volume_claim_v1" "home" {
  metadata {
    name      = "specimen"
    namespace = "coder-workspace"
  }
  wait_until_bound = false
  spec {
    access_modes = ["ReadWriteOnce"]
    resources {
      requests = { storage = "10Gi" }
    }
  }
}

resource "kubernetes_deployment_v1" "dev" {
  count = data.coder_workspace.me.start_count

  metadata {
    name      = "specimen"
    namespace = "coder-workspace"
  }
  wait_for_rollout = false
  spec {
    replicas = 1
    selector {
      match_labels = { app = "specimen" }
    }
    template {
      metadata {
        labels = { app = "specimen" }
      }
      spec {
        container {
          name  = "dev"
          image = var.image
          env {
            name  = "CODER_AGENT_TOKEN"
            value = coder_agent.main.token
          }
          env {
            name  = "SPECIMEN_BEARER"
            value = random_password.token.result
          }
          resources {
            limits = { cpu = data.coder_parameter.cpu.value }
          }
          volume_mount {
            name       = "home"
            mount_path = "/workspaces"
          }
        }
        volume {
          name = "home"
          persistent_volume_claim {
            claim_name = kubernetes_persistent_volume_claim_v1.home.metadata[0].name
          }
        }
      }
    }
  }
}
