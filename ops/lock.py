"""The lock on a stack's state: who holds it, since when, and what to do about it."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from check_report.printable import shown_value
from ops import aws
from stacks.settings import Settings

LOCK_SUFFIX = ".tflock"
LOCK_ID = "[0-9a-f-]{36}"
_IS_HELD = re.compile(r"\b(PreconditionFailed|ConditionalRequestConflict)\b")
"""S3's answers to a conditional put of what is there already."""
_IN_TEXT = re.compile(r"^[ \t│]*(ID|Operation|Who|Created):[ \t]+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Lock:
    """A lock as Terraform wrote it, each value one short printable line."""

    id: str
    who: str
    operation: str
    created: datetime | None
    """When it was taken; None if Terraform's time cannot be read."""

    @property
    def is_terraforms(self) -> bool:
        """True if Terraform makes ids like this one: another could be an option, or a command in somebody's shell."""
        return re.fullmatch(LOCK_ID, self.id) is not None

    def sentence(self, now: datetime) -> str:
        """Return the holder of the lock, its purpose, its start and its age, in words."""
        since = "since an unknown time"
        if self.created:
            age = int((now - self.created).total_seconds())
            since = f"since {self.created:%Y-%m-%d %H:%M:%S} UTC ({_duration(max(age, 0))})"
        return f"locked by {self.who}, for {self.operation}, {since}; lock id {self.id}"


def held_lock(s3: Any, settings: Settings, stack: str) -> Lock | None:
    """Return the lock that is held on a stack's state, or None. Raises NoAnswerError if that cannot be told."""
    content = aws.state_object(s3, settings, stack, suffix=LOCK_SUFFIX)
    if content is None:
        return None
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    return _lock(told if isinstance(told, dict) else {})  # pyright: ignore[reportUnknownArgumentType] - any JSON


def reported_lock(said: str) -> Lock | None:
    """Return the lock on which Terraform failed, if it did, from what it said."""
    if "Error acquiring the state lock" not in said:
        return None
    info = {key: value.rstrip() for key, value in _IN_TEXT.findall(said)}
    # Without a holder it failed for another reason, as a refusal or a full disk, unless the holder has just left.
    return _lock(info) if "ID" in info or _IS_HELD.search(said) else None


def _lock(told: dict[str, Any]) -> Lock:
    texts = {key: value for key, value in told.items() if isinstance(value, str) and value}
    values = {key: shown_value(texts.get(key, "unknown"))[1:-1] for key in ("ID", "Who", "Operation")}
    operation = values["Operation"].removeprefix("OperationType").lower()
    return Lock(values["ID"], values["Who"], operation, _time(texts.get("Created", "")))


def _time(told: str) -> datetime | None:
    """Read a time as JSON (2026-01-31T12:00:00.123456789Z) or as text (2026-01-31 12:00:00.123456789 +0000 UTC)."""
    digits = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z| \+0000 UTC)", told, re.ASCII)
    try:
        return datetime.fromisoformat(f"{digits[1]} {digits[2]}Z") if digits else None
    except ValueError:
        # Digits, but of no time.
        return None


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2])
