"""A command whose status 1 is an answer ends with 2 for everything that kept it from answering."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from config.errors import InvalidInputError
from ops import answer as module
from ops.__main__ import main
from ops.errors import CommandError


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


FAILURES: list[tuple[BaseException, str]] = [
    (CommandError("terraform failed"), "terraform failed"),
    (NoCredentialsError(), "Unable to locate credentials"),
    (KeyError("Table"), "verify: an error in the command itself, which answers nothing: KeyError: 'Table'"),
    (
        ValueError("two\nlines \x1b[2J"),
        "verify: an error in the command itself, which answers nothing: ValueError: two lines \\x1b[2J",
    ),
    (SystemExit(1), ""),
]


@pytest.mark.parametrize(("error", "said"), FAILURES)
def test_a_failure_is_no_answer(capsys: pytest.CaptureFixture[str], error: BaseException, said: str) -> None:
    """Its status is 2, its message one line, whatever it is; a synthesis that failed has shown its own."""
    assert module.answer("verify", raising(error)) == 2
    assert capsys.readouterr().err == (f"{said}\n" if said else "")


@pytest.mark.parametrize("status", [0, 1, 2])
def test_an_answer_is_what_it_is(status: int) -> None:
    assert module.answer("verify", lambda: status) == status


@pytest.mark.parametrize("error", [InvalidInputError(["a fault"]), BrokenPipeError(), KeyboardInterrupt()])
def test_bad_input_and_signals_keep_their_own_status(error: BaseException) -> None:
    with pytest.raises(type(error)):
        module.answer("verify", raising(error))


@pytest.mark.parametrize("command", ["verify", "drift"])
def test_a_crash_of_verify_or_drift_is_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """1 would say that something differs, or drifted."""
    error = json.JSONDecodeError("Expecting value", "", 0)
    monkeypatch.setenv("ENV", "dev")
    monkeypatch.setattr(f"ops.{command}.command.clients_for", raising(error))
    assert main([command]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{command}: an error in the command itself, which answers nothing: JSONDecodeError: ")
    assert len(said.splitlines()) == 1
