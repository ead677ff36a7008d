mock_data "kubernetes_config_map_v1" {
  defaults = {
    data = {
      registry_url      = "registry.coder.svc.cluster.local:5000"
      registry_pull_url = "localhost:31500"
    }
  }
}
