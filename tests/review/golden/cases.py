"""The changes of which the plans are kept: what is edited, what is done by hand, and where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.required import VISIBILITY

STACK, QUEUE, POLICIES = "stacks/vpr_async/stack.py", "constructs_lib/queue.py", "constructs_lib/policies.py"
NAME = "careervp-vpr-jobs-queue-prod"
QUEUE_POLICY = 'deny_insecure_transport(action="sqs:*", resources=self.arn)'
ANYONE = '{"Sid": "Anyone", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}'
DLQ_ALARM = """        MetricAlarm(
            self,
            "DlqAlarm",
            name=names.dlq_alarm,
            description="A VPR job failed for good: its message is in the dead-letter queue. "
            "Runbook: docs/runbooks/alarm-dlq.md",
            condition=raised.dlq,
            actions=actions,
        )
"""

SUFFIX = ('# name_suffix = "0a1b2c"', 'name_suffix = "0a1b2c"')

Edits = Mapping[str, tuple[tuple[str, str], ...]]
"""By file: pairs of what is replaced and by what."""
ByHand = Callable[[Mapping[str, Any]], None]
"""Changes something through boto3's clients, by service."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One plan of a stack that is deployed as the source has it."""

    environment: str = "prod"
    edits: Edits = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    by_hand: ByHand | None = None
    undo: ByHand | None = None
    options: tuple[str, ...] = ()
    """Terraform's."""


def _change_queue(aws: Mapping[str, Any], visibility: str, owner: str) -> None:
    url = aws["sqs"].get_queue_url(QueueName=NAME)["QueueUrl"]
    aws["sqs"].set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": visibility})
    aws["sqs"].tag_queue(QueueUrl=url, Tags={"Owner": owner})


INDEX = 'global_indexes=[GlobalIndex(name=IDEMPOTENCY_INDEX, partition_key=Key.string("idempotency_key"))],'
INDEX_GRANT = '"FindJobsByIdempotencyKey": table.query(IDEMPOTENCY_INDEX),'
KEY_SCHEMA: Edits = {STACK: (('partition_key=Key.string("job_id")', 'partition_key=Key.string("id")'),)}

CASES = {
    "no-change": Case(),
    "visibility": Case(
        edits={
            STACK: (("VISIBILITY_SECONDS = ", "VISIBILITY_SECONDS = 30 or "),),
            "environments/prod.toml": (("timeout_seconds = 300", "timeout_seconds = 15"),),
        }
    ),
    "key-schema": Case(edits=KEY_SCHEMA),
    "key-schema-dev": Case(environment="dev", edits=KEY_SCHEMA),
    "bucket-renamed": Case(edits={"environments/prod.toml": (SUFFIX,)}),
    "bucket-renamed-dev": Case(environment="dev", edits={"environments/dev.toml": (SUFFIX,)}),
    "lifecycle": Case(edits={STACK: (("RESULTS_DAYS = ", "RESULTS_DAYS = 1 or "),)}),
    "index-removed": Case(edits={STACK: ((INDEX, ""), (INDEX_GRANT, ""))}),
    "policy-widened": Case(edits={QUEUE: ((QUEUE_POLICY, f"{QUEUE_POLICY}, {ANYONE}"),)}),
    # The provider itself sees that this is the same policy.
    "policy-reordered": Case(
        edits={
            POLICIES: (
                (
                    '"Action": action,\n        "Resource": resources,',
                    '"Resource": resources,\n        "Action": [action],',
                ),
            ),
            "constructs_lib/bucket.py": (('[self.arn, f"{self.arn}/*"]', '[f"{self.arn}/*", self.arn]'),),
        }
    ),
    # The provider does not, and would write it again.
    "policy-rewritten": Case(edits={POLICIES: (('"Principal": "*"', '"Principal": {"AWS": ["*"]}'),)}),
    "tag": Case(edits={"environments/prod.toml": (('Owner = "careervp-platform"', 'Owner = "reports"'),)}),
    "alarm-removed": Case(edits={STACK: ((DLQ_ALARM, ""),)}),
    "drift": Case(
        by_hand=lambda aws: _change_queue(aws, "30", "somebody"),
        undo=lambda aws: _change_queue(aws, VISIBILITY, "careervp-platform"),
    ),
    "destroy": Case(options=("-destroy",)),
    "destroy-dev": Case(environment="dev", options=("-destroy",)),
}
"""Those of a deployed stack."""
