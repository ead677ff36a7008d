# What the template needs, and no more: floors for what it uses, ceilings against the next breaking release.
# The language is that of Terraform 1.9, the oldest that a supported Coder server bundles.
terraform {
  required_version = ">= 1.9"

  required_providers {
    # 2.13 brought data.coder_task and coder_ai_task.enabled.
    coder = {
      source  = "coder/coder"
      version = ">= 2.13.0, < 3.0.0"
    }
    # 2.37.0 does not run on Terraform 1.12; 3.x deprecates the types without a version, which are not used here.
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.37.1, < 4.0.0"
    }
    envbuilder = {
      source  = "coder/envbuilder"
      version = "~> 1.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
    # 3.0.1 reads items of the category "API Credential" rightly.
    onepassword = {
      source  = "1Password/onepassword"
      version = ">= 3.0.1, < 4.0.0"
    }
  }
}

# Talks to nothing: it reads the environment that the Coder server sets for each build.
provider "coder" {}

# Inside the cluster the provider finds the ServiceAccount of the Coder server by itself.
provider "kubernetes" {
  config_path = var.use_kubeconfig ? "~/.kube/config" : null
}

provider "envbuilder" {}

# Terraform configures a provider even when nothing asks it, and this one refuses to start without credentials. So a
# template without 1Password gives it an address that is never called; otherwise the environment of the Coder server
# decides (OP_CONNECT_HOST and OP_CONNECT_TOKEN, or OP_SERVICE_ACCOUNT_TOKEN).
provider "onepassword" {
  connect_url           = local.uses_onepassword ? null : "http://127.0.0.1:1"
  connect_token         = local.uses_onepassword ? null : "unused"
  service_account_token = local.uses_onepassword ? null : ""
}
