"""`cdktf-lean PROGRAM`: the lean import for a program that has no line for it, which then runs as Python runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_provider import PACKAGE
from test_lazy_import import LEAN, LOADED

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pathlib import Path

    from lean_programs import Run

SURROUNDINGS = """
import json, pickle, sys
import beside
class Own: pass
own = {name: repr(value).partition(" object at ")[0] for name, value in globals().items() if name.startswith("__")}
is_main = sys.modules["__main__"].__dict__ is globals()
print(json.dumps([sys.argv, sys.path[:1], own, is_main, beside.__name__], sort_keys=True))
print(type(pickle.loads(pickle.dumps(Own()))).__module__)
"""
USAGE = "usage: cdktf-lean PROGRAM [ARGUMENT...]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a module that a program in it can import, beside a link to that program."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "beside.py").write_text("")
    (tmp_path / "link.py").symlink_to("app/program.py")
    return tmp_path


def test_a_program_without_the_line_loads_what_it_uses(run_fake: Run, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(LOADED.replace("cdktf_lean, ", ""))
    result = run_fake("-m", "cdktf_lean", str(tmp_path / "program.py"))
    assert result.answer == LEAN
    assert result.stderr == ""


@pytest.mark.parametrize("name", ["app/program.py", "link.py"])
@pytest.mark.parametrize("safe", ["", "1"])
def test_a_program_sees_what_python_itself_would_show_it(run_fake: Run, folder: Path, name: str, safe: str) -> None:
    """Its arguments, the folder that modules come from, and `__main__`; PYTHONSAFEPATH keeps that folder out."""
    (folder / "app" / "program.py").write_text(SURROUNDINGS)
    given = (str(folder / name), "--verbose", "a b")
    plain = run_fake(*given, PYTHONSAFEPATH=safe)
    result = run_fake("-m", "cdktf_lean", *given, PYTHONSAFEPATH=safe)
    assert result.stdout.replace(str(folder), "") == plain.stdout.replace(str(folder), "")
    assert (result.exit_code, plain.exit_code) == ((1, 1) if safe else (0, 0))
    assert safe or result.stdout.endswith("\n__main__\n")


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("", 0),
        ("sys.exit()", 0),
        ("sys.exit(3)", 3),
        ("sys.exit('said')", 1),
        ("def fail():\n    raise ValueError('no')\nfail()", 1),
        ("import absent_module", 1),
        ("def f(:", 1),
    ],
)
def test_a_programs_status_and_words_are_its_own(run_fake: Run, tmp_path: Path, ending: str, status: int) -> None:
    """A traceback shows the program's lines alone, as Python prints it."""
    program = tmp_path / "program.py"
    program.write_text(f"import sys\nprint('begun', flush=True)\n{ending}\n")
    plain, result = run_fake(str(program)), run_fake("-m", "cdktf_lean", str(program))
    assert (result.exit_code, result.stdout, result.stderr) == (status, plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "no program given"),
        (["absent.py"], "absent.py: No such file or directory"),
        (["."], ".: Is a directory"),
        (["-c", "print(1)"], "-c: not an option"),
    ],
)
def test_without_a_program_it_ends_with_one_message(run_fake: Run, given: list[str], said: str) -> None:
    result = run_fake("-m", "cdktf_lean", *given)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"cdktf-lean: {said}; {USAGE}\n")


def test_help_shows_how_it_is_used(run_fake: Run) -> None:
    result = run_fake("-m", "cdktf_lean", "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{USAGE}\n")


def test_a_provider_is_lean_whatever_the_program_imports_first(run_fake: Run, tmp_path: Path) -> None:
    """The line's place is not the program's to get wrong."""
    imports = f"import jsii, {PACKAGE}.alpha_thing"
    (tmp_path / "program.py").write_text(f"{imports}\n{LOADED.replace('cdktf_lean, ', '')}")
    result = run_fake("-m", "cdktf_lean", str(tmp_path / "program.py"))
    assert result.answer == LEAN
    assert result.notices == []
