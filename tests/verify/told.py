"""Answers that AWS would give, told instead of asked for."""

import threading
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.verify import Clients


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "told by the test"}}, "Operation")


class ToldClients(Clients):
    """Clients that answer from a table, by `service.operation`: an answer, an exception, or a function of either."""

    def __init__(self, answers: Mapping[str, Any], *, is_emulated: bool = True) -> None:
        self.where = "a table of answers"
        self.is_emulated = is_emulated
        self.api_calls = 0
        self.asked: set[str] = set()
        self._answers = answers
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Answer as the table says."""
        with self._lock:
            self.api_calls += 1
            self.asked.add(f"{service}.{operation}")
        answer: Any = self._answers[f"{service}.{operation}"]
        if callable(answer):
            answer = answer(**arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer
