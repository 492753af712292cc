"""Text from outside prints as what it is, and neither a terminal nor a CI system obeys it."""

from datetime import date

import pytest

from check_report.printable import printable, printable_ascii, printable_lines, shown_value, without_commands


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
    assert printable(text) == without_commands(text) == printable_ascii(text) == expected


def test_lines_and_tabs_stay_where_a_tool_is_quoted() -> None:
    assert printable_lines("Error: a\n\n\t│ b\x1b]0;c\x07\r\n") == "Error: a\n\n\t│ b\\x1b]0;c\\x07\\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quеue", r"qu\u0435ue"),  # noqa: RUF001 - a Cyrillic letter
        ("é 🦆 \ud800", r"\xe9 \U0001f986 \ud800"),
        (r"C:\n ::error::", r"C:\n \x3a:error::"),
        ("::error::é", r"\x3a:error::\xe9"),
    ],
)
def test_in_ascii_a_letter_that_only_looks_like_another_shows(text: str, expected: str) -> None:
    assert printable_ascii(text) == expected
    assert printable_ascii(expected) == expected


def test_a_value_is_shown_as_toml_has_it() -> None:
    assert [shown_value(value) for value in ("2030-01-31", date(2030, 1, 31), 14)] == [
        '"2030-01-31"',
        "2030-01-31",
        "14",
    ]


def test_a_long_value_is_cut_and_its_length_is_told() -> None:
    assert shown_value("x" * 78) == f'"{"x" * 78}"'
    assert shown_value("x" * 100) == f'"{"x" * 79}... (102 characters)'
