"""What the tests of installed packages share: each package's environment, made once."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.packages.installed import Installed, install


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Installed]:
    """Return what installs a package, the first time that it is asked for it."""

    @cache
    def installed_(name: str) -> Installed:
        return install(name, tmp_path_factory.mktemp(name) / "environment")

    return installed_
