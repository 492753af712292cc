"""Emulators as processes: connections to them, and programs that start them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import urllib.parse
from typing import TYPE_CHECKING

from aws_emulator import Emulator

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS

if TYPE_CHECKING:
    from pathlib import Path


def connect(emulator: Emulator) -> socket.socket:
    """Open a connection to an emulator and say nothing."""
    address = urllib.parse.urlsplit(emulator.endpoint)
    return socket.create_connection((str(address.hostname), address.port or 0), timeout=HANG_SECONDS)


def wait_until_gone(connection: socket.socket) -> None:
    """Return when the process at the other end has died; fail if it does not."""
    with connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(1) == b""


def is_gone(emulator: Emulator) -> bool:
    """Return True if nothing listens at the endpoint any more."""
    try:
        connect(emulator).close()
    except ConnectionRefusedError:
        return True
    return False


def child(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Run a program that uses `aws_emulator` in a process of its own."""
    imports = "import signal, sys\nfrom pathlib import Path\nimport aws_emulator\nfrom aws_emulator import background"
    command = [sys.executable, "-c", f"{imports}\n{program}", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def printed_by(process: subprocess.Popen[str]) -> Emulator:
    """Read the emulator that a child prints as endpoint, account id and process id."""
    assert process.stdout is not None
    endpoint, account_id, pid = process.stdout.readline().split()
    return Emulator(endpoint, account_id, int(pid))


TELL = "print(it.endpoint, it.account_id, it.pid, flush=True)"
START = f"it = background.start('dev', Path(sys.argv[1]), account_id='{ACCOUNT_ID}')\n{TELL}"
