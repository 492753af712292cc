"""Identities of a run: the caller, and the IAM roles that were given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.clients import Credentials, Place
from ops.errors import CommandError


@dataclass(frozen=True, kw_only=True)
class SessionIdentity:
    """A session's way to the AWS that is asked; it gives up within a minute."""

    place: Place
    session: Any
    answer_seconds: int

    def client(self, service: str, **config: Any) -> Any:
        """Return a boto3 client."""
        return self.place.client(service, session=self.session, config=self._config(config))

    def resource(self, service: str, **config: Any) -> Any:
        """Return one of boto3's resources."""
        return self.place.resource(service, session=self.session, config=self._config(config))

    def _config(self, config: Mapping[str, Any]) -> Any:
        return self.place.config(connect_seconds=5, read_seconds=self.answer_seconds, attempts=3, **config)


def caller(place: Place, answer_seconds: int) -> SessionIdentity:
    """Return the identity whose credentials the process has."""
    return SessionIdentity(place=place, session=place.session(), answer_seconds=answer_seconds)


def assumed(by: SessionIdentity, role: str, arn: str) -> SessionIdentity:
    """Return the identity of an IAM role. Raises CommandError if it cannot be assumed."""
    try:
        answer = by.client("sts").assume_role(RoleArn=arn, RoleSessionName="smoke")
    except (ClientError, BotoCoreError) as error:
        message = f"--{role}-role {arn}: cannot be assumed: {error}"
        raise CommandError(message) from None
    own = answer["Credentials"]
    credentials = Credentials(key_id=own["AccessKeyId"], secret=own["SecretAccessKey"], token=own["SessionToken"])
    return SessionIdentity(place=by.place, session=by.place.session(credentials), answer_seconds=by.answer_seconds)
