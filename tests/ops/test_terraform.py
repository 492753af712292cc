"""The state as it is read, without Terraform."""

import dataclasses
import io
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from config.environments import Environment
from config.request import Target
from ops import terraform
from ops.errors import CommandError, NoAnswerError
from ops.workspace import Workspace
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.test_aws import stubbed

STATE = b"""{
  "version": 4, "serial": 7, "outputs": {"jobs_table_name": {"value": "careervp-jobs-table-dev", "type": "string"}}
}"""


@pytest.fixture
def workspace() -> Workspace:
    settings = load_settings(Environment("dev"))
    return Workspace(
        settings=settings,
        target=Target.AWS,
        variables={},
        emulator=None,
        feature=VPR_ASYNC,
        stack_directory=Path("stack"),
    )


def holding(monkeypatch: pytest.MonkeyPatch, content: bytes | None) -> None:
    """Have the state bucket hold this as the stack's state, or nothing."""
    s3, stubber = stubbed("s3")
    key = {"Bucket": "careervp-terraform-state-dev-111111111111", "Key": "vpr-async-dev/terraform.tfstate"}
    if content is None:
        stubber.add_client_error("get_object", service_error_code="NoSuchKey", expected_params=key)
    else:
        stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(content), len(content))}, key)

    def client(*_: object) -> Any:
        return s3

    monkeypatch.setattr(Workspace, "client", client)


def test_the_state_is_what_the_state_bucket_holds(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    holding(monkeypatch, STATE)
    assert terraform.state(workspace)["serial"] == 7
    holding(monkeypatch, STATE)
    assert terraform.outputs(workspace) == {"jobs_table_name": "careervp-jobs-table-dev"}
    holding(monkeypatch, None)
    assert terraform.state(workspace) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"[{}]",
        b'"state"',
        b"7",
        b"null",
        b'{"resources": {}}',
        b'{"resources": [7]}',
        b'{"resources": [{"mode": "managed", "type": "aws_sqs_queue", "name": "Jobs"}]}',
        b'{"resources": [{"mode": "managed", "type": "aws_sqs_queue", "name": "Jobs", "instances": [{}]}]}',
        b'{"resources": [{"mode": "managed", "type": 1, "name": "Jobs", "instances": []}]}',
        b'{"outputs": []}',
        b"[" * 100_000,
    ],
)
def test_a_state_of_another_shape_is_one_message_with_where_an_older_one_is(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    holding(monkeypatch, content)
    with pytest.raises(CommandError) as caught:
        terraform.state(workspace)
    assert str(caught.value) == (
        "vpr-async-dev on AWS (account 111111111111, us-east-1): its state is not one of Terraform's; the state bucket "
        "keeps older versions"
    )


def test_a_plan_that_gets_no_answer_is_ended_and_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The AWS provider waits for ever for an endpoint that takes a request and does not answer it."""
    (tmp_path / "terraform").write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    (tmp_path / "terraform").chmod(0o755)
    monkeypatch.setattr(terraform, "MOST_SECONDS", 0.2)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    monkeypatch.setenv("PATH", path["PATH"])
    with pytest.raises(NoAnswerError) as caught:
        terraform.run(dataclasses.replace(workspace, variables=path, stack_directory=tmp_path), "plan")
    assert str(caught.value) == (
        "terraform plan was ended: it had no answer from AWS (account 111111111111, us-east-1) for 0 s; no resource "
        "was changed"
    )
    assert caught.value.status == 2


def test_a_state_that_is_not_in_the_bucket_yet_is_read_from_its_file(workspace: Workspace, tmp_path: Path) -> None:
    local = dataclasses.replace(workspace, local_state_file=tmp_path / "terraform.tfstate")
    assert terraform.state(local) == {}
    (tmp_path / "terraform.tfstate").write_bytes(STATE)
    assert terraform.state(local)["serial"] == 7
