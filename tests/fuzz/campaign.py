"""The long run: each reader is fuzzed in a process of its own, by libFuzzer, which sees what was not run yet."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from tests.fuzz.shapes import CORPUS, NASTY, WORDS

CACHE = PROJECT_ROOT / ".cache" / "fuzz"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
MODES = ("bytes", "shapes")
"""What libFuzzer mutates: the bytes of the corpus's files, or the choices by which Hypothesis shapes an input."""


_MOST_IN_WORD = 60


class CampaignError(Exception):
    """The fuzzer could not be installed or run; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one reader in one mode."""

    reader: str
    mode: str
    executions: int
    seconds: float
    slowest_seconds: float
    """Of the processor, for one input."""
    crashes: list[str]
    """A line for each, with the file that has the input."""


def install() -> Path:
    """Install the fuzzer, as requirements.txt pins it, apart from all that the project needs; return where.

    Raises CampaignError if that fails.
    """
    packages = CACHE / hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    complete = packages / "complete"
    if not complete.exists():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
        command = (*pip, "--require-hashes", "--upgrade", "--target", str(packages), "--requirement", str(REQUIREMENTS))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"the fuzzer cannot be installed:\n{done.stderr.strip()}"
            raise CampaignError(message)
        complete.touch()
    return packages


def dictionary() -> Path:
    """Write the words that libFuzzer puts in, in its own form; return where."""
    words = (word.encode() for word in (*WORDS, *NASTY) if 0 < len(word) <= _MOST_IN_WORD)
    lines = ('"{}"'.format("".join(rf"\x{byte:02x}" for byte in word)) for word in words)
    path = CACHE / "words"
    path.write_text("\n".join([*lines, ""]))
    return path


def fuzz(reader: str, mode: str, seconds: float, packages: Path) -> Outcome:
    """Fuzz one reader for so long. What is found is kept for the next run. Raises CampaignError if it cannot be run."""
    found = CACHE / "found" / f"{reader}-{mode}"
    crashes = CACHE / "crashes" / reader
    for folder in (found, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = [CORPUS / reader] if mode == "bytes" else []
    report = CACHE / f"{reader}-{mode}.json"
    report.unlink(missing_ok=True)
    arguments = (reader, mode, str(seconds), *map(str, (report, crashes, dictionary(), found, *seeds)))
    variables = {**os.environ, "PYTHONPATH": f"{packages}{os.pathsep}{PROJECT_ROOT}", "PYTHONHASHSEED": "0"}
    log = CACHE / f"{reader}-{mode}.log"
    with log.open("wb") as said:
        command = (sys.executable, "-m", "tests.fuzz.one", *arguments)
        subprocess.run(command, cwd=PROJECT_ROOT, env=variables, stdout=said, stderr=said, check=False)
    try:
        told: Any = json.loads(report.read_text())
    except (OSError, ValueError):
        message = f"{reader} ({mode}): the fuzzer ended without a report; {log.relative_to(PROJECT_ROOT)} says why"
        raise CampaignError(message) from None
    return Outcome(reader=reader, mode=mode, **told)


def run(readers: Sequence[str], minutes: float) -> int:
    """Fuzz the readers in turn, together for so many minutes; print a line for each. Return 1 if anything crashed."""
    packages = install()
    each = minutes * 60 / len(readers) / len(MODES)
    started = time.monotonic()
    outcomes: list[Outcome] = []
    for reader in readers:
        for mode in MODES:
            outcome = fuzz(reader, mode, each, packages)
            outcomes.append(outcome)
            print(
                f"{reader:<13} {mode:<7} {outcome.executions:>9,} executions in {outcome.seconds:6.0f} s, "
                f"slowest {outcome.slowest_seconds:5.2f} s, crashes: {len(outcome.crashes)}",
                flush=True,
            )
            for crash in outcome.crashes:
                print(f"    {crash}", flush=True)
    crashes = sum(len(outcome.crashes) for outcome in outcomes)
    executions = sum(outcome.executions for outcome in outcomes)
    print(f"{executions:,} executions in {(time.monotonic() - started) / 60:.1f} min, crashes: {crashes}")
    return int(crashes > 0)
