# shellcheck shell=bash
# shellcheck disable=SC2154  # python is of ./dev, terraform of setup_terraform
# What ./dev does for the documents: sourced by it, after tests/terraform/dev.sh.

# test_docs: what the documents say, looked at; needs the release build, whose help it reads.
test_docs() {
  need git shellcheck
  setup_terraform
  export WORKSPACED_TERRAFORM=$terraform
  say "Tests of the documents"
  run_pytest tests/docs
}

cmd_docs() { alone test_docs; }

# cmd_accept ID…: lines of docs/testing.md in the cluster that kubectl, flux and coder point at.
cmd_accept() {
  setup_python
  "$python" tests/docs/accept.py "$@"
}
