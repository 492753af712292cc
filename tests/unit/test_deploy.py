"""`make deploy` where data is retained: what would apply another plan than the one judged is refused at once."""

import pytest

from config.errors import InvalidInputError
from config.request import read_request
from ops import commands


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_options_of_an_apply_are_refused_before_anything_starts(
    environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They reach the Terraform that cdktf runs, and could have it replace a queue with the messages in it."""
    monkeypatch.setattr(commands, "open_workspace", None)
    variables = {"ENV": environment, "TF_CLI_ARGS_apply": "-replace=aws_sqs_queue.Jobs\x1b[2J"}
    with pytest.raises(InvalidInputError) as refused:
        commands.deploy(read_request(variables))
    assert refused.value.faults == (
        (
            'TF_CLI_ARGS_apply = "-replace=aws_sqs_queue.Jobs\\u001b[2J": not allowed for make deploy where data is '
            "retained: it adds to the apply what no plan has shown; unset it, or make plan and make apply"
        ),
    )


def test_dev_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class OpenedError(Exception):
        """The workspace was asked for: the command has begun."""

    def opened(*_: object, **__: object) -> None:
        raise OpenedError

    monkeypatch.setattr(commands, "open_workspace", opened)
    with pytest.raises(OpenedError):
        commands.deploy(read_request({"ENV": "dev", "TF_CLI_ARGS_apply": "-parallelism=1"}))
