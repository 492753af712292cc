"""Duration of the project's own tests, by target and by folder."""

import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from ops.progress import say
from tests.bench.usage import by_folder, cpu_seconds, options

CHECK, TEST = "make check", "make test"
TARGETS = (CHECK, "make lint", "make types", "make unit", TEST)


def measure_suite() -> dict[str, Any]:
    """Return what each target took and its exit status, and what the tests used by folder.

    A target that fails is measured too: half an hour of figures is not lost to one test.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        # A makefile of its own, because the project's takes no options for pytest from the environment. The make that
        # `make check` starts does not read it: so `make unit` has the fast tests, `make test` the others, each once.
        added = Path(directory, "usage.mk")
        added.write_text(f"PYTEST += {shlex.join(options(Path(directory)))}\n")
        took: dict[str, dict[str, float]] = {}
        for target in TARGETS:
            say(f"suite: {target}")
            took[target] = _took(target, added)
        return {"targets": took, "folders": by_folder(Path(directory))}


def _took(target: str, added: Path) -> dict[str, float]:
    """Run a target to its end. Not by `measure`, which would look at hundreds of processes and slow them down."""
    # What was given to the make that runs this is not meant for the one that it runs.
    hidden = ("ARGS", "ENV", "TARGET", "MAKE", "MFLAGS")
    variables = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    make, name = target.split()
    before, began = cpu_seconds(), time.monotonic()
    done = subprocess.run(
        (make, "-f", "Makefile", "-f", str(added), name),
        cwd=PROJECT_ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    wall_seconds = time.monotonic() - began
    if done.returncode:
        say(f"suite: {target}: status {done.returncode}:\n{(done.stdout + done.stderr).strip()[-4000:]}")
    return {
        "wall_seconds": round(wall_seconds, 1),
        "cpu_seconds": round(cpu_seconds() - before, 1),
        "status": done.returncode,
    }
