"""How long the app takes to synthesize beside what a user would pick instead, interleaved: a round runs each once."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ops.progress import say
from tests.bench.measure import Measured
from tests.bench.programs import ALL, Program, app, floor, peer, run, stock_app

WARM_ROUNDS = 10
COLD_ROUNDS = 3
STOCK_EVERY = 3
"""Stock takes as long as all others together, so it runs in every third round."""

ALL_THREE = ", all three"
FLOOR, OURS, OURS_ALL, STOCK = "floor", "ours, dev", "ours, all three", "stock import, dev"
CDK, CDK_ALL, CDKTN, CDKTN_ALL = "AWS CDK, dev", "AWS CDK, all three", "CDK Terrain, dev", "CDK Terrain, all three"
PROGRAMS: Mapping[str, Callable[[], Program]] = {
    FLOOR: floor,
    OURS: lambda: app("dev"),
    OURS_ALL: app,
    CDK: lambda: peer("aws-cdk", "dev"),
    CDK_ALL: lambda: peer("aws-cdk", *ALL),
    CDKTN: lambda: peer("cdktn", "dev"),
    CDKTN_ALL: lambda: peer("cdktn", *ALL),
    STOCK: lambda: stock_app("dev"),
}


def measure_synthesis() -> dict[str, Any]:
    """Return the figures of every run, warm and cold. Raises BenchError."""
    programs = {name: make() for name, make in PROGRAMS.items()}
    for name, program in programs.items():
        say(f"synthesis, not counted: {name}: {run(program).wall_seconds:.1f} s")
    one = {name: program for name, program in programs.items() if not name.endswith(ALL_THREE)}
    warm = rounds(programs, WARM_ROUNDS, seldom={STOCK: STOCK_EVERY})
    # All caches are removed at the end: for minutes after many files were removed, ext4 makes new ones at a third of
    # its speed, and whoever comes later would pay for it.
    with tempfile.TemporaryDirectory(prefix="bench-") as caches:
        return {"warm": warm, "cold": rounds(one, COLD_ROUNDS, caches=Path(caches))}


def rounds(
    programs: Mapping[str, Program], count: int, *, caches: Path | None = None, seldom: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Run each program once a round, or in every so-manyth round, and return what each run took.

    caches: a folder in which each run gets a cache of its own, which is empty.
    """
    seen: dict[str, list[Measured]] = {name: [] for name in programs}
    for number in range(count):
        for place, (name, program) in enumerate(programs.items()):
            if number % (seldom[name] if seldom and name in seldom else 1) == 0:
                own = {"cache": caches / f"{number}-{place}"} if caches else {}
                seen[name].append(run(program, **own))
        last = ", ".join(f"{name} {runs[-1].wall_seconds:.1f}" for name, runs in seen.items())
        say(f"{'cold' if caches else 'warm'} round {number + 1} of {count}, seconds: {last}")
    return {name: figures(runs) for name, runs in seen.items()}


def figures(runs: list[Measured]) -> dict[str, list[float]]:
    """Return what is kept of runs, one list a quantity."""
    return {
        "wall_seconds": [round(each.wall_seconds, 3) for each in runs],
        "cpu_seconds": [round(each.cpu_seconds, 3) for each in runs],
        "python_megabytes": [round(each.python_megabytes, 1) for each in runs],
        "node_megabytes": [round(each.node_megabytes, 1) for each in runs],
    }
