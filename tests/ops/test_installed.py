"""Installed parts of a checkout: what runs out of one goes on in it, and nothing incomplete is ever used."""

import fcntl
import json
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ops import installed
from ops.installed import Part, SetupError


class Scene:
    """A checkout with one part, whose lock a test changes, and a count of what was installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.link = root / "packages"
        self.folders = root / ".cache" / "installed"
        self.cache = root / "cache"
        self.times = 0
        self.fault = ""
        self.during: Callable[[Path], None] = lambda _: None

    def part(self, lock: str, *, inside: str = "") -> Part:
        """Return the part as its lock is now."""

        def install(folder: Path) -> None:
            self.times += 1
            (folder / inside / "module").mkdir(parents=True)
            (folder / inside / "module" / "lock").write_text(lock)
            self.during(folder)

        return Part(
            name="Packages",
            key="packages",
            link=self.link,
            inside=inside,
            made_from={"packages.lock": lock},
            duration="about a minute",
            fault=lambda _: self.fault,
            install=install,
        )

    def install(self, lock: str, *, inside: str = "") -> str:
        """Bring the part up to date; return what a command then finds."""
        installed.install([self.part(lock, inside=inside)], {"XDG_CACHE_HOME": str(self.cache)})
        return (self.link / "module" / "lock").read_text()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(installed, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(installed, "INSTALLED", tmp_path / ".cache" / "installed")
    return Scene(tmp_path)


def folders(scene: Scene) -> set[str]:
    return {folder.name for folder in scene.folders.iterdir() if folder.is_dir()}


@pytest.mark.parametrize("inside", ["", "node_modules"])
def test_it_is_kept_while_its_lock_is_unchanged(scene: Scene, inside: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.install("1", inside=inside) == "1"
    assert capsys.readouterr().err.splitlines()[0] == ("setup: Packages, for the first time (about a minute) ...")
    assert scene.install("1", inside=inside) == "1"
    assert scene.times == 1
    assert capsys.readouterr().err == ""


def test_a_changed_lock_is_named_and_the_folder_before_stays_as_it_is(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """What runs out of the older folder finds all of it, while the new one is installed and after."""
    scene.install("1")
    before = scene.link.resolve()
    seen: list[str] = []
    scene.during = lambda _: seen.append((scene.link / "module" / "lock").read_text())
    capsys.readouterr()
    assert scene.install("2") == "2"
    assert seen == ["1"]
    assert (before / "module" / "lock").read_text() == "1"
    assert capsys.readouterr().err.splitlines()[0] == (
        "setup: Packages, because packages.lock has changed (0 s the last time) ..."
    )


def test_the_lock_before_needs_no_second_installation(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """As after a change of branches and back."""
    scene.install("1")
    scene.install("2")
    capsys.readouterr()
    assert scene.install("1") == "1"
    assert scene.times == 2
    assert capsys.readouterr().err == ("setup: Packages, because packages.lock has changed: installed already\n")


def test_of_older_folders_only_those_in_use_stay(scene: Scene) -> None:
    """Besides the current one and the one before."""
    scene.install("1")
    with (scene.link / "in-use").open() as interpreter:
        fcntl.flock(interpreter, fcntl.LOCK_SH)
        for lock in ("2", "3", "4"):
            scene.install(lock)
        assert folders(scene) == {"packages-1", "packages-3", "packages-4"}
    scene.install("5")
    assert folders(scene) == {"packages-4", "packages-5"}


def test_what_failed_leaves_the_older_installation_and_nothing_half_written(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.install("1")

    def fail(_: Path) -> None:
        message = "no space left"
        raise SetupError(message)

    scene.during = fail
    for _ in range(2):
        with pytest.raises(SetupError, match="no space left"):
            scene.install("2")
        assert "setup: Packages: failed" in capsys.readouterr().err
        assert (scene.link / "module" / "lock").read_text() == "1"
        assert folders(scene) == {"packages-1"}
    scene.during = lambda _: None
    assert scene.install("2") == "2"


def test_what_a_killed_set_up_left_is_not_used_but_removed(scene: Scene) -> None:
    """It is there but for the file that is written last."""
    scene.install("1")
    shutil.copytree(scene.link.resolve(), scene.folders / "packages-2")
    (scene.folders / "packages-2" / "complete.json").unlink()
    scene.link.unlink()
    scene.link.symlink_to(scene.folders / "packages-2")
    assert scene.install("1") == "1"
    # The first one is complete, and serves.
    assert scene.link.resolve().name == "packages-1"
    assert scene.install("2") == "2"
    assert folders(scene) == {"packages-1", "packages-2"}
    assert scene.times == 2


def test_what_a_killed_deletion_left_is_not_used(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder stops to count as complete before the first of its files is deleted."""
    scene.install("1")
    scene.install("2")

    def killed(folder: Path, *, ignore_errors: bool) -> None:
        assert ignore_errors
        assert folder.exists()

    monkeypatch.setattr(shutil, "rmtree", killed)
    scene.install("3")
    assert (scene.folders / "packages-1" / "module").exists()
    assert scene.install("1") == "1"
    assert scene.times == 4


def test_whoever_deletes_the_link_gets_a_new_installation(scene: Scene) -> None:
    """Not the one that may be the reason for the deletion."""
    scene.install("1")
    (scene.link / "module" / "lock").write_text("damaged")
    scene.link.unlink()
    assert scene.install("1") == "1"
    assert scene.times == 2


@pytest.mark.parametrize("kind", ["folder", "file", "link to nothing", "link to itself"])
def test_what_others_made_in_its_place_is_replaced(scene: Scene, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As `python -m venv .venv` or `npm ci` do, and a set-up before this one."""
    if kind == "folder":
        scene.link.mkdir()
        (scene.link / "module").mkdir()
    elif kind == "file":
        scene.link.write_text("")
    else:
        scene.link.symlink_to("nowhere" if kind == "link to nothing" else scene.link)
    assert scene.install("1") == "1"
    assert "because packages is not what set-up installs" in capsys.readouterr().err


def test_a_checkout_that_was_moved_is_set_up_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scripts of an environment name the folder that they were installed in."""
    scene.install("1")
    moved = Scene(scene.root.rename(scene.root.with_name("moved")))
    monkeypatch.setattr(installed, "PROJECT_ROOT", moved.root)
    monkeypatch.setattr(installed, "INSTALLED", moved.folders)
    capsys.readouterr()
    assert moved.install("1") == "1"
    assert moved.times == 1
    assert "because the checkout was moved" in capsys.readouterr().err


def test_what_does_not_work_any_more_is_installed_again_and_the_reason_is_shown(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.install("1")
    scene.fault = "its Python does not start any more"
    capsys.readouterr()
    scene.install("1")
    assert scene.times == 2
    assert "because its Python does not start any more (" in capsys.readouterr().err


def test_two_set_ups_of_one_checkout_take_turns_and_the_second_says_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And finds done what the first one did."""
    waits, begun, lines = threading.Event(), threading.Event(), list[str]()

    def say(line: str) -> None:
        lines.append(line)
        if "waiting" in line:
            waits.set()

    def slow(_: Path) -> None:
        begun.set()
        assert waits.wait(60)

    scene.during = slow
    monkeypatch.setattr(installed, "say", say)
    first, second = (threading.Thread(target=scene.install, args=("1",)) for _ in range(2))
    first.start()
    assert begun.wait(60)
    second.start()
    first.join(60)
    second.join(60)
    assert scene.times == 1
    assert "setup: another set-up of this checkout is at work; waiting for it ..." in lines


def test_what_takes_long_is_named_every_ten_seconds(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    named = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if "at work" in line:
            named.set()

    assert installed.PROGRESS_SECONDS == 10
    monkeypatch.setattr(installed, "PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr(installed, "say", say)
    scene.during = lambda _: None if named.wait(60) else pytest.fail("nothing is named")
    assert scene.install("1") == "1"
    assert re.fullmatch(r"setup: Packages \(about a minute\): at work for \d+ s", said[1])
    assert capsys.readouterr().out == ""


def test_another_checkout_is_told_how_long_it_took_before(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """The seconds of an installation; what was installed already took none, and a failure none that counts."""
    scene.install("1")
    durations = scene.cache / "checkout-setup" / "durations.json"
    assert list(json.loads(durations.read_text())) == ["Packages"]
    durations.write_text('{"Packages": 83.6, "Tools": 5.0}')
    scene.install("2")
    scene.install("1")
    assert "(84 s the last time) ..." in capsys.readouterr().err
    assert json.loads(durations.read_text())["Packages"] < 83.6
    assert json.loads(durations.read_text())["Tools"] == 5.0


@pytest.mark.parametrize("damaged", ["", "[]", '{"Packages": null}', '{"Packages": "long"}'])
def test_a_damaged_memory_of_durations_counts_as_none(
    scene: Scene, damaged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.install("1")
    (scene.cache / "checkout-setup" / "durations.json").write_text(damaged)
    scene.install("2")
    assert "(about a minute) ..." in capsys.readouterr().err.splitlines()[-2]


def test_what_is_needed_besides_makes_a_new_folder_and_what_is_there_besides_does_not(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with the packages of development: what runs out of the older folder goes on in it."""
    scene.install("1")
    more = replace(scene.part("1"), made_from={"packages.lock": "1", "tests of packages.lock": "1"})
    shell = {"XDG_CACHE_HOME": str(scene.cache)}
    installed.install([more], shell)
    assert scene.times == 2
    assert "because tests of packages.lock is needed now" in capsys.readouterr().err
    assert set(installed.made_from(scene.link)) >= {"packages.lock", "tests of packages.lock"}
    assert scene.install("1") == "1"
    assert scene.times == 2
    assert folders(scene) == {"packages-1", "packages-2"}


@pytest.mark.usefixtures("scene")
def test_caches_that_cannot_be_written_are_the_checkouts(tmp_path: Path) -> None:
    """XDG_CACHE_HOME counts if it is absolute, as its specification says; without either there is the checkout."""
    (tmp_path / "file").write_text("")
    own, home = tmp_path / ".cache", str(tmp_path / "home")
    assert installed.user_cache({"XDG_CACHE_HOME": str(tmp_path / "xdg"), "HOME": home}) == tmp_path / "xdg"
    assert installed.user_cache({"XDG_CACHE_HOME": "relative", "HOME": home}) == tmp_path / "home" / ".cache"
    assert installed.user_cache({"HOME": str(tmp_path / "file")}) == own
    assert installed.user_cache({"XDG_CACHE_HOME": str(tmp_path / "file" / "x"), "HOME": home}) == own
    assert installed.user_cache({}) == own


def test_nothing_is_written_where_nothing_is_due(scene: Scene) -> None:
    """Set-up is asked before every command, in a checkout that may be read only."""
    scene.install("1")
    before = {path: path.lstat().st_mtime_ns for path in (scene.root, *scene.root.rglob("*"))}
    scene.install("1")
    assert {path: path.lstat().st_mtime_ns for path in (scene.root, *scene.root.rglob("*"))} == before
