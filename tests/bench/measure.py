"""Runs a command and says how long it took, how much memory its processes had, and which of them ran when."""

import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.installed import BenchError

SAMPLE_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Span:
    """One process of a run: its program, its command line, and when it was seen first and last, from the start."""

    program: str
    command: str
    began_seconds: float
    ended_seconds: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run to its end."""

    wall_seconds: float
    cpu_seconds: float
    """Of all its processes together, user and system."""
    python_megabytes: float
    """The peaks of its Python processes, added up."""
    node_megabytes: float
    spans: Sequence[Span]

    def megabytes(self) -> float:
        """Return the memory of both languages together."""
        return self.python_megabytes + self.node_megabytes


def measure(command: Sequence[str], variables: Mapping[str, str], directory: Path) -> Measured:
    """Run a command to its end, looking at its processes every 20 ms.

    Raises BenchError, with the last line that it said, when it fails. However this ends, nothing is left running.
    """
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            env=variables,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watch = _Watch(process.pid, began)
        watch.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
            wall_seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            watch.stop()
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            message = f"{' '.join(command)}: status {process.returncode}: {lines[-1] if lines else 'no message'}"
            raise BenchError(message)
    return Measured(
        wall_seconds=wall_seconds,
        cpu_seconds=used.ru_utime + used.ru_stime,
        python_megabytes=watch.megabytes("python"),
        node_megabytes=watch.megabytes("node"),
        spans=watch.spans(),
    )


@dataclass
class _Seen:
    program: str
    command: str
    began: float
    ended: float
    peak_megabytes: float


class _Watch(threading.Thread):
    """Looks at a process and all below it until it is stopped."""

    def __init__(self, pid: int, began: float) -> None:
        super().__init__(daemon=True)
        self._pid, self._began = pid, began
        self._ended = threading.Event()
        self._seen: dict[int, _Seen] = {}

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._look(self._pid, time.monotonic() - self._began)

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def megabytes(self, language: str) -> float:
        return sum(seen.peak_megabytes for seen in self._seen.values() if seen.program.startswith(language))

    def spans(self) -> list[Span]:
        return [
            Span(program=seen.program, command=seen.command, began_seconds=seen.began, ended_seconds=seen.ended)
            for seen in self._seen.values()
        ]

    def _look(self, pid: int, now: float) -> None:
        process = Path("/proc", str(pid))
        try:
            # First: what is read after it may be of the next program, which the next look then tells by its command.
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            program = (process / "exe").readlink().name
            status = (process / "status").read_text()
            children = [int(child) for task in (process / "task").iterdir() for child in _children(task)]
        except OSError:
            return  # It has ended meanwhile.
        if not command:
            return  # It is about to end, and has let go of its memory.
        peak = re.search(r"^VmHWM:\s+(\d+)", status, re.MULTILINE)
        seen = self._seen.setdefault(pid, _Seen(program, command, now, now, 0))
        if seen.command != command:
            # Until it executes its own program, a new process is a copy of the one that started it.
            seen.program, seen.command, seen.peak_megabytes = program, command, 0
        seen.ended = now
        seen.peak_megabytes = max(seen.peak_megabytes, int(peak[1]) / 1024 if peak else 0)
        for child in children:
            self._look(child, now)


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []
