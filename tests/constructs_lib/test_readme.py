"""The README of the constructs: its examples run, and its table of defaults has every option."""

import inspect
import re
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from constructs_lib.table import Table
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import new_stack, resources, synth

README = (PROJECT_ROOT / "constructs_lib" / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
MESSAGES = re.findall(r"```text\n(.*?)\n```", README, re.DOTALL)


def run(*examples: str) -> list[dict[str, Any]]:
    """Run examples in the stack `other`; return the tables that it then has."""
    stack = new_stack()
    names: dict[str, Any] = {"self": stack}
    for example in examples:
        exec(example, names)  # noqa: S102 - our own README
    return resources(synth(stack), "aws_dynamodb_table")


def test_the_examples_make_the_tables_that_they_name() -> None:
    assert {table["name"] for table in run(*EXAMPLES[:-1])} == {"orders", "order-lines", "sessions"}


def test_the_last_example_is_refused_with_the_message_beside_it() -> None:
    (message,) = MESSAGES
    with pytest.raises(InvalidConstructError) as caught:
        run(EXAMPLES[0], EXAMPLES[-1])
    assert str(caught.value) == message


def test_every_option_has_a_default_and_a_reason() -> None:
    rows = re.findall(r"(?m)^\| (`.*?) \| .+ \| .+ \|$", README)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    parameters = inspect.signature(Table.__init__).parameters.values()
    options = {each.name for each in parameters if each.default is not inspect.Parameter.empty}
    assert documented == options | {"projection"}
