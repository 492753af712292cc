"""The kernel that is reached directly and owes its answers: what becomes of errors, and of the process."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_provider import PACKAGE, write_fake_provider
from lean_programs import SOURCE
from test_lazy_import import LEAN, LOADED

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from lean_programs import Run

COUNT_NODES = (
    "import os, pathlib\n"
    "def below(pid):\n"
    "    children = pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()\n"
    "    return sum(1 + below(child) for child in children)\n"
)


def test_a_failed_load_is_raised_at_the_first_use(run_fake: Run, tmp_path: Path) -> None:
    """The program goes on past the import, and gets the kernel's own error where it first needs it."""
    (write_fake_provider(tmp_path) / PACKAGE / "_jsii" / "fake@1.0.0.jsii.tgz").write_bytes(b"no archive")
    code = f"import cdktf_lean; from {PACKAGE}.alpha_thing import AlphaThing; print('imported'); AlphaThing()"
    result = run_fake("-c", code, PYTHONPATH=os.pathsep.join([str(tmp_path), str(SOURCE)]))
    assert result.exit_code == 1
    assert result.stdout == "imported\n"
    assert "in <module>" in result.stderr
    assert "Unrecognized archive format" in result.stderr or "TAR_BAD_ARCHIVE" in result.stderr


def test_a_failed_load_that_nothing_follows_is_still_told(run_fake: Run, tmp_path: Path) -> None:
    """A program that only imports a broken package does not end in silence."""
    (write_fake_provider(tmp_path) / PACKAGE / "_jsii" / "fake@1.0.0.jsii.tgz").write_bytes(b"no archive")
    path = os.pathsep.join([str(tmp_path), str(SOURCE)])
    assert "rror" in run_fake("-c", f"import cdktf_lean, {PACKAGE}", PYTHONPATH=path).stderr


def test_a_program_that_ends_after_its_imports_says_nothing(run_fake: Run) -> None:
    """Its exit waits for the kernel before it removes the folder with what the kernel is still to load."""
    result = run_fake("-c", f"import cdktf_lean, constructs, {PACKAGE}; raise SystemExit('my own error')")
    assert (result.exit_code, result.stderr) == (1, "my own error\n")


def test_a_hook_that_the_kernel_refuses_is_one_notice(run_fake: Run, tmp_path: Path) -> None:
    """Everything then works as in stock on the Node side."""
    (tmp_path / "index.js").write_text("throw new Error('refused');")
    broken = f"import cdktf_lean._provider as p; p.__file__ = {str(tmp_path / 'x')!r}; {LOADED}"
    result = run_fake("-c", broken)
    assert result.answer == [LEAN[0], ["alpha-thing.js", "beta-thing.js"]]
    (notice,) = result.notices
    assert notice.startswith("cdktf_lean: the jsii kernel refused the lazy loader (")
    assert "refused" in notice
    assert notice.endswith(". Everything still works, only slower.")


def test_a_runtime_of_the_users_own_is_started_as_stock_starts_it(run_fake: Run, tmp_path: Path) -> None:
    """With JSII_RUNTIME set there are two Node processes again, the user's choice; without it, one."""
    count = f"{COUNT_NODES}{LOADED}; print(below(os.getpid()))"
    assert run_fake("-c", count).stdout.splitlines()[-1] == "1"
    find = (
        "import importlib.resources as r, jsii._embedded.jsii as e, pathlib, sys\n"
        "for name, file in e.EMBEDDED_FILES.items():\n"
        "    to = pathlib.Path(sys.argv[1], file); to.parent.mkdir(exist_ok=True)\n"
        "    to.write_bytes((r.files(e) / name).read_bytes())\n"
    )
    subprocess.run([sys.executable, "-c", find, str(tmp_path)], check=True)
    runtime = str(tmp_path / "bin" / "jsii-runtime.js")
    assert run_fake("-c", count, JSII_RUNTIME=runtime).stdout.splitlines()[-1] == "2"


def test_the_kernel_ends_with_a_program_that_is_killed(fake_site: Path, tmp_path: Path) -> None:
    """SIGKILL gives Python no chance to say goodbye; the kernel sees its connection close."""
    code = (
        f"{COUNT_NODES}{LOADED}\n"
        "print(pathlib.Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text(), flush=True)\n"
        "sys.stdin.read()"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(SOURCE), str(fake_site)]),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path),
    }
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        program.stdout.readline()
        kernel = int(program.stdout.readline())
        descriptor = os.pidfd_open(kernel)
        program.kill()
    try:
        # A pidfd becomes readable when its process ends.
        ended, _, _ = select.select([descriptor], [], [], 10)
    finally:
        os.close(descriptor)
    assert ended == [descriptor]


def test_what_the_kernel_prints_is_seen(run_fake: Run, tmp_path: Path) -> None:
    """A script's console output reaches the program's own stdout and stderr."""
    script = tmp_path / "talk.js"
    script.write_text("console.log('said'); console.error('complained');")
    result = run_fake("-c", LOADED, NODE_OPTIONS=f"--require={script}")
    assert "said" in result.stdout
    assert "complained" in result.stderr


def test_a_jsii_whose_process_differs_is_left_as_it_is(run_fake: Run) -> None:
    """It is said once, and the import is still lazy."""
    difference = "import jsii._kernel.providers.process as p; del p._NodeProcess.handshake"
    code = f"{difference}; p._NodeProcess.start.__code__; import cdktf_lean; print('imported')"
    result = run_fake("-c", code)
    assert result.notices == ["cdktf_lean: jsii's process has no handshake. Everything still works, only slower."]
