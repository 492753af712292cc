"""The naming validator: it reads Terraform JSON, plans and source, and judges every name that it finds there."""
