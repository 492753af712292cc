"""The shape of the code: which way imports point, who may import what, and what must not be in the tree."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT

# Each package may import those named beside it, and itself. Those of packages/ stand alone.
STANDALONE = {file.name for file in (PROJECT_ROOT / "packages").glob("*/src/*")}
ARROWS = {
    **{name: set[str]() for name in STANDALONE},
    "naming_validator": {"check_report"},
    "plan_review": {"check_report"},
    "config": {"check_report"},
    "constructs_lib": set[str](),
    "stacks": {"check_report", "config", "constructs_lib"},
    "ops": {"aws_emulator", "check_report", "config", "naming_validator", "plan_review", "stacks"},
    "main": {"cdktf_lean", "check_report", "config", "constructs_lib", "stacks"},
}
OWN = set(ARROWS)
CDKTF = {"cdktf", "cdktf_cdktf_provider_aws", "cdktn", "cdktn_provider_aws", "constructs", "imports"}
"""CDK for Terraform under its name and under CDK Terrain's, with either's provider, prebuilt or generated."""
MAY_IMPORT_CDKTF = {"constructs_lib", "stacks", "main"}
IMPORTS_CDKTF = re.compile(rf"^ *(?:from|import) (?:{'|'.join(sorted(CDKTF))})\b", re.MULTILINE)
MOVED = ("main.py", "constructs_lib/", "stacks/", "tests/")
"""Files and folders that a move to CDK Terrain rewrites."""
STAY = ("packages/cdktf-lean/", "packages/naming-validator/tests/")
"""Packages whose subject is cdktf itself."""
TOUCH_THE_ENVIRONMENT = {
    "config/request.py": "reads it",
    "packages/aws-emulator/src/aws_emulator/environment.py": "hands it on to the emulator, and tells moto the account",
    "packages/cdktf-lean/src/cdktf_lean/_kernel.py": "hands it on to Node, and reads what stock jsii reads",
    "packages/plan-review/src/plan_review/cli.py": "reads NO_COLOR",
}


def modules() -> dict[str, ast.Module]:
    folders = [*(PROJECT_ROOT / package for package in OWN), *(PROJECT_ROOT / "packages").glob("*/src")]
    files = [PROJECT_ROOT / "main.py", *(file for folder in folders for file in folder.rglob("*.py"))]
    return {str(file.relative_to(PROJECT_ROOT)): ast.parse(file.read_text()) for file in files}


def imported_modules(file: str, tree: ast.Module) -> Iterator[str]:
    """Yield the full name of each module that a file imports, and of each name that may be one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A feature that is copied into stacks/ names its own modules relatively, as the example does.
            folders = Path(file.partition("/src/")[2] or file).parts[: -node.level] if node.level else ()
            module = ".".join((*folders, *([node.module] if node.module else [])))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imported(file: str, tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in imported_modules(file, tree)}


@pytest.mark.parametrize(
    ("file", "line", "name"),
    [
        ("ops/plan.py", "import stacks.orders.stack", "stacks.orders.stack"),
        ("ops/plan.py", "from stacks import orders", "stacks.orders"),
        ("stacks/orders/__init__.py", "from .settings import Own", "stacks.orders.settings.Own"),
        ("stacks/orders/smoke/run.py", "from ..settings import Own", "stacks.orders.settings.Own"),
        ("stacks/orders/stack.py", "from .. import state_backend", "stacks.state_backend"),
        ("packages/one-tool/src/one_tool/cli.py", "from . import model", "one_tool.model"),
    ],
)
def test_an_import_is_known_by_its_full_name(file: str, line: str, name: str) -> None:
    """Relative or not, and whether it names the module or the folder that the module is in."""
    assert list(imported_modules(file, ast.parse(line))) == [name]


def feature_stacks() -> list[Path]:
    """Return each feature's stack.py."""
    return sorted((PROJECT_ROOT / "stacks").glob("*/stack.py"))


def package(file: str) -> str:
    parts = Path(file).parts
    return parts[3] if parts[0] == "packages" else parts[0].removesuffix(".py")


def test_imports_point_one_way() -> None:
    seen = modules()
    assert len(seen) > 20
    assert {"aws_emulator", "cdktf_lean", "check_report", "naming_validator", "plan_review"} == STANDALONE
    for file, tree in seen.items():
        assert imported(file, tree) & OWN <= ARROWS[package(file)] | {package(file)}, file


def test_the_commands_import_only_packages_that_a_plan_installs() -> None:
    """The group `default` of Pipfile.lock, and Python's own: those of development are not there after `make plan`."""
    lock = json.loads((PROJECT_ROOT / "Pipfile.lock").read_text())
    locked = {re.sub(r"[-_.]+", "-", name).lower() for name in lock["default"]}
    provided = metadata.packages_distributions()
    found = {name for file, tree in modules().items() for name in imported(file, tree)}
    others = found - OWN - set(sys.stdlib_module_names)
    assert {"boto3", "cdktf", "moto", "rich"} <= others
    names = {name: {re.sub(r"[-_.]+", "-", each).lower() for each in provided.get(name, ())} for name in others}
    assert {name for name, packages in names.items() if not packages & locked} == set()


def test_the_commands_know_no_feature() -> None:
    """They ask `stacks.features` for all of them."""
    features = {f"stacks.{file.parent.name}" for file in feature_stacks()}
    assert {"stacks.state_backend", "stacks.vpr_async"} <= features
    knowing = {
        file
        for file, tree in modules().items()
        if package(file) not in {"stacks", "main"}
        for name in imported_modules(file, tree)
        if ".".join(name.split(".")[:2]) in features
    }
    assert knowing == set()


def test_no_features_name_is_in_the_tools() -> None:
    """Not even in a message, or in a package's test."""
    files = [name for name in tracked() if name.startswith(("ops/", "packages/", "constructs_lib/"))]
    assert len(files) > 100
    named = [name for name in files if re.search("(?i)careervp|vpr", (PROJECT_ROOT / name).read_text(errors="replace"))]
    assert named == []


def test_few_files_import_cdktf() -> None:
    """Of a feature, its stack alone."""
    importing = {file for file, tree in modules().items() if imported(file, tree) & CDKTF}
    assert {package(file) for file in importing} == MAY_IMPORT_CDKTF
    assert {file for file in importing if package(file) != "constructs_lib"} == {
        "main.py",
        "stacks/environment.py",
        *(str(file.relative_to(PROJECT_ROOT)) for file in feature_stacks()),
    }


def test_a_move_to_cdk_terrain_rewrites_four_places_and_its_runbook_names_them() -> None:
    """An import elsewhere would be left behind by the one command that rewrites them all."""
    names = [name for name in tracked() if name.endswith(".py") and not name.startswith("imports/")]
    importing = {name for name in names if IMPORTS_CDKTF.search((PROJECT_ROOT / name).read_text())}
    rewritten = {name for name in importing if not name.startswith(STAY)}
    assert {name for name in rewritten if not name.startswith(MOVED)} == set()
    assert all(any(name.startswith(place) for name in rewritten) for place in MOVED)
    runbook = (PROJECT_ROOT / "docs" / "runbooks" / "move-to-cdk-terrain.md").read_text()
    assert f"git ls-files {' '.join(place.removesuffix('/') for place in MOVED)} |" in runbook


def test_the_process_environment_is_read_in_one_place() -> None:
    touching = {
        file
        for file, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}
    }
    assert touching == set(TOUCH_THE_ENVIRONMENT)


def test_every_command_has_the_requirement_from_one_place() -> None:
    """Where it is as decided; the requirement's own function leaves out what was decided against it."""
    calling = {
        file
        for file, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requirement"
    }
    assert calling == {"ops/requirement.py"}


def tracked() -> list[str]:
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


# Written apart, so that this file does not hold them.
FORBIDDEN = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs",
    "deb" + r"\.debian\.org",
    r"(?<![\w/])/(work|root|home|Users)/\w",
    "AKIA" + r"[0-9A-Z]{16}",
]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_file_names_an_index_a_machine_or_a_credential(pattern: str) -> None:
    files = tracked()
    assert len(files) > 60
    found = [name for name in files if re.search(pattern, (PROJECT_ROOT / name).read_text(errors="replace"))]
    assert found == []


def test_every_test_can_fail_and_none_is_skipped() -> None:
    """Each test function asserts, or expects an exception; no skip or expected failure is marked."""
    functions = 0
    for file in sorted([*(PROJECT_ROOT / "tests").rglob("test_*.py"), *(PROJECT_ROOT / "packages").rglob("test_*.py")]):
        tree = ast.parse(file.read_text())
        assert not re.search(r"pytest\.(mark\.)?(skip|xfail)\b", file.read_text()) or file == Path(__file__)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                functions += 1
                source = ast.unparse(node)
                assert re.search(r"\bassert |pytest\.raises", source), f"{file.name}::{node.name}"
    assert functions > 100
