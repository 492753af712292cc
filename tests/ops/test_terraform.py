"""Terraform: what is run of it and when, what its answers mean, and the state as it is read without it."""

import dataclasses
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from config.products import OPENTOFU
from config.request import PROJECT_ROOT
from ops import terraform, unsaved_state
from ops.errors import CommandError, NoAnswerError
from ops.process import TerminatedError, raising_when_terminated
from ops.workspace import Workspace
from tests.ops.test_aws import stubbed
from tests.workspaces import workspace_of

STATE = b"""{
  "version": 4, "serial": 7, "outputs": {"jobs_table_name": {"value": "careervp-jobs-table-dev", "type": "string"}}
}"""


@pytest.fixture
def workspace() -> Workspace:
    return workspace_of("dev")


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
    found = terraform.state(workspace)
    assert found["serial"] == 7
    assert terraform.outputs(found) == {"jobs_table_name": "careervp-jobs-table-dev"}
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


@pytest.fixture
def scripted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Workspace]:
    """Make `terraform` these lines of sh, which notes its arguments in `calls`; return a workspace that runs it."""

    def make(lines: str) -> Workspace:
        (tmp_path / "terraform").write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/calls\n{lines}\n')
        (tmp_path / "terraform").chmod(0o755)
        path = f"{tmp_path}:{os.environ['PATH']}"
        monkeypatch.setenv("PATH", path)
        variables = {"PATH": path, "TF_DATA_DIR": str(tmp_path / "data")}
        return dataclasses.replace(workspace, variables=variables, stack_directory=tmp_path)

    return make


def of_a_test(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keep and find the states that could not be written in a folder of a test's own."""
    for module in (terraform, unsaved_state):
        monkeypatch.setattr(module, "PROJECT_ROOT", folder)
        monkeypatch.setattr(module, "CDKTF_OUT", folder / "cdktf.out")
    monkeypatch.setattr(unsaved_state, "UNSAVED_STATES", folder / "unsaved-state")


FAILED_PLAN = """
[ "$1" = show ] && echo '{"errored": true}' && exit 0
touch %s
echo 'Error: %s' >&2
%s
exit 1"""


@pytest.mark.parametrize("error", ["Instance cannot be destroyed", "Resource instance cannot be destroyed"])
def test_a_plan_that_only_prevent_destroy_refuses_is_looked_at(
    scripted: Callable[[str], Workspace], tmp_path: Path, error: str
) -> None:
    """In Terraform's words, and in OpenTofu's (internal/tofu/node_resource_abstract_instance.go)."""
    file = tmp_path / "tfplan"
    looked_at = terraform.unlocked_plan_json(scripted(FAILED_PLAN % (file, error, "")), file)
    assert looked_at == '{"errored": true}\n'
    other = "echo 'Error: Invalid index' >&2"
    with pytest.raises(CommandError, match=r"^terraform plan failed on AWS"):
        terraform.unlocked_plan_json(scripted(FAILED_PLAN % (file, error, other)), file)
    with pytest.raises(CommandError, match=r"^terraform plan failed on AWS"):
        terraform.unlocked_plan_json(scripted("exit 1"), file)


def test_the_program_that_was_asked_for_runs_and_is_named(scripted: Callable[[str], Workspace], tmp_path: Path) -> None:
    """Terraform, which is on PATH as well, is not."""
    workspace = dataclasses.replace(scripted("exit 7"), product=OPENTOFU)
    (tmp_path / "tofu").write_text(
        '#!/bin/sh\n[ "$1" = version ] || exit 1\necho \'{"terraform_version": "1.10.6"}\'\n'
    )
    (tmp_path / "tofu").chmod(0o755)
    assert terraform.version(workspace) == "1.10.6"
    with pytest.raises(CommandError, match=r"^tofu untaint failed on AWS"):
        terraform.run(workspace, "untaint", "aws_sqs_queue.Jobs")
    (tmp_path / "tofu").write_text("#!/bin/sh\necho 'api error AccessDenied: Access Denied' >&2\nexit 1\n")
    with pytest.raises(CommandError, match=r"\ntofu apply: the credentials lack a permission$"):
        terraform.apply(workspace, tmp_path / "tfplan", {})
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize("ending", [("INT", KeyboardInterrupt), ("TERM", TerminatedError)])
def test_an_interrupted_apply_shows_its_errors_and_where_the_state_is_that_it_could_not_write(
    ending: tuple[str, type[BaseException]],
    scripted: Callable[[str], Workspace],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    sent, raised = ending
    of_a_test(monkeypatch, tmp_path)
    # The signal is to come while the end is waited for.
    failed = "echo made; echo 'Error: Failed to save state' >&2; echo {} > errored.tfstate; sleep 0.3; "
    with raising_when_terminated(), pytest.raises(raised):
        terraform.apply(scripted(f"{failed}kill -{sent} $PPID; exit 1"), tmp_path / "tfplan", {})
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err == (
        "made\nError: Failed to save state\nthe state could not be written; it is in "
        "unsaved-state/aws/vpr-async-dev/errored.tfstate, and make plan ENV=dev TARGET=aws writes it\n"
    )


def test_an_apply_goes_on_when_nobody_reads_what_it_prints(
    scripted: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As after Ctrl-C in `make apply | tee log`, which ends tee: a write to a pipe without a reader ends Terraform."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as unread:
        monkeypatch.setattr("sys.stderr", unread)
        terraform.apply(scripted("echo made; touch state-is-saved"), tmp_path / "tfplan", {})
        monkeypatch.undo()
    assert (tmp_path / "state-is-saved").exists()


BACKEND = {"bucket": "states", "key": "vpr-async-dev/terraform.tfstate"}


def test_a_folder_is_initialised_again_when_backend_provider_or_terraforms_own_record_differ(
    scripted: Callable[[str], Workspace], tmp_path: Path
) -> None:
    data, lock, stack = tmp_path / "data", tmp_path / ".terraform.lock.hcl", tmp_path / "cdk.tf.json"
    provider = data / "providers" / "host" / "hashicorp" / "aws" / "5.100.0" / "linux_amd64"
    provider.mkdir(parents=True)
    (provider / "terraform-provider-aws_v5").touch()
    lock.write_text("checksums")
    stack.write_text(json.dumps({"terraform": {"backend": {"s3": BACKEND}}}))
    workspace = scripted("")

    def initialisations(recorded: dict[str, str]) -> int:
        (tmp_path / "calls").write_text("")
        config = {**recorded, "profile": None}
        (data / "terraform.tfstate").write_text(json.dumps({"backend": {"type": "s3", "config": config}}))
        terraform.init(workspace)
        return (tmp_path / "calls").read_text().split().count("init")

    assert initialisations(BACKEND) == 1
    assert initialisations(BACKEND) == 0
    assert initialisations({**BACKEND, "bucket": "of-yesterday"}) == 1
    lock.write_text("other checksums")
    assert initialisations(BACKEND) == 1
    stack.write_text(json.dumps({"terraform": {"backend": {"s3": BACKEND}, "required_version": ">= 1.10"}}))
    assert initialisations(BACKEND) == 1
    (provider / "terraform-provider-aws_v5").unlink()
    assert initialisations(BACKEND) == 1


AT_LINE_403 = """Error: Invalid value for input variable
  on cdk.tf.json line 403, in resource.aws_cloudwatch_metric_alarm.Throttling:
 403:         "alarm_name": "careervp-Throttling-alarm-dev",
"""
REFUSED = """Error: reading S3 Bucket (results): operation error S3: HeadBucket, https response error StatusCode:
403, RequestID: x, HostID: , api error Forbidden: Forbidden
"""


@pytest.mark.parametrize(("said", "status"), [(AT_LINE_403, 1), (REFUSED, 2)], ids=["an error", "a refusal"])
def test_a_plan_has_no_answer_only_where_aws_refused_and_not_where_a_line_or_a_name_looks_like_it(
    scripted: Callable[[str], Workspace], tmp_path: Path, said: str, status: int
) -> None:
    failing = scripted(f"cat >&2 <<'END'\n{said}END\nexit 1")
    with pytest.raises(CommandError) as caught:
        terraform.plan(failing, tmp_path / "tfplan")
    assert caught.value.status == status
    assert ("lack a permission" in str(caught.value)) == (status == 2)


def test_a_stale_plan_and_a_newer_state_are_explained_with_what_to_type(scripted: Callable[[str], Workspace]) -> None:
    stale = scripted("echo 'Error: Saved plan is stale' >&2; exit 1")
    with pytest.raises(CommandError) as caught:
        terraform.run(stale, "apply", "tfplan")
    assert str(caught.value) == (
        "vpr-async-dev: the state has changed since the plan was made, so it is not applied and nothing was changed; "
        "make plan ENV=dev TARGET=aws, look at it, and apply that"
    )
    newer = scripted("echo 'cannot import state with serial 3 over newer state with serial 4' >&2; exit 1")
    with pytest.raises(CommandError, match=r"^vpr-async-dev: errored\.tfstate is not written, for the state that is "):
        terraform.run(newer, "state", "push", "errored.tfstate")


def test_a_state_that_opentofu_wrote_is_named_as_such_with_both_ways_on(scripted: Callable[[str], Workspace]) -> None:
    """Terraform would ask OpenTofu's registry for the provider that the state names, and says that of it."""
    asked = "echo 'Could not retrieve the list of versions for registry.opentofu.org/hashicorp/aws' >&2; exit 1"
    with pytest.raises(CommandError) as caught:
        terraform.run(scripted(asked), "init")
    assert str(caught.value) == (
        "vpr-async-dev: its state was written by OpenTofu, and names the provider of registry.opentofu.org; make plan "
        "ENV=dev TARGET=aws TERRAFORM=tofu goes on with it, docs/runbooks/opentofu.md has the way back"
    )
    assert (PROJECT_ROOT / "docs" / "runbooks" / "opentofu.md").is_file()


def test_nothing_is_applied_while_a_state_waits_to_be_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_a_test(monkeypatch, tmp_path)
    terraform.require_no_unsaved_state(workspace)
    waiting = tmp_path / "unsaved-state" / "aws" / "vpr-async-dev" / "errored.tfstate"
    waiting.parent.mkdir(parents=True)
    waiting.touch()
    with pytest.raises(CommandError) as caught:
        terraform.require_no_unsaved_state(workspace)
    assert str(caught.value) == (
        "vpr-async-dev: the state of an earlier apply is in unsaved-state/aws/vpr-async-dev/errored.tfstate and not in "
        "the state bucket; make plan ENV=dev TARGET=aws writes it and plans from it"
    )


def test_a_state_that_a_killed_apply_left_is_kept_and_stops_the_next_apply(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_a_test(monkeypatch, tmp_path)
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "errored.tfstate").write_text("made")
    with pytest.raises(CommandError, match=r" is in unsaved-state/aws/vpr-async-dev/errored\.tfstate and not in "):
        terraform.require_no_unsaved_state(dataclasses.replace(workspace, stack_directory=tmp_path / "stack"))
    assert (tmp_path / "unsaved-state" / "aws" / "vpr-async-dev" / "errored.tfstate").read_text() == "made"


@pytest.mark.parametrize(
    ("place", "from_its_folder"),
    [
        (
            "unsaved-state/by-hand/vpr-async-dev/errored.tfstate",
            "../../../unsaved-state/by-hand/vpr-async-dev/errored.tfstate",
        ),
        ("cdktf.out/stacks/vpr-async-dev/errored.tfstate", "errored.tfstate"),
    ],
)
def test_a_state_that_a_run_by_hand_left_stops_planning_and_applying_and_is_not_written(
    place: str,
    from_its_folder: str,
    scripted: Callable[[str], Workspace],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Which AWS the run reached is unknown; another stack is not stopped."""
    of_a_test(monkeypatch, tmp_path)
    workspace = scripted("")
    (tmp_path / place.replace("-dev", "-prod")).parent.mkdir(parents=True)
    (tmp_path / place.replace("-dev", "-prod")).touch()
    terraform.write_unsaved_states(workspace)
    terraform.require_no_unsaved_state(workspace)
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).touch()
    for refusing in (terraform.write_unsaved_states, terraform.require_no_unsaved_state):
        with pytest.raises(CommandError) as caught:
            refusing(workspace)
        assert str(caught.value) == (
            f"vpr-async-dev: {place} is a state that a run by hand could not write, and its target is unknown, so "
            "nothing was planned or changed; in a shell that reaches that target, terraform "
            f"-chdir=cdktf.out/stacks/vpr-async-dev state push {from_its_folder} writes it; then remove the file. "
            "docs/runbooks/recover-from-crash.md has the steps"
        )
    assert (tmp_path / place).exists()
    assert not (tmp_path / "calls").exists()
