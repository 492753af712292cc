"""In any shell it works or ends with one line: homes, folders for temporary files, Node, and forks of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_provider import PACKAGE
from lean_programs import SOURCE, node_with
from test_lazy_import import LEAN, LOADED

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from lean_programs import Run

SLOWER = ", so every run unpacks the packages. Everything still works, only slower."
IN_A_FORK = f"""
import cdktf_lean, json, multiprocessing, os, sys
if {{before}}: from {PACKAGE}.alpha_thing import AlphaThing
{{fork}}
from {PACKAGE}.alpha_thing import AlphaThing
print(json.dumps([sorted(n for n in sys.modules if n.startswith('{PACKAGE}.')), AlphaThing().loaded]))
"""
FORKS = {
    "that exits": "pid = os.fork()\nif not pid: sys.exit()\nos.waitpid(pid, 0)",
    "that ends at once": "pid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)",
    "of multiprocessing": "child = multiprocessing.get_context('fork').Process(); child.start(); child.join()",
}


@pytest.mark.parametrize("kind", ["a file", "too long", "others may write", "empty", "relative"])
def test_a_home_that_serves_no_cache_is_at_most_one_notice(run: Run, kind: str, tmp_path: Path) -> None:
    """Stock jsii refuses to work with the first three; without a home it keeps its packages in TMPDIR."""
    (tmp_path / "file").write_text("")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    homes = {"a file": "file/home", "too long": "a" * 300, "others may write": "open"}
    home = str(tmp_path / homes[kind]) if kind in homes else {"empty": "", "relative": "home"}[kind]
    (tmp_path / "scratch").mkdir()
    variables = {"HOME": home, "TMPDIR": str(tmp_path / "scratch"), "JSII_RUNTIME_PACKAGE_CACHE_ROOT": ""}
    result = run("-c", LOADED, **variables)
    assert result.answer == LEAN
    if kind in homes:
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"cdktf_lean: the package cache {home}/")
        assert line.endswith(SLOWER)
        assert not list(tmp_path.rglob("cdktf-lean"))
    else:
        assert result.stderr == ""
        (cache,) = (tmp_path / "scratch").iterdir()
        assert cache.name == f"aws-jsii-package-cache-{os.getuid()}"
        assert {"@cdktf", "cdktf-lean"} <= {path.name for path in cache.iterdir()}


@pytest.mark.parametrize("place", ["nonexistent", "file", "."])
def test_temporary_files_go_where_python_finds_a_place_for_them(
    run_fake: Run, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node takes what TMPDIR says as it is; a relative one is another folder once the program has changed to one.

    Nobody can write to that one.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    result = run_fake(
        "-c",
        f"import cdktf_lean, os; os.chdir('/proc'); {LOADED}",
        TMPDIR="." if place == "." else str(tmp_path / place),
    )
    assert result.answer == LEAN
    assert result.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_line(run_fake: Run) -> None:
    """Nothing larger than 100 kB can be written, as on a disk with that much left."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    result = run_fake("-c", f"{limit}; {LOADED}")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("cdktf_lean: jsii's kernel cannot be started: [Errno 27]")


def test_a_disk_that_is_full_once_the_kernel_runs_is_one_line(run_fake: Run, tmp_path: Path) -> None:
    """The kernel has no place to unpack packages to."""
    full = "require('fs').mkdtempSync = () => { throw new Error('ENOSPC: no space left on device, mkdtemp'); };"
    result = run_fake("-c", LOADED, **node_with(full, tmp_path))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("cdktf_lean: jsii cannot unpack ")
    assert line.endswith(": ENOSPC: no space left on device, mkdtemp")


def test_without_node_it_ends_with_one_line(run_fake: Run, tmp_path: Path) -> None:
    result = run_fake("-c", LOADED, PATH=str(tmp_path))
    line = "cdktf_lean: node is not on PATH; Node.js 20 or newer is needed, on PATH or named by JSII_NODE\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", line)


def test_without_the_node_that_is_named_it_ends_with_one_line(run_fake: Run, tmp_path: Path) -> None:
    node = str(tmp_path / "node")
    result = run_fake("-c", LOADED, JSII_NODE=node)
    line = (
        f'cdktf_lean: JSII_NODE = "{node}": no such program; Node.js 20 or newer is needed, on PATH or named by '
        "JSII_NODE\n"
    )
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", line)


@pytest.mark.parametrize("name", ["JSII_NODE", "JSII_RUNTIME"])
def test_an_empty_variable_is_none(run_fake: Run, name: str) -> None:
    """Stock jsii would run a program without a name, or wait for one to be typed."""
    result = run_fake("-c", LOADED, **{name: ""})
    assert result.answer == LEAN
    assert result.stderr == ""


def test_a_node_that_is_too_old_is_named(run_fake: Run, tmp_path: Path) -> None:
    """It prints what it does not understand, and one line says which it is and which is needed."""
    node = tmp_path / "node"
    node.write_text('#!/bin/sh\n[ "$1" = --version ] && exec echo v12.22.0\necho SyntaxError >&2\nexit 1\n')
    node.chmod(0o755)
    result = run_fake("-c", LOADED, JSII_NODE=str(node))
    assert result.exit_code == 1
    assert result.stderr == (
        "SyntaxError\n"
        "cdktf_lean: jsii's kernel ended (status 1); what Node printed is above. Node.js 20 or newer is needed, and "
        f"{node} --version prints v12.22.0\n"
    )


def test_a_kernel_that_is_killed_is_one_line(run_fake: Run, tmp_path: Path) -> None:
    """As by a system that is out of memory, at any time."""
    killed = node_with("if (process.argv[1]) process.kill(process.pid, 'SIGKILL');", tmp_path)
    result = run_fake("-c", LOADED, **killed)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("cdktf_lean: jsii's kernel ended (SIGKILL); what Node printed is above.")


@pytest.mark.parametrize("before", [True, False], ids=["with a kernel in use", "with a kernel that waits"])
@pytest.mark.parametrize("fork", FORKS.values(), ids=FORKS)
def test_a_fork_leaves_its_parents_kernel_alone(run_fake: Run, fork: str, before: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """At the child's exit nothing of the parent's ends, and no file of it is removed."""
    files = f"set(os.listdir({str(tmp_path)!r}))"
    # Node may have read already what would be missing, so the files are looked at too.
    watched = f"there = {files}\n{fork}\nassert there and there <= {files}"
    result = run_fake("-c", IN_A_FORK.format(fork=watched, before=before), TMPDIR=str(tmp_path))
    assert result.answer == LEAN
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_fork_that_uses_its_parents_kernel_is_refused(run_fake: Run) -> None:
    """The two would read each other's answers."""
    use = "pid = os.fork()\nif not pid: AlphaThing().loaded; sys.exit()\nos.waitpid(pid, 0)"
    result = run_fake("-c", IN_A_FORK.format(fork=use, before=True))
    assert result.answer == LEAN
    assert result.stderr == (
        "cdktf_lean: jsii's kernel is the parent process's; after os.fork only the parent can use cdktf\n"
    )


def test_a_fork_of_a_program_that_has_only_imported_this_has_a_kernel_of_its_own(run_fake: Run) -> None:
    """Each of the two then prints what it has loaded."""
    result = run_fake("-c", IN_A_FORK.format(fork="if os.fork(): os.wait()", before=False))
    child, parent = result.stdout.splitlines()
    assert child == parent
    assert '["alpha-thing.js"]' in parent
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full"])
def test_a_notice_that_cannot_be_printed_is_lost(fake_site: Path, closed: str, tmp_path: Path) -> None:
    """And the program goes on."""
    code = f"import cdktf_lean, jsii; jsii.__version__ = '1.138.0'; {LOADED}"
    done = subprocess.run(
        ("sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, code),
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(SOURCE), str(fake_site)]),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"alpha-thing.js"' in done.stdout
