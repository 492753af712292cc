"""How long the app takes to synthesize beside what a user would pick instead, interleaved: a round runs each once."""

from collections.abc import Callable, Mapping
from typing import Any

from ops.progress import say
from tests.bench.measure import Measured
from tests.bench.programs import ALL, Program, app, floor, peer, run, stock_app

WARM_ROUNDS = 10
COLD_ROUNDS = 3
STOCK_EVERY = 3
"""Stock takes as long as all others together, so it runs in every third round."""

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
    return {
        "warm": rounds(programs, WARM_ROUNDS, seldom={STOCK: STOCK_EVERY}),
        "cold": rounds(programs, COLD_ROUNDS, cold=True),
    }


def rounds(
    programs: Mapping[str, Program], count: int, *, cold: bool = False, seldom: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Run each program once a round, or in every so-manyth round, and return what each run took."""
    seen: dict[str, list[Measured]] = {name: [] for name in programs}
    for number in range(count):
        for name, program in programs.items():
            if number % (seldom or {}).get(name, 1) == 0:
                seen[name].append(run(program, cold=cold))
        last = ", ".join(f"{name} {runs[-1].wall_seconds:.1f}" for name, runs in seen.items())
        say(f"{'cold' if cold else 'warm'} round {number + 1} of {count}, seconds: {last}")
    return {name: figures(runs) for name, runs in seen.items()}


def figures(runs: list[Measured]) -> dict[str, list[float]]:
    """Return what is kept of runs, one list a quantity."""
    return {
        "wall_seconds": [round(each.wall_seconds, 3) for each in runs],
        "cpu_seconds": [round(each.cpu_seconds, 3) for each in runs],
        "python_megabytes": [round(each.python_megabytes, 1) for each in runs],
        "node_megabytes": [round(each.node_megabytes, 1) for each in runs],
    }
