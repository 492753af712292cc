"""make up: what it prints when everything is deployed."""

from collections.abc import Mapping
from typing import Any

import pytest

from aws_emulator import Emulator
from config.request import Target
from ops.deployment import emulated
from ops.workspace import Workspace
from stacks.feature import Feature
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.workspaces import workspace_of

EMULATOR = Emulator(endpoint="http://127.0.0.1:9", account_id="111111111111", pid=1)


def deployed(stack: str) -> Workspace:
    feature = Feature(key=stack, stack=stack, requirement=VPR_ASYNC.requirement, stack_class=VPR_ASYNC.stack_class)
    return workspace_of("dev", target=Target.EMULATOR, emulator=EMULATOR, feature=feature)


@pytest.mark.parametrize(
    ("urls", "printed"),
    [
        ({"jobs": "same", "orders": "same"}, "export QUEUE_URL=same\n"),
        ({"jobs": "one", "orders": "other"}, ""),
    ],
)
def test_the_lines_of_all_stacks_are_printed_once_and_none_where_they_contradict(
    urls: Mapping[str, str], printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stacks are deployed all the same, and are named."""

    def exports(workspace: Workspace, _: Mapping[str, Any]) -> dict[str, str]:
        return {"QUEUE_URL": urls[workspace.feature.stack]}

    monkeypatch.setattr(emulated.terraform, "state", lambda _: {})  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes a workspace
    monkeypatch.setattr(emulated, "exports", exports)
    emulated._show([deployed("jobs"), deployed("orders")])  # pyright: ignore[reportPrivateUsage] - the end of make up
    said = capsys.readouterr()
    assert said.out == printed
    refusal = "QUEUE_URL: not the same in jobs-dev and orders-dev; STACK names the one stack, like make env ENV=dev"
    assert (refusal in said.err) == (not printed)
    for stack in ("jobs-dev", "orders-dev"):
        assert f"{stack} runs on the emulator at http://127.0.0.1:9 " in said.err
