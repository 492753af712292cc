"""Each provider and each Node that the lean import is offered for: what it synthesizes is stock's, byte for byte.

`make lean`, on Linux: it installs the providers of CDKTF and of CDK Terrain, and two versions of Node, beside the
project's own. `make test` compares what the project itself uses.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from config.request import PROJECT_ROOT
from ops.progress import step
from tests.bench.installed import CACHE, python_of
from tests.bench.measure import measure
from tests.bench.programs import base_variables

HERE = Path(__file__).parent
EVERYTHING = HERE / "everything.py"
PROVIDERS = ("archive", "aws", "docker", "external", "github", "http", "local", "null", "random", "time", "tls")
CDKTF, CDKTN = "cdktf_cdktf_provider_", "cdktn_provider_"
JSII = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(CACHE / "jsii")}
NODES = ("the project's", "22", "24")


class Given(NamedTuple):
    """What is synthesized."""

    environment: str
    """The pins of the environment that has the packages; the project's own if empty."""
    packages: tuple[str, ...]
    every: int = 1
    """1 for each submodule of a package, 100 for every hundredth: the AWS provider has 2,000."""


PREFIXES = {"cdktf": CDKTF, "cdktn": CDKTN}
AWS = {
    "cdktf, the project's aws": Given("", (f"{CDKTF}aws",), 100),
    **{f"{core}, aws": Given(core, (f"{prefix}aws",), 100) for core, prefix in PREFIXES.items()},
}
OTHERS = {
    f"{core}, {provider}": Given(core, (f"{prefix}{provider}",))
    for core, prefix in PREFIXES.items()
    for provider in PROVIDERS
    if provider != "aws"
}
TOGETHER = {
    f"{core}, all": Given(core, tuple(f"{prefix}{provider}" for provider in PROVIDERS), 100)
    for core, prefix in PREFIXES.items()
}
GIVEN = {**AWS, **OTHERS, **TOGETHER}


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


@pytest.mark.parametrize("version", NODES)
@pytest.mark.parametrize("name", GIVEN)
def test_lean_and_stock_synthesize_the_same_bytes(
    name: str, nodes: dict[str, str], version: str, tmp_path: Path
) -> None:
    """The first time, when packages are unpacked, and the second, when what was compiled is there."""
    variables = {"JSII_NODE": nodes[version], "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache")}
    for _ in range(2):
        assert lean(name, tmp_path / "out", **variables) == stock(name)


@pytest.mark.parametrize("version", NODES)
@pytest.mark.parametrize("name", AWS)
def test_so_they_do_with_options_of_the_users_own(
    name: str, nodes: dict[str, str], version: str, tmp_path: Path
) -> None:
    """A script of the user's may change how Node loads modules, and has that to itself."""
    script = tmp_path / "of-the-user.js"
    script.write_text("globalThis.ofTheUser = true;")
    variables = {
        "JSII_NODE": nodes[version],
        "NODE_OPTIONS": f"--max-http-header-size=20000 --require={script}",
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache"),
    }
    for _ in range(2):
        assert lean(name, tmp_path / "out", **variables) == stock(name)


@pytest.mark.parametrize("name", AWS)
def test_node_loads_a_part_of_the_provider(name: str, tmp_path: Path) -> None:
    """What shows that the lean run was lean: it is below 250 MB, where stock is above 500."""
    output, variables = tmp_path / "out", {**base_variables(), **JSII}
    lean(name, output, **JSII)
    lean_run, stock_run = (
        measure(command(name, output, *through), variables, PROJECT_ROOT) for through in (("-m", "cdktf_lean"), ())
    )
    assert lean_run.node_megabytes < 250
    assert stock_run.node_megabytes > 500


def lean(name: str, output: Path, **variables: str) -> dict[str, bytes]:
    """Return the files that a lean run writes."""
    return synthesized(command(name, output, "-m", "cdktf_lean"), output, **variables)


@cache
def stock(name: str) -> dict[str, bytes]:
    """Return the files that the packages write as they are, on the project's Node."""
    with TemporaryDirectory(prefix="lean-") as directory:
        output = Path(directory, "out")
        files = synthesized(command(name, output), output, **JSII)
    assert set(files) == {"manifest.json", "classes.json", "stacks/everything/cdk.tf.json"}
    return files


def command(name: str, output: Path, *through: str) -> tuple[str, ...]:
    """Return the command that synthesizes."""
    given = GIVEN[name]
    python = python_of(given.environment) if given.environment else sys.executable
    return (python, *through, str(EVERYTHING), str(output), str(given.every), *given.packages)


def synthesized(command: tuple[str, ...], output: Path, **variables: str) -> dict[str, bytes]:
    """Return the files that a command writes; it says nothing."""
    done = subprocess.run(
        command, env={**os.environ, **base_variables(), **variables}, capture_output=True, text=True, check=True
    )
    assert done.stdout + done.stderr == ""
    return {str(file.relative_to(output)): file.read_bytes() for file in output.rglob("*") if file.is_file()}
