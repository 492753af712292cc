"""`python -m tests.bench [PART ...]`: measure, keep the figures, draw them, and put the tables into the documents."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from check_report.printable import shown_value
from ops.process import status_of
from ops.progress import say
from tests.bench import machine
from tests.bench.apply import measure_apply
from tests.bench.commands import measure_commands
from tests.bench.document import FIGURES, write_documents
from tests.bench.feature import measure_feature
from tests.bench.first_plan import measure_first_plan
from tests.bench.fresh import measure_set_up
from tests.bench.growth import measure_growth
from tests.bench.installed import BenchError
from tests.bench.lean import measure_lean
from tests.bench.plot import draw
from tests.bench.suite import measure_suite
from tests.bench.synthesis import measure_synthesis
from tests.bench.times import measure_times

PARTS: Mapping[str, Callable[[], Any]] = {
    "synthesis": measure_synthesis,
    "lean": measure_lean,
    "growth": measure_growth,
    "feature": measure_feature,
    "commands": measure_commands,
    "apply": measure_apply,
    "times": measure_times,
    "set-up": measure_set_up,
    "first-plan": measure_first_plan,
    "suite": measure_suite,
}


def main() -> int:
    """Return the exit status: 0 measured, 2 bad input or what cannot be measured, 129, 130 or 143 by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all if none is given")
    parts: list[str] = parser.parse_args().parts
    if unknown := sorted(set(parts) - set(PARTS)):
        parser.error(f"{', '.join(map(shown_value, unknown))}: no such part; allowed: {', '.join(PARTS)}")
    try:
        return status_of(lambda: _measure(parts or list(PARTS)))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2


def _measure(parts: Sequence[str]) -> int:
    """Measure each part and keep it at once; the other parts' figures stay as they are."""
    if not Path("/proc/self/status").exists():
        message = "the benchmark looks at processes in /proc, as Linux has it; there is none here"
        raise BenchError(message)
    for part in parts:
        before = machine.load()
        say(f"{part}: {before} processes wanted a core in the last minute")
        figures = PARTS[part]()
        found = {
            "day": datetime.now(UTC).date().isoformat(),
            "load": [before, machine.load()],
            "machine": machine.describe(),
            "figures": figures,
        }
        kept: dict[str, Any] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(json.dumps({**kept, part: found}, indent=1) + "\n")
        # At once: the suite, which is a part, holds the documents to the figures.
        write_documents()
    draw(FIGURES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
