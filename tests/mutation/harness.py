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
from ops.process import TerminatedError
from ops.progress import say
from tests.checkout import Checkout, make_checkout
from tests.mutation.fault import Area, Fault
from tests.mutation.source import NotFoundError

AT_ONCE = 2


class NoVerdictError(Exception):
    """Nothing can be said about a fault, or about any; the message says why."""


def prove(areas: Sequence[Area]) -> int:
    """Print a verdict on each fault as it comes; return 0 when all are caught, 1 when one survives.

    Raises NoVerdictError when a fault's text is not in its definition exactly once, when an area's tests fail without
    any fault and, at the end, when a fault kept them from running. However it ends, nothing that it started or copied
    is left.
    """
    if stale := stale_faults(areas):
        raise NoVerdictError("\n".join(stale))
    with TemporaryDirectory(prefix="mutation-") as directory:
        try:
            return asyncio.run(_prove(areas, Path(directory)))
        except asyncio.CancelledError:
            raise TerminatedError from None


def stale_faults(areas: Sequence[Area]) -> list[str]:
    """Return a message for each id that is not unique, and for each fault that cannot be applied to the source."""
    faults = [fault for area in areas for fault in area.faults]
    ids = Counter(fault.id for fault in faults)
    stale = [f"{id_}: {count} faults have this id; give each its own" for id_, count in ids.items() if count > 1]
    for fault in faults:
        try:
            fault.find(PROJECT_ROOT)
        except NotFoundError as error:
            stale.append(f"{fault.id}: {fault.where}: {error}; bring the fault up to date")
    return stale


async def _prove(areas: Sequence[Area], directory: Path) -> int:
    """Return the exit status; SIGTERM cancels this as Ctrl-C does: what runs is ended and waited for first."""
    proving = asyncio.current_task()
    assert proving
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, proving.cancel)
    started = monotonic()
    total = sum(len(area.faults) for area in areas)
    copies = asyncio.Queue[Checkout]()
    for number in range(AT_ONCE):
        copies.put_nowait(make_checkout(directory / str(number)))
    say(f"{total} faults, {AT_ONCE} at once, on copies in {directory}")
    unproved: list[str] = []

    async def require_sound(area: Area) -> None:
        copy = await copies.get()
        try:
            if failed := await _first_failure(copy, area):
                unproved.append(f"{failed} fails without any fault; fix that first")
        except NoVerdictError as error:
            unproved.append(f"{area.name}: {error}")
        finally:
            copies.put_nowait(copy)

    async def verdict(area: Area, fault: Fault) -> bool:
        copy = await copies.get()
        began = monotonic()
        try:
            with _applied(fault, copy.path):
                failed = await _first_failure(copy, area, fault)
        except NoVerdictError as error:
            unproved.append(f"{fault.id}: {error}")
            return False
        finally:
            copies.put_nowait(copy)
        seconds = f"{monotonic() - began:.1f} s"
        by = f"caught in {seconds} by {failed}" if failed else f"SURVIVED in {seconds}: {fault.consequence}"
        print(f"{fault.id}: {by}", flush=True)
        return failed is not None

    async with asyncio.TaskGroup() as group:
        for area in areas:
            group.create_task(require_sound(area))
    if unproved:
        raise NoVerdictError("\n".join(unproved))
    async with asyncio.TaskGroup() as group:
        verdicts = [group.create_task(verdict(area, fault)) for area in areas for fault in area.faults]
    caught = sum(each.result() for each in verdicts)
    print(f"{caught} of {total} faults caught in {monotonic() - started:.0f} s")
    if unproved:
        raise NoVerdictError("\n".join(unproved))
    return 0 if caught == total else 1


@contextmanager
def _applied(fault: Fault, root: Path) -> Generator[None]:
    source = fault.find(root)
    sound = source.file.read_text()
    source.file.write_text(source.with_text(source.text.replace(fault.text, fault.replacement)))
    try:
        yield
    finally:
        source.file.write_text(sound)


async def _first_failure(copy: Checkout, area: Area, fault: Fault | None = None) -> str | None:
    """Return the first test of an area's suite that fails, or None when all pass."""
    temporary = copy.path.with_suffix(".tmp")
    temporary.mkdir(exist_ok=True)
    python = str(copy.path / ".venv" / "bin" / "python")
    options = ("-c", "pyproject.toml", "-x", "-q", "--color=no", "--tb=short")
    chosen = () if area.is_slow else ("-m", "not slow")
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", "pytest", *options, *chosen, *area.files(copy.path, fault)),
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
