# shellcheck shell=bash
# shellcheck disable=SC2154  # root is of ./dev
# What ./dev does for terraform/: sourced by it, works with its `say`, `die`, `need` and `root`.
#
#   template_check   format, validation, tflint, shellcheck and `terraform test`, against the real schemas
#   template_plan    an offline plan with the real coder provider and sample values

# shellcheck source=tests/terraform/go.sh
source "$root/tests/terraform/go.sh"
# shellcheck source=tests/terraform/providers.sh
source "$root/tests/terraform/providers.sh"

# setup_template: everything that the tests of terraform/ need, named in the environment for tests/terraform/bed.py.
setup_template() {
  setup_terraform
  setup_providers
  program tflint "$tflint_version" 4
  export WORKSPACED_TERRAFORM=$terraform WORKSPACED_TFLINT=$cache/tflint-$tflint_version/tflint
  export WORKSPACED_PROVIDERS=$provider_way
}
