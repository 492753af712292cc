variable "env" { type = string }
resource "aws_sqs_queue" "a" {
  name       = "careervp-vpr-${var.env}-queue"
  fifo_queue = false
  tags       = { for k, v in var.tags : k => upper(v) if v != "" }
  policy     = <<-EOT
    {"a": "%{ if true }b%{ endif }"}
  EOT
}
resource "aws_dynamodb_table" "b" {
  name = var.env == "dev" ? "x" : join("-", ["a", local.b[0].c.*.d])
  global_secondary_index {
    name = "i" # why
  }
}
