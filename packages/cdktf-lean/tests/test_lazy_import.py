"""A lazily imported provider, seen from the outside, on a provider of two resources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_provider import PACKAGE, write_fake_provider
from lean_programs import SOURCE

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from lean_programs import Result, Run

# Prints which submodules Python has imported and which scripts Node has.
LOADED = (
    f"import cdktf_lean, json, sys; from {PACKAGE}.alpha_thing import AlphaThing; thing = AlphaThing();"
    f"print(json.dumps([sorted(n for n in sys.modules if n.startswith('{PACKAGE}.')), thing.loaded]))"
)
LEAN = [[f"{PACKAGE}._jsii", f"{PACKAGE}.alpha_thing"], ["alpha-thing.js"]]


def _ask(run_fake: Run, expression: str) -> Result:
    code = f"import cdktf_lean, json, sys, {PACKAGE} as fake\nprint(json.dumps({expression}))"
    return run_fake("-W", "error", "-c", code)


def test_python_and_node_load_what_is_used(run_fake: Run) -> None:
    """Neither the submodule nor the script of the unused resource is loaded, and nothing is printed, nor warned of."""
    result = run_fake("-W", "error", "-c", LOADED)
    assert result.answer == LEAN
    assert result.stderr == ""


def test_an_object_of_a_type_never_imported_resolves(run_fake: Run) -> None:
    """An object that Node made gets its class, whose module is imported for it."""
    assert _ask(run_fake, "type(fake.alpha_thing.AlphaThing().beta).__module__").answer == f"{PACKAGE}.beta_thing"


def test_the_package_answers_like_stock(run_fake: Run) -> None:
    """Attributes, `dir()` and `__all__` are those of the stock import."""
    questions = {
        "fake.__all__": ["alpha_thing", "beta_thing"],
        "[name for name in dir(fake) if name[0] != '_']": ["alpha_thing", "beta_thing"],
        "fake.beta_thing.__name__": f"{PACKAGE}.beta_thing",
        "fake.beta_thing is sys.modules[fake.__name__ + '.beta_thing'] is vars(fake)['beta_thing']": True,
        "hasattr(fake, 'gamma_thing')": False,
    }
    assert _ask(run_fake, f"[{', '.join(questions)}]").answer == list(questions.values())


def test_an_unknown_attribute_is_an_attribute_error(run_fake: Run) -> None:
    """The message is Python's own."""
    stderr = _ask(run_fake, "fake.gamma_thing").stderr
    assert f"AttributeError: module '{PACKAGE}' has no attribute 'gamma_thing'" in stderr


def test_every_form_of_import_works(run_fake: Run) -> None:
    """`from package import submodule` and `import *` give the submodules."""
    code = (
        f"import cdktf_lean, json; from {PACKAGE} import beta_thing; from {PACKAGE} import *;"
        "print(json.dumps([alpha_thing.__name__, beta_thing.__name__]))"
    )
    assert run_fake("-c", code).answer == [f"{PACKAGE}.alpha_thing", f"{PACKAGE}.beta_thing"]


def test_what_checks_arguments_is_loaded_when_it_does(run_fake: Run) -> None:
    """With it come unittest and asyncio: not under `python -O`; otherwise at a check, which refuses as ever."""
    code = (
        "import cdktf_lean, json, sys, typeguard; from cdktf import App\n"
        "before = 'unittest' in sys.modules\n"
        "try: App(outdir=5); said = ''\n"
        "except Exception as error: said = str(error)\n"
        "after = 'unittest' in sys.modules, 'type of argument outdir must be' in said\n"
        "print(json.dumps([before, *after, hasattr(typeguard, 'check_type'), hasattr(typeguard, 'check')]))"
    )
    assert run_fake("-c", code).answer == [False, True, True, True, False]
    assert run_fake("-O", "-c", code).answer == [False, False, False, True, False]


def test_a_program_that_uses_no_provider_leaves_nothing(run_fake: Run, tmp_path: Path) -> None:
    """The kernel that was started early ends with the program, which says nothing, and its files are gone."""
    code = (
        "import cdktf_lean, json, os, pathlib;"
        "print(pathlib.Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text())"
    )
    result = run_fake("-W", "error", "-c", code, TMPDIR=str(tmp_path))
    (kernel,) = result.stdout.split()
    assert (result.exit_code, result.stderr) == (0, "")
    assert not Path(f"/proc/{kernel}").exists()
    assert list(tmp_path.iterdir()) == []


def test_the_users_node_options_are_kept(run_fake: Run, tmp_path: Path) -> None:
    """A script that the user preloads still runs in the kernel, which is lean all the same."""
    mark = tmp_path / "mark"
    script = tmp_path / "preload.js"
    script.write_text(f"require('fs').appendFileSync({str(mark)!r}, process.argv[1] + '\\n');")
    assert run_fake("-c", LOADED, NODE_OPTIONS=f"--require={script}").answer == LEAN
    assert "program.js" in mark.read_text()


def test_awkward_paths_and_no_trace(run_fake: Run, tmp_path: Path) -> None:
    """Spaces, quotes and a backslash in every path do no harm, and the temporary directory ends empty."""
    site, scratch, cache = (tmp_path / f'{name} it\'s "a" \\u path' for name in ("site", "tmp", "cache"))
    scratch.mkdir()
    write_fake_provider(site)
    shutil.copytree(SOURCE / "cdktf_lean", site / "cdktf_lean")
    cache_root = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache)}
    assert run_fake("-c", LOADED, PYTHONPATH=str(site), TMPDIR=str(scratch), **cache_root).answer == LEAN
    assert list(scratch.iterdir()) == []


def test_the_first_run_leaves_the_type_index(run_fake: Run, tmp_path: Path) -> None:
    """A program that ends at once still leaves the index that makes the second run fast."""
    assert run_fake("-c", LOADED, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path)).answer == LEAN
    assert len(list(tmp_path.glob("@cdktf/provider-fake/*/*/.jsii.runtime.v*.json"))) == 1


def test_a_home_that_cannot_be_written_needs_no_more_than_stock(run_fake: Run) -> None:
    """With jsii's cache switched off, as jsii itself demands of such a home, the import is lean."""
    nowhere = {
        "HOME": os.devnull,
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": "",
        "JSII_RUNTIME_PACKAGE_CACHE": "disabled",
    }
    assert run_fake("-c", LOADED, **nowhere).answer == LEAN


def test_a_cache_that_cannot_be_written_fails_as_in_stock(run_fake: Run) -> None:
    """The error is jsii's own, with and without cdktf_lean, which adds no word to it."""
    unwritable = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": f"{os.devnull}/cache"}
    use = f"from {PACKAGE}.alpha_thing import AlphaThing; AlphaThing()"
    stock = run_fake("-c", use, **unwritable)
    lean = run_fake("-c", f"import cdktf_lean; {use}", **unwritable)
    assert "Cannot use the jsii package cache" in stock.stderr
    assert (lean.exit_code, lean.stderr.splitlines()[-1]) == (1, stock.stderr.splitlines()[-1])
    assert lean.notices == []


def test_several_processes_at_once(fake_site: Path, tmp_path: Path) -> None:
    """Three first runs on one empty cache, as parallel test workers do, are all lean."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(SOURCE), str(fake_site)]),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path),
    }
    command = [sys.executable, "-c", f"{LOADED}; assert thing.loaded == ['alpha-thing.js']"]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
