# The sample workspace: what `./dev template plan` shows and the tests start from.
repo_url          = "https://github.com/example/setup.git"
coder_url         = "http://coder.coder.svc.cluster.local"
onepassword_vault = "sample-vault"
secrets = {
  CLAUDE_CODE_OAUTH_TOKEN = { item = "claude-code" }
  PERPLEXITY_API_KEY      = { item = "perplexity", required = false }
  HA_TOKEN                = { item = "haos-api", field = "password", required = false }
}
