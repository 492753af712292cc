"""A signal waits for the end of a step, and the next one does not wait."""

import signal

import pytest

from ops.process import TerminatedError, raising_on_sigterm
from ops.smoke.signals import deferred_signals


def test_a_signal_is_raised_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with raising_on_sigterm(), deferred_signals() as raise_deferred:
        raise_deferred()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(TerminatedError):
            raise_deferred()
        raise_deferred()
    assert "once more stops at once" in capsys.readouterr().err


def test_the_second_signal_is_raised_at_once() -> None:
    with raising_on_sigterm(), deferred_signals():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(TerminatedError):
            signal.raise_signal(signal.SIGTERM)


def test_the_handlers_are_those_of_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with deferred_signals():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
