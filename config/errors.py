"""The exception of bad input, which the project shares with its packages."""

from check_report.errors import InvalidInputError

__all__ = ["InvalidInputError"]
