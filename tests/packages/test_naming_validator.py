"""The naming validator as its users have it: installed alone in an empty environment, run in a folder of theirs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT

pytestmark = pytest.mark.xdist_group("packages")

CONVENTION = """\
project = "shop"
[environments]
dev = []
[resources.aws_sqs_queue]
types = ["queue"]
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package into an empty environment; return the program."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    subprocess.run((sys.executable, "-m", "venv", folder), check=True)
    package = PROJECT_ROOT / "packages" / "naming-validator"
    # pip keeps the wheel that it once built of a folder, whatever is in the folder now.
    command = (folder / "bin" / "pip", "install", "--quiet", "--no-cache-dir", package)
    subprocess.run(command, capture_output=True, check=True)
    return folder / "bin" / "naming-validator"


def run(program: Path, folder: Path, *options: str) -> tuple[int, str, str]:
    done = subprocess.run((program, *options), cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_small_folder_is_checked(program: Path, tmp_path: Path) -> None:
    """Status 0, 1 and 2 by what is in it, and HCL is read."""
    queue = {"resource": {"aws_sqs_queue": {"Orders": {"name": "shop-orders-queue-dev"}}}}
    (tmp_path / "cdk.tf.json").write_text(json.dumps(queue, indent=1))
    status, printed, said = run(program, tmp_path)
    assert (status, printed) == (2, "")
    assert said.startswith(
        f"no naming convention: there is no naming.toml in {tmp_path} or a folder above it. Write one"
    )

    (tmp_path / "naming.toml").write_text(CONVENTION)
    assert run(program, tmp_path, "--strict") == (0, "1 name in 1 file checked: 0 errors, 0 warnings\n", "")

    (tmp_path / "main.tf").write_text('resource "aws_sqs_queue" "second" {\n  name = "shop_second_queue_dev"\n}\n')
    wrong = (
        'main.tf:2: error [name-convention] aws_sqs_queue.second: "shop_second_queue_dev" is not kebab-case '
        "(lower-case letters and digits, with single hyphens between); the form is shop-{feature}-{type}-{env}; "
        'right would be "shop-second-queue-dev"\n'
    )
    expected = f"{wrong}2 names in 2 files checked: 1 error, 0 warnings\n"
    assert run(program, tmp_path, "--strict") == (1, expected, "")
    assert run(program, tmp_path)[0] == 0

    (tmp_path / "app.py").write_text("def f(:\n")
    assert run(program, tmp_path) == (
        2,
        f"{wrong.replace('error', 'warning')}2 names in 2 files checked: 0 errors, 1 warning; 1 could not be read\n",
        "app.py:1: is not valid Python: invalid syntax\n",
    )


def test_every_form_is_there(program: Path, tmp_path: Path) -> None:
    (tmp_path / "naming.toml").write_text(CONVENTION)
    (tmp_path / "main.tf").write_text('resource "aws_sqs_queue" "q" {\n  name = "a b"\n}\n')
    starts = {"text": "main.tf:2: error", "json": "{", "junit": "<?xml", "sarif": "{", "github": "::error file=main.tf"}
    for form, start in starts.items():
        status, printed, _ = run(program, tmp_path, "--format", form)
        assert (status, printed[: len(start)]) == (1, start)
        assert 'has \\" \\"' in printed or 'has " "' in printed or "has &quot; &quot;" in printed


def test_nothing_but_its_own_packages_is_installed(program: Path) -> None:
    listed = subprocess.run(
        (program.parent / "python", "-m", "pip", "list", "--format", "json"), capture_output=True, text=True, check=True
    )
    names = {each["name"] for each in json.loads(listed.stdout)} - {"pip", "setuptools"}
    assert names == {"check-report", "lark", "naming-validator", "python-hcl2", "regex"}
