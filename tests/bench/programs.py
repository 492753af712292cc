"""What is measured against what: the programs that synthesize, and how each is run."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.request import PROJECT_ROOT
from tests.bench.installed import CACHE, folder_of, python_of
from tests.bench.measure import Measured, measure

PEERS = PROJECT_ROOT / "tests" / "bench" / "peers"
ALL = ("dev", "staging", "prod")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that synthesizes, and its environment variables beside those of every run."""

    command: Sequence[str]
    variables: Mapping[str, str]


def floor() -> Program:
    """Return the program that only imports cdktf and synthesizes nothing."""
    return _program(sys.executable, str(PEERS / "floor.py"))


def app(environment: str = "") -> Program:
    """Return this project's app as cdktf.json has it, for one environment or for all."""
    return _program(sys.executable, "-O", "main.py", ENV=environment)


def stock_app(environment: str = "") -> Program:
    """Return the same app on the import that cdktf's own template has."""
    return _program(sys.executable, str(PEERS / "stock.py"), "main.py", ENV=environment)


def pipelines(count: int) -> Program:
    """Return a stack of many pipelines, of this project's constructs."""
    return _program(sys.executable, "-O", str(PEERS / "pipelines.py"), str(count))


def stock_pipelines(count: int) -> Program:
    """Return the same stack on the stock import."""
    return _program(sys.executable, str(PEERS / "stock.py"), str(PEERS / "pipelines.py"), str(count))


def peer(name: str, *what: str) -> Program:
    """Return a peer, `aws-cdk` or `cdktn`, with environments or a count; it is installed when needed."""
    return _program(python_of(name), str(PEERS / f"with_{name.replace('-', '_')}.py"), *what)


def terrain(script: str, *what: str) -> Program:
    """Return a program of the peers on CDK Terrain, with its providers as they are; they are installed when needed."""
    return _program(python_of("cdktn"), str(PEERS / script), *what)


def lean_terrain(script: str, *what: str) -> Program:
    """Return the same program on the lean import, without a line in it."""
    return _program(python_of("cdktn"), "-m", "cdktf_lean", str(PEERS / script), *what)


def orders() -> Program:
    """Return the feature "orders" of this project's constructs."""
    return _program(sys.executable, "-O", str(PEERS / "orders.py"))


def peer_orders(name: str) -> Program:
    """Return a Python peer's feature "orders"; the peer is installed when needed."""
    return _program(python_of(name), str(PEERS / f"with_{name.replace('-', '_')}_orders.py"))


def node_orders(name: str) -> Program:
    """Return a Node peer's feature "orders"; the peer is installed when needed."""
    program = shutil.copy(PEERS / name / "orders.js", folder_of(name))
    return _program("node", str(program))


def run(program: Program, *, output: Path | None = None, cache: Path = CACHE / "jsii") -> Measured:
    """Run a program once. Raises BenchError.

    output: keep what it synthesizes there.
    cache: jsii's cache of packages; the benchmark's own, which earlier runs filled, if none is given.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        synthesized = output or Path(directory, "out")
        shutil.rmtree(synthesized, ignore_errors=True)
        outdir = {"CDKTF_OUTDIR": str(synthesized), "CDK_OUTDIR": str(synthesized)}
        variables = {**base_variables(), **program.variables, **outdir, "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache)}
        return measure(program.command, variables, PROJECT_ROOT)


def base_variables() -> dict[str, str]:
    """Return what every run has of this process's environment: enough to find programs, and nothing that slows one."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{PROJECT_ROOT}:{PROJECT_ROOT / 'packages' / 'cdktf-lean' / 'src'}",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "CHECKPOINT_DISABLE": "1",
    }


def _program(*command: str, **variables: str) -> Program:
    return Program(command=command, variables=variables)
