"""Tests that need neither Node nor Terraform."""
