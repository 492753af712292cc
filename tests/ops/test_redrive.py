"""Redrives: how many messages are moved, who is asked, what refuses, and what an interruption leaves."""

import io
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_emulator import Emulator
from check_report.errors import InvalidInputError
from config.environments import Environment
from config.request import Request, Target, read_request
from ops import redrive
from ops.errors import CommandError, NoAnswerError
from ops.resource_types import TYPES
from ops.resource_types.interface import Client, Redrive
from ops.workspace import Workspace
from stacks.feature import Feature
from stacks.requirement import Requirement
from stacks.settings import Settings
from tests.workspaces import workspace_of

ALARM = "aws_cloudwatch_metric_alarm"
SQS = "aws_sqs_queue"


@dataclass
class Letters:
    """Queues and alarms in memory, in place of AWS's."""

    dead: list[str]
    of: dict[str, str | None] = field(default_factory=lambda: {"jobs": "jobs-dead", "jobs-dead": ""})
    """The dead-letter queue of each queue."""
    hidden: int = 0
    raised: dict[str, bool | None] = field(default_factory=lambda: {"errors": False})
    guards: dict[str, str] = field(default_factory=lambda: {"errors": "jobs"})
    interrupted_after: int = 0
    fails_after: int = 0
    comes_back: bool = False
    is_throttled_then: bool = False
    """True if no count has an answer once a message was moved."""
    moved: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def move(self, source: str, queue: str, _: Client) -> str:
        """Move the oldest message."""
        if self.fails_after and len(self.moved) == self.fails_after:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage")
        if not self.dead:
            return ""
        message = self.dead.pop(0)
        self.moved.append((source, queue, message))
        if self.comes_back:
            self.dead.append(message)
        if len(self.moved) == self.interrupted_after:
            signal.raise_signal(signal.SIGINT)
        return message

    def counts(self, _: str, __: Client) -> tuple[int, int]:
        """Return the messages that can be received, and those that cannot."""
        if self.is_throttled_then and self.moved:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slower"}}, "GetQueueAttributes")
        return len(self.dead), self.hidden

    def is_raised(self, alarm: str, _: Client) -> bool | None:
        """Return True if an alarm is raised."""
        return self.raised[alarm]

    def shown(self, _: str, __: Client) -> Iterator[str]:
        """Yield the messages."""
        yield from self.dead

    def requirement(self, _: Settings) -> Requirement:
        """Return the requirement of the feature that has the queues."""
        return Requirement(resources={SQS: {queue: {} for queue in self.of}}, prefixes={}, guards={ALARM: self.guards})

    def run(
        self,
        patch: pytest.MonkeyPatch,
        *options: str,
        typed: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> int:
        """Run the command. typed: the answer on a terminal; None if there is no terminal."""
        hooks = Redrive(
            dead_letter_queue=lambda queue, _: self.of[queue],
            counts=self.counts,
            shown=self.shown,
            move=self.move,
        )
        patch.setitem(TYPES, SQS, replace(TYPES[SQS], redrive=hooks))  # pyright: ignore[reportArgumentType] - a dict
        patch.setitem(TYPES, ALARM, replace(TYPES[ALARM], is_raised=self.is_raised))  # pyright: ignore[reportArgumentType] - a dict
        stream = io.StringIO(typed or "")
        patch.setattr(stream, "isatty", lambda: typed is not None)
        patch.setattr(sys, "stdin", stream)
        request = read_request({"ENV": "dev", **(variables or {})})
        emulator = Emulator("http://127.0.0.1:9", "111111111111", 1) if request.target is Target.EMULATOR else None
        feature = Feature(key="post", stack="post", requirement=self.requirement, stack_class=no_stack)

        @contextmanager
        def opened(*_: Request, **__: Any) -> Generator[Sequence[Workspace]]:
            yield [workspace_of("dev", target=request.target, emulator=emulator, feature=feature)]

        def found(_: Environment) -> Emulator | None:
            return emulator

        patch.setattr(redrive, "open_workspaces", opened)
        patch.setattr("ops.workspace.find_emulator", found)
        parser = ArgumentParser()
        redrive.COMMANDS[0].add_options(parser)
        return redrive.run(request, parser.parse_args(options))


def no_stack() -> Any:
    """Return nothing that makes a stack."""


def names(letters: Letters) -> list[str]:
    return [message for *_, message in letters.moved]


def test_messages_go_back_to_the_queue_that_redrives_to_theirs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = Letters(["a", "b"])
    assert letters.run(monkeypatch) == 0
    assert letters.moved == [("jobs-dead", "jobs", "a"), ("jobs-dead", "jobs", "b")]
    assert capsys.readouterr().out.splitlines() == [
        "post-dev on the emulator at http://127.0.0.1:9 (account 111111111111, us-east-1)",
        "jobs-dead: 2 messages, to go back to jobs",
        "errors: not raised",
        "moved 1 of 2: a",
        "moved 2 of 2: b",
        "2 messages moved to jobs",
        "jobs-dead: 0 messages left (AWS's count may lag by a minute)",
    ]


@pytest.mark.parametrize(("at_most", "moved"), [("1", 1), ("3", 3), ("10", 10), ("10000", 12)])
def test_no_more_are_moved_than_said(monkeypatch: pytest.MonkeyPatch, at_most: str, moved: int) -> None:
    letters = Letters([f"m{number}" for number in range(12)])
    letters.run(monkeypatch, "--at-most", at_most)
    assert len(letters.moved) == moved


def test_ten_are_moved_if_no_number_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters([f"m{number}" for number in range(12)])
    assert letters.run(monkeypatch) == 0
    assert len(letters.moved) == 10


def test_messages_that_come_back_meanwhile_do_not_make_it_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(["a", "b"], comes_back=True)
    assert letters.run(monkeypatch, "--at-most", "100") == 0
    assert len(letters.moved) == 2


@pytest.mark.parametrize("at_most", ["0", "-1", "10001", "ten", "", "1.5", "9" * 400, "٣"])
def test_a_number_that_is_not_allowed_is_refused(monkeypatch: pytest.MonkeyPatch, at_most: str) -> None:
    letters = Letters(["a"])
    with pytest.raises(InvalidInputError) as refused:
        letters.run(monkeypatch, f"--at-most={at_most}")
    assert "allowed: 1 to 10000" in refused.value.faults[0]
    assert letters.moved == []


@pytest.mark.parametrize("alarms", [{"errors": True}, {"errors": False, "throttles": True}])
def test_nothing_is_moved_while_an_alarm_of_the_consumer_is_raised(
    monkeypatch: pytest.MonkeyPatch, alarms: dict[str, bool | None]
) -> None:
    letters = Letters(["a"], raised=alarms, guards=dict.fromkeys(alarms, "jobs"))
    raised = next(name for name, is_raised in alarms.items() if is_raised)
    with pytest.raises(CommandError) as refused:
        letters.run(monkeypatch)
    assert refused.value.status == 1
    assert str(refused.value).startswith(f"{raised} raised: the consumer of jobs fails")
    assert "make redrive ENV=dev ARGS=--despite-alarm" in str(refused.value)
    assert letters.moved == []
    assert letters.run(monkeypatch, "--despite-alarm") == 0
    assert names(letters) == ["a"]


def test_an_alarm_of_another_queue_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(["a"], raised={"errors": True}, guards={"errors": "letters"})
    assert letters.run(monkeypatch) == 0
    assert names(letters) == ["a"]


def test_an_alarm_that_is_not_there_is_no_all_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(["a"], raised={"errors": None})
    with pytest.raises(NoAnswerError, match=r"^errors: no such alarm, .* make plan ENV=dev shows what is missing$"):
        letters.run(monkeypatch)
    assert letters.moved == []


AWS = {"TARGET": "aws"}


@pytest.mark.parametrize(
    ("typed", "variables", "moved"),
    [("yes\n", AWS, ["a", "b"]), (None, {**AWS, "AUTO_APPROVE": "yes"}, ["a", "b"]), (None, {}, ["a", "b"])],
)
def test_what_is_approved_is_moved(
    monkeypatch: pytest.MonkeyPatch, typed: str | None, variables: dict[str, str], moved: list[str]
) -> None:
    """On AWS by an answer, or beforehand; on an emulator without either."""
    letters = Letters(["a", "b"])
    assert letters.run(monkeypatch, typed=typed, variables=variables) == 0
    assert names(letters) == moved


def test_on_aws_the_question_has_the_number_and_no_is_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = Letters(["a", "b", "c"])
    with pytest.raises(CommandError, match=r"^not approved; nothing was changed$"):
        letters.run(monkeypatch, "--at-most", "2", typed="no\n", variables=AWS)
    assert "Move 2 of 3 messages from jobs-dead to jobs? Only 'yes' goes on: " in capsys.readouterr().err
    assert letters.moved == []


def test_without_a_terminal_to_ask_on_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(["a"])
    with pytest.raises(InvalidInputError, match="make redrive asks before it changes anything"):
        letters.run(monkeypatch, variables=AWS)
    assert letters.moved == []


def test_a_dry_run_shows_all_moves_nothing_and_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = Letters(["a", "b"], raised={"errors": True})
    assert letters.run(monkeypatch, "--dry-run", variables=AWS) == 0
    assert letters.moved == []
    assert capsys.readouterr().out.splitlines()[1:] == [
        "jobs-dead: 2 messages, to go back to jobs",
        "  a",
        "  b",
        "errors: RAISED",
    ]


def test_messages_that_somebody_else_holds_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Letters([], hidden=2).run(monkeypatch) == 0
    assert "jobs-dead: nothing to move; 2 hidden, as somebody received them: try again in a minute\n" in (
        capsys.readouterr().out
    )


def test_ctrl_c_waits_for_the_message_that_is_under_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = Letters(["a", "b", "c"], interrupted_after=2)
    with pytest.raises(KeyboardInterrupt):
        letters.run(monkeypatch)
    assert (names(letters), letters.dead) == (["a", "b"], ["c"])
    said = capsys.readouterr()
    assert said.out.endswith("moved 2 of 3: b\n2 messages moved to jobs\n")
    assert "stopping after this message; once more stops at once" in said.err


def test_a_call_that_fails_half_way_is_a_failure_with_what_was_moved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = Letters(["a", "b", "c"], fails_after=1)
    with pytest.raises(CommandError, match=r"AccessDenied.*nothing is lost") as failed:
        letters.run(monkeypatch)
    assert failed.value.status == 1
    assert capsys.readouterr().out.endswith("moved 1 of 3: a\n1 message moved to jobs\n")


def test_a_last_count_that_fails_is_no_failure_of_what_was_moved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Letters(["a"], is_throttled_then=True).run(monkeypatch) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "1 message moved to jobs",
        (
            "jobs-dead: how many are left is unknown: An error occurred (Throttling) when calling the "
            "GetQueueAttributes operation: slower"
        ),
    ]


def test_a_dead_letter_queue_of_two_queues_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages do not say for certain where they came from."""
    letters = Letters(["a"], of={"jobs": "dead", "letters": "dead", "dead": ""})
    with pytest.raises(NoAnswerError, match=r"^dead: the dead-letter queue of jobs and letters, so it is unknown"):
        letters.run(monkeypatch)
    assert letters.moved == []


def test_queues_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(["a"], of={"jobs": None, "jobs-dead": None})
    with pytest.raises(NoAnswerError, match=r": no jobs, no jobs-dead; make verify ENV=dev shows what else"):
        letters.run(monkeypatch)


def test_a_feature_without_dead_letters_has_nothing_to_move(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Letters([], of={"jobs": ""}).run(monkeypatch) == 0
    assert capsys.readouterr().out == "post-dev: has no dead-letter queue, so there is nothing to move\n"
