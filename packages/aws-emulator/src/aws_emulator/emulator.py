"""A running emulator, as other programs reach it."""

from __future__ import annotations

import contextlib
import http.client
import json
import urllib.parse
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws_emulator import environment
from aws_emulator.errors import EmulatorError
from aws_emulator.persistence.state_file import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTITY_PATH = "/_emulator"
"""Where an emulator shows its process id and account id."""
MESSAGES_PATH = f"{IDENTITY_PATH}/messages"
"""Where an emulator shows the messages of a queue."""
_ANSWER_SECONDS = 10.0
KEEP_PATH = f"{IDENTITY_PATH}/keep"
"""Where it shows whether it keeps its state, and is asked to."""
SNAPSHOT_PATH = f"{IDENTITY_PATH}/snapshot"
"""Where it is asked to write a snapshot."""
PAGE_PATH = f"{IDENTITY_PATH}/"
"""Where a browser finds a page of what it holds."""


@dataclass(frozen=True)
class Keeping:
    """How an emulator keeps its state."""

    is_on: bool = False
    is_saved: bool = False
    """True if nothing has changed since the last save."""
    saved: str = ""
    """When the state was last saved, in ISO 8601; empty if never."""
    problem: str = ""
    """Why the last save failed; empty if it did not."""
    left_out: tuple[str, ...] = ()
    """The services whose state cannot be saved."""

    def __str__(self) -> str:
        if not self.is_on:
            return "keeps nothing over a restart"
        saved = f"last saved at {in_words(datetime.fromisoformat(self.saved))}" if self.saved else "never saved"
        parts = [f"keeps its data, {saved}"]
        if not self.is_saved:
            parts.append("with changes since")
        if self.left_out:
            parts.append(f"without {', '.join(self.left_out)}, whose state cannot be saved")
        if self.problem:
            parts.append(f"because the last save failed: {self.problem}")
        return ", ".join(parts)


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

    def terraform_environment(self, base: Mapping[str, str], region: str) -> dict[str, str]:
        """Return the environment for Terraform: that for a child process, in which S3 Control is reached as well.

        Of plain HTTP to hosts elsewhere it reaches none; HTTPS is as in `base`. It is not for other programs.
        """
        return {**self.child_environment(base, region), **environment.proxied(self.endpoint)}

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return urllib.parse.urlsplit(self.endpoint).port or 0

    @property
    def page(self) -> str:
        """The address, for a browser, of a page of what it holds."""
        return self.endpoint + PAGE_PATH

    def keeping(self, timeout_seconds: float, *, begin: bool = False) -> Keeping:
        """Return whether it keeps its state, and how saving goes. begin: let it keep its state from now on.

        Raises EmulatorError if it does not answer.
        """
        answer: dict[str, Any] = self._ask("PUT" if begin else "GET", KEEP_PATH, timeout_seconds)
        return Keeping(left_out=tuple(answer.pop("left_out")), **answer)

    def write_snapshot(self, timeout_seconds: float) -> None:
        """Write all that it holds into its snapshot; see `background.write_snapshot`. Raises EmulatorError."""
        problem: str = self._ask("PUT", SNAPSHOT_PATH, timeout_seconds)["problem"]
        if problem:
            message = f"no snapshot: {problem}"
            raise EmulatorError(message)

    def answers(self, timeout_seconds: float) -> bool:
        """Return True if this emulator answers at its endpoint, and not another program."""
        try:
            identity = self._ask("GET", IDENTITY_PATH, timeout_seconds)
        except EmulatorError:
            return False
        return identity == {"account_id": self.account_id, "pid": self.pid}

    def messages(self, queue_arn: str) -> list[dict[str, Any]]:
        """Return a queue's messages, the oldest first, without a receive: they stay as they are, and where they are.

        Each has `id`, `state` (waiting, in flight or delayed), `receives`, `sent`, `attributes` and `body`.
        Raises EmulatorError if this emulator does not answer.
        """
        return self._ask("GET", _messages_of(queue_arn), _ANSWER_SECONDS)

    def delete_messages(self, queue_arn: str) -> int:
        """Delete a queue's messages, in flight and delayed ones too, and return their number; raises as `messages`.

        SQS lets a queue be purged once a minute; this has no such limit.
        """
        return self._ask("DELETE", _messages_of(queue_arn), _ANSWER_SECONDS)

    def _ask(self, method: str, path: str, timeout_seconds: float) -> Any:
        """Return the answer of one of the emulator's own pages. Raises EmulatorError if there is none."""
        address = urllib.parse.urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=timeout_seconds)
        try:
            with contextlib.closing(connection):
                connection.request(method, path)
                return json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            message = f"the emulator at {self.endpoint} does not answer: {error}"
            raise EmulatorError(message) from None


def _messages_of(queue_arn: str) -> str:
    return f"{MESSAGES_PATH}?{urllib.parse.urlencode({'queue': queue_arn})}"
