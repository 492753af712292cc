"""Every package stands alone: `make packages`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packages.installed import NAMES, Installed
from tests.packages.test_sample import passed_tests


@pytest.mark.parametrize("name", NAMES)
def test_a_package_stands_alone(installed: Callable[[str], Installed], name: str, tmp_path: Path) -> None:
    assert passed_tests(installed(name), tmp_path) > 0
