"""Take one action of one statement away from who deploys, and see a command or Terraform fail for want of it.

Three times in a deployment's life: before anything is there, when it is there and is to be changed, and when it is to
go. What fails changes nothing, or is put right by the administrator, so that one deployment serves all cases.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.request import Environment
from config.settings import load_settings
from ops.iam.deployer import policy_document
from tests.iam.deployment import CHANGES, RESULTS_BUCKET, Deployment, deployment

ADDRESSES = {
    "sqs": ("aws_sqs_queue.Jobs_DeadLetterQueue_FA298334",),
    "dynamodb": ("aws_dynamodb_table.JobsTable_031BD38C",),
    "s3": (
        "aws_s3_bucket_server_side_encryption_configuration.Results_Encryption_9B495463",
        "aws_s3_bucket_ownership_controls.Results_Ownership_C4486E79",
        "aws_s3_bucket_policy.Results_Policy_AB311D76",
        "aws_s3_bucket_lifecycle_configuration.Results_Lifecycle_D2766075",
    ),
    "cloudwatch": ("aws_cloudwatch_metric_alarm.WorkerErrorsAlarm_8372E362",),
    "sns": ("aws_sns_topic_subscription.AlarmTopic_Email_AFB89F75",),
    "iam": ("aws_iam_policy.Handlers_Submit_58DAF00E",),
}
"""What of each service is made, changed or destroyed alone; Terraform adds what it refers to."""


@dataclass(frozen=True)
class Case:
    """One action of one statement of one policy, and when it is needed."""

    policy: str
    sid: str
    action: str

    @property
    def name(self) -> str:
        """The case in words."""
        return f"{self.policy}: {self.action} ({self.sid})"

    @property
    def moment(self) -> str:
        """When the action is needed: one of the moments that are prepared below."""
        return _moment(self)


def _moment(case: Case) -> str:
    verb = case.action.partition(":")[2]
    if case.sid == "StateBucket" and case.action != "s3:ListBucket":
        return "start" if case.policy == "apply" else "again"
    if case.policy == "plan":
        found = {"sqs:GetQueueUrl", "s3:GetBucketLocation", "sns:ListTopics", "sns:ListSubscriptionsByTopic"}
        return "adoption" if case.action in found else "plan"
    if case.action == "s3:PutObject":
        return "creation"
    if verb.startswith(("Delete", "Unsubscribe")) or verb == "ListBucketVersions":
        return "end"
    changing = ("Set", "Untag", "UpdateTable", "UpdateContinuous", "CreatePolicyVersion", "ListPolicyVersions")
    return "change" if verb.startswith(changing) and case.action != "sns:SetTopicAttributes" else "creation"


def cases() -> list[Case]:
    """Return every action of every statement of the two policies that deploy."""
    settings = load_settings(Environment.DEV)
    return [
        Case(policy, statement["Sid"], action)
        for policy in ("plan", "apply")
        for statement in policy_document(settings, policy)["Statement"]
        for action in statement["Action"]
    ]


def prove(path: Path, chosen: list[Case]) -> Iterator[tuple[Case, str]]:
    """Yield each case with what was denied when its action was missing; "" if nothing failed."""
    with deployment(path) as dev:
        dev.edit("environments/dev.toml", "# email = ", "email = ")
        for moment, (prepare, attempt) in _MOMENTS.items():
            due = [case for case in chosen if case.moment == moment]
            if due:
                prepare(dev)
            for case in due:
                yield case, _denied(dev, case, attempt)


def _denied(dev: Deployment, case: Case, attempt: Callable[[Deployment, Case], int]) -> str:
    before = dev.denied()
    with dev.acting(("plan", "apply"), without=(case.sid, case.action)):
        status = attempt(dev, case)
    said = sorted(dev.denied() - before)
    return said[0] if status and any(each.startswith(f"{case.action} on ") for each in said) else ""


def _command(name: str) -> Callable[[Deployment, Case], int]:
    return lambda dev, _: dev.command(name).returncode


def _terraform(*arguments: str) -> Callable[[Deployment, Case], int]:
    def attempt(dev: Deployment, case: Case) -> int:
        targets = [f"-target={address}" for address in ADDRESSES[case.action.partition(":")[0]]]
        return dev.terraform(*arguments, *targets).returncode

    return attempt


def _create_each(dev: Deployment, case: Case) -> int:
    status = _terraform("apply", "-auto-approve")(dev, case)
    with dev.acting(None):
        # What was made before the denial would not be made again.
        _terraform("destroy", "-auto-approve")(dev, case)
    return status


def _nothing(_: Deployment) -> None:
    """Leave all as it is."""


def _have_state_bucket(dev: Deployment) -> None:
    with dev.acting(None):
        for command in ("bootstrap", "plan"):
            assert dev.command(command).returncode == 0


def _have_all(dev: Deployment) -> None:
    with dev.acting(None):
        for command in ("bootstrap", "plan", "apply"):
            done = dev.command(command)
            assert done.returncode == 0, done.stderr


def _have_all_but_state(dev: Deployment) -> None:
    _have_all(dev)
    dev.forget_state()


def _have_changes(dev: Deployment) -> None:
    with dev.acting(None):
        for command in ("adopt", "apply"):
            assert dev.command(command).returncode == 0
        for file, text, replacement in CHANGES:
            if "email" not in text:
                dev.edit(file, text, replacement)
        assert dev.command("plan").returncode == 0


def _have_older_versions(dev: Deployment) -> None:
    with dev.acting(None):
        assert dev.command("apply").returncode == 0
    dev.administrator.client("s3").put_object(Bucket=RESULTS_BUCKET, Key="results/1.json", Body=b"{}")


_MOMENTS: dict[str, tuple[Callable[[Deployment], None], Callable[[Deployment, Case], int]]] = {
    "start": (_nothing, _command("bootstrap")),
    "creation": (_have_state_bucket, _create_each),
    "plan": (_have_all, _command("plan")),
    "again": (_have_all, _command("bootstrap")),
    "adoption": (_have_all_but_state, _command("adopt")),
    "change": (_have_changes, _terraform("apply", "-auto-approve")),
    "end": (_have_older_versions, _terraform("destroy", "-auto-approve")),
}
"""What each moment needs to be there, and what is then tried."""
