"""The gate between requests and saves."""

from __future__ import annotations

import threading

from aws_emulator.persistence.gate import Gate

from emulator_helpers import HANG_SECONDS


def test_it_closes_when_the_last_request_has_left() -> None:
    gate, inside, finish = Gate(), threading.Event(), threading.Event()
    seen: list[str] = []

    def request() -> None:
        with gate.entered():
            inside.set()
            finish.wait(HANG_SECONDS)
            seen.append("request")

    thread = threading.Thread(target=request)
    thread.start()
    assert inside.wait(HANG_SECONDS)
    threading.Timer(0.05, finish.set).start()
    with gate.closed(HANG_SECONDS) as is_closed:
        seen.append("closed")
    thread.join(HANG_SECONDS)
    assert (is_closed, seen) == (True, ["request", "closed"])


def test_a_slow_request_keeps_it_open_for_all() -> None:
    """It does not close within the time, and the next request gets in."""
    gate, entered = Gate(), threading.Event()

    def request() -> None:
        with gate.entered():
            entered.set()

    with gate.entered(), gate.closed(0.01) as is_closed:
        assert is_closed is False
        thread = threading.Thread(target=request)
        thread.start()
        assert entered.wait(HANG_SECONDS)
    thread.join(HANG_SECONDS)


def test_a_request_waits_outside_while_it_is_closed() -> None:
    gate, entered = Gate(), threading.Event()

    def request() -> None:
        with gate.entered():
            entered.set()

    thread = threading.Thread(target=request)
    with gate.closed(0) as is_closed:
        assert is_closed is True
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(HANG_SECONDS)
    thread.join(HANG_SECONDS)


def test_a_request_that_waits_does_not_hinder_it() -> None:
    gate = Gate()
    with gate.entered():
        with gate.left(), gate.closed(0) as is_closed:
            assert is_closed is True
        with gate.closed(0) as is_closed:
            assert is_closed is False


def test_shut_it_lets_nobody_in_again() -> None:
    """Not even after a save, which finds it closed already, whoever is still inside."""
    gate, entered = Gate(), threading.Event()

    def request() -> None:
        with gate.entered():
            entered.set()

    with gate.entered():
        assert gate.shut(0) is False
        with gate.closed(0) as is_closed:
            assert is_closed is True
    thread = threading.Thread(target=request, daemon=True)
    thread.start()
    assert not entered.wait(0.05)
