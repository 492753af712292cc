"""A signal waits for the end of a step, and the next one does not wait; what that may hide is found all the same."""

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from config.environments import Environment
from ops.process import TerminatedError, raising_when_terminated
from ops.progress import say
from ops.signals import deferred_signals
from ops.smoke.command import clean_up
from stacks.features import load_settings
from stacks.vpr_async.names import names_of
from stacks.vpr_async.smoke.actors import Actor, Actors
from stacks.vpr_async.smoke.job import Job, Queue

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def test_a_signal_is_raised_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with raising_when_terminated(), deferred_signals("stopping") as raise_deferred:
        raise_deferred()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(TerminatedError):
            raise_deferred()
        raise_deferred()
    assert "once more stops at once" in capsys.readouterr().err


def test_the_second_signal_is_raised_at_once() -> None:
    with raising_when_terminated(), deferred_signals("stopping"):
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(TerminatedError):
            signal.raise_signal(signal.SIGTERM)


def test_a_terminal_that_goes_away_ends_the_run_once_however_often_it_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And nothing is said, for there is nowhere to say it."""
    with deferred_signals("stopping") as raise_deferred:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        with pytest.raises(TerminatedError) as raised:
            raise_deferred()
        assert raised.value.number == signal.SIGHUP
        signal.raise_signal(signal.SIGHUP)
        raise_deferred()
    assert capsys.readouterr().err == ""


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with deferred_signals("stopping") as raise_deferred:
            signal.raise_signal(signal.SIGHUP)
            raise_deferred()
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_are_those_of_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with deferred_signals("stopping"):
        signal.raise_signal(signal.SIGHUP)
    assert [signal.getsignal(number) for number in ENDING] == before


class _Hiding:
    """SQS that serves a receive which is cut off, and so hides the message for its visibility timeout."""

    def __init__(self) -> None:
        self.now = self.visible_at = 0.0
        self.messages: list[dict[str, Any]] = []
        self.is_cut_off = True

    def send_message(self, *, MessageBody: str, **_: Any) -> None:  # noqa: N803 - as boto3 calls it
        given = {"Attributes": {"ApproximateReceiveCount": "2"}, "ReceiptHandle": "handle"}
        self.messages.append({"Body": MessageBody, **given})

    def receive_message(self, *, VisibilityTimeout: int, WaitTimeSeconds: int = 20, **_: Any) -> dict[str, Any]:  # noqa: N803
        if self.is_cut_off:
            self.is_cut_off = False
            self.visible_at = self.now + VisibilityTimeout
            raise KeyboardInterrupt
        self.now += WaitTimeSeconds
        return {"Messages": self.messages} if self.now > self.visible_at else {}

    def delete_message(self, **_: Any) -> None:
        self.messages.clear()


class _Accepting:
    """The table and the bucket, which let everything be deleted."""

    def delete_item(self, **_: Any) -> None:
        pass

    def delete_object(self, **_: Any) -> None:
        pass


def test_a_message_that_a_cut_off_receive_hides_is_waited_for_and_deleted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sqs = _Hiding()
    monkeypatch.setattr("stacks.vpr_async.smoke.job.time", SimpleNamespace(monotonic=lambda: sqs.now))
    actor = Actor(sqs=sqs, jobs=_Accepting(), s3=_Accepting())
    names = names_of(load_settings(Environment("dev")))
    queue, dlq = (Queue(name, f"https://sqs/{name}", name) for name in ("jobs", "dlq"))
    actors = Actors(operator=actor, submit=actor, worker=actor, status=actor)
    job = Job(names, actors, queue, dlq, emulated=True, say=say)
    job.send(actor)
    with pytest.raises(KeyboardInterrupt):
        job.receive(actor, queue)
    assert clean_up(job) == []
    assert sqs.messages == []
    assert 30 < sqs.now < 35
    assert "a receive was cut off, which may hide the message for 30 s: waiting for it" in capsys.readouterr().err
