"""The file of a saved state: a line that names the format, a line of JSON about the content, and the content."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import IO, TYPE_CHECKING, Any, Final

from aws_emulator.errors import SavedStateError
from aws_emulator.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT: Final = b"aws-emulator state\n"
_HEADER_BYTES: Final = 10_000
_OTHERS_WRITE: Final = 0o022


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands before the content of a saved state."""

    made_by: str
    """The versions that wrote it. Others may keep the same things in other objects."""
    account_id: str
    port: int
    """Where the emulator listened: the URLs of its queues name the port."""
    saved: str
    """When, in ISO 8601."""
    left_out: tuple[str, ...]
    """The services whose state cannot be saved."""
    size: int
    sha256: str

    @property
    def saved_at(self) -> datetime:
        """The time of the save."""
        return datetime.fromisoformat(self.saved)

    def in_words(self, port: int) -> list[str]:
        """Return what a user has to know of an emulator that was restored from it. port: where that listens."""
        restored = f"restored from what was saved at {in_words(self.saved_at)}"
        if self.left_out:
            restored += f", without {', '.join(self.left_out)}, whose state cannot be saved"
        if port == self.port:
            return [restored]
        moved = (
            f"it listens on port {port}, because {self.port}, where it was, is taken: queue URLs from before, as in "
            f"Terraform's outputs and in shells with its export lines, lead to {self.port}; to get them right, free "
            "that port, stop the emulator and start it again"
        )
        return [restored, moved]


def write(file: Path, content: bytes, *, account_id: str, port: int, left_out: tuple[str, ...] = ()) -> Header:
    """Write a state so that the file has either the old one or the new one, whole, whatever happens meanwhile."""
    header = Header(
        made_by=versions(),
        account_id=account_id,
        port=port,
        saved=datetime.now(UTC).isoformat(timespec="seconds"),
        left_out=left_out,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    # It holds keys, and whoever could write to it could run code in the emulator.
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(_FORMAT + json.dumps(asdict(header)).encode() + b"\n")
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
    return header


def read(file: Path, account_id: str) -> tuple[Header, bytes]:
    """Return what is known of a saved state, and its content. Raises SavedStateError if it cannot be restored here."""
    try:
        with file.open("rb") as saved:
            status = os.fstat(saved.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_WRITE:
                raise SavedStateError(file, "other users could have written it")
            header = _header(file, saved)
            content = saved.read()
    except OSError as error:
        raise SavedStateError(file, str(error.strerror)) from None
    if header.made_by != versions():
        raise SavedStateError(file, f"saved by {header.made_by}, and this is {versions()}")
    if header.account_id != account_id:
        raise SavedStateError(file, f"saved for account {header.account_id} instead of {account_id}")
    if (len(content), hashlib.sha256(content).hexdigest()) != (header.size, header.sha256):
        raise SavedStateError(file, "damaged: it does not hold what was saved")
    return header, content


def header(file: Path) -> Header | None:
    """Return what is known of a saved state; None if there is none. Raises SavedStateError for another file."""
    try:
        with file.open("rb") as saved:
            return _header(file, saved)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SavedStateError(file, str(error.strerror)) from None


def _header(file: Path, saved: IO[bytes]) -> Header:
    if saved.readline(len(_FORMAT)) == _FORMAT:
        try:
            given: dict[str, Any] = json.loads(saved.readline(_HEADER_BYTES))
            left_out = tuple(map(str, given.pop("left_out")))
            numbers = {name: int(given.pop(name)) for name in ("port", "size")}
            found = Header(left_out=left_out, **numbers, **{name: str(value) for name, value in given.items()})  # pyright: ignore[reportArgumentType] - a faulty one is a TypeError
            if found.saved_at.tzinfo:
                return found
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
    raise SavedStateError(file, "damaged, or not the saved state of an emulator")


def versions() -> str:
    """Return the versions whose saved states this process can restore."""
    # Functions are saved as the interpreter compiled them.
    return f"aws-emulator {VERSION} on moto {version('moto')} and {sys.implementation.cache_tag}"


def in_words(when: datetime) -> str:
    """Return a time as messages have it, with the day unless it is today."""
    at = when.astimezone(UTC)
    return f"{at:%H:%M:%S UTC}" if at.date() == datetime.now(UTC).date() else f"{at:%Y-%m-%d %H:%M:%S UTC}"
