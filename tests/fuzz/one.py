"""One reader in a process of its own under libFuzzer, by atheris: `python -m tests.fuzz.one READER MODE SECONDS ...`.

A crash does not end it: each kind is kept once, its shortest input in a file.
"""

import hashlib
import importlib
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST_INPUT_BYTES = 20_000


def main(arguments: list[str]) -> None:
    """Fuzz until the time is over; write the report."""
    reader, mode, seconds, report, crashes, words, *corpora = arguments
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["config", "ops", "hcl2", "tomllib"]):
        readers = importlib.import_module("tests.fuzz.readers")
    readers.warm()
    fuzzing = _Fuzzing(reader, readers.read, float(seconds), Path(report), Path(crashes))
    feed: Callable[[bytes], object] = fuzzing.one
    if mode == "shapes":
        feed = _shaped(reader, fuzzing.one)
    options = (
        f"-max_len={MOST_INPUT_BYTES}",
        "-timeout=600",
        "-rss_limit_mb=4096",
        "-reload=0",
        f"-dict={words}",
        f"-artifact_prefix={crashes}/",
    )
    atheris.Setup([sys.argv[0], *options, *corpora], feed)
    atheris.Fuzz()


def _shaped(reader: str, feed: Callable[[bytes], None]) -> Callable[[bytes], object]:
    hypothesis: Any = importlib.import_module("hypothesis")
    shapes = importlib.import_module("tests.fuzz.shapes")
    given = hypothesis.given(shapes.SHAPES[reader])(feed)
    calm = hypothesis.settings(database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    return calm(given).hypothesis.fuzz_one_input


class _Fuzzing:
    def __init__(
        self, reader: str, read: Callable[[str, bytes, Path], None], seconds: float, report: Path, crashes: Path
    ) -> None:
        self._reader, self._read, self._seconds, self._report, self._crashes = reader, read, seconds, report, crashes
        self._memory = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)  # noqa: S108 - a folder in memory
        self._folder = Path(self._memory.name, "read")
        self._started = time.monotonic()
        self._executions = 0
        self._slowest = 0.0
        self._kinds: dict[str, int] = {}

    def one(self, content: bytes) -> None:
        """Give the reader one input, and end the process when the time is over."""
        began = time.process_time()
        try:
            self._read(self._reader, bytes(content), self._folder)
        except BaseException as error:  # noqa: BLE001 - whatever comes out of a reader is what is looked for
            self._keep(error, bytes(content))
        self._executions += 1
        self._slowest = max(self._slowest, time.process_time() - began)
        if time.monotonic() - self._started > self._seconds:
            self._end()

    def _keep(self, error: BaseException, content: bytes) -> None:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/tests/" not in frame.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an oracle"
        own = [frame for frame in frames if "/ops/" in frame.filename or "/config/" in frame.filename]
        by = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
        said = str(error)[:80].encode("ascii", "backslashreplace").decode().replace("\n", " ")
        kind = f"{type(error).__name__} at {place} by {by}" + f" ({said})" * (not frames)
        if self._kinds.setdefault(kind, len(content) + 1) > len(content):
            self._kinds[kind] = len(content)
            name = hashlib.sha256(kind.encode()).hexdigest()[:12]
            (self._crashes / name).write_bytes(content)
            told = "".join(traceback.format_exception(error))
            (self._crashes / f"{name}.txt").write_text(f"{kind}\n{told}", errors="backslashreplace")

    def _end(self) -> None:
        told = {
            "executions": self._executions,
            "seconds": round(time.monotonic() - self._started, 1),
            "slowest_seconds": round(self._slowest, 3),
            "crashes": sorted(
                f"{kind}: {self._crashes / hashlib.sha256(kind.encode()).hexdigest()[:12]}" for kind in self._kinds
            ),
        }
        self._report.write_text(json.dumps(told))
        self._memory.cleanup()
        sys.stdout.flush()
        # libFuzzer would go on.
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
