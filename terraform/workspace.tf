# The pod of a workspace and the volume that outlives it.

locals {
  name = "coder-${data.coder_workspace.me.id}"

  # On the volume, the Deployment and its pods alike, so that whatever looks for a workspace's objects finds them all.
  labels = {
    "app.kubernetes.io/name"     = "coder-workspace"
    "app.kubernetes.io/instance" = local.name
    "app.kubernetes.io/part-of"  = "coder"
    "com.coder.resource"         = "true"
    "com.coder.workspace.id"     = data.coder_workspace.me.id
    "com.coder.workspace.name"   = data.coder_workspace.me.name
    "com.coder.user.id"          = data.coder_workspace_owner.me.id
    "com.coder.user.username"    = data.coder_workspace_owner.me.name
  }
  annotations = {
    "com.coder.user.email" = data.coder_workspace_owner.me.email
  }

  volume_mount_path  = "/workspaces"
  program_mount_path = "/opt/workspaced"
}

# Not counted by start_count: a stopped workspace keeps it, a deleted one does not.
resource "kubernetes_persistent_volume_claim_v1" "workspaces" {
  metadata {
    name        = "${local.name}-workspaces"
    namespace   = var.namespace
    labels      = local.labels
    annotations = local.annotations
  }

  spec {
    access_modes       = ["ReadWriteOnce"]
    storage_class_name = var.storage_class == "" ? null : var.storage_class
    resources {
      requests = {
        storage = "${data.coder_parameter.workspaces_volume_size.value}Gi"
      }
    }
  }

  # A class that waits for the first consumer binds only when the pod exists, which Terraform creates afterwards.
  wait_until_bound = false

  # People rename workspaces and themselves, and another default class would replace the volume. The size is not here:
  # it may grow.
  lifecycle {
    ignore_changes = [metadata[0].labels, metadata[0].annotations, spec[0].storage_class_name]
  }
}

resource "kubernetes_deployment_v1" "workspace" {
  count = data.coder_workspace.me.start_count

  # While the image is built the pod is not ready, and waiting would hide the agent's log for up to ten minutes.
  wait_for_rollout = false

  metadata {
    name        = local.name
    namespace   = var.namespace
    labels      = local.labels
    annotations = local.annotations
  }

  spec {
    replicas = 1

    # By the workspace's id alone: a selector that others match too would make the Deployments fight over pods.
    selector {
      match_labels = {
        "com.coder.workspace.id" = data.coder_workspace.me.id
      }
    }

    # The volume can be mounted by one pod at a time.
    strategy {
      type = "Recreate"
    }

    template {
      metadata {
        labels      = local.labels
        annotations = local.annotations
      }

      spec {
        automount_service_account_token  = false
        enable_service_links             = false
        termination_grace_period_seconds = var.stop_seconds

        # The builder writes the whole file system, then becomes the devcontainer's user.
        security_context {
          run_as_user = 0
        }

        # For devcontainers that lack workspaced: from the image named by the template, through a volume of the pod.
        dynamic "init_container" {
          for_each = var.workspaced_image == "" ? [] : [var.workspaced_image]
          content {
            name    = "workspaced"
            image   = init_container.value
            command = ["/bin/sh", "-c", local.provide_script]
            resources {
              requests = { cpu = "10m", memory = "16Mi" }
              limits   = { cpu = "1", memory = "64Mi" }
            }
            volume_mount {
              name       = "workspaced"
              mount_path = local.program_mount_path
            }
          }
        }

        container {
          name              = "dev"
          image             = local.image
          image_pull_policy = "IfNotPresent"

          security_context {
            privileged = var.privileged
          }

          # The names are no secrets; the values stay marked as such.
          dynamic "env" {
            for_each = nonsensitive(toset(keys(local.pod_environment)))
            content {
              name  = env.value
              value = local.pod_environment[env.value]
            }
          }

          dynamic "env" {
            for_each = var.kubernetes_secrets
            content {
              name = env.key
              value_from {
                secret_key_ref {
                  name     = env.value.secret
                  key      = env.value.key
                  optional = !env.value.required
                }
              }
            }
          }

          resources {
            requests = {
              cpu    = "250m"
              memory = "512Mi"
            }
            limits = {
              cpu    = data.coder_parameter.cpu.value
              memory = "${data.coder_parameter.memory.value}Gi"
            }
          }

          volume_mount {
            name       = "workspaces"
            mount_path = local.volume_mount_path
          }

          dynamic "volume_mount" {
            for_each = var.workspaced_image == "" ? [] : [local.program_mount_path]
            content {
              name       = "workspaced"
              mount_path = volume_mount.value
              read_only  = true
            }
          }
        }

        volume {
          name = "workspaces"
          persistent_volume_claim {
            claim_name = kubernetes_persistent_volume_claim_v1.workspaces.metadata[0].name
          }
        }

        dynamic "volume" {
          for_each = var.workspaced_image == "" ? [] : ["workspaced"]
          content {
            name = volume.value
            empty_dir {}
          }
        }

        # Workspaces rather on different nodes, but on a full cluster rather together than not at all.
        affinity {
          pod_anti_affinity {
            preferred_during_scheduling_ignored_during_execution {
              weight = 1
              pod_affinity_term {
                topology_key = "kubernetes.io/hostname"
                label_selector {
                  match_labels = {
                    "app.kubernetes.io/name" = "coder-workspace"
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.missing_required) == 0
      error_message = "Required secrets have no value in the 1Password vault ${var.onepassword_vault}: ${join("; ", local.missing_required)}. Fill them in, or push the template with required = false for them."
    }
  }
}
