"""What the lean import is worth on CDK Terrain, whose Python is lazy already: each program with it and without."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.progress import say
from tests.bench.programs import Program, lean_terrain, run, terrain
from tests.bench.synthesis import COLD_ROUNDS, rounds

WARM_ROUNDS = 6

SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "AWS, dev's nine resources": ("with_cdktn.py", "dev"),
    "random, one password": ("with_cdktn_password.py",),
}
LEAN = ", lean"


def measure_lean() -> dict[str, Any]:
    """Return the figures of every run, warm and cold. Raises BenchError."""
    programs: dict[str, Program] = {}
    for name, script in SCRIPTS.items():
        programs |= {name: terrain(*script), name + LEAN: lean_terrain(*script)}
    for name, program in programs.items():
        say(f"lean, not counted: {name}: {run(program).wall_seconds:.1f} s")
    warm = rounds(programs, WARM_ROUNDS)
    # All caches are removed at the end, as for the synthesis.
    with tempfile.TemporaryDirectory(prefix="bench-") as caches:
        return {"warm": warm, "cold": rounds(programs, COLD_ROUNDS, caches=Path(caches))}
