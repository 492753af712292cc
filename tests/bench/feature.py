"""Lines, resources and seconds of one feature, "orders", written with each library."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from ops.progress import say
from tests.bench.growth import json_of
from tests.bench.installed import version_of
from tests.bench.lines import count_lines
from tests.bench.programs import PEERS, Program, node_orders, orders, peer_orders, run
from tests.bench.synthesis import rounds

ROUNDS = 7
OURS = "constructs_lib"
STACK = PROJECT_ROOT / "tests" / "journeys" / "orders" / "stack.py"


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library, and its program of the feature."""

    files: Sequence[Path]
    """What its author writes: the stack, and the app around it."""
    program: Callable[[], Program]
    version: Callable[[], str]


def _python(name: str, package: str) -> Library:
    return Library(
        files=(PEERS / f"with_{name.replace('-', '_')}_orders.py",),
        program=lambda: peer_orders(name),
        version=lambda: version_of(name, package),
    )


LIBRARIES: Mapping[str, Library] = {
    OURS: Library(files=(STACK, PEERS / "orders.py"), program=orders, version=lambda: "this checkout"),
    "AWS CDK L2": _python("aws-cdk", "aws-cdk-lib"),
    "cdk-monitoring-constructs": _python("cdk-monitoring-constructs", "cdk-monitoring-constructs"),
    "aws-solutions-constructs": _python(
        "aws-solutions-constructs", "aws-solutions-constructs-aws-constructs-factories"
    ),
    "TerraConstructs": Library(
        files=(PEERS / "terraconstructs" / "orders.js",),
        program=lambda: node_orders("terraconstructs"),
        version=lambda: version_of("terraconstructs", "terraconstructs"),
    ),
}


def measure_feature() -> dict[str, Any]:
    """Return each library's version, lines and resources, and what its runs took. Raises BenchError."""
    programs = {name: library.program() for name, library in LIBRARIES.items()}
    made: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        for name, program in programs.items():
            output = Path(directory, "out")
            say(f"feature, not counted: {name}: {run(program, output=output).wall_seconds:.1f} s")
            made[name] = json_of(output)["resources"]
    took = rounds(programs, ROUNDS)
    return {
        name: {
            "version": library.version(),
            "lines": count_lines(*library.files),
            "resources": made[name],
            **took[name],
        }
        for name, library in LIBRARIES.items()
    }
