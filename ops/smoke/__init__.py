"""A feature's marked run through what is deployed, step by step, taken away again."""

from ops.smoke.command import add_command

__all__ = ["add_command"]
