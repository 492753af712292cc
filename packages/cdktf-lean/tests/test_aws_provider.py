"""The installed AWS provider, loaded lean."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cdktf_lean._provider import camel_case

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from lean_programs import Run

APP = Path(__file__).with_name("six_resources.py")


@pytest.fixture(scope="module")
def report(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the six-resource app says about its processes when the package cache is warm."""
    outdir = tmp_path_factory.mktemp("six") / "cdktf.out"
    warm = "import cdktf_lean, cdktf_cdktf_provider_aws"
    assert run("-c", warm).exit_code == 0
    result = run(str(APP), str(outdir))
    assert result.notices == []
    return dict(result.answer)


@pytest.fixture(scope="module")
def package() -> Path:
    """Return the directory of the installed provider, found without importing it."""
    spec = find_spec("cdktf_cdktf_provider_aws")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def test_only_the_modules_in_use_are_imported(report: dict[str, Any]) -> None:
    """Six modules in use are at most 20 in sys.modules, where the stock import leaves 4,274."""
    assert 6 <= report["modules"] <= 20


def test_the_kernel_stays_small(report: dict[str, Any]) -> None:
    """No Node process of a warm run ever exceeds 200 MB; the stock kernel takes 578 MB."""
    assert report["peak_megabytes"] < 200


def test_no_node_process_remains(report: dict[str, Any]) -> None:
    """There is one, the kernel, where stock has two; and when Python has ended, so has it."""
    assert len(report["node"]) == 1
    assert [pid for pid in report["node"] if Path(f"/proc/{pid}").exists()] == []


def test_all_lists_the_submodules_on_disk(run: Run, package: Path) -> None:
    """`__all__` and `dir()` name each submodule without importing one."""
    code = (
        "import cdktf_lean, json, sys, cdktf_cdktf_provider_aws as aws;"
        "names = [aws.__all__, [n for n in dir(aws) if n[0] != '_']];"
        "print(json.dumps([*names, sum(n.startswith(aws.__name__ + '.') for n in sys.modules)]))"
    )
    everything, listed, imported = run("-c", code).answer
    on_disk = sorted(file.parent.name for file in package.glob("[a-z]*/__init__.py"))
    assert len(on_disk) > 2_000
    assert sorted(everything) == listed == on_disk
    assert imported == 2, "the assembly, twice: public and private"


def test_every_type_is_found_where_it_is_looked_for(package: Path) -> None:
    """The namespace of each jsii type is the camel-cased name of the module that defines it."""
    checked = 0
    for file in package.glob("[a-z]*/__init__.py"):
        expected = f"@cdktf/provider-aws.{camel_case(file.parent.name)}"
        found = set(re.findall(r'jsii_type="([^"]+)\.\w+"', file.read_text("utf-8")))
        assert found == {expected}
        checked += 1
    assert checked > 2_000


def test_a_type_never_imported_resolves(run: Run) -> None:
    """Jsii's lookup of an object imports the one module that defines its class."""
    code = (
        "import cdktf_lean, json, sys, jsii, cdktf_cdktf_provider_aws;"
        "from jsii._reference_map import resolve_reference; from jsii._kernel.types import ObjRef;"
        "queue = resolve_reference(jsii.kernel, ObjRef('@cdktf/provider-aws.sqsQueue.SqsQueue@1'));"
        "print(json.dumps([type(queue).__module__, type(queue).__name__]))"
    )
    result = run("-c", code)
    assert result.answer == ["cdktf_cdktf_provider_aws.sqs_queue", "SqsQueue"]
