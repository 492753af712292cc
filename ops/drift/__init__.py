"""What changed outside Terraform, as Terraform and the verifier see it, and what an apply would do about it."""

from ops.drift.command import add_command

__all__ = ["add_command"]
