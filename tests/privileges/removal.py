"""Take one action of one statement away from who deploys, and see a command or Terraform fail for want of it.

Three times in a deployment's life: before anything is there, when it is there and is to be changed, and when it is to
go. What fails changes nothing, or is put right by the administrator, so that one deployment serves all cases.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.environments import Environment
from ops.access.deployer import policy_document
from stacks.features import load_settings
from tests.privileges.deployment import CHANGES, FOR_PROVIDER_6, RESULTS_BUCKET, STATE_BUCKET, Deployment, deployment

EMAIL = ("# emails = ", "emails = ")

MADE = {
    "sqs": ("aws_sqs_queue.Jobs_DeadLetterQueue_FA298334",),
    "dynamodb": ("aws_dynamodb_table.JobsTable_031BD38C",),
    "s3": (
        "aws_s3_bucket_server_side_encryption_configuration.Results_Encryption_9B495463",
        "aws_s3_bucket_ownership_controls.Results_Ownership_C4486E79",
        "aws_s3_bucket_policy.Results_Policy_AB311D76",
        "aws_s3_bucket_lifecycle_configuration.Results_Lifecycle_D2766075",
    ),
    "cloudwatch": ("aws_cloudwatch_metric_alarm.WorkerErrorsAlarm_8372E362",),
    "sns": ("aws_sns_topic_subscription.AlarmTopic_Email0a34c300_9F4DBF13",),
    "iam": ("aws_iam_policy.Handlers_Submit_58DAF00E",),
}
"""What of each service is made or changed alone; Terraform adds what it refers to."""
DESTROYED = {
    **MADE,
    "s3": ("aws_s3_bucket.Results_Bucket_A1F83315", "aws_s3_bucket_policy.Results_Policy_AB311D76"),
    "sns": ("aws_sns_topic.AlarmTopic_AD6681D3",),
}
"""What of each service is destroyed alone; Terraform adds what refers to it."""


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
        """The moment at which the action is needed: one of the moments that are prepared below."""
        return _moment(self)


def _moment(case: Case) -> str:
    if moment := _NEEDED_ONLY.get(case.action):
        return moment
    of_state_bucket = case.sid.startswith("StateBackend") and case.action != "s3:ListBucket"
    if case.policy == "plan":
        return "again" if of_state_bucket else "plan"
    verb = case.action.partition(":")[2]
    if of_state_bucket:
        return "start"
    if verb.startswith(("Delete", "Unsubscribe")) or verb == "ListBucketVersions":
        return "end"
    changing = ("Set", "Untag", "UpdateTable", "UpdateContinuous", "CreatePolicyVersion", "ListPolicyVersions")
    return "change" if verb.startswith(changing) and case.action != "sns:SetTopicAttributes" else "creation"


_NEEDED_ONLY = {
    "iam:ListEntitiesForPolicy": "destruction",
    "s3:ListAllMyBuckets": "first adoption",
    "s3:GetBucketLocation": "adoption",
    "sns:ListSubscriptionsByTopic": "adoption",
    "sns:ListTopics": "adoption",
    "sqs:ListQueues": "first adoption",
    "sqs:GetQueueUrl": "adoption",
}
"""When an action is needed that Terraform alone does not need, or needs for no plan but an adoption's."""


def cases() -> list[Case]:
    """Return every action of every statement of the two policies that deploy, that the installed provider may take."""
    settings = load_settings(Environment("dev"))
    return [
        Case(policy, statement["Sid"], action)
        for policy in ("plan", "apply")
        for statement in policy_document(settings, policy)["Statement"]
        for action in statement["Action"]
        if action not in FOR_PROVIDER_6
    ]


def prove(path: Path, chosen: list[Case]) -> Iterator[tuple[Case, str]]:
    """Yield each case with what was denied when its action was missing; "" if nothing failed."""
    with deployment(path) as dev:
        dev.edit("environments/dev.toml", *EMAIL)
        for moment, (prepare, attempt) in _MOMENTS.items():
            due = [case for case in chosen if case.moment == moment]
            # The end goes on from the changes.
            if due or (moment == "change" and any(case.moment == "end" for case in chosen)):
                prepare(dev)
            for case in due:
                yield case, _denied(dev, case, attempt)


def _denied(dev: Deployment, case: Case, attempt: Callable[[Deployment, Case], int]) -> str:
    before = dev.denied()
    with dev.acting(("plan", "apply"), without=(case.sid, case.action)):
        status = attempt(dev, case)
    dev.unlock()
    said = sorted(dev.denied() - before)
    return said[0] if status and any(each.startswith(f"{case.action} on ") for each in said) else ""


def _command(name: str) -> Callable[[Deployment, Case], int]:
    return lambda dev, _: dev.command(name).returncode


def _terraform(dev: Deployment, case: Case, what: str) -> int:
    """Apply or destroy what the case's service has, alone."""
    addresses = (DESTROYED if what == "destroy" else MADE)[case.action.partition(":")[0]]
    return dev.terraform(what, "-auto-approve", *(f"-target={address}" for address in addresses)).returncode


# --- the moments --------------------------------------------------------------------------------------------------


def _start(dev: Deployment, case: Case) -> int:
    status = _command("bootstrap")(dev, case)
    # The next attempt is to begin from nothing, too.
    if dev.has_state_bucket():
        s3 = dev.administrator.client("s3")
        for version in s3.list_object_versions(Bucket=STATE_BUCKET).get("Versions", []):
            s3.delete_object(Bucket=STATE_BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        s3.delete_bucket(Bucket=STATE_BUCKET)
    return status


def _adopt(dev: Deployment, case: Case) -> int:
    return _command("bootstrap" if case.sid.startswith("StateBackend") else "adopt")(dev, case)


def _create(dev: Deployment, case: Case) -> int:
    status = _terraform(dev, case, "apply")
    with dev.acting(None):
        if list((dev.checkout.path / "unsaved-state").rglob("*.tfstate")):
            # A command writes the state that could not be written, before it is overtaken.
            assert dev.command("plan").returncode == 0
        _terraform(dev, case, "destroy")
    return status


def _change(dev: Deployment, case: Case) -> int:
    """Make the changes; before that the administrator undoes those that an attempt before may have made."""
    _as_before(dev, case)
    return _terraform(dev, case, "apply")


def _destroy(dev: Deployment, case: Case) -> int:
    """Destroy what the administrator made again, with an object, and in two versions, before."""
    _as_before(dev, case)
    with dev.acting(None):
        _terraform(dev, case, "apply")
    if case.action.startswith("s3:"):
        dev.administrator.client("s3").put_object(Bucket=RESULTS_BUCKET, Key="results/1.json", Body=b"{}")
    return _terraform(dev, case, "destroy")


def _as_before(dev: Deployment, case: Case) -> None:
    synthesized = dev.checkout.folder("vpr-async-dev") / "cdk.tf.json"
    changed = synthesized.read_text()
    synthesized.write_text((dev.checkout.path / BEFORE).read_text())
    try:
        with dev.acting(None):
            assert _terraform(dev, case, "apply") == 0
    finally:
        synthesized.write_text(changed)


BEFORE = "before-the-changes.tf.json"


def _nothing(_: Deployment) -> None:
    """Leave all as it is."""


def _have(*commands: str) -> Callable[[Deployment], None]:
    def prepare(dev: Deployment) -> None:
        with dev.acting(None):
            for command in commands:
                done = dev.command(command)
                assert done.returncode == 0, done.stderr

    return prepare


def _lose_state(dev: Deployment) -> None:
    _have("bootstrap", "plan", "apply")(dev)
    dev.forget_state()


def _have_changes(dev: Deployment) -> None:
    _have("bootstrap", "plan")(dev)
    folder = dev.checkout.folder("vpr-async-dev")
    (dev.checkout.path / BEFORE).write_text((folder / "cdk.tf.json").read_text())
    for change in CHANGES:
        if change[1:] != EMAIL:
            dev.edit(*change)
    _have("plan")(dev)


_MOMENTS: dict[str, tuple[Callable[[Deployment], None], Callable[[Deployment, Case], int]]] = {
    "start": (_nothing, _start),
    "first adoption": (_have("bootstrap", "plan"), _command("adopt")),
    "creation": (_have("bootstrap", "plan"), _create),
    "destruction": (_have("bootstrap", "plan", "apply"), _command("destroy")),
    "change": (_have_changes, _change),
    "end": (_nothing, _destroy),
    "plan": (_have("bootstrap", "plan", "apply"), _command("plan")),
    "again": (_have("bootstrap"), _command("bootstrap")),
    "adoption": (_lose_state, _adopt),
}
"""What each moment needs to be there, and what is then tried; each goes on from where the one before ended.

The destruction stands before the changes, which protect the table from it.
"""
