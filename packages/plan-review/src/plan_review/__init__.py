"""Review of Terraform plans: what would be lost, weakened or broken comes first."""
