"""Every way to lose prod's data that we could think of, edits and operations, and what stops each, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.journeys.adoption.conftest import Adopted
from tests.required import RETENTION

STACK = "stacks/vpr_async/stack.py"
SETTINGS = "environments/prod.toml"
TABLE_AT, BUCKET_AT = "aws_dynamodb_table.JobsTable_031BD38C", "aws_s3_bucket.Results_Bucket_A1F83315"
QUEUE_AT = "aws_sqs_queue.Jobs_Queue_57E451F9"
RETAIN = ('data_protection = "retain"', 'data_protection = "destroy"')
UNPROTECTED = ("lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if retain_data else None,", "")


TABLE_REMOVED = (
    (
        """        table = Table(
            self,
            "JobsTable",
            name=names.jobs_table,
            account=self.account,
            partition_key=Key.string("job_id"),
            ttl_attribute="ttl",
            global_indexes=[GlobalIndex(name=IDEMPOTENCY_INDEX, partition_key=Key.string("idempotency_key"))],
            retain_data=settings.retains_data,
        )
""",
        "",
    ),
    ("self._publish(jobs, table, results)", "self._publish(jobs, results)"),
    ("def _publish(self, jobs: Queue, table: Table,", "def _publish(self, jobs: Queue,"),
    ("        self._grant(settings, names, jobs, table, results)\n", ""),
    ("table_name, bucket_name = jobs.queue.url, table.table.name,", "bucket_name = jobs.queue.url,"),
    ('            "jobs_table_name": table_name,\n', ""),
    ('            "jobs_table_arn": table.table.arn,\n', ""),
    ('                "VPR_JOBS_TABLE_NAME": table_name,\n', ""),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way: what is edited, which commands are run; all but the last succeed, and the last is refused."""

    told: tuple[str, ...]
    """What the refusal says."""
    edits: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    """By file: pairs of what is replaced and by what."""
    commands: tuple[str, ...] = ("plan",)
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    tainted: str = ""
    """The address of what is tainted before, by hand."""


WAYS = {
    "the table renamed": Way(
        edits={"stacks/vpr_async/names.py": (('"table", feature="jobs"', '"tables", feature="jobs"'),)},
        told=(f'careervp-jobs-table-prod ({TABLE_AT}): would be replaced, for name "careervp-jobs-table-prod" -> ',),
    ),
    "the table's key changed": Way(
        edits={STACK: (('Key.string("job_id")', 'Key.string("id")'),)},
        told=(f'({TABLE_AT}): would be replaced, for hash_key "job_id" -> "id", and its items lost; undo that change',),
    ),
    "the table's key changed without prevent_destroy": Way(
        edits={STACK: (('Key.string("job_id")', 'Key.string("id")'),), "constructs_lib/table.py": (UNPROTECTED,)},
        told=(f'({TABLE_AT}): would be replaced, for hash_key "job_id" -> "id", and its items lost; undo that change',),
    ),
    "the table under another construct id": Way(
        edits={STACK: (('"JobsTable"', '"Jobs2"'),)},
        told=(f"({TABLE_AT}): would be deleted, and its items lost; it is not declared any more",),
    ),
    "the table's protection off": Way(
        edits={
            "constructs_lib/table.py": (
                ("deletion_protection_enabled=retain_data", "deletion_protection_enabled=False"),
            )
        },
        told=(f"({TABLE_AT}): would lose deletion protection",),
    ),
    "the table's backups off": Way(
        edits={
            "constructs_lib/table.py": (("enabled=retain_data or recovery_days", "enabled=False or recovery_days"),)
        },
        told=(f"({TABLE_AT}): would lose point-in-time recovery",),
    ),
    "the table's items expiring by another attribute": Way(
        edits={STACK: (('ttl_attribute="ttl"', 'ttl_attribute="created_at"'),)},
        told=(f'({TABLE_AT}): would expire items by another attribute: "ttl" -> "created_at"',),
    ),
    "the bucket renamed": Way(
        edits={SETTINGS: (('# name_suffix = "0a1b2c"', 'name_suffix = "0a1b2c"'),)},
        told=(f"({BUCKET_AT}): would be replaced, for bucket ", "and its objects lost"),
    ),
    "the bucket not declared any more": Way(
        edits={STACK: (('"Results",', '"Reports",'),), "constructs_lib/bucket.py": (UNPROTECTED,)},
        told=(f"({BUCKET_AT}): would be deleted, and its objects lost; it is not declared any more",),
    ),
    "the bucket's force_destroy set": Way(
        edits={"constructs_lib/bucket.py": (("force_destroy=not retain_data", "force_destroy=True"),)},
        told=(f"({BUCKET_AT}): would lose force_destroy = false",),
    ),
    "the bucket's objects expiring earlier": Way(
        edits={STACK: (("RESULTS_DAYS = ", "RESULTS_DAYS = 1 or "),)},
        told=('rule "DeleteOldResults" would delete objects earlier than now, after 1 day',),
    ),
    "the queue renamed": Way(
        edits={"stacks/vpr_async/names.py": (('"jobs-queue"', '"work-queue"'),)},
        told=(f"({QUEUE_AT}): would be replaced, for name ", "and its 100 messages lost"),
    ),
    "the queue under another construct id": Way(
        edits={"constructs_lib/queue.py": (('            "Queue",', '            "Waiting",'),)},
        told=(f"({QUEUE_AT}): would be deleted, and its 100 messages lost",),
    ),
    "the queue's messages kept for less": Way(
        edits={STACK: (("\n            retention_seconds=", "\n            retention_seconds=60 * 60 or "),)},
        told=(f"({QUEUE_AT}): would keep messages for 3600 s instead of {RETENTION} s, and its 100 messages lost",),
    ),
    "the queue tainted": Way(
        tainted=QUEUE_AT,
        told=(f"({QUEUE_AT}): would be replaced, and its 100 messages lost; its creation was interrupted",),
    ),
    "the table's construct and outputs removed": Way(
        edits={STACK: TABLE_REMOVED},
        told=(f"({TABLE_AT}): would be deleted, and its items lost; it is not declared any more",),
    ),
    "another region": Way(
        edits={SETTINGS: (('region = "us-east-1"', 'region = "eu-west-1"'),)},
        told=("state bucket careervp-terraform-state-prod-333333333333: is in us-east-1; allowed: eu-west-1",),
    ),
    "another account": Way(
        edits={SETTINGS: (('account_id = "333333333333"', 'account_id = "444444444444"'),)},
        told=("the running emulator is account 333333333333, the settings now say 444444444444",),
    ),
    "another state": Way(
        edits={SETTINGS: (('state-prod-333333333333"', 'state-prod-other"'),)},
        commands=("plan", "apply"),
        told=(
            "careervp-jobs-table-prod: exists, but is not in Terraform's state; make adopt ENV=prod brings it in",
            "careervp-prod-vpr-results-us-east-1-2d9368: exists, ",
            "careervp-vpr-jobs-queue-prod: exists, ",
        ),
    ),
    "a replacement that is asked for": Way(
        variables={"TF_CLI_ARGS_plan": f"-replace={TABLE_AT}"},
        told=(f'TF_CLI_ARGS_plan = "-replace={TABLE_AT}": not allowed: it changes what Terraform plans',),
    ),
    "a destroy": Way(
        commands=("destroy",), told=("vpr-async-prod retains data: refused to destroy careervp-jobs-table-prod",)
    ),
    "a destroy, confirmed": Way(
        commands=("destroy",),
        variables={"CONFIRM_DATA_LOSS": "vpr-async-prod"},
        told=("vpr-async-prod retains data: refused to destroy careervp-jobs-table-prod",),
    ),
    "both steps of a decommission at once": Way(
        edits={SETTINGS: (RETAIN,)},
        commands=("destroy",),
        variables={"CONFIRM_DATA_LOSS": "vpr-async-prod"},
        told=(
            f"({TABLE_AT}): still has deletion protection and point-in-time recovery; the first step is",
            f"({BUCKET_AT}): still has force_destroy = false; the first step is",
        ),
    ),
    "settings that give the data up, and a rename": Way(
        edits={
            SETTINGS: (RETAIN, ('# name_suffix = "0a1b2c"', 'name_suffix = "0a1b2c"')),
            "stacks/vpr_async/names.py": (('"table", feature="jobs"', '"tables", feature="jobs"'),),
        },
        told=(f"({TABLE_AT}): would be replaced, for name", f"({BUCKET_AT}): would be replaced, for bucket"),
    ),
    "a deployment past the plan, with a replacement that is asked for": Way(
        commands=("deploy",),
        variables={"TF_CLI_ARGS_apply": f"-replace={QUEUE_AT}"},
        told=(f'TF_CLI_ARGS_apply = "-replace={QUEUE_AT}": not allowed: it changes what Terraform plans, applies',),
    ),
    "a deployment past the plan, with the queue renamed": Way(
        edits={"stacks/vpr_async/names.py": (('"jobs-queue"', '"work-queue"'),)},
        commands=("deploy",),
        told=("and its 100 messages lost",),
    ),
}


def refused(adopted: Adopted, way: Way) -> str:
    """Go that way; return what the refusal says. The source is then as it was, and a refused plan is gone."""
    path = adopted.checkout.path
    before = {file: (path / file).read_text() for file in way.edits}
    try:
        for file, edits in way.edits.items():
            text = before[file]
            for old, new in edits:
                text = text.replace(old, new)
            (path / file).write_text(text)
        if way.tainted:
            assert adopted.terraform("taint", way.tainted).returncode == 0
        *earlier, last = (adopted.ops(command, **way.variables) for command in way.commands)
    finally:
        for file, text in before.items():
            (path / file).write_text(text)
        if way.tainted:
            assert adopted.terraform("untaint", way.tainted).returncode == 0
    assert [done.returncode for done in earlier] == [0] * len(earlier)
    assert last.returncode != 0, last.stdout
    if way.commands == ("plan",):
        # Nothing to apply is left, but the review of it, and what a later one takes.
        left = {file.name for file in (path / "plans" / "emulator" / "vpr-async-prod").iterdir()}
        assert left <= {"review.md", "review.html", "review.json", "plan.json", "review-context.json"}
    return last.stderr
