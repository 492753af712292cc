"""Why a command ends without having done its work."""


class CommandError(Exception):
    """A tool or a service failed; the message is what the user reads. The command exits with status 1."""
