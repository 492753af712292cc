"""The time of each command, beside the one that `make help` gives: in one life on the emulator."""

import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.progress import say
from tests.bench.installed import BenchError
from tests.checkout import make_checkout

LIFE = (
    *("bootstrap", "plan", "apply", "verify", "smoke", "drift", "adopt", "destroy", "deploy", "down"),
    *("up", "down", "up", "down"),
    *("validate", "harden", "sbom", "access", "synth"),
)
"""In this order, for each finds what those before it made."""
ELSEWHERE = ("setup", "check", "test")
"""Commands that other parts measure."""


def measure_times() -> list[dict[str, Any]]:
    """Return what help says and what was seen, command by command. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        checkout = make_checkout(Path(directory, "checkout"), checks_provider=True)
        given = times_of(checkout.run("make", "help").stdout)
        found: list[dict[str, Any]] = []

        def took(name: str) -> float:
            say(f"times: make {name}")
            began = time.monotonic()
            done = checkout.run("make", name)
            if done.returncode:
                message = f"times: make {name}: status {done.returncode}: {done.stderr.strip()[-2000:]}"
                raise BenchError(message)
            return round(time.monotonic() - began, 1)

        took("tools")  # Its time is the first command's that needs it, and not a usual one.
        try:
            found.extend({"command": name, "help": given[name], "seconds": took(name)} for name in LIFE)
        finally:
            checkout.run("make", "down")
        return found


def times_of(shown: str) -> Mapping[str, str]:
    """Return the time of each command in what `make help` shows; empty for one without."""
    lines = re.findall(r"^  make ([a-z-]+) +(\S.*)$", shown, re.MULTILINE)
    return {name: rest.partition("  ")[2].strip() for name, rest in lines}
