"""Errors that end a command are printable."""

import pytest

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from ops.emulators import NoEmulatorError
from ops.errors import CommandError


@pytest.mark.parametrize("error", [InvalidInputError(["a\x1bb\n::error::c"]), CommandError("a\x1bb\n::error::c")])
def test_every_error_that_a_command_ends_with_is_printable(error: Exception) -> None:
    assert str(error) == "a\\x1bb\n\\x3a:error::c"
    assert str(NoEmulatorError("\u202e")) == r"\u202e"


def test_no_ci_system_takes_a_setting_for_a_command() -> None:
    assert shown_value("a ::Warning file=b::x") == r'"a \x3a:Warning file=b::x"'
    assert shown_value("##vso[task.setvariable]x") == r'"\x23#vso[task.setvariable]x"'


def test_of_very_many_faults_the_first_hundred_are_said() -> None:
    error = InvalidInputError([f"fault {number}" for number in range(1_101)])
    assert error.faults[98:] == ("fault 98", "fault 99", "... and 1,001 more")
    assert str(error).endswith("fault 99\n... and 1,001 more")
