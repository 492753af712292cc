"""Installed parts of a checkout: each complete in a folder of its own, behind a link that is swapped.

What runs out of a folder goes on in it when the link moves on. The folder before the current one is kept: cdktf's CLI
may run out of it, and a branch with the older lock needs it again. Older ones are deleted unless an interpreter runs
out of them, which `ops.interpreter` marks.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from config.request import PROJECT_ROOT

INSTALLED = PROJECT_ROOT / ".cache" / "installed"
COMPLETE = "complete.json"
"""The file that is written last: from what a folder was installed, and where. A folder without it is not used."""
PROGRESS_SECONDS = 10
"""The time after which what is still being installed is named, each time."""
IN_USE = "in-use"
"""The file that each interpreter of a folder holds a shared lock on."""


class SetupError(Exception):
    """A part of the set-up failed; the message names the part and shows the tool's own message."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that set-up installs."""

    name: str
    key: str
    """What its folders are named after."""
    link: Path
    """Where the commands find it."""
    inside: str = ""
    """The folder within that the link names, if not the whole."""
    made_from: Mapping[str, str]
    """What decides whether it is installed again: a digest by the name that messages give it."""
    duration: str
    """How long it takes, where it has not been installed before, like "about a minute"."""
    fault: Callable[[Path], str]
    """Return why an installed folder cannot be used any more, or nothing."""
    install: Callable[[Path], None]

    def is_due(self) -> bool:
        """Return True if the link does not name a complete folder that is up to date and works."""
        return self._reason() is not None

    def _reason(self) -> str | None:
        """Return the reason to install it, empty where nothing was installed; None if there is no reason."""
        if not os.path.lexists(self.link):
            return ""
        return self._refusal(self._current()) or None

    def _refusal(self, folder: Path) -> str:
        """Return the objection to a folder, empty if it is the one to use."""
        made = _made(folder)
        if made is None:
            return f"{self.link.relative_to(PROJECT_ROOT)} is not what set-up installs"
        changed = [name for name, digest in self.made_from.items() if made.get(name) != digest]
        if changed:
            return f"{changed[0]} {'has changed' if changed[0] in made else 'is needed now'}"
        if not Path(made["place"]).exists():
            return "the checkout was moved"
        return self.fault(folder)

    def _current(self) -> Path:
        """Return the folder that the link leads to."""
        target = Path(os.path.realpath(self.link))
        return target.parent if self.inside else target

    def renew(self) -> float | None:
        """Install it, or take a folder that is complete already, and swap the link; return the seconds that it took."""
        reason = self._reason()
        before = self._current()
        because = f", because {reason}" if reason else ", for the first time"
        folder = self._installed_before() if reason else None
        seconds = None
        if folder:
            say(f"setup: {self.name}{because}: installed already")
        else:
            say(f"setup: {self.name}{because} ({self.duration}) ...")
            started = time.monotonic()
            folder = self._install()
            seconds = time.monotonic() - started
            say(f"setup: {self.name}: {seconds:.0f} s")
        older = [other for other in self._folders() if other not in {folder, before}]
        self._swap(folder)
        for other in older:
            if not _is_in_use(other):
                _remove(other)
        return seconds

    def _installed_before(self) -> Path | None:
        """Return another folder that was installed from the same, as after a change of branches and back."""
        return next((folder for folder in self._folders() if not self._refusal(folder)), None)

    def _install(self) -> Path:
        for folder in self._folders():
            if not (folder / COMPLETE).exists():
                _remove(folder)
        folder = self._next_folder()
        folder.mkdir()
        try:
            self.install(folder)
            (folder / IN_USE).touch()
            (folder / COMPLETE).write_text(json.dumps({**self.made_from, "place": str(folder)}))
        except BaseException:
            say(f"setup: {self.name}: failed")
            _remove(folder)
            raise
        return folder

    def _folders(self) -> Sequence[Path]:
        return sorted(folder for folder in INSTALLED.glob(f"{self.key}-*") if folder.name.rpartition("-")[2].isdigit())

    def _next_folder(self) -> Path:
        numbers = [int(folder.name.rpartition("-")[2]) for folder in self._folders()]
        return INSTALLED / f"{self.key}-{max(numbers, default=0) + 1}"

    def _swap(self, folder: Path) -> None:
        """Have the link name the folder, in one step; a folder in the link's place is moved away."""
        target = folder / self.inside if self.inside else folder
        self.link.parent.mkdir(parents=True, exist_ok=True)
        following = self.link.with_name(f"{self.link.name}.next")
        following.unlink(missing_ok=True)
        following.symlink_to(os.path.relpath(target, self.link.parent), target_is_directory=True)
        if self.link.is_dir() and not self.link.is_symlink():
            self.link.rename(self._next_folder())
        following.replace(self.link)


def install(parts: Sequence[Part], variables: Mapping[str, str]) -> None:
    """Install what is due of the parts; two set-ups of one checkout take turns. Raises SetupError.

    The user's cache remembers the seconds of each part, for who waits for it the next time, in any checkout.
    """
    if not any(part.is_due() for part in parts):
        return
    # Not at the top: every command looks here, and nearly always finds nothing to do.
    from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415

    INSTALLED.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        durations = own_cache(variables) / "durations.json"
        before = _seconds_before(durations)
        due = [replace(part, duration=_expected(part, before)) for part in parts if part.is_due()]
        # Together, because each waits for something else: the network, the disk, one core.
        with ThreadPoolExecutor() as pool:
            begun = {pool.submit(part.renew): part for part in due}
            started = time.monotonic()
            while unfinished := wait(begun, timeout=PROGRESS_SECONDS).not_done:
                names = " and ".join(
                    f"{part.name} ({part.duration})" for each, part in begun.items() if each in unfinished
                )
                say(f"setup: {names}: at work for {time.monotonic() - started:.0f} s")
            errors = [each.exception() for each in begun]
        took = {part.name: each.result() for each, part in begun.items() if not each.exception()}
        _remember(durations, {**before, **{name: seconds for name, seconds in took.items() if seconds}})
    for error in errors:
        if error and not isinstance(error, SetupError | OSError):
            raise error
    if any(errors):
        raise SetupError("\n\n".join(str(error) for error in errors if error))


def _seconds_before(durations: Path) -> dict[str, float]:
    """Return the seconds of each part's last installation by its name; what is damaged counts as unknown."""
    try:
        read: dict[str, float] = json.loads(durations.read_text())
        return {name: float(seconds) for name, seconds in read.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _expected(part: Part, before: Mapping[str, float]) -> str:
    return f"{before[part.name]:.0f} s the last time" if part.name in before else part.duration


def _remember(durations: Path, seconds: Mapping[str, float]) -> None:
    # Another checkout's set-up may write it in the same moment. Without it, nothing is missing but a hint.
    with suppress(OSError):
        written = durations.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(seconds))
        written.replace(durations)


@contextmanager
def _one_at_a_time() -> Generator[None]:
    with (INSTALLED / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("setup: another set-up of this checkout is at work; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_from(link: Path) -> Mapping[str, str]:
    """Return what the folder that a link leads to was installed from: digests by name, none if it is no such folder."""
    return _made(Path(os.path.realpath(link))) or {}


def digest(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _made(folder: Path) -> dict[str, str] | None:
    try:
        return dict(json.loads((folder / COMPLETE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / IN_USE).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _remove(folder: Path) -> None:
    """Delete a folder that was installed, so that what an interrupted deletion leaves is not complete."""
    with suppress(OSError):
        (folder / COMPLETE).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def say(line: str) -> None:
    """Print a line of progress."""
    print(line, file=sys.stderr, flush=True)


# --- what installs them -------------------------------------------------------------------------------------------


def run(
    command: tuple[str, ...],
    variables: Mapping[str, str],
    *,
    directory: Path = PROJECT_ROOT,
    hint: Callable[[str], str] = lambda _: "",
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a tool, which can ask nothing, to its end. Raises SetupError with its message, and a hint for it."""
    done = subprocess.run(
        command,
        cwd=directory,
        env=variables,
        # A question would wait for an answer that nobody is asked for.
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if check and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-4000:]
        message = f"{' '.join(command[:4])} failed:\n{said}\n{hint(said)}".strip()
        raise SetupError(message)
    return done


def user_cache(variables: Mapping[str, str]) -> Path:
    """Return the user's folder for caches, or the checkout's where that cannot be written."""
    given, home = variables.get("XDG_CACHE_HOME", ""), variables.get("HOME", "")
    folder = Path(given) if given.startswith("/") else Path(home, ".cache")
    return folder if folder.is_absolute() and writable(folder) else PROJECT_ROOT / ".cache"


def own_cache(variables: Mapping[str, str]) -> Path:
    """Return the folder for what all checkouts of the project share: the installer, and how long installations take."""
    folder = user_cache(variables) / "checkout-setup"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def writable(folder: Path) -> bool:
    """Return True if a file can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
