"""The cheapest package stands alone; `make packages` asks every one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packages.installed import NAMES, Installed, cheapest, project_of

pytestmark = pytest.mark.xdist_group("packages")


def passed_tests(package: Installed, folder: Path) -> int:
    """Require that each of the package's commands prints its help; return how many of its tests pass, if all do."""
    for command in project_of(package.name).get("scripts", {}):
        done = package.run(command, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert command in done.stdout
    done = package.run_tests(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.findall(r"(\d+) passed", done.stdout)[0])


def test_the_cheapest_package_stands_alone(installed: Callable[[str], Installed], tmp_path: Path) -> None:
    assert passed_tests(installed(cheapest()), tmp_path) > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_package_says_what_it_is_and_what_its_tests_require(name: str) -> None:
    project = project_of(name)
    assert project["name"] == name
    assert project["description"]
    assert project["readme"] == "README.md"
    assert any(each.startswith("pytest") for each in project["optional-dependencies"]["test"])
