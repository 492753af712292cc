"""The promise: the same JSON as without cdktf_lean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cdktf_lean.lean_programs import Run

APP = Path(__file__).with_name("six_resources.py")


def _synthesized(run: Run, mode: str, directory: Path) -> dict[str, bytes]:
    outdir = directory / mode / "cdktf.out"
    outdir.parent.mkdir()
    report = run(str(APP), mode, str(outdir)).answer
    assert (report["modules"] > 4_000) == (mode == "stock")
    return {str(file.relative_to(outdir)): file.read_bytes() for file in outdir.rglob("*") if file.is_file()}


@pytest.mark.slow
def test_lean_and_stock_synthesize_the_same_bytes(run: Run, tmp_path: Path) -> None:
    """Every file of the output directory is identical, and the stock run really was stock."""
    lean = _synthesized(run, "lean", tmp_path)
    assert b'"aws_dynamodb_table"' in lean["stacks/six/cdk.tf.json"]
    assert lean == _synthesized(run, "stock", tmp_path)
