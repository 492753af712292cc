"""The review of a plan: what matters first, in forms for a terminal, a pull request, a browser and machines."""

from ops.review.command import add_command

__all__ = ["add_command"]
