"""The fallback when something is not as expected: the stock import, and one line that says why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_provider import PACKAGE, write_fake_provider
from lean_programs import SOURCE

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from lean_programs import Run

# Prints which submodules Python has imported and which scripts Node has.
LOADED = (
    f"import json, sys; from {PACKAGE}.alpha_thing import AlphaThing; thing = AlphaThing();"
    f"print(json.dumps([sorted(n for n in sys.modules if n.startswith('{PACKAGE}.')), thing.loaded]))"
)
STOCK = [
    [f"{PACKAGE}.{name}" for name in ("_jsii", "_private", "alpha_thing", "beta_thing")],
    ["alpha-thing.js", "beta-thing.js"],
]
SLOWER = ". Everything still works, only slower."


@pytest.mark.parametrize(
    ("difference", "notice"),
    [
        ("import jsii; jsii.__version__ = '1.138.0'", "jsii 1.138.0 is older than 1.139"),
        (
            "import jsii._reference_map as m, jsii; del m._submodule_fqn_map; jsii.__version__ = '9.9.9'",
            "jsii 9.9.9 has no table of submodules",
        ),
    ],
)
def test_another_jsii_means_stock(run_fake: Run, difference: str, notice: str) -> None:
    """A jsii that cannot be trusted to work this way is not tried, and the user is told once."""
    result = run_fake("-c", f"import cdktf_lean; {difference}; {LOADED}")
    assert (result.answer, result.notices) == (STOCK, [f"cdktf_lean: {notice}{SLOWER}"])


def test_a_package_with_types_of_its_own_means_stock(run_fake: Run, tmp_path: Path) -> None:
    """A root module that defines more than a list of submodules is executed as it stands."""
    file = write_fake_provider(tmp_path) / PACKAGE / "__init__.py"
    file.write_text(file.read_text().replace("import publication", "class Root:\n    pass\n\nimport publication"))
    result = run_fake("-c", f"import cdktf_lean; {LOADED}", PYTHONPATH=os.pathsep.join([str(tmp_path), str(SOURCE)]))
    reason = f"{PACKAGE} is not the list of submodules that a prebuilt provider is"
    assert (result.answer, result.notices) == (STOCK, [f"cdktf_lean: {reason}{SLOWER}"])


def test_no_lazy_index_means_the_eager_script(run_fake: Run, tmp_path: Path) -> None:
    """Node then loads the provider's main file, Python stays lazy, and it is said once."""
    write_fake_provider(tmp_path, lazy_index=False)
    result = run_fake("-c", f"import cdktf_lean; {LOADED}", PYTHONPATH=os.pathsep.join([str(tmp_path), str(SOURCE)]))
    python, node = result.answer
    assert python == [f"{PACKAGE}._jsii", f"{PACKAGE}.alpha_thing"]
    assert node == ["alpha-thing.js", "beta-thing.js"]
    assert result.notices == [f"cdktf_lean: @cdktf/provider-fake has no lib/lazy-index.js{SLOWER}"]


def test_a_provider_imported_first_is_reported(run_fake: Run) -> None:
    """What an import sorter can do, loading everything before the line that prevents it, is said once."""
    result = run_fake("-c", f"import {PACKAGE}; import cdktf_lean; import cdktf_lean; {LOADED}")
    reason = f"{PACKAGE} was imported before cdktf_lean; move `import cdktf_lean` above it"
    assert (result.answer, result.notices) == (STOCK, [f"cdktf_lean: {reason}{SLOWER}"])


def test_a_provider_not_installed_is_pythons_error(run_fake: Run) -> None:
    """The error is the one Python raises anyway, and cdktf_lean adds nothing."""
    result = run_fake("-c", "import cdktf_lean, cdktf_cdktf_provider_absent")
    assert result.stderr.endswith("ModuleNotFoundError: No module named 'cdktf_cdktf_provider_absent'\n")
    assert result.notices == []
