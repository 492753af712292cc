"""An emulator's own pages: whatever goes wrong with an answer is one kind of error."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from aws_emulator import Emulator, EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT_ID = "123456789012"


ARN = "arn:aws:sqs:us-east-1:123456789012:jobs"
ASK: dict[str, Callable[[Emulator], object]] = {
    "messages": lambda emulator: emulator.messages(ARN),
    "delete_messages": lambda emulator: emulator.delete_messages(ARN),
    "keeping": lambda emulator: emulator.keeping(5),
    "write_snapshot": lambda emulator: emulator.write_snapshot(5),
}


@pytest.mark.parametrize("asked", ASK)
@pytest.mark.parametrize(
    "answer",
    [b"no status line\r\n\r\n", b"HTTP/1.0 500 Internal Server Error\r\n\r\n<html>", b""],
    ids=["no HTTP", "no JSON", "nothing"],
)
def test_an_answer_that_cannot_be_read_is_one_error_with_the_address(asked: str, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        serving = Thread(target=serve)
        serving.start()
        with pytest.raises(EmulatorError, match=rf"^the emulator at {endpoint} does not answer: "):
            ASK[asked](Emulator(endpoint, ACCOUNT_ID, 1))
        serving.join()


def test_a_port_without_a_program_is_the_same_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(EmulatorError, match=rf"^the emulator at {endpoint} does not answer: .*refused$"):
        Emulator(endpoint, ACCOUNT_ID, 1).messages(ARN)
