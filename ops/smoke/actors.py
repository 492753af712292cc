"""Who does the steps: each handler, with credentials of its own if it has some, and the operator, who is the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import CommandError
from ops.workspace import Workspace

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
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    caller = (
        _session(workspace, *(workspace.variables[key] for key in keys)) if workspace.emulator else _session(workspace)
    )
    operator = _actor(workspace, caller)

    def handler(name: str) -> Actor:
        return _actor(workspace, _assumed(workspace, caller, name, role_arns[name])) if name in role_arns else operator

    return Actors(operator=operator, submit=handler("submit"), worker=handler("worker"), status=handler("status"))


def _session(
    workspace: Workspace, key_id: str | None = None, secret: str | None = None, token: str | None = None
) -> Any:
    """Return a session with these credentials, or with those of the process environment."""
    return boto3.Session(key_id, secret, token, workspace.settings.region)


def _assumed(workspace: Workspace, caller: Any, handler: str, role_arn: str) -> Any:
    try:
        assumed = _reach(workspace, caller.client, "sts").assume_role(RoleArn=role_arn, RoleSessionName="smoke")
    except (ClientError, BotoCoreError) as error:
        message = f"--{handler}-role {role_arn}: cannot be assumed: {error}"
        raise CommandError(message) from None
    own = assumed["Credentials"]
    return _session(workspace, own["AccessKeyId"], own["SecretAccessKey"], own["SessionToken"])


def _actor(workspace: Workspace, session: Any) -> Actor:
    return Actor(
        sqs=_reach(workspace, session.client, "sqs"),
        jobs=_reach(workspace, session.resource, "dynamodb").Table(workspace.settings.names.jobs_table),
        s3=_reach(workspace, session.client, "s3"),
    )


def _reach(workspace: Workspace, make: Any, service: str) -> Any:
    """Make a client that stays on its target, signs URLs as AWS wants them, and gives up within a minute."""
    emulator = workspace.emulator
    # A bucket's virtual host is its region's; without it, a URL may lead to another region, and from there back.
    config = Config(
        connect_timeout=5,
        read_timeout=LONGEST_POLL_SECONDS + 5,
        retries={"max_attempts": 2},
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "path" if emulator else "virtual"},
        proxies={} if emulator else None,
    )
    return make(service, endpoint_url=emulator.endpoint if emulator else None, config=config)
