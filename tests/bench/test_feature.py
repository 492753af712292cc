"""The comparison of one feature across libraries: what counts as a line, and what a run is made of."""

import json
import os
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from tests.bench import document, feature, installed
from tests.bench.growth import json_of
from tests.bench.installed import BenchError
from tests.bench.lines import count_javascript, count_lines, count_python
from tests.bench.programs import orders, run

PYTHON = '''
"""A docstring of the module,

over three lines."""

import os
from aws_cdk import (
    App,
    Stack,
)

# A comment.
NAME = "orders"  # 1, a comment behind code


class Orders(Stack):  # 2
    """A docstring."""

    def __init__(self) -> None:  # 3
        """Another one."""
        from constructs import Construct

        self.text = """3 lines of a text

        are not a docstring"""
        Queue(  # 7

            self,
            "not a docstring",
        )


async def wait() -> None:
    """A function of this alone is one line."""
'''

JAVASCRIPT = """
/*
 * A comment.
 */
import { App } from "cdktf";
import {
  a,
  b,
} from "constructs";
const fs = require("fs");
const {
  c,

  d,
} = require("@cdktf/provider-aws");

// A comment.
const url = "https://app.example.com"; // 1, and no comment begins in it
const require_ = (name) => name;

new Orders(app, {
  /* a comment */
  url: url,
});
"""


def test_lines_of_python_are_code_alone() -> None:
    """A text over three lines counts for those that are not blank in code: its first, its blank and its last."""
    # NAME, class, def, three of the text, four of the call, and the function's head.
    assert count_python(PYTHON) == 11


def test_lines_of_javascript_are_code_alone() -> None:
    """Both kinds of imports are left out, over several lines too, and what only looks like one is not."""
    assert count_javascript(JAVASCRIPT) == 5


def test_files_are_counted_together_by_their_language(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n\nx = 1\n")
    (tmp_path / "b.js").write_text("// x\nlet y = 2;\nlet z = 3;\n")
    assert count_lines(tmp_path / "a.py", tmp_path / "b.js") == 3


def test_the_kept_lines_are_those_of_the_programs() -> None:
    """Otherwise somebody changed a program and did not measure again."""
    kept = json.loads(document.FIGURES.read_text())["feature"]["figures"]
    counted = {name: count_lines(*library.files) for name, library in feature.LIBRARIES.items()}
    assert {name: each["lines"] for name, each in kept.items()} == counted


def test_every_library_is_measured_as_often_and_makes_the_whole_feature() -> None:
    """A program that lost a resource would be shorter and faster for it."""
    kept = json.loads(document.FIGURES.read_text())["feature"]["figures"]
    assert {len(each["wall_seconds"]) for each in kept.values()} == {7}
    assert {name: each["resources"] for name, each in kept.items()} == {
        "constructs_lib": 28,
        "AWS CDK L2": 26,
        "cdk-monitoring-constructs": 27,
        "aws-solutions-constructs": 26,
        "TerraConstructs": 32,
    }


def test_our_program_makes_the_orders_stack_alone(tmp_path: Path) -> None:
    """With recovery and deletion protection, as the peers' programs have them."""
    run(orders(), output=tmp_path / "out")
    assert json_of(tmp_path / "out")["resources"] == 28
    (stack,) = (tmp_path / "out" / "stacks").iterdir()
    assert stack.name == "orders-dev"
    (table,) = json.loads((stack / "cdk.tf.json").read_text())["resource"]["aws_dynamodb_table"].values()
    assert table["name"] == "careervp-orders-table-dev"
    assert table["deletion_protection_enabled"] is True
    assert table["point_in_time_recovery"] == {"enabled": True, "recovery_period_in_days": 7}


def test_a_node_peer_is_pinned_by_hash() -> None:
    """Every package has an integrity, and no index is named."""
    text = (installed.PINS / "terraconstructs" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    outer = {name: each for name, each in packages.items() if name and not each.get("inBundle")}
    assert "node_modules/terraconstructs" in outer
    assert all(each["integrity"].startswith("sha512-") for each in outer.values())
    assert "resolved" not in text
    assert installed.version_of("terraconstructs", "terraconstructs") == "0.0.15"


def test_a_node_peer_that_cannot_be_installed_is_one_line_and_keeps_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the next run takes half a folder for a whole one."""
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho npm error unreachable >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(installed, "CACHE", tmp_path / "cache")
    expected = "^terraconstructs: cannot be installed: npm error unreachable$"
    with pytest.raises(BenchError, match=expected):
        installed.folder_of("terraconstructs")
    assert not (tmp_path / "cache" / "terraconstructs" / "made-from.sha256").exists()


def test_a_node_peer_that_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f"#!/bin/sh\necho installed >> {tmp_path}/runs\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(installed, "CACHE", tmp_path / "cache")
    assert installed.folder_of("terraconstructs") == tmp_path / "cache" / "terraconstructs"
    assert installed.folder_of("terraconstructs") == tmp_path / "cache" / "terraconstructs"
    assert (tmp_path / "runs").read_text() == "installed\n"


def test_the_second_feature_is_written_in_a_hundred_and_ten_lines() -> None:
    assert count_lines(PROJECT_ROOT / "tests" / "journeys" / "orders" / "stack.py") <= 110
