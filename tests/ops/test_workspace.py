"""The stacks that a command works on, their folders, and its end when one of them fails."""

import pytest

from check_report.errors import InvalidInputError
from config.environments import Environment
from config.products import OPENTOFU, TERRAFORM
from config.request import PROJECT_ROOT, Target, read_request
from ops.deployment.retention import retention
from ops.errors import CommandError, NoAnswerError
from ops.workspace import Workspace, each, features_of, make_command, on_aws, start_one
from stacks.features import STATE_BACKEND
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.workspaces import workspace_of


def workspace(target: Target = Target.EMULATOR) -> Workspace:
    return workspace_of(target=target)


def test_each_target_has_its_own_plans() -> None:
    plans = PROJECT_ROOT / "plans"
    assert workspace().plan_directory == plans / "emulator" / "vpr-async-prod"
    assert workspace(Target.AWS).plan_file == plans / "aws" / "vpr-async-prod" / "tfplan"


def test_a_command_that_a_message_names_is_for_the_same_environment_target_and_program() -> None:
    assert make_command("plan", Environment("prod"), Target.EMULATOR, TERRAFORM) == "make plan ENV=prod"
    assert make_command("plan", Environment("prod"), Target.AWS, TERRAFORM) == "make plan ENV=prod TARGET=aws"
    assert make_command("plan", Environment("prod"), Target.AWS, OPENTOFU) == (
        "make plan ENV=prod TARGET=aws TERRAFORM=tofu"
    )
    assert workspace_of(product=OPENTOFU).plan_anew == "make plan ENV=prod TARGET=aws TERRAFORM=tofu"
    assert workspace(Target.AWS).make("apply") == "make apply ENV=prod TARGET=aws"
    assert on_aws(read_request({"ENV": "staging"}), "unlock") == "; on AWS: make unlock ENV=staging TARGET=aws"
    by_tofu = read_request({"ENV": "staging", "TERRAFORM": "tofu"})
    assert on_aws(by_tofu, "unlock") == "; on AWS: make unlock ENV=staging TARGET=aws TERRAFORM=tofu"
    assert start_one(by_tofu) == "make bootstrap ENV=staging TERRAFORM=tofu starts one that stays"


@pytest.mark.parametrize("command", ["plan", "apply", "adopt"])
def test_the_state_buckets_stack_is_planned_applied_and_adopted_by_bootstrap(command: str) -> None:
    """The others work on features alone, and would say that all is well."""
    backend = workspace_of(feature=STATE_BACKEND)
    assert backend.make(command) == backend.plan_anew == "make bootstrap ENV=prod TARGET=aws"
    assert backend.make("unlock") == "make unlock ENV=prod TARGET=aws"
    kept = retention(backend.settings, backend.make)
    assert kept is not None
    assert kept.adopt == "make bootstrap ENV=prod TARGET=aws"


def test_a_stack_is_chosen_by_its_name_and_all_of_them_by_none() -> None:
    assert VPR_ASYNC in features_of(read_request({}))
    assert features_of(read_request({"STACK": "vpr-async"})) == [VPR_ASYNC]


@pytest.mark.parametrize("stack", ["vpr-asinc", STATE_BACKEND.stack])
def test_a_stack_that_is_none_of_the_features_is_refused_with_those_that_are(stack: str) -> None:
    with pytest.raises(InvalidInputError, match=rf'^STACK = "{stack}": not known; allowed: vpr-async'):
        features_of(read_request({"STACK": stack}))


def test_one_stack_that_fails_stops_no_other_and_fails_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = workspace(), workspace(), workspace()
    worked: list[int] = []

    def work(on: Workspace) -> None:
        worked.append(id(on))
        if on is first:
            message = "refused"
            raise CommandError(message)

    with pytest.raises(CommandError, match=r"^1 of 3 stacks failed$"):
        each([first, second, third], work)
    assert worked == [id(first), id(second), id(third)]
    assert capsys.readouterr().err == "refused\n"


def test_of_several_failures_the_one_without_an_answer_gives_the_status() -> None:
    failures = iter([NoAnswerError("no answer"), CommandError("no")])

    def work(_: Workspace) -> None:
        raise next(failures)

    with pytest.raises(NoAnswerError, match=r"^2 of 2 stacks failed$") as caught:
        each([workspace(), workspace()], work)
    assert caught.value.status == 2


def test_the_only_stacks_failure_is_the_commands() -> None:
    def work(_: Workspace) -> None:
        message = "refused"
        raise CommandError(message)

    with pytest.raises(CommandError, match=r"^refused$"):
        each([workspace()], work)


def test_a_service_has_one_client_a_workspace() -> None:
    """Making one takes a tenth of a second, and a plan asks SQS four times."""
    one, other = workspace(), workspace()
    assert one.client("sqs") is one.client("sqs")
    assert one.client("sqs") is not one.client("s3")
    assert one.client("sqs") is not other.client("sqs")
