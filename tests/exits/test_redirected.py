"""The import hook of the exits: a program finds another package under the name that it imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.exits.ways import REDIRECTED


def run(folder: Path, redirections: str, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program beside a package `new.core`, which has a module `queue` that imports its neighbour `name`."""
    core = folder / "new" / "core"
    core.mkdir(parents=True)
    (core / "__init__.py").write_text("VERSION = 2\n")
    (core / "name.py").write_text("JOBS = 'jobs'\n")
    (core / "queue.py").write_text("from .name import JOBS\n")
    (folder / "program.py").write_text(program)
    command = (sys.executable, "-S", "-W", "error", str(REDIRECTED), redirections, "program.py", *arguments)
    variables = {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "program",
    [
        "import old.queue; print(old.queue.JOBS, old.VERSION)",
        "from old.queue import JOBS; import old; print(JOBS, old.VERSION)",
        "from old import queue, VERSION; print(queue.JOBS, VERSION)",
    ],
)
def test_another_package_answers_however_it_is_imported(tmp_path: Path, program: str) -> None:
    done = run(tmp_path, "old=new.core", program)
    assert (done.stdout, done.stderr) == ("jobs 2\n", "")


def test_a_module_is_loaded_once_under_either_name_and_keeps_its_own(tmp_path: Path) -> None:
    """Two copies of a class would not be the same class to jsii."""
    program = """
import old.queue, new.core.queue
print(old is new.core, old.queue is new.core.queue, old.queue.__name__, old.queue.__spec__.name, old.__spec__.parent)
"""
    done = run(tmp_path, "old=new.core", program)
    assert (done.stdout, done.stderr) == ("True True new.core.queue new.core.queue new.core\n", "")


def test_what_is_not_named_is_imported_as_ever(tmp_path: Path) -> None:
    program = "import sys, new.core.queue as q; print(q.JOBS, sys.argv, __name__)\nimport older"
    done = run(tmp_path, "old=new.core", program, "a", "b")
    assert done.stdout == "jobs ['program.py', 'a', 'b'] __main__\n"
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'older'\n")


def test_a_module_that_the_other_package_lacks_is_an_import_error(tmp_path: Path) -> None:
    done = run(tmp_path, "old=new.core", "import old.topic")
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'new.core.topic'\n")


def test_the_lean_import_is_off(tmp_path: Path) -> None:
    """Otherwise an exit would be open for those alone who have it."""
    done = run(tmp_path, "", "import cdktf_lean; print(vars(cdktf_lean).get('__file__'))")
    assert (done.stdout, done.stderr) == ("None\n", "")
