"""Each provider and each Node that the lean import is offered for: what it synthesizes is stock's, byte for byte.

`make lean`, on Linux: it installs another provider and two versions of Node beside the project's own. `make test`
compares what the project itself uses.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from ops.progress import step
from tests.bench.installed import CACHE, python_of

HERE = Path(__file__).parent
LEAN = PROJECT_ROOT / "packages" / "cdktf-lean"
SIX_RESOURCES = LEAN / "tests" / "six_resources.py"
PROVIDERS = ("20.1.0", "21.22.1")
NODES = ("the project's", "22", "24")
SHELLS = {"plain": "", "with options of the user's own": "--max-http-header-size=20000 --require={script}"}


@pytest.fixture(scope="module")
def nodes() -> dict[str, str]:
    """Return the interpreters by their version."""
    folder = CACHE / "nodes"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((HERE / "nodes" / name).read_bytes())
    with step("install two versions of Node"):
        subprocess.run(("npm", "ci", "--silent", "--no-audit", "--no-fund"), cwd=folder, check=True)
    installed = {version: str(folder / "node_modules" / f"node-{version}" / "bin" / "node") for version in NODES[1:]}
    return {NODES[0]: "node", **installed}


@pytest.fixture(scope="module", params=PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    """Return an interpreter that has the provider, and what it synthesizes without the lean import."""
    python = sys.executable if request.param == PROVIDERS[0] else python_of(f"provider-{request.param}")
    said = run(python, "-c", "from importlib.metadata import version; print(version('cdktf-cdktf-provider-aws'))")
    assert said == f"{request.param}\n"
    return python, synthesized(
        python, tmp_path_factory.mktemp("stock"), str(PROJECT_ROOT / "tests/bench/peers/stock.py")
    )


@pytest.mark.parametrize("options", SHELLS.values(), ids=SHELLS)
@pytest.mark.parametrize("version", NODES)
def test_lean_and_stock_synthesize_the_same_bytes(
    provider: tuple[str, dict[str, bytes]], nodes: dict[str, str], version: str, options: str, tmp_path: Path
) -> None:
    """The first time, when packages are unpacked, and the second, when what was compiled is there."""
    python, stock = provider
    script = tmp_path / "of-the-user.js"
    script.write_text("globalThis.ofTheUser = true;")
    variables = {
        "JSII_NODE": nodes[version],
        "NODE_OPTIONS": options.format(script=script),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache"),
    }
    assert len(stock) > 1
    for _ in range(2):
        assert synthesized(python, tmp_path / "out", **variables) == stock


def synthesized(python: str, output: Path, *through: str, **variables: str) -> dict[str, bytes]:
    """Return the files that the six resources make, without the report of what was loaded for them."""
    run(python, *through, str(SIX_RESOURCES), str(output), **variables)
    return {str(file.relative_to(output)): file.read_bytes() for file in output.rglob("*") if file.is_file()}


def run(*command: str, **variables: str) -> str:
    """Return what a command prints; it says nothing else."""
    silence = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20", "PYTHONPATH": str(LEAN / "src")}
    done = subprocess.run(
        command, env={**os.environ, **silence, **variables}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout
