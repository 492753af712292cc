"""A pytest plugin that keeps the seconds and CPU seconds of tests, by folder or package."""

import json
import os
import resource
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

QUANTITIES = ("tests", "seconds", "cpu_seconds")


class _Usage:
    """What the tests of this process used: each worker of a run has one."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._used: defaultdict[str, list[float]] = defaultdict(lambda: [0] * len(QUANTITIES))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Measure a test with its fixtures."""
        began, before = time.monotonic(), cpu_seconds()
        try:
            return (yield)
        finally:
            folder = "/".join(item.path.relative_to(item.config.rootpath).parts[:2])
            used = (1, time.monotonic() - began, cpu_seconds() - before)
            self._used[folder] = [sum(both) for both in zip(self._used[folder], used, strict=True)]

    def pytest_sessionfinish(self) -> None:
        """Write what was used into a file of this process's own."""
        (self._kept / f"{os.getpid()}.json").write_text(json.dumps(self._used))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the folder to write into."""
    parser.addoption("--usage", metavar="FOLDER", required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Measure in this process."""
    config.pluginmanager.register(_Usage(Path(str(config.getoption("usage")))))


def options(kept: Path) -> tuple[str, ...]:
    """Return the options of a pytest that is to keep in a folder what its tests use.

    The folder is part of one word: by itself pytest takes it for one of tests, and looks there for its configuration.
    """
    return "-p", __name__, f"--usage={kept}"


def cpu_seconds() -> float:
    """Return what this process has used, and what it started and waited for: user and system, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def by_folder(kept: Path) -> dict[str, dict[str, float]]:
    """Return the number of tests, their seconds and their CPU seconds, by folder or package, of all runs kept."""
    found: defaultdict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(QUANTITIES, 0.0))
    for file in kept.glob("*.json"):
        for folder, used in json.loads(file.read_text()).items():
            for quantity, value in zip(QUANTITIES, used, strict=True):
                found[folder][quantity] = round(found[folder][quantity] + value, 2)
    return dict(found)
