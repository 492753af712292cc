"""The promise: the same JSON as without cdktf_lean, shown on this repository's own app."""

import json
from pathlib import Path

import pytest

from tests.conftest import run_app

STOCK = """
import runpy, sys, types
sys.modules["cdktf_lean"] = types.ModuleType("cdktf_lean")
try:
    runpy.run_path("main.py", run_name="__main__")
finally:
    print(sum(name.startswith("cdktf_cdktf_provider_aws.") for name in sys.modules))
"""


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.xdist_group("stock")
def test_lean_and_stock_synthesize_the_same_bytes(synthesized: Path, tmp_path: Path) -> None:
    """Every file of every environment is identical, and the stock run really was stock."""
    stock = run_app(tmp_path, "-c", STOCK)
    assert stock.returncode == 0, stock.stderr
    assert int(stock.stdout) > 4_000
    assert len(json.loads((tmp_path / "manifest.json").read_text())["stacks"]) == 6
    assert files(tmp_path) == files(synthesized)
