"""A job sent through the deployed resources, as the three handlers would, and taken away again."""

from ops.smoke.command import add_command

__all__ = ["add_command"]
