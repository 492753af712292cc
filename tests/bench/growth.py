"""How time, memory and JSON grow with the job pipelines in one app."""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ops.progress import say
from tests.bench.measure import Measured
from tests.bench.programs import Program, peer, pipelines, run, stock_pipelines
from tests.bench.synthesis import figures

COUNTS = (1, 10, 100, 1000)
ROUNDS = 3
SLOW = 1000
"""From this count on, one round is enough: a run is long, and what disturbs it is short."""
OURS, STOCK, CDK, CDKTN = "ours", "stock import", "AWS CDK", "CDK Terrain"
PROGRAMS: Mapping[str, Callable[[int], Program]] = {
    OURS: pipelines,
    CDK: lambda count: peer("aws-cdk", str(count)),
    CDKTN: lambda count: peer("cdktn", str(count)),
    STOCK: stock_pipelines,
}
STOCK_MOST = 100


def measure_growth() -> dict[str, Any]:
    """Return, by program and count, what each run took, and the size and resources of the JSON. Raises BenchError."""
    found: dict[str, Any] = {name: {} for name in PROGRAMS}
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        output = Path(directory, "out")
        for name, program in PROGRAMS.items():
            say(f"growth, not counted: {name}: {run(program(1)).wall_seconds:.1f} s")
        for count in COUNTS:
            seen: dict[str, list[Measured]] = {}
            for number in range(ROUNDS if count < SLOW else 1):
                for name, program in PROGRAMS.items():
                    if name == STOCK and (count > STOCK_MOST or number):
                        continue
                    seen.setdefault(name, []).append(run(program(count), output=output))
                    found[name][str(count)] = {**figures(seen[name]), **json_of(output)}
            last = ", ".join(f"{name} {runs[-1].wall_seconds:.1f}" for name, runs in seen.items())
            say(f"growth, {count} pipelines, seconds: {last}")
    return found


def json_of(output: Path) -> dict[str, int]:
    """Return the size, and the number of resources, of what was synthesized for Terraform or CloudFormation."""
    files = [*output.glob("stacks/*/cdk.tf.json"), *output.glob("*.template.json")]
    documents = [json.loads(file.read_text()) for file in files]
    terraform = sum(len(named) for document in documents for named in document.get("resource", {}).values())
    cloudformation = sum(len(document.get("Resources", {})) for document in documents)
    return {"json_bytes": sum(file.stat().st_size for file in files), "resources": terraform + cloudformation}
