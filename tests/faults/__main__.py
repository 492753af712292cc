"""`python -m tests.faults [KIND ...] [--only TEXT]`: break deployments in many ways, and see each one recover."""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.process import status_of
from ops.progress import say
from tests.faults import concurrently, flaky, killing

KINDS: dict[str, tuple[Sequence[str], Callable[[str, Path], str]]] = {
    "kill": (tuple(killing.POINTS), killing.kill),
    "kill-bootstrap": (tuple(killing.BOOTSTRAP_POINTS), killing.kill_bootstrap),
    "kill-refresh": (tuple(killing.REFRESH_POINTS), killing.kill_refresh),
    "race": (concurrently.RACES, concurrently.races),
    "flaky": (tuple(flaky.SHARES), flaky.survive),
    "expire": (tuple(flaky.EXPIRIES), flaky.expire),
}
"""Of each kind: the names of what is run, and what runs one in a folder of its own and says what it saw."""
AT_ONCE = 4
"""Deployments at work together: most of what each does is to wait for AWS."""


def main() -> int:
    """Return the exit status: 0 all recovered, 1 one did not, 2 bad input, 129, 130 or 143 by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"{', '.join(KINDS)}; all if none is given")
    parser.add_argument("--only", default="", metavar="TEXT", help="only what has this in its name")
    parsed = parser.parse_args()
    if unknown := sorted(set(parsed.kinds) - set(KINDS)):
        parser.error(f"{', '.join(unknown)}: no such kind; allowed: {', '.join(KINDS)}")
    chosen = [(kind, name) for kind in parsed.kinds or KINDS for name in KINDS[kind][0] if parsed.only in name]
    if not chosen:
        parser.error(f"--only {parsed.only}: in no name")
    return status_of(lambda: _run_all(chosen))


def _run_all(chosen: Sequence[tuple[str, str]]) -> int:
    """Run each in a folder and a process of its own, and print a line when it has ended."""
    began = time.monotonic()
    say(f"{len(chosen)} to run, {AT_ONCE} at once")
    failed = 0
    with TemporaryDirectory(prefix="faults-") as directory, _pool() as pool:
        started = {
            pool.submit(_timed, kind, name, Path(directory, str(number))): f"{kind} {name}"
            for number, (kind, name) in enumerate(chosen)
        }
        for done in as_completed(started):
            error = done.exception()
            failed += error is not None
            said = "".join(["FAILED\n", *traceback.format_exception(error)]) if error else done.result()
            print(f"{started[done]}: {said}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} recovered in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


@contextmanager
def _pool() -> Generator[ProcessPoolExecutor]:
    """Run what is submitted; once this process is told to end, nothing more is begun."""
    pool = ProcessPoolExecutor(AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _timed(kind: str, name: str, path: Path) -> str:
    began = time.monotonic()
    return f"{KINDS[kind][1](name, path)} ({time.monotonic() - began:.0f} s)"


if __name__ == "__main__":
    sys.exit(main())
