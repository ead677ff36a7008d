# shellcheck shell=bash
# shellcheck disable=SC2154  # root is of ./dev, cache of go.sh
# Terraform and the providers of the template, by the first way that works. Sourced by dev.sh beside it.
#
#   1. WORKSPACED_TERRAFORM_MIRROR, where somebody set it: a directory (filesystem mirror) or an https address (network
#      mirror)
#   2. the public registry: what `terraform providers mirror` brings is kept in the cache
#   3. built: the coder and envbuilder providers for real from the Go module proxy; kubernetes, random and onepassword,
#      which that proxy lacks, by the stand-in of standin/ that serves their real schemas (schemas/README.md)

terraform_version=1.9.8 # the floor that the template promises: what is newer in the language, it refuses
coder_version=2.20.0
envbuilder_version=1.0.0
onepassword_version=2.2.1 # the last that the Go module proxy has; the template wants 3, so only test_onepassword.py
tflint_version=0.64.0

# setup_terraform: $terraform is a program: the machine's own when it is not older than the floor, else the floor,
# built. Nobody's own settings have a say in what it does here.
setup_terraform() {
  local found
  export TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1
  terraform=$(command -v terraform || true)
  found=$([[ -z $terraform ]] || "$terraform" version | sed -n '1s/^Terraform v//p')
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
    go_build "$1" "$2/terraform" "-X $module/version.dev=no" .
}

build_provider_coder() {
  go_source github.com/coder/terraform-provider-coder/v2 "v$coder_version" "$1" &&
    go_build "$1" "$2/terraform-provider-coder_v$coder_version" "" .
}

# inet.af/peercred, an indirect requirement, has moved: its old name no longer answers.
build_provider_envbuilder() {
  go_source github.com/coder/terraform-provider-envbuilder "v$envbuilder_version" "$1" &&
    (cd "$1" && go mod edit \
      -replace inet.af/peercred=github.com/tailscale/peercred@v0.0.0-20250107143737-35a0c7bd7edc) &&
    go_build "$1" "$2/terraform-provider-envbuilder_v$envbuilder_version" "" .
}

build_provider_onepassword() {
  go_source github.com/1Password/terraform-provider-onepassword/v2 "v$onepassword_version" "$1" &&
    go_build "$1" "$2/terraform-provider-onepassword_v$onepassword_version" "" .
}

build_provider_standin() {
  cp "$root"/tests/terraform/standin/* "$1" && go_build "$1" "$2/standin" "" .
}

build_tflint() {
  go_source github.com/terraform-linters/tflint "v$tflint_version" "$1" && go_build "$1" "$2/tflint" "" .
}

# ---------------------------------------------------------------- providers

# setup_providers: writes three settings for Terraform, of which bed.py takes its pick, and says how it went.
#
#   judge.rc     every provider real that is to be had: for `validate` and `terraform test`
#   play.rc      coder and envbuilder real, the others stand-ins: for a plan or apply that nothing answers
#   cluster.rc   the same, but kubernetes real where it is to be had: for an apply to an API server
setup_providers() {
  local real='' built way
  mkdir -p build/template "$cache"
  if [[ -n ${WORKSPACED_TERRAFORM_MIRROR:-} ]]; then
    real=$WORKSPACED_TERRAFORM_MIRROR
    [[ $real == https://* ]] || real=$(realpath -e "$real" 2>/dev/null) ||
      die "WORKSPACED_TERRAFORM_MIRROR is neither a directory nor an https address: $WORKSPACED_TERRAFORM_MIRROR"
    way="providers from the mirror $real"
  elif providers_from_registry; then
    way="providers from the public registry, kept in $real"
  else
    way="no registry: coder $coder_version and envbuilder $envbuilder_version are real, built from source;
  stand-ins serve the schemas of kubernetes, random and onepassword and do nothing else"
  fi
  providers_built
  write_settings judge
  write_settings play hashicorp/kubernetes hashicorp/random 1Password/onepassword
  write_settings cluster 1Password/onepassword
  export WORKSPACED_SETTINGS=$root/build/template WORKSPACED_REAL_PROVIDERS=${real:+all}
  say "$("$terraform" version | head -n 1), $way"
}

# A success is kept for good, for these constraints; a failure takes no time and is tried again at the next run.
providers_from_registry() {
  local requirements=terraform/versions.tf work kept
  kept=$cache/providers-registry-$(cksum <"$requirements" | cut -d ' ' -f 1)
  if [[ ! -d $kept ]]; then
    work=$(mktemp -d "$cache/.mirror-XXXXXX")
    cp "$requirements" "$work"
    if TF_REGISTRY_CLIENT_TIMEOUT=5 timeout 300 \
      "$terraform" -chdir="$work" providers mirror "$work/mirror" >"$work/log" 2>&1; then
      mv "$work/mirror" "$kept"
    fi
    rm -rf "$work"
  fi
  [[ -d $kept ]] && real=$kept
}

# providers_built: $built is a mirror with the stand-ins and, unless they come from elsewhere, the real ones. Laid out
# once for all that is in it, as another run may be reading it.
providers_built() {
  local standin work key
  standin=$(cat tests/terraform/standin/* | cksum | cut -d ' ' -f 1)
  [[ -d $cache/provider-standin-$standin ]] || rm -rf "$cache"/provider-standin-*
  program provider-standin "$standin" 1
  if [[ -z $real ]]; then
    program provider-coder "$coder_version" 1
    program provider-envbuilder "$envbuilder_version" 4
    program provider-onepassword "$onepassword_version" 1
  fi
  key=$(cat tests/terraform/{providers.sh,standin/*,schemas/*} | cksum | cut -d ' ' -f 1)
  built=$root/build/template/mirror-$key${real:+-standins}
  [[ ! -d $built ]] || return 0
  work=$(mktemp -d build/template/.mirror-XXXXXX)
  mirror_standin hashicorp/kubernetes
  mirror_standin hashicorp/random
  mirror_standin 1Password/onepassword
  if [[ -z $real ]]; then
    mirror_program coder/coder "$coder_version" "$cache/provider-coder-$coder_version"/*
    mirror_program coder/envbuilder "$envbuilder_version" "$cache/provider-envbuilder-$envbuilder_version"/*
    mirror_program 1Password/onepassword "$onepassword_version" "$cache/provider-onepassword-$onepassword_version"/*
  fi
  mv -T "$work" "$built" || rm -rf "$work"
}

# mirror_program NAMESPACE/TYPE VERSION PROGRAM: into the layout that Terraform looks for.
mirror_program() {
  local dir
  dir=$work/$(terraform_host)/$1/$2/$(terraform_platform)
  mkdir -p "$dir"
  ln "$3" "$dir/terraform-provider-${1#*/}_v$2" 2>/dev/null || cp "$3" "$dir/terraform-provider-${1#*/}_v$2"
}

# mirror_standin NAMESPACE/TYPE: the stand-in beside the schema that it is to serve; the version is the schema's.
mirror_standin() {
  local schema version
  schema=$(echo tests/terraform/schemas/"${1#*/}"-*.json)
  version=${schema##*-}
  version=${version%.json}
  mirror_program "$1" "$version" "$cache/provider-standin-$standin/standin"
  cp "$schema" "$work/$(terraform_host)/$1/$version/$(terraform_platform)/schema.json"
}

# terraform_host: the host that a source without one stands for. Terraform itself names it, and nothing is contacted.
terraform_host() {
  if [[ ! -f build/template/host ]]; then
    local probe
    probe=$(mktemp -d)
    printf 'terraform {\n  required_providers {\n    x = { source = "a/x" }\n  }\n}\n' >"$probe/main.tf"
    "$terraform" -chdir="$probe" providers | sed -n 's|.*\[\(.*\)/a/x\].*|\1|p' | head -n 1 >build/template/host
    rm -rf "$probe"
  fi
  cat build/template/host
}

# terraform_platform: like linux_amd64
terraform_platform() { "$terraform" version | sed -n 's/^on //p'; }

# write_settings NAME STAND-IN…: all from $real but these, or all from $built where there is no $real. What a mirror
# lacks is an error, never a download.
write_settings() {
  local name=$1 patterns
  shift
  patterns=$(printf '"%s", ' "$@")
  {
    printf 'disable_checkpoint = true\n\nprovider_installation {\n'
    if [[ -z $real ]]; then
      mirror_block "$built"
    elif [[ $# == 0 ]]; then
      mirror_block "$real"
    else
      mirror_block "$built" "include = [${patterns%, }]"
      mirror_block "$real" "exclude = [${patterns%, }]"
    fi
    printf '}\n'
  } >"build/template/.$name.rc"
  mv "build/template/.$name.rc" "build/template/$name.rc"
}

mirror_block() {
  if [[ $1 == https://* ]]; then
    printf '  network_mirror {\n    url = "%s"\n' "$1"
  else
    printf '  filesystem_mirror {\n    path = "%s"\n' "$1"
  fi
  printf '%s  }\n' "${2:+    $2$'\n'}"
}
