"""Actors of the steps: the handlers, with credentials of their own if they have some, and the operator, the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.clients import Credentials
from ops.errors import CommandError
from ops.workspace import Workspace
from stacks.vpr_async.names import names_of

LONGEST_POLL_SECONDS = 20
"""SQS's own limit; no answer may be given up before."""


@dataclass(frozen=True)
class Actor:
    """One identity's way to the resources."""

    sqs: Any
    jobs: Any
    """The jobs table, a boto3 resource."""
    s3: Any


@dataclass(frozen=True, kw_only=True)
class Actors:
    """Everybody who takes part."""

    operator: Actor
    submit: Actor
    worker: Actor
    status: Actor


def make_actors(workspace: Workspace, role_arns: Mapping[str, str]) -> Actors:
    """Return the actors; a handler whose role is not given acts with the caller's credentials.

    role_arns: an IAM role's ARN by `submit`, `worker` and `status`.
    Raises CommandError when a role cannot be assumed.
    """
    caller = workspace.place.session()
    operator = _actor(workspace, caller)

    def handler(name: str) -> Actor:
        return _actor(workspace, _assumed(workspace, caller, name, role_arns[name])) if name in role_arns else operator

    return Actors(operator=operator, submit=handler("submit"), worker=handler("worker"), status=handler("status"))


def _assumed(workspace: Workspace, caller: Any, handler: str, role_arn: str) -> Any:
    try:
        assumed = _client(workspace, caller, "sts").assume_role(RoleArn=role_arn, RoleSessionName="smoke")
    except (ClientError, BotoCoreError) as error:
        message = f"--{handler}-role {role_arn}: cannot be assumed: {error}"
        raise CommandError(message) from None
    own = assumed["Credentials"]
    return workspace.place.session(
        Credentials(key_id=own["AccessKeyId"], secret=own["SecretAccessKey"], token=own["SessionToken"])
    )


def _actor(workspace: Workspace, session: Any) -> Actor:
    return Actor(
        sqs=_client(workspace, session, "sqs"),
        jobs=workspace.place.resource("dynamodb", session=session, config=_config(workspace, "dynamodb")).Table(
            names_of(workspace.settings).jobs_table
        ),
        s3=_client(workspace, session, "s3"),
    )


def _client(workspace: Workspace, session: Any, service: str) -> Any:
    return workspace.place.client(service, session=session, config=_config(workspace, service))


def _config(workspace: Workspace, service: str) -> Any:
    """Return a configuration that signs URLs as AWS wants them, and gives up within a minute."""
    # A bucket's virtual host is its region's; without it, a URL may lead to another region, and from there back.
    return workspace.place.config(
        connect_seconds=5,
        read_seconds=LONGEST_POLL_SECONDS + 5,
        attempts=3,
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "path" if workspace.emulator else "virtual"},
    )
