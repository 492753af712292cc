"""What came from outside is printed as what it is, and neither a terminal nor a CI system obeys it."""

import pytest

from config.errors import InvalidInputError
from config.printable import printable, printable_lines
from config.settings import shown_value
from ops.emulators import NoEmulatorError
from ops.errors import CommandError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ASCII -> ~!", "plain ASCII -> ~!"),
        ("日本語 é", "日本語 é"),
        ("a\x1b[31mred", r"a\x1b[31mred"),
        ("bell\x07\x9b\x7f", r"bell\x07\x9b\x7f"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\u202eltr\u2066\u200e", r"\u202eltr\u2066\u200e"),
        ("zero\u200bwidth\u200d\ufeff\u00ad", r"zero\u200bwidth\u200d\ufeff\xad"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("not a\u00a0space", r"not a\xa0space"),
        ("alone \ud800", r"alone \ud800"),
        ("hidden\ufe0f\U000e0101\u3164", r"hidden\ufe0f\U000e0101\u3164"),
        ("tag \U000e0041", r"tag \U000e0041"),
    ],
)
def test_what_no_eye_sees_is_escaped_and_the_rest_stays(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("a ::Warning file=b::x", r"a \x3a:Warning file=b::x"),
        ("::stop-commands::x", r"\x3a:stop-commands::x"),
        (":::add-mask::x", r":\x3a:add-mask::x"),
        ("##[error]x", r"\x23#[error]x"),
        ("a ##vso[task.setvariable variable=b]c", r"a \x23#vso[task.setvariable variable=b]c"),
        ("cut off ::error", r"cut off \x3a:error"),
        ("cut off ::error:", r"cut off \x3a:error:"),
        ("arn:aws:s3:::errors", "arn:aws:s3:::errors"),
        ("AWS::SQS::Queue std::error_code ## [x] C##", "AWS::SQS::Queue std::error_code ## [x] C##"),
    ],
)
def test_no_ci_system_takes_it_for_a_command(text: str, expected: str) -> None:
    """GitHub's runner obeys what follows two colons at the beginning of a line, wherever a line was wrapped."""
    assert printable(text) == expected
    assert shown_value(text) == f'"{expected}"'


def test_lines_and_tabs_stay_where_a_tool_is_quoted() -> None:
    assert printable_lines("Error: a\n\n\t│ b\x1b]0;c\x07\r\n") == "Error: a\n\n\t│ b\\x1b]0;c\\x07\\r\n"


@pytest.mark.parametrize("error", [InvalidInputError(["a\x1bb\n::error::c"]), CommandError("a\x1bb\n::error::c")])
def test_every_error_that_a_command_ends_with_is_printable(error: Exception) -> None:
    assert str(error) == "a\\x1bb\n\\x3a:error::c"
    assert str(NoEmulatorError("\u202e")) == r"\u202e"


def test_of_very_many_faults_the_first_hundred_are_said() -> None:
    error = InvalidInputError([f"fault {number}" for number in range(1_101)])
    assert error.faults[98:] == ("fault 98", "fault 99", "... and 1,001 more")
    assert str(error).endswith("fault 99\n... and 1,001 more")
