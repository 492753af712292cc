"""A provider of CDK Terrain: its Python is stock, which is lazy by itself, and its Node is made lazy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from fake_provider import TERRAIN_PACKAGE, write_fake_provider
from lean_programs import SOURCE

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pathlib import Path

    from lean_programs import Run

# Prints which submodules Python has imported and which scripts Node has.
LOADED = (
    f"import json, sys; from {TERRAIN_PACKAGE}.alpha_thing import AlphaThing; thing = AlphaThing();"
    f"print(json.dumps([sorted(n for n in sys.modules if n.startswith('{TERRAIN_PACKAGE}.')), thing.loaded]))"
)
MODULES = [f"{TERRAIN_PACKAGE}.{name}" for name in ("_jsii", "_private", "alpha_thing")]
SLOWER = ". Everything still works, only slower."


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder of the test's own that has the provider."""
    return write_fake_provider(tmp_path, terrain=True)


def importing(site: Path) -> dict[str, str]:
    """Return the variable with which a program finds the provider, and this package."""
    return {"PYTHONPATH": os.pathsep.join([str(SOURCE), str(site)])}


def test_node_loads_what_is_used_and_only_in_a_lean_program(run_fake: Run, site: Path) -> None:
    """Stock Python, too, imports one submodule of two; stock Node loads both scripts. Nothing is printed."""
    stock = run_fake("-c", LOADED, **importing(site))
    assert stock.answer == [MODULES, ["alpha-thing.js", "beta-thing.js"]]
    lean = run_fake("-W", "error", "-c", f"import cdktf_lean; {LOADED}", **importing(site))
    assert lean.answer == [MODULES, ["alpha-thing.js"]]
    assert lean.stderr == ""


def test_the_package_is_the_stock_one(run_fake: Run, site: Path) -> None:
    """Its own `__init__` was executed, docstring and all; a misspelt name is its own AttributeError."""
    ask = (
        f"import json, {TERRAIN_PACKAGE} as fake\n"
        "try: fake.gamma_thing\n"
        "except AttributeError as error: said = str(error)\n"
        "print(json.dumps([fake.__doc__, fake.__all__, dir(fake), fake.beta_thing.__name__, said]))"
    )
    stock = run_fake("-c", ask, **importing(site))
    lean = run_fake("-c", f"import cdktf_lean; {ask}", **importing(site))
    assert lean.answer == stock.answer
    assert lean.answer[0] == "Two resources."


def test_an_object_of_a_type_never_imported_resolves(run_fake: Run, site: Path) -> None:
    """By the provider's own table of submodules."""
    ask = (
        f"import cdktf_lean, json, {TERRAIN_PACKAGE} as fake;"
        "print(json.dumps(type(fake.alpha_thing.AlphaThing().beta).__module__))"
    )
    assert run_fake("-c", ask, **importing(site)).answer == f"{TERRAIN_PACKAGE}.beta_thing"


def test_a_package_with_types_of_its_own_means_stock(run_fake: Run, site: Path) -> None:
    """The lazy index has no types of the root, so Node loads the provider's main file, and it is said once."""
    file = site / TERRAIN_PACKAGE / "__init__.py"
    file.write_text(file.read_text().replace("import publication", "class Root:\n    pass\n\nimport publication"))
    result = run_fake("-c", f"import cdktf_lean; {LOADED}", **importing(site))
    assert result.answer == [MODULES, ["alpha-thing.js", "beta-thing.js"]]
    reason = f"{TERRAIN_PACKAGE} is not the list of submodules that a prebuilt provider is"
    assert result.notices == [f"cdktf_lean: {reason}{SLOWER}"]


def test_a_provider_imported_first_is_reported(run_fake: Run, site: Path) -> None:
    """Its Node was loaded whole by then."""
    result = run_fake("-c", f"import {TERRAIN_PACKAGE}; import cdktf_lean; {LOADED}", **importing(site))
    reason = f"{TERRAIN_PACKAGE} was imported before cdktf_lean; move `import cdktf_lean` above it"
    assert result.notices == [f"cdktf_lean: {reason}{SLOWER}"]
