"""Tests of the commands, with the real Terraform and provider. They change nothing."""
