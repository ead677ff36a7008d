# shellcheck shell=bash
# shellcheck disable=SC2154  # root is of ./dev, cache of tests/terraform/go.sh
# What ./dev does for deploy/flux/base/registry: sourced by it, after tests/terraform/dev.sh.

# The version that the manifest names, and no other, is built and tested.
distribution_version=$(sed -n 's|.*image: docker.io/library/registry:||p' \
  "$root/deploy/flux/base/registry/deployment.yaml" | sort -u)

# setup_registry: the programs that tests/registry/pod.py runs, named in the environment.
setup_registry() {
  once registry 1 unpack_registry
  program distribution "$distribution_version" 3
  export WORKSPACED_REGISTRY=$cache/distribution-$distribution_version/registry
  export WORKSPACED_REGISTRY_DEBIAN=$root/build/registry/unpacked/usr/bin/docker-registry
  export WORKSPACED_BUSYBOX=$root/build/registry/unpacked/bin/busybox
}

build_distribution() {
  go_source github.com/distribution/distribution/v3 "v$distribution_version" "$1" &&
    go_build "$1" "$2/registry" "" ./cmd/registry
}

# Debian's older registry, and the busybox that the image's shell and tools are; unpacked from their packages:
# installing the registry would start it on the machine.
download_registry() { (cd build/registry && apt-get -qq download docker-registry busybox 2>/dev/null); }
unpack_registry() {
  local package
  say "Unpacking docker-registry and busybox into build/registry"
  rm -rf build/registry && mkdir -p build/registry
  download_registry || { apt_get update && download_registry; }
  for package in build/registry/*.deb; do dpkg-deb -x "$package" build/registry/unpacked; done
  build/registry/unpacked/usr/bin/docker-registry --version >/dev/null
}

# test_registry: pushes, time that passes, pruning and collecting, by the commands of the manifest.
test_registry() {
  setup_registry
  say "Tests of the registry"
  run_pytest tests/registry -n 2
}
