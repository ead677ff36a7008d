mock_resource "random_password" {
  defaults = {
    result = "MockedTokenOfTheFleetServer0123456789ABCDEFGHIJK"
  }
}
