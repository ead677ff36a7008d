# shellcheck shell=bash
# shellcheck disable=SC2154  # root is of ./dev, cache of go.sh
# Terraform and the providers of the template, by the first way that works. Sourced by dev.sh beside it.
#
#   1. the public registry: what `terraform providers mirror` brings is kept in the cache
#   2. WORKSPACED_TERRAFORM_MIRROR: a directory (filesystem mirror) or an https address (network mirror)
#   3. built: the coder and envbuilder providers for real from the Go module proxy; kubernetes, random and onepassword,
#      which that proxy lacks, by the stand-in of standin/ that serves their real schemas (schemas/README.md)

terraform_version=1.9.8 # the floor that the template promises: what is newer in the language, it refuses
coder_version=2.20.0
envbuilder_version=1.0.0
onepassword_version=2.2.1 # the last that the Go module proxy has; the template wants 3, so only test_onepassword.py
tflint_version=0.64.0

# setup_terraform: $terraform is a program: the machine's own when it is not older than the floor, else the floor, built.
setup_terraform() {
  local found
  terraform=$(command -v terraform || true)
  found=$([[ -z $terraform ]] || TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 "$terraform" version |
    sed -n '1s/^Terraform v//p')
  printf '%s\n' "$terraform_version" "${found:-0}" | sort -V -C || setup_terraform_floor
}

setup_terraform_floor() {
  program terraform "$terraform_version" 3
  terraform=$cache/terraform-$terraform_version/terraform
}

# The remote backends are modules of their own that are published nowhere: a state in a local file is all we need.
build_terraform() {
  local module=github.com/hashicorp/terraform backend drop=()
  for backend in internal/backend/remote-state/{azure,consul,cos,gcs,kubernetes,oss,pg,s3} internal/legacy; do
    drop+=("-droprequire=$module/$backend" "-dropreplace=$module/$backend")
  done
  go_source "$module" "v$terraform_version" "$1" &&
    sed -i -E -e '/remote-state\/(azure|consul|cos|gcs|kubernetes|oss|pg|s3)"$/d' \
      -e '/backend(Azure|Consul|Cos|GCS|Kubernetes|OSS|Pg|S3)\.New/d' "$1/internal/backend/init/init.go" &&
    (cd "$1" && go mod edit "${drop[@]}") &&
    go_build "$1" . "$2/terraform" "-X $module/version.dev=no"
}

build_provider_coder() {
  go_source github.com/coder/terraform-provider-coder/v2 "v$coder_version" "$1" &&
    go_build "$1" . "$2/terraform-provider-coder_v$coder_version"
}

# inet.af/peercred, an indirect requirement, has moved: its old name no longer answers.
build_provider_envbuilder() {
  go_source github.com/coder/terraform-provider-envbuilder "v$envbuilder_version" "$1" &&
    (cd "$1" && go mod edit \
      -replace inet.af/peercred=github.com/tailscale/peercred@v0.0.0-20250107143737-35a0c7bd7edc) &&
    go_build "$1" . "$2/terraform-provider-envbuilder_v$envbuilder_version"
}

build_provider_onepassword() {
  go_source github.com/1Password/terraform-provider-onepassword/v2 "v$onepassword_version" "$1" &&
    go_build "$1" . "$2/terraform-provider-onepassword_v$onepassword_version"
}

build_provider_standin() {
  cp "$root"/tests/terraform/standin/* "$1" && go_build "$1" . "$2/standin"
}

build_tflint() {
  go_source github.com/terraform-linters/tflint "v$tflint_version" "$1" && go_build "$1" . "$2/tflint"
}

# ---------------------------------------------------------------- providers

# setup_providers: exports TF_CLI_CONFIG_FILE such that `terraform init` finds every provider of terraform/versions.tf,
# says how, and leaves in $standins the names of those that are not real.
setup_providers() {
  local provider_way
  export CHECKPOINT_DISABLE=1
  standins=''
  mkdir -p build/template "$cache"
  if providers_from_registry; then
    provider_way="providers from the public registry, kept in $mirror"
  elif [[ -n ${WORKSPACED_TERRAFORM_MIRROR:-} ]]; then
    mirror=$WORKSPACED_TERRAFORM_MIRROR
    provider_way="providers from the mirror $mirror (WORKSPACED_TERRAFORM_MIRROR)"
  else
    providers_built
    standins='kubernetes random onepassword'
    provider_way="no registry: coder $coder_version and envbuilder $envbuilder_version are real, built from source;
  stand-ins serve the schemas of ${standins// /, } and do nothing else"
  fi
  write_cli_config "$mirror"
  say "$("$terraform" version | head -n 1), $provider_way"
}

# A success is kept for good, for these constraints; a failure takes no time and is tried again at the next run.
providers_from_registry() {
  local requirements=terraform/versions.tf work
  mirror=$cache/providers-registry-$(cksum <"$requirements" | cut -d ' ' -f 1)
  [[ -d $mirror ]] && return
  work=$(mktemp -d "$cache/.mirror-XXXXXX")
  cp "$requirements" "$work"
  if TF_CLI_CONFIG_FILE=/dev/null TF_REGISTRY_CLIENT_TIMEOUT=5 timeout 300 \
    "$terraform" -chdir="$work" providers mirror "$work/mirror" >"$work/log" 2>&1; then
    mv "$work/mirror" "$mirror"
  fi
  rm -rf "$work"
  [[ -d $mirror ]]
}

providers_built() {
  program provider-coder "$coder_version" 1
  program provider-envbuilder "$envbuilder_version" 4
  program provider-onepassword "$onepassword_version" 1
  local standin
  standin=$(cat tests/terraform/standin/* | cksum | cut -d ' ' -f 1)
  [[ -d $cache/provider-standin-$standin ]] || rm -rf "$cache"/provider-standin-*
  program provider-standin "$standin" 1
  # Laid out anew at every run: a schema may have changed.
  mirror=$root/build/template/mirror
  rm -rf "$mirror"
  mirror_program coder/coder "$coder_version" "$cache/provider-coder-$coder_version"/*
  mirror_program coder/envbuilder "$envbuilder_version" "$cache/provider-envbuilder-$envbuilder_version"/*
  mirror_program 1Password/onepassword "$onepassword_version" "$cache/provider-onepassword-$onepassword_version"/*
  mirror_standin hashicorp/kubernetes "$standin"
  mirror_standin hashicorp/random "$standin"
  mirror_standin 1Password/onepassword "$standin"
}

# mirror_program NAMESPACE/TYPE VERSION PROGRAM: into the layout that Terraform looks for.
mirror_program() {
  local dir
  dir=$(mirror_dir "$1" "$2")
  mkdir -p "$dir"
  ln -f "$3" "$dir/terraform-provider-${1#*/}_v$2" 2>/dev/null || cp "$3" "$dir/terraform-provider-${1#*/}_v$2"
}

# mirror_standin NAMESPACE/TYPE KEY: the stand-in beside the schema that it is to serve; the version is the schema's.
mirror_standin() {
  local schema version
  schema=$(echo tests/terraform/schemas/"${1#*/}"-*.json)
  version=${schema##*-}
  version=${version%.json}
  mirror_program "$1" "$version" "$cache/provider-standin-$2/standin"
  cp "$schema" "$(mirror_dir "$1" "$version")/schema.json"
}

# mirror_dir NAMESPACE/TYPE VERSION. The top folder is the host that a source without one stands for; Terraform itself
# names it, and nothing is contacted.
mirror_dir() {
  if [[ ! -f build/template/host ]]; then
    local work
    work=$(mktemp -d)
    printf 'terraform {\n  required_providers {\n    x = { source = "a/x" }\n  }\n}\n' >"$work/main.tf"
    TF_CLI_CONFIG_FILE=/dev/null "$terraform" -chdir="$work" providers |
      sed -n 's|.*\[\(.*\)/a/x\].*|\1|p' | head -n 1 >build/template/host
    rm -rf "$work"
  fi
  printf '%s' "$mirror/$(<build/template/host)/$1/$2/$(terraform_platform)"
}

# terraform_platform: like linux_amd64
terraform_platform() { TF_CLI_CONFIG_FILE=/dev/null "$terraform" version | sed -n 's/^on //p'; }

# write_cli_config DIRECTORY_OR_URL: that mirror and nothing else: what it lacks is an error, not a download.
write_cli_config() {
  local kind=filesystem_mirror key=path
  [[ $1 != https://* ]] || kind=network_mirror key=url
  export TF_CLI_CONFIG_FILE=$root/build/template/terraform.rc
  printf 'disable_checkpoint = true\nprovider_installation {\n  %s {\n    %s = "%s"\n  }\n}\n' "$kind" "$key" "$1" \
    >"$TF_CLI_CONFIG_FILE"
}
