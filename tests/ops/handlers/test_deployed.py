"""`make reset`, `make env`, and what is deployed: what they refuse, and what they say of each resource."""

from argparse import Namespace
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from aws_emulator import Emulator, EmulatorError
from check_report.errors import InvalidInputError
from config.request import Request, Target, read_request
from ops import terraform, workspace
from ops.errors import NoAnswerError
from ops.handlers import deployed, exports, peek, reset
from ops.handlers.deployed import Deployed, Held
from ops.resource_types import TYPES
from ops.resource_types.interface import ResourceType
from ops.workspace import Workspace
from stacks.feature import Feature
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.workspaces import workspace_of

ON_EMULATOR: dict[str, Any] = {
    "target": Target.EMULATOR,
    "emulator": Emulator(endpoint="http://127.0.0.1:9", account_id="111111111111", pid=1),
}


def untouched(*_: Any, **__: Any) -> Any:
    message = "the target was reached"
    raise AssertionError(message)


@pytest.mark.parametrize(
    ("command", "module", "message"),
    [
        (
            reset.reset,
            reset,
            (
                "TARGET=aws: make reset is the emulator's alone; it deletes every message, item and object; "
                "nothing was changed"
            ),
        ),
        (
            exports.env,
            exports,
            "TARGET=aws: make env is the emulator's alone; on AWS a handler has its own role, and the stack's outputs",
        ),
    ],
)
def test_on_aws_it_is_refused_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, command: Callable[[Request], None], module: Any, message: str
) -> None:
    monkeypatch.setattr(module, "deployed_stacks", untouched)
    with pytest.raises(InvalidInputError) as refused:
        command(read_request({"ENV": "prod", "TARGET": "aws", "AUTO_APPROVE": "yes"}))
    assert refused.value.faults == (message,)


def test_each_resource_is_emptied_by_its_type_and_named_with_what_was_deleted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    emptied: list[tuple[str, str]] = []

    def empty(values: Mapping[str, Any], _: Any, emulator: Emulator) -> Mapping[str, int]:
        emptied.append((values["name"], emulator.endpoint))
        return {"messages": values["holds"]}

    @contextmanager
    def both(_: Request) -> Generator[list[Deployed]]:
        yield [Deployed(workspace_of("dev", **ON_EMULATOR), {})]

    type_ = ResourceType(name="aws_x", find=TYPES["aws_sqs_queue"].find, empty=empty)
    held = [Held(type_, name, {"name": name, "holds": holds}) for name, holds in (("jobs", 2), ("dlq", 0))]
    monkeypatch.setattr(reset, "deployed_stacks", both)
    monkeypatch.setattr(reset, "held", lambda _: held)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes a state
    reset.reset(read_request({"ENV": "dev"}))
    assert emptied == [("jobs", "http://127.0.0.1:9"), ("dlq", "http://127.0.0.1:9")]
    assert capsys.readouterr().out == (
        "vpr-async-dev on the emulator at http://127.0.0.1:9 (account 111111111111, us-east-1):\n"
        "  jobs: deleted 2 messages\n  dlq: empty already\n"
    )


def test_a_reset_that_the_emulator_does_not_answer_is_one_message_and_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def empty(*_: Any) -> Mapping[str, int]:
        message = "the emulator at http://127.0.0.1:9 does not answer: BadStatusLine"
        raise EmulatorError(message)

    @contextmanager
    def one(_: Request) -> Generator[list[Deployed]]:
        yield [Deployed(workspace_of("dev", **ON_EMULATOR), {})]

    held = [Held(ResourceType(name="aws_x", find=TYPES["aws_sqs_queue"].find, empty=empty), "jobs", {})]
    monkeypatch.setattr(reset, "deployed_stacks", one)
    monkeypatch.setattr(reset, "held", lambda _: held)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes a state
    with pytest.raises(NoAnswerError, match=r"^the emulator at http://127\.0\.0\.1:9 does not answer: BadStatusLine$"):
        reset.reset(read_request({"ENV": "dev"}))


def exported_by(stack: str, **variables: str) -> tuple[Workspace, dict[str, str]]:
    feature = Feature(key=stack, stack=stack, requirement=VPR_ASYNC.requirement, stack_class=VPR_ASYNC.stack_class)
    return workspace_of("dev", **ON_EMULATOR, feature=feature), {"AWS_REGION": "us-east-1", **variables}


def test_one_shell_gets_no_variable_of_two_values() -> None:
    """A handler would send its jobs to another feature's queue."""
    jobs = exported_by("jobs", QUEUE_URL="jobs", TABLE="jobs", ONE="1")
    assert exports.merged([jobs, exported_by("orders", TWO="2")]) == {
        "AWS_REGION": "us-east-1",
        "QUEUE_URL": "jobs",
        "TABLE": "jobs",
        "ONE": "1",
        "TWO": "2",
    }
    with pytest.raises(NoAnswerError) as refused:
        exports.merged([jobs, exported_by("other"), exported_by("orders", QUEUE_URL="orders", TABLE="orders")])
    assert str(refused.value) == (
        "QUEUE_URL, TABLE: not the same in jobs-dev and orders-dev; STACK names the one stack, like make env ENV=dev "
        "STACK=jobs"
    )


def resource(type_: str, name: str, mode: str = "managed") -> dict[str, Any]:
    return {"mode": mode, "type": type_, "name": "x", "instances": [{"attributes": {"name": name}}]}


def test_the_states_managed_resources_that_hold_data_are_meant() -> None:
    """A data source is somebody else's."""
    state = {
        "resources": [
            resource("aws_dynamodb_table", "table"),
            resource("aws_sqs_queue", "queue"),
            resource("aws_sqs_queue", "another's", mode="data"),
            resource("aws_iam_policy", "policy"),
            resource("aws_unknown", "unknown"),
            resource("aws_sqs_queue", "dlq"),
        ]
    }
    found = deployed.held(state)
    assert [(each.type.name, each.name) for each in found] == [
        ("aws_sqs_queue", "dlq"),
        ("aws_sqs_queue", "queue"),
        ("aws_dynamodb_table", "table"),
    ]


def test_a_command_reads_a_stacks_state_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the resources and the outputs that a command uses are of the same deployment."""
    reads: list[str] = []
    exported: list[tuple[str, Mapping[str, Any]]] = []
    state = {"outputs": {"table": {"value": "jobs"}}, "resources": [resource("aws_iam_policy", "policy")]}

    def read(of: Workspace) -> dict[str, Any]:
        reads.append(of.stack)
        return state

    def make(of: Workspace, outputs: Mapping[str, Any]) -> dict[str, str]:
        exported.append((of.stack, dict(outputs)))
        return {}

    @contextmanager
    def opened(*_: Any, **__: Any) -> Generator[list[Workspace]]:
        yield [workspace_of("dev", **ON_EMULATOR, variables=ON_EMULATOR["emulator"].environment("us-east-1"))]

    monkeypatch.setattr(workspace, "find_emulator", lambda _: True)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes an environment
    monkeypatch.setattr(deployed, "open_workspaces", opened)
    monkeypatch.setattr(terraform, "state", read)
    monkeypatch.setattr(exports.roles, "make", make)
    for command in (exports.env, reset.reset, partial(peek.run, options=Namespace(json=True, follow=False, most=1))):
        reads.clear()
        command(read_request({"ENV": "dev"}))
        assert reads == ["vpr-async-dev"]
    assert exported == [("vpr-async-dev", {"table": "jobs"})]


@pytest.mark.parametrize(
    ("others", "message"),
    [
        (
            ON_EMULATOR,
            (
                "vpr-async-dev: not deployed on the emulator at http://127.0.0.1:9 (account 111111111111, us-east-1); "
                "make up ENV=dev deploys it"
            ),
        ),
        (
            {},
            (
                "vpr-async-dev: not deployed on AWS (account 111111111111, us-east-1); make plan ENV=dev TARGET=aws "
                "begins a deployment"
            ),
        ),
    ],
)
def test_if_nothing_is_deployed_one_message_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, Any], message: str
) -> None:
    @contextmanager
    def opened(*_: Any, **__: Any) -> Generator[list[Workspace]]:
        yield [workspace_of("dev", **others)]

    monkeypatch.setattr(workspace, "find_emulator", lambda _: True)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes an environment
    monkeypatch.setattr(deployed, "open_workspaces", opened)
    monkeypatch.setattr(terraform, "state", lambda _: {})  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes a workspace
    with pytest.raises(NoAnswerError) as refused, deployed.deployed_stacks(read_request({"ENV": "dev"})):
        pass
    assert str(refused.value) == message
