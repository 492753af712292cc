"""The watch notices what no reader may do: else all that it lets pass would say nothing."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from tests.fuzz.watch import ForbiddenError, watched

# The first look-up of a name loads this codec, and what is noticed is to be the look-up.
"localhost".encode("idna")


def _endless() -> None:
    while True:
        pass


def _swallow() -> None:
    with suppress(BaseException):
        Path("/etc/passwd").read_bytes()


ACTS: dict[str, tuple[Callable[[], object], str]] = {
    "reads elsewhere": (lambda: Path("/etc/passwd").read_bytes(), "read '/etc/passwd'"),
    "reads through a link": (lambda: Path("link").read_bytes(), "read 'link'"),
    "reads the project": ((PROJECT_ROOT / "Pipfile").read_bytes, "read '"),
    "writes elsewhere": (lambda: Path("../x").write_bytes(b""), "wrote '../x'"),
    "writes the project": (lambda: (PROJECT_ROOT / "review.toml").open("a").close(), "wrote '"),
    "looks elsewhere": (lambda: list(Path("/").iterdir()), "os.listdir '/'"),
    "removes elsewhere": (lambda: Path("../x").unlink(), "os.remove"),
    "moves away": (lambda: Path("own").rename("../x"), "os.rename"),
    "runs a program": (lambda: subprocess.run(("true",), check=False), "subprocess.Popen"),
    "becomes a program": (lambda: os.execv("/bin/true", ["true"]), "os.exec"),  # noqa: S606 - it does not come to it
    "runs code": (lambda: exec("1"), "compiled"),  # noqa: S102 - as above
    "runs compiled code": (lambda: exec(compile("1", "source.py", "exec")), "ran code"),  # noqa: S102 - as above
    "loads a module": (lambda: __import__("antigravity_"), "imported antigravity_"),
    "reaches an address": (lambda: socket.create_connection(("127.0.0.1", 9)), "socket."),
    "resolves a name": (lambda: socket.getaddrinfo("localhost", 80), "socket.getaddrinfo"),
    "sends a signal": (lambda: os.kill(os.getpid(), 0), "os.kill"),
    "never ends": (_endless, "took more than"),
    "takes memory": (lambda: bytearray(400 << 20), "grew by"),
    "hides it": (_swallow, "read '/etc/passwd'"),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_forbidden_is_noticed(act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.watch.MOST_SECONDS", 0.2)
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "own").touch()
    monkeypatch.chdir(folder)
    doing, said = ACTS[act]
    with pytest.raises(ForbiddenError, match="^" + said.replace(".", r"\.")), watched(folder, source="source.py"):
        doing()
    assert not (tmp_path / "x").exists()


def test_what_the_process_once_took_hides_nothing(tmp_path: Path) -> None:
    assert len(bytearray(800 << 20)) == 800 << 20
    with pytest.raises(ForbiddenError, match=r"^grew by"), watched(tmp_path):
        bytearray(400 << 20)


def test_what_a_reader_needs_is_allowed(tmp_path: Path) -> None:
    with watched(tmp_path, source="source.py"):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "b").write_text("x")
        (tmp_path / "a" / "b").rename(tmp_path / "c")
        (PROJECT_ROOT / "review.toml").read_bytes()
        compile("1", "source.py", "eval")
    assert (tmp_path / "c").read_text() == "x"


def test_nothing_is_watched_outside_of_its_block(tmp_path: Path) -> None:
    with watched(tmp_path):
        pass
    assert Path(sys.executable).read_bytes()
