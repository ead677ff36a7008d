mock_data "onepassword_vault" {
  defaults = {
    uuid = "vaultvaultvaultvaultvault1"
  }
}

mock_data "onepassword_item" {
  defaults = {
    credential = "from-credential"
    password   = "from-password"
    section    = []
  }
}
