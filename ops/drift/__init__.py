"""Drift: changes outside Terraform, as Terraform and the verifier see them, and an apply's effect on each."""

from ops.drift.command import add_command

__all__ = ["add_command"]
