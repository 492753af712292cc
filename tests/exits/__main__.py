"""`python -m tests.exits`: the unchanged project on each way out, beside what it makes today; plans on the emulator."""

import json
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.process import status_of
from ops.progress import say, step
from tests.bench.installed import BenchError
from tests.exits.comparison import address, addresses, compare
from tests.exits.plans import Replanned, replan
from tests.exits.ways import CDKTN, WAYS, NotSynthesizedError, Way, synthesize, synthesize_today


def main() -> int:
    """Return the exit status: 0 every way is open, 1 one is not, 2 it was not tried, 129, 130 or 143 by a signal."""
    try:
        return status_of(_prove)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2


def _prove() -> int:
    began = time.monotonic()
    with TemporaryDirectory(prefix="exits-") as directory, ThreadPoolExecutor() as pool:
        # All that is to be installed, before two of these ask for it at the same time.
        for way in WAYS:
            way.variables(Path(directory))
            way.command("main.py")
        say(
            "dev goes to two emulators, by cdktf and by cdktn, and is planned by the other: a minute or two; meanwhile:"
        )
        plans = [pool.submit(replan, Path(directory, name), leaving=name == "leaving") for name in ("leaving", "back")]
        closed = [way for way in WAYS if not _is_open(way, Path(directory))]
        changed = [plan for plan in plans if not _is_empty(plan)]
    said = f"{len(WAYS) - len(closed)} of {len(WAYS)} ways out are open, {len(plans) - len(changed)} of {len(plans)}"
    print(f"{said} plans are empty ({time.monotonic() - began:.0f} s)")
    return 1 if closed or changed else 0


def _is_open(way: Way, folder: Path) -> bool:
    """Print what a way makes beside what the project makes today."""
    today, theirs = folder / "today", folder / f"way-{WAYS.index(way)}"
    if not today.exists():
        with step("synthesize today's"):
            synthesize_today(today)
    try:
        with step(f"synthesize with {way.name}"):
            synthesize(way, theirs)
        wrong = compare(today, theirs, way.listed)
    except NotSynthesizedError as error:
        wrong = [str(error)]
    files = sorted((today / "stacks").glob("*/cdk.tf.json"))
    count = sum(len(addresses(json.loads(file.read_text()))) for file in files)
    listed = ", ".join(f"{address(place)} {ours} -> {other}" for place, (ours, other) in way.stack.items())
    print(f"{way.name}: {'NOT EQUAL' if wrong else f'{len(files)} stacks, {count} addresses, equal but for {listed}'}")
    print(*(f"  {each}" for each in wrong), sep="\n", end="\n" if wrong else "", flush=True)
    return not wrong


def _is_empty(plan: Future[Replanned]) -> bool:
    """Print what one core plans of the state that the other one made."""
    found = plan.result()
    empty = not found.changes and found.made_by != found.planned_by
    what = f"no changes of {found.resources} resources" if empty else "CHANGES"
    print(f"{CDKTN.name}: a state made by {found.made_by}, planned by {found.planned_by}: {what}")
    print(*(f"  {each}" for each in found.changes), sep="\n", end="\n" if found.changes else "", flush=True)
    return empty


if __name__ == "__main__":
    sys.exit(main())
