# shellcheck shell=bash
# shellcheck disable=SC2154  # root and python are of ./dev
# What ./dev does for terraform/: sourced by it, works with its `say`, `die`, `need` and `root`.
#
#   cmd_template check   format, validation, tflint, shellcheck and `terraform test`, against the real schemas;
#                        with --floor once more by the oldest Terraform that the template promises to work with
#   cmd_template plan    an offline plan with the real coder provider and sample values
#   cmd_template test    that check and the pytest tests here; cluster, rollout: those of tests/cluster, tests/rollout
#   cmd_template server  an API server like theirs, until Ctrl-C
#   test_template        the check and the pytest tests of this directory

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
}

template_check() {
  setup_python
  setup_template
  judge_template
  if [[ ${1:-} == --floor ]]; then
    setup_terraform_floor
    say "Template: the same with Terraform $terraform_version"
    WORKSPACED_TERRAFORM=$terraform "$python" tests/terraform/check.py check || die "the template has problems, see above"
  fi
  say "The template is clean."
}

# judge_template: all that is judged without running what the template makes.
judge_template() {
  local problems=''
  need shellcheck
  say "Template: format, tflint"
  "$terraform" fmt -check -diff -recursive terraform tests/terraform || problems=yes
  "$WORKSPACED_TFLINT" --chdir=terraform --config="$root/tests/terraform/tflint.hcl" --call-module-type=none ||
    problems=yes
  say "Template: validate, terraform test, rendered scripts"
  "$python" tests/terraform/check.py check || problems=yes
  [[ -z $problems ]] || die "the template has problems, see above"
}

template_plan() {
  setup_python
  setup_template
  "$python" tests/terraform/check.py plan
}

cmd_template() {
  case ${1:-} in
    check) template_check "${@:2}" ;;
    plan) template_plan ;;
    test) alone test_template ;;
    cluster) alone test_cluster ;;
    rollout) alone test_rollout ;;
    server) run_cluster ;;
    *) die "template needs one of: check [--floor], plan, test, cluster, rollout, server" ;;
  esac
}

# alone COMMAND: one kind of tests outside of ./dev test.
alone() {
  # shellcheck disable=SC2034  # of run_pytest
  local filter='' matched=''
  setup_python
  build release
  "$1"
}

# test_template: the check, unless only tests of some name are wanted, and the tests of this directory; needs the release
# build and, as all of ./dev test, run_pytest.
test_template() {
  setup_template
  # shellcheck disable=SC2154  # of run_pytest
  [[ -n $filter ]] || judge_template
  say "Tests of the template"
  run_pytest tests/terraform -n 2
}
