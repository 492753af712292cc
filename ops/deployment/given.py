"""Resources of others that a stack refers to and that do not exist."""

from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.workspace import Workspace


def missing(workspace: Workspace) -> list[str]:
    """Return a line for each resource of others that does not exist, one call each; empty if there are none.

    Terraform plans and applies a reference to nothing without an error. A resource that AWS does not answer for is left
    out: the plan does not depend on it, and its role need not have the permission to read it.
    """
    found: list[str] = []
    for type_, named in requirement_of(workspace.feature, workspace.settings).used.items():
        exists = TYPES[type_].exists
        if exists is None:
            continue
        for name in named:
            with suppress(ClientError, BotoCoreError, ResponseParserError):
                if not exists(name, workspace.client):
                    found.append(_line(name, workspace))
    return found


def _line(name: str, workspace: Workspace) -> str:
    file = f"environments/{workspace.settings.environment}.toml"
    return (
        f"{name}: does not exist, but {file} refers to it; create it, or correct {file} and type "
        f"{workspace.make('plan')} again"
    )
