"""Approval before a change: who is asked, and which answer goes on."""

import io
import sys
from collections.abc import Callable

import pytest

from check_report.errors import InvalidInputError
from config.request import Request, read_request
from ops.deployment.approval import needs_approval, require_approver, require_yes
from ops.errors import CommandError


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make standard input a text, on a terminal or not."""

    def type_(text: str, *, is_terminal: bool) -> None:
        stream = io.StringIO(text)
        monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
        monkeypatch.setattr(sys, "stdin", stream)

    return type_


def request(**variables: str) -> Request:
    return read_request({"ENV": "prod", **variables})


def test_somebody_is_asked_on_aws_alone_unless_it_is_approved_already() -> None:
    assert needs_approval(request(TARGET="aws"))
    assert needs_approval(request(TARGET="aws", AUTO_APPROVE="no"))
    assert not needs_approval(request(TARGET="aws", AUTO_APPROVE="yes"))
    assert not needs_approval(request(TARGET="emulator"))


def test_without_a_terminal_nothing_begins_that_would_have_to_be_asked(typed: Callable[..., None]) -> None:
    typed("", is_terminal=False)
    with pytest.raises(InvalidInputError, match=r"^TARGET=aws: make apply asks .* AUTO_APPROVE=yes goes on "):
        require_approver(request(TARGET="aws"), "apply")
    require_approver(request(TARGET="aws", AUTO_APPROVE="yes"), "apply")
    require_approver(request(TARGET="emulator"), "apply")
    typed("", is_terminal=True)
    require_approver(request(TARGET="aws"), "apply")


def test_a_shell_of_the_emulators_is_named_before_anybody_is_missed_who_could_approve(
    typed: Callable[..., None],
) -> None:
    """AUTO_APPROVE=yes would be the wrong advice there."""
    typed("", is_terminal=False)
    with pytest.raises(InvalidInputError, match=r"has the emulator's variables from make up: open a new shell$"):
        require_approver(request(TARGET="aws", AWS_ACCESS_KEY_ID="emulator"), "destroy")


@pytest.mark.parametrize("answer", ["", "\n", "y\n", "no\n", "YES\n", "yes, but\n"])
def test_every_answer_but_yes_stops(answer: str, typed: Callable[..., None]) -> None:
    typed(answer, is_terminal=True)
    with pytest.raises(CommandError, match=r"^not approved; nothing was changed$"):
        require_yes("Destroy it?")


def test_yes_goes_on_and_the_question_is_on_stderr(
    typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed("yes\n", is_terminal=True)
    require_yes("Destroy it?")
    assert capsys.readouterr() == ("", "Destroy it? Only 'yes' goes on: ")
