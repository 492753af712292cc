"""Two applies at once: one wins, the other one says who holds the lock, and the state is the winner's."""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.scene import STATE_BUCKET, STATE_KEY, Scene, colleague, scene
from tests.surroundings import HANG_SECONDS

EDITED = "stacks/vpr_async/stack.py"
WAITING = ("receive_wait_seconds=", "receive_wait_seconds=19 or ")
RACES = ("ten times",)
HOLDER = r"locked by \S+@\S+, for apply, since \d{4}-\d\d-\d\d \S+ UTC \(\d+ s\); lock id \S+"


@contextmanager
def pair(path: Path) -> Generator[tuple[Scene, Scene]]:
    """Deploy production, its state bucket keeping each version, and give the two who will deploy at once."""
    with scene(path / "one") as one:
        for command in ("bootstrap", "plan", "apply"):
            one.succeeds(command)
        other = colleague(one, path / "other")
        for side in (one, other):
            # Another waiting time leaves the requirement, which would stop the plan.
            rules = side.checkout.path / "review.toml"
            rules.write_text(rules.read_text().replace('kinds = ["requirement"]', 'kinds = ["execution"]'))
        yield one, other


def races(name: str, path: Path) -> str:
    """Let two apply at once, on one account, as often as the name says; return who won, in words."""
    assert name == RACES[0]
    with pair(path) as (one, other):
        return "; ".join(race(one, other, number) for number in range(10))


def race(one: Scene, other: Scene, number: int) -> str:
    """Let both apply the same change at the same time, and look at who did; return it in words."""
    before = one.state()["serial"]
    for side in (one, other):
        file = side.checkout.path / EDITED
        was, now = WAITING if number % 2 == 0 else WAITING[::-1]
        text = file.read_text()
        assert text.count(was) == 1
        file.write_text(text.replace(was, now))
        assert "2 to change" in side.succeeds("plan").output
    running = [side.checkout.start("python", "-m", "ops", "apply", ENV="prod") for side in (one, other)]
    said = [process.communicate(timeout=HANG_SECONDS) for process in running]
    statuses = [process.returncode for process in running]
    assert sorted(statuses) == [0, 2], said
    loser = said[statuses.index(2)][1]
    assert re.search(HOLDER, loser), loser
    assert "nothing was changed; the same command with LOCK_TIMEOUT=5m waits for it; if" in loser
    serials = versions(one)
    assert serials == list(range(serials[0], serials[0] + len(serials))), "a version was written over"
    assert one.state()["serial"] == serials[-1] > before
    # The loser's plan is one that the state has overtaken.
    late = (one, other)[statuses.index(2)].ops("apply")
    assert late.status == 1
    assert "the state has changed since the plan was made, so it is not applied and nothing was changed" in late.errors
    return f"{('one', 'the other')[statuses.index(0)]} won, serial {before} -> {serials[-1]}"


def versions(side: Scene) -> list[int]:
    """Return the serial of every version of the state that was ever written, the oldest first."""
    s3 = side.client("s3")
    listed = s3.list_object_versions(Bucket=STATE_BUCKET, Prefix=STATE_KEY)["Versions"]
    states = [each["VersionId"] for each in reversed(listed) if each["Key"] == STATE_KEY]
    return [
        json.loads(s3.get_object(Bucket=STATE_BUCKET, Key=STATE_KEY, VersionId=version)["Body"].read())["serial"]
        for version in states
    ]
