"""Start jsii's kernel directly, and before jsii itself is imported: the two then happen at once."""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

_FILES = ("program.js", "runtime-index-worker.js")


class Kernel:
    """A running kernel, and the connection to it."""

    def __init__(self, embedded: Path) -> None:
        self.directory = tempfile.TemporaryDirectory(prefix="cdktf-lean-", ignore_cleanup_errors=True)
        library = Path(self.directory.name, "lib")
        library.mkdir()
        for name in _FILES:
            shutil.copyfile(embedded / f"lib__{name}", library / name)
        # What Node deprecates in the code of jsii and cdktf is nothing that their user could mend.
        flags = ("--max-old-space-size=4069", "--preserve-symlinks", "--no-deprecation")
        node = (os.environ.get("JSII_NODE", "node"), *flags)
        self.connection, theirs = socket.socketpair()
        with theirs:
            # The kernel talks on descriptor 3, both ways, and only a shell sets that without a race.
            self.process = subprocess.Popen(
                ("/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh", *node, str(library / "program.js")),
                stdin=theirs.fileno(),
                env={**os.environ, "JSII_AGENT": f"Python/{platform.python_version()}"},
            )

    def end(self) -> None:
        """End a kernel that nobody has talked to, and that has nothing to lose."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        self.directory.cleanup()


_waiting: list[Kernel] = []


def start_early() -> None:
    """Start a kernel for whoever takes it, unless jsii was imported already and may have its own."""
    if "jsii" in sys.modules:
        return
    kernel = start()
    if kernel:
        _waiting.append(kernel)
        atexit.register(end_early)


def end_early() -> None:
    """End the kernel that was started early, if nobody has taken it."""
    while _waiting:
        _waiting.pop().end()


def take() -> Kernel | None:
    """Return the kernel that was started early, or a new one; None where only stock jsii knows how."""
    return _waiting.pop() if _waiting else start()


def start() -> Kernel | None:
    """Start a kernel without the Node process that stock jsii puts before it to relay each message.

    None where that cannot be done: not on POSIX, with a JSII_RUNTIME of the user's own, or with another jsii.
    """
    jsii = find_spec("jsii")
    if os.name != "posix" or "JSII_RUNTIME" in os.environ or jsii is None or jsii.origin is None:
        return None
    embedded = Path(jsii.origin).parent / "_embedded" / "jsii"
    if not all((embedded / f"lib__{name}").is_file() for name in _FILES):
        return None
    try:
        return Kernel(embedded)
    except OSError:
        return None
