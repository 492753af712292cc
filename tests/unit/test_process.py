"""Being told to end: by SIGTERM, wherever the program happens to be."""

import os
import signal

import pytest

from ops.process import TerminatedError, raising_on_sigterm


def retried() -> None:
    """Be told to end while a request is under way, of which botocore would catch every Exception and go on."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except Exception:  # noqa: BLE001 - as botocore does
        pytest.fail("swallowed")


def test_sigterm_is_not_swallowed_by_code_that_retries_what_failed() -> None:
    with raising_on_sigterm(), pytest.raises(TerminatedError):
        retried()


def test_the_way_sigterm_was_handled_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with raising_on_sigterm():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
