mock_resource "envbuilder_cached_image" {
  defaults = {
    exists = true
    image  = "registry.coder.svc.cluster.local:5000/workspaces@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    env_map = {
      ENVBUILDER_GIT_URL    = "https://git.example.com/team/setup.git#refs/heads/main"
      ENVBUILDER_CACHE_REPO = "registry.coder.svc.cluster.local:5000/workspaces"
    }
  }
}
