"""`make peek`: what it prints, when it prints again, and what it could not read."""

import argparse
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_emulator import EmulatorError
from config.request import read_request
from ops.handlers import peek
from ops.handlers.deployed import Deployed, Held, counted
from ops.resource_types import TYPES
from ops.resource_types.interface import Contents, Entry, ResourceType
from tests.workspaces import workspace_of

Peek = Callable[..., Contents]


def one(waiting: int) -> Contents:
    return Contents(
        counts={"waiting": waiting, "in_flight": 1},
        entries=(Entry("line \x1b[2J" + "x" * 400, {"body": "\x1b[2J"}),),
        note="shown: the oldest 1",
    )


def holding(waiting: int) -> Peek:
    def look(*_: Any) -> Contents:
        return one(waiting)

    return look


def refused(*_: Any) -> Contents:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no\nScan"}}, "Scan")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what makes resources be deployed, each of which is looked at by a function."""

    def deploy(**looks: Peek) -> None:
        @contextmanager
        def deployed(*_: Any) -> Generator[list[Deployed]]:
            yield [Deployed(workspace_of("dev"), {})]

        find = TYPES["aws_sqs_queue"].find
        held = [Held(ResourceType(name="aws_x", find=find, peek=look), name, {}) for name, look in looks.items()]
        monkeypatch.setattr(peek, "deployed_stacks", deployed)
        monkeypatch.setattr(peek, "held", lambda _: held)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes a state
        monkeypatch.setattr(peek, "FOLLOW_SECONDS", 0)

    return deploy


def run(**options: Any) -> int:
    given = argparse.Namespace(**{"json": False, "follow": False, "most": 10, **options})
    return peek.run(read_request({"ENV": "dev"}), given)


def test_each_resource_is_a_line_with_its_entries_below(
    looked_at: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What a message holds is printable, and short."""
    looked_at(jobs=holding(2))
    assert run() == 0
    head, resource, entry = capsys.readouterr().out.splitlines()
    assert head == "vpr-async-dev on AWS (account 111111111111, us-east-1):"
    assert resource == "  jobs: 2 waiting, 1 in flight (shown: the oldest 1)"
    assert entry.startswith("    line \\x1b[2Jxxx")
    assert entry.endswith("xxx... (412 characters)")
    assert len(entry) == 4 + 320 + len("... (412 characters)")


def test_what_cannot_be_read_is_said_and_is_status_2(
    looked_at: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The other resources are shown all the same, and a run that follows ends."""
    looked_at(table=refused, jobs=holding(0))
    assert run(follow=True) == 2
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  table: not readable: An error occurred (AccessDenied) when calling the Scan operation: no Scan",
        "  jobs: 0 waiting, 1 in flight (shown: the oldest 1)",
    ]


def garbled(*_: Any) -> Contents:
    message = "the emulator at http://127.0.0.1:9 does not answer: BadStatusLine"
    raise EmulatorError(message)


def test_an_emulator_that_does_not_answer_hides_no_other_resource(
    looked_at: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    looked_at(dead=garbled, jobs=holding(0))
    assert run() == 2
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  dead: not readable: the emulator at http://127.0.0.1:9 does not answer: BadStatusLine",
        "  jobs: 0 waiting, 1 in flight (shown: the oldest 1)",
    ]


def test_the_jsons_keys_are_stable(looked_at: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    looked_at(jobs=holding(2), table=refused)
    assert run(json=True) == 2
    text = capsys.readouterr().out
    assert json.loads(text) == {
        "version": 1,
        "environment": "dev",
        "target": "emulator",
        "stacks": [
            {
                "stack": "vpr-async-dev",
                "where": "AWS (account 111111111111, us-east-1)",
                "resources": [
                    {
                        "type": "aws_x",
                        "name": "jobs",
                        "counts": {"waiting": 2, "in_flight": 1},
                        "entries": [{"body": "\x1b[2J"}],
                        "note": "shown: the oldest 1",
                        "error": "",
                    },
                    {
                        "type": "aws_x",
                        "name": "table",
                        "counts": {},
                        "entries": [],
                        "note": "",
                        "error": "An error occurred (AccessDenied) when calling the Scan operation: no Scan",
                    },
                ],
            }
        ],
    }
    assert "\x1b" not in text


@pytest.mark.parametrize("as_json", [False, True])
def test_following_prints_again_only_what_has_changed_until_ctrl_c(
    looked_at: Callable[..., None], capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    answers: Iterator[int] = iter((1, 1, 2, 2, 1))

    def changing(*_: Any) -> Contents:
        waiting = next(answers, None)
        if waiting is None:
            raise KeyboardInterrupt
        return Contents(counts={"waiting": waiting})

    looked_at(jobs=changing)
    with pytest.raises(KeyboardInterrupt):
        run(follow=True, json=as_json)
    lines = capsys.readouterr().out.splitlines()
    if as_json:
        shown = [json.loads(line)["stacks"][0]["resources"][0]["counts"]["waiting"] for line in lines]
        assert shown == [1, 2, 1]
    else:
        assert [line for line in lines if "jobs" in line] == [f"  jobs: {count} waiting" for count in (1, 2, 1)]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"items": 1}, "1 item"),
        ({"items": 2}, "2 items"),
        ({"log_streams": 0}, "0 log streams"),
        ({"waiting": 1, "in_flight": 0}, "1 waiting, 0 in flight"),
    ],
)
def test_numbers_have_their_words(counts: dict[str, int], words: str) -> None:
    assert counted(counts) == words
