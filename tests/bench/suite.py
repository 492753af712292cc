"""Duration of the project's own tests, by folder."""

import os
import resource
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from config.request import PROJECT_ROOT
from ops.progress import say
from tests.bench.installed import BenchError

CHECK, TEST = "make check", "make test"
TARGETS = (CHECK, "make lint", "make types", "make unit", TEST)


def measure_suite() -> dict[str, Any]:
    """Return what each target took, and the seconds of the tests of `make test` by their folder. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        report = Path(directory, "report.xml")
        took: dict[str, dict[str, float]] = {}
        for target in TARGETS:
            say(f"suite: {target}")
            took[target] = _took(target, report)
        return {"targets": took, "folders": folders(report.read_text())}


def folders(report: str) -> dict[str, dict[str, float]]:
    """Return the number of tests and the seconds that they took, by folder or package, from pytest's JUnit report."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: {"tests": 0, "seconds": 0.0})
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 - pytest wrote it, just now
        folder = found["/".join(case.attrib["classname"].split(".")[:2])]
        folder["tests"] += 1
        folder["seconds"] = round(folder["seconds"] + float(case.attrib["time"]), 1)
    return dict(found)


def _took(target: str, report: Path) -> dict[str, float]:
    """Run a target to its end. Not by `measure`, which would look at hundreds of processes and slow them down."""
    # What was given to the make that runs this is not meant for the one that it runs.
    hidden = ("ARGS", "ENV", "TARGET", "MAKE", "MFLAGS")
    variables = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    before, began = _cpu_seconds(), time.monotonic()
    done = subprocess.run(
        target.split(),
        cwd=PROJECT_ROOT,
        env={**variables, "PYTEST_ADDOPTS": f"--junitxml={report}"},
        capture_output=True,
        text=True,
        check=False,
    )
    wall_seconds = time.monotonic() - began
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-4000:]
        message = f"{target}: status {done.returncode}:\n{said}"
        raise BenchError(message)
    return {"wall_seconds": round(wall_seconds, 1), "cpu_seconds": round(_cpu_seconds() - before, 1)}


def _cpu_seconds() -> float:
    """Return what processes have used that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
