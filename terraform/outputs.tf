# For tests and for whoever debugs the template: Coder itself does not read outputs.

output "image" {
  description = "Image of the container: the cached one as nodes pull it, else the builder."
  value       = local.image
}

output "pod_environment" {
  description = "Environment of the pod, as the builder and the agent get it."
  value       = local.pod_environment
  sensitive   = true
}

output "agent_variables" {
  description = "Names of the environment variables that coder_env sets, those of the modules aside."
  value = concat(
    [for each in coder_env.secret : each.name],
    [for each in coder_env.github : each.name],
    [for each in coder_env.fleet_mcp : each.name],
  )
}

output "scripts" {
  description = "Every script of the template as the agent gets it, by name. Marked as sensitive only to keep it out of logs."
  sensitive   = true
  value = merge(
    {
      startup       = local.startup_script
      shutdown      = local.shutdown_script
      wait_services = local.wait_services_script
      provide       = local.provide_script
      prepare       = local.prepare_script
    },
    { for each in coder_agent.main.metadata : "stat_${each.key}" => each.script },
  )
}
