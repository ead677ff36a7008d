variable "agent_id" {
  type = string
}

variable "folder" {
  type    = string
  default = ""
}

variable "open_recent" {
  type    = bool
  default = false
}

variable "order" {
  type    = number
  default = null
}

variable "group" {
  type    = string
  default = null
}
