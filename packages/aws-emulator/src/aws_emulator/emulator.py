"""A running emulator, as other programs reach it."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_emulator import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTITY_PATH = "/_emulator"
"""Where an emulator shows its process id and account id."""
MESSAGES_PATH = f"{IDENTITY_PATH}/messages"
"""Where an emulator shows the messages of a queue."""
_ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    endpoint: str
    account_id: str
    pid: int

    def __str__(self) -> str:
        return f"{self.endpoint} (account {self.account_id}, pid {self.pid})"

    def environment(self, region: str, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the variables that lead Terraform, its S3 backend and boto3 to this emulator.

        base: the variables beside which they stand, whose exemptions from a proxy stay.
        """
        return environment.reaching(self.endpoint, region, base or {})

    def child_environment(self, base: Mapping[str, str], region: str) -> dict[str, str]:
        """Return the environment for a child process: `base` led to this emulator and to no other AWS."""
        return {**environment.without_aws(base), **self.environment(region, base)}

    def answers(self, timeout_seconds: float) -> bool:
        """Return True if this emulator answers at its endpoint, and not another program."""
        try:
            identity = self._ask("GET", IDENTITY_PATH, timeout_seconds)
        except (OSError, ValueError, http.client.HTTPException):
            return False
        return identity == {"account_id": self.account_id, "pid": self.pid}

    def messages(self, queue_arn: str) -> list[dict[str, Any]]:
        """Return a queue's messages, the oldest first, without a receive: they stay as they are, and where they are.

        Each has `id`, `state` (waiting, in flight or delayed), `receives`, `sent`, `attributes` and `body`.
        Raises OSError, HTTPException or ValueError if this emulator does not answer.
        """
        return self._ask("GET", _messages_of(queue_arn), _ANSWER_SECONDS)

    def delete_messages(self, queue_arn: str) -> int:
        """Delete a queue's messages, in flight and delayed ones too, and return their number; raises as `messages`.

        SQS lets a queue be purged once a minute; this has no such limit.
        """
        return self._ask("DELETE", _messages_of(queue_arn), _ANSWER_SECONDS)

    def _ask(self, method: str, path: str, timeout_seconds: float) -> Any:
        address = urllib.parse.urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=timeout_seconds)
        try:
            connection.request(method, path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


def _messages_of(queue_arn: str) -> str:
    return f"{MESSAGES_PATH}?{urllib.parse.urlencode({'queue': queue_arn})}"
