plugin "terraform" {
  enabled = true
  preset  = "all"
}

# The requirements stand in versions.tf, the rest by concern: that is our layout, not main.tf, variables.tf, outputs.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}
