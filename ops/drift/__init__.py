"""Drift: changes outside Terraform, as Terraform and the verifier see them, and an apply's effect on each."""
