"""Applies one fault at a time to a copy of the checkout and runs the fast tests there, to see one of them fail.

A fault is caught when a test that pytest ran, or a fixture of it, failed. When the fault keeps the tests from being
collected, or pytest from ending in its own way, that says nothing about them: there is no verdict.
"""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from config.request import PROJECT_ROOT
from ops.progress import say
from tests.checkout import Checkout, make_checkout
from tests.mutation.faults import Fault

SUITE = (
    "tests/stacks/vpr_async/test_names.py",
    "tests/stacks/test_settings.py",
    "tests/config/test_request.py",
    "tests/constructs_lib",
    "tests/stacks",
)
"""The tests of the files that have faults; the cheapest come first, for the first failure ends a run."""
AT_ONCE = 2


class NoVerdictError(Exception):
    """Nothing can be said about a fault, or about any; the message says why."""


def prove(faults: Sequence[Fault], suite: Sequence[str] = SUITE) -> int:
    """Print a verdict on each fault as it comes; return 0 when all are caught, 1 when one survives.

    Raises NoVerdictError when a fault's text is not in the source exactly once, when the suite fails without any
    fault, or when a fault keeps it from running. However it ends, nothing that it started or copied is left.
    """
    if stale := stale_faults(faults):
        raise NoVerdictError("\n".join(stale))
    with TemporaryDirectory(prefix="mutation-") as directory:
        # It cancels what still runs, and waits for that, before it lets any exception through.
        return asyncio.run(_prove(faults, suite, Path(directory)))


def stale_faults(faults: Sequence[Fault]) -> list[str]:
    """Say which ids are not unique, and which faults' text is not in the present source exactly once."""
    ids = Counter(fault.id for fault in faults)
    said = [f"{id_}: {count} faults have this id; give each its own" for id_, count in ids.items() if count > 1]
    for fault in faults:
        found = (PROJECT_ROOT / fault.file).read_text().count(fault.text)
        if found != 1:
            said.append(f"{fault.id}: its text is in {fault.file} {found} times, not once; bring the table up to date")
    return said


async def _prove(faults: Sequence[Fault], suite: Sequence[str], directory: Path) -> int:
    started = monotonic()
    copies = asyncio.Queue[Checkout]()
    for number in range(AT_ONCE):
        copies.put_nowait(make_checkout(directory / str(number)))
    say(f"{len(faults)} faults, {AT_ONCE} at once, on copies in {directory}")
    unchanged = await copies.get()
    if failed := await _first_failure(unchanged, suite):
        message = f"{failed} fails without any fault; mend that first"
        raise NoVerdictError(message)
    copies.put_nowait(unchanged)

    async def verdict(fault: Fault) -> bool:
        copy = await copies.get()
        began = monotonic()
        with _applied(fault, copy.path):
            try:
                failed = await _first_failure(copy, suite)
            except NoVerdictError as error:
                message = f"{fault.id}: {error}"
                raise NoVerdictError(message) from None
        copies.put_nowait(copy)
        seconds = f"{monotonic() - began:.1f} s"
        by = f"caught in {seconds} by {failed}" if failed else f"SURVIVED in {seconds}: {fault.consequence}"
        print(f"{fault.id}: {by}", flush=True)
        return failed is not None

    tasks = [asyncio.create_task(verdict(fault)) for fault in faults]
    caught = sum([await task for task in asyncio.as_completed(tasks)])
    print(f"{caught} of {len(faults)} faults caught in {monotonic() - started:.0f} s")
    return 0 if caught == len(faults) else 1


@contextmanager
def _applied(fault: Fault, root: Path) -> Generator[None]:
    file = root / fault.file
    sound = file.read_text()
    file.write_text(sound.replace(fault.text, fault.replacement))
    try:
        yield
    finally:
        file.write_text(sound)


async def _first_failure(copy: Checkout, suite: Sequence[str]) -> str | None:
    """Return the first failing test, or None when all pass."""
    temporary = copy.path.with_suffix(".tmp")
    temporary.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *(str(copy.path / ".venv" / "bin" / "python"), "-m", "pytest", "-x", "-q", "--color=no", "--tb=short", *suite),
        cwd=copy.path,
        # Bytecode is told from that of a file's next content by size and second alone: there must be none.
        env={**copy.variables, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(temporary)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output = (await process.communicate())[0].decode(errors="replace")
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode == 0:
        return None
    # What could not be collected is named without a test.
    failed = re.search(r"^(?:FAILED|ERROR) (\S+?::\w+)", output, re.MULTILINE)
    if process.returncode != 1 or failed is None:
        message = f"pytest ended with status {process.returncode} and no failed test:\n{output[-2000:]}"
        raise NoVerdictError(message)
    return failed[1]
