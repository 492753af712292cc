"""A review with everything in it that a review may say: every kind, state and reason, and strings that mean harm."""

from dataclasses import replace
from functools import cache
from typing import Any

from plan_review.model import (
    Action,
    Block,
    Counts,
    Difference,
    Edge,
    FailedCheck,
    Finding,
    Intent,
    Invocation,
    Kind,
    Known,
    Node,
    Noise,
    OutputChange,
    Picture,
    Review,
    Reviewed,
    Value,
    Verdict,
)

CANARY = "canary-4f1d"
"""Where a value is sensitive, the sample breaks the model's promise and holds this: no form may hand it on."""
HOSTILE = (
    "evil\x1b[31m\u202e\u200b<script>alert(1)</script><img src=x onerror=alert(1)>](javascript:alert(1)) @octocat #123 "
    '| </details>\n\n```\n# heading\n<!-- --> "]; click A "javascript:alert(1)" %% &lt; GH-7 https://evil.example/ '
    "octo/cat#9 $x$ :bomb: <b>"
)
ABSENT = Value(known=Known.ABSENT)
UNKNOWN = Value(known=Known.UNKNOWN)
SENSITIVE = Value(known=Known.SENSITIVE, value=CANARY)


def value(content: Any) -> Value:
    return Value(known=Known.VALUE, value=content)


def difference(path: str, before: Any, after: Any, *, forces: bool = False, noise: Noise | None = None) -> Difference:
    return Difference(
        path=tuple(path.split("/")),
        before=before if isinstance(before, Value) else value(before),
        after=after if isinstance(after, Value) else value(after),
        forces_replacement=forces,
        noise=noise,
    )


def resource(  # noqa: PLR0913 - a row of a table
    kind: str,
    label: str,
    name: str,
    action: Action,
    *differences: Difference,
    reason: str = "",
    order: str = "",
    imported_id: str = "",
    moved_from: str = "",
    deferred: str = "",
) -> Reviewed:
    return Reviewed(
        address=f"{kind}.{label}",
        type=kind,
        name=name,
        action=action,
        reason=reason,
        order=order,
        imported_id=imported_id,
        moved_from=moved_from,
        deferred=deferred,
        differences=differences,
    )


LOSS = Finding(
    kind=Kind.LOSS,
    address="aws_s3_bucket.Results",
    type="aws_s3_bucket",
    name="acmecorp-prod-app-results",
    sentence="would be deleted, with every object in it",
    remedy="copy what it holds first",
)
REPLACEMENT = Finding(
    kind=Kind.REPLACEMENT,
    address="aws_dynamodb_table.Jobs",
    type="aws_dynamodb_table",
    name="acmecorp-app-jobs-table-prod",
    sentence='hash_key "job_id" -> "user_id" forces a new table; the items in the old one go with it',
    remedy="leave the key as it is",
)
PUBLIC = Finding(
    kind=Kind.SECURITY,
    address="aws_sqs_queue_policy.Jobs",
    type="aws_sqs_queue_policy",
    name="acmecorp-app-jobs-queue-prod",
    sentence='policy.AllowSend.Principal "arn:aws:iam::333333333333:role/submit" -> "*": anybody may send',
    remedy="name who may send",
)
DECRYPTED = Finding(
    kind=Kind.SECURITY,
    address="aws_sqs_queue.Evil",
    type="aws_sqs_queue",
    name=HOSTILE,
    sentence=f"sqs_managed_sse_enabled {HOSTILE}",
    remedy="name who may send",
)
UNREAD = Finding(
    kind=Kind.CLIENTS,
    address="output.queue_url",
    type="output",
    name="queue_url",
    sentence='"https://sqs/old" -> (known after apply): perhaps who reads it would address something else',
)
_TWICE = "less than the worker's timeout of 300 s, jobs would run twice"
SHORT = Finding(
    kind=Kind.AVAILABILITY,
    address="aws_sqs_queue.Jobs",
    type="aws_sqs_queue",
    name="acmecorp-app-jobs-queue-prod",
    sentence=f"visibility_timeout_seconds 660 -> 30: {_TWICE}",
)
SILENT = Finding(
    kind=Kind.ALARMS,
    address="aws_cloudwatch_metric_alarm.Depth",
    type="aws_cloudwatch_metric_alarm",
    name="acmecorp-app-queue-depth-prod",
    sentence="alarm_actions: notifies nobody",
)
DEARER = Finding(
    kind=Kind.COST,
    address="aws_dynamodb_table.Jobs",
    type="aws_dynamodb_table",
    name="acmecorp-app-jobs-table-prod",
    sentence='billing_mode "PAY_PER_REQUEST" -> "PROVISIONED"',
)

TABLE = resource(
    "aws_dynamodb_table",
    "Jobs",
    "acmecorp-app-jobs-table-prod",
    Action.REPLACE,
    difference("hash_key", "job_id", "user_id", forces=True),
    difference("billing_mode", "PAY_PER_REQUEST", "PROVISIONED"),
    difference("arn", "arn:aws:dynamodb:us-east-1:333333333333:table/jobs", UNKNOWN, noise=Noise.COMPUTED),
    difference("ttl", [], [{"enabled": False}], noise=Noise.PHANTOM),
    reason="a changed attribute cannot be updated",
    order="the old one is deleted before the new one is there",
)
BUCKET = resource(
    "aws_s3_bucket",
    "Results",
    "acmecorp-prod-app-results",
    Action.DELETE,
    difference("bucket", "acmecorp-prod-app-results", ABSENT),
    reason="not in the configuration any more",
)
POLICY = resource(
    "aws_sqs_queue_policy",
    "Jobs",
    "acmecorp-app-jobs-queue-prod",
    Action.UPDATE,
    difference("policy/AllowSend/Principal", "arn:aws:iam::333333333333:role/submit", "*"),
    difference("policy/AllowSend/Action", ["a", "b"], ["b", "a"], noise=Noise.FORMAT),
)
QUEUE = resource(
    "aws_sqs_queue",
    "Jobs",
    "acmecorp-app-jobs-queue-prod",
    Action.UPDATE,
    difference("visibility_timeout_seconds", 660, 30),
    difference("kms_data_key_reuse_period_seconds", ABSENT, UNKNOWN),
    difference("tags/Owner (team)", "platform", ABSENT),
)
EVIL = resource(
    "aws_sqs_queue",
    "Evil",
    HOSTILE,
    Action.UPDATE,
    difference(f"tags/{HOSTILE.replace('/', '')}", HOSTILE, "x" * 100_000),
    difference("password", SENSITIVE, SENSITIVE),
    difference("wide", "日本語" * 30, "한국어" * 30),
)
FUNCTION = resource(
    "aws_lambda_function",
    "Worker",
    "acmecorp-app-worker-prod",
    Action.UPDATE,
    difference("environment/0/script", "set -e\necho one\necho two\n", "set -e\necho one\necho 2\necho three\n"),
    difference("code", "a" * 1_000 + "before", "a" * 1_000 + "after"),
    moved_from="aws_lambda_function.OldWorker",
)
ALARM = resource(
    "aws_cloudwatch_metric_alarm",
    "Depth",
    "acmecorp-app-queue-depth-prod",
    Action.CREATE,
    difference("alarm_name", ABSENT, "acmecorp-app-queue-depth-prod"),
    difference("threshold", ABSENT, 100),
    difference("arn", ABSENT, UNKNOWN, noise=Noise.COMPUTED),
)
FORGOTTEN = resource("aws_iam_role", "Submit", "acmecorp-app-submit-prod", Action.FORGET)
IMPORTED = resource(
    "aws_s3_bucket",
    "Logs",
    "acmecorp-prod-app-logs",
    Action.NONE,
    imported_id="acmecorp-prod-app-logs",
)
MOVED = resource(
    "aws_sqs_queue", "Dlq", "acmecorp-app-jobs-dlq-prod", Action.NONE, moved_from="aws_sqs_queue.DeadLetters"
)
PUZZLING = resource("aws_kms_alias", "Key", "alias/acmecorp", Action.OTHER, difference("name", "alias/a", "alias/b"))
READ = resource(
    "aws_iam_policy_document", "Send", "data.aws_iam_policy_document.Send", Action.READ, reason="it depends on changes"
)
DEFERRED = resource(
    "aws_instance", "Later", "aws_instance.Later", Action.CREATE, deferred="its provider's configuration is unknown"
)
DRIFTED = resource(
    "aws_sqs_queue",
    "Dlq",
    "acmecorp-app-jobs-dlq-prod",
    Action.UPDATE,
    difference("message_retention_seconds", 1_209_600, 86_400),
)

REVIEW = Review(
    title="app-async-prod",
    where="AWS (account 333333333333, us-east-1)",
    environment="prod",
    terraform_version="1.11.4",
    plan_sha256="5f3c" * 16,
    verdict=Verdict.STOPPED,
    answer="acmecorp-prod-app-results: would be deleted, with every object in it",
    incomplete="1 change is deferred to another apply",
    notes=(
        'the plan does something that this review does not know: ["frobnicate"] (1 time)',
        f"the plan has parts that this review does not know, and does not show: {HOSTILE} (1 entry)",
    ),
    counts=Counts(
        create=2,
        change=4,
        replace=1,
        delete=1,
        forget=1,
        imported=1,
        moved=2,
        read=1,
        deferred=1,
        run=1,
        other=1,
        noise=4,
        unchanged=9,
    ),
    findings=(LOSS, REPLACEMENT, PUBLIC, DECRYPTED, UNREAD, SHORT, SILENT, DEARER),
    resources=(
        BUCKET,
        TABLE,
        POLICY,
        EVIL,
        QUEUE,
        FUNCTION,
        ALARM,
        PUZZLING,
        FORGOTTEN,
        IMPORTED,
        MOVED,
        READ,
        DEFERRED,
    ),
    invocations=(
        Invocation(
            address="action.aws_lambda_invoke.Purge",
            type="aws_lambda_invoke",
            trigger="after aws_sqs_queue.Jobs has changed",
            deferred="",
            settings=(
                difference("function_name", ABSENT, "acmecorp-purge"),
                difference("payload", ABSENT, SENSITIVE),
                difference("qualifier", ABSENT, HOSTILE),
            ),
        ),
    ),
    unknown_types=("acme_vault",),
    intent=(
        Intent(
            address="aws_sqs_queue.Jobs",
            type="aws_sqs_queue",
            resource="acmecorp-app-jobs-queue-prod",
            property="VisibilityTimeout",
            required=660,
            planned=value(30),
            agrees=False,
        ),
        Intent(
            address="aws_sqs_queue.Jobs",
            type="aws_sqs_queue",
            resource="acmecorp-app-jobs-queue-prod",
            property="MessageRetentionPeriod",
            required=14_400,
            planned=value(14_400),
            agrees=True,
        ),
        Intent(
            address="aws_sqs_queue.Jobs",
            type="aws_sqs_queue",
            resource="acmecorp-app-jobs-queue-prod",
            property="RedrivePolicy",
            required={"maxReceiveCount": 3},
            planned=UNKNOWN,
            agrees=None,
        ),
    ),
    drift=(DRIFTED,),
    outputs=(
        OutputChange(name="queue_url", action=Action.UPDATE, before=value("https://sqs/old"), after=UNKNOWN),
        OutputChange(name="token", action=Action.CREATE, before=ABSENT, after=SENSITIVE),
    ),
    checks=(
        FailedCheck(address="check.reachable", status="fail", problems=("The queue does not answer.",)),
        FailedCheck(address="aws_sqs_queue.Jobs", status="unknown", problems=()),
    ),
    picture=Picture(
        nodes=(
            Node(address=TABLE.address, type=TABLE.type, name=TABLE.name, action=TABLE.action),
            Node(address=QUEUE.address, type=QUEUE.type, name=QUEUE.name, action=QUEUE.action),
            Node(address=EVIL.address, type=EVIL.type, name=EVIL.name, action=EVIL.action),
            Node(address=BUCKET.address, type=BUCKET.type, name=BUCKET.name, action=BUCKET.action),
            Node(address=ALARM.address, type=ALARM.type, name=ALARM.name, action=ALARM.action),
            Node(address=MOVED.address, type=MOVED.type, name=MOVED.name, action=MOVED.action),
            Node(address=PUZZLING.address, type=PUZZLING.type, name=PUZZLING.name, action=PUZZLING.action),
            Node(address=FORGOTTEN.address, type=FORGOTTEN.type, name=FORGOTTEN.name, action=FORGOTTEN.action),
            Node(address=READ.address, type=READ.type, name=READ.name, action=READ.action),
        ),
        edges=(
            Edge(source=QUEUE.address, target=MOVED.address, label="redrive_policy"),
            Edge(source=ALARM.address, target=QUEUE.address, label="dimensions"),
            Edge(source=EVIL.address, target=QUEUE.address, label=HOSTILE),
        ),
        left_out=3,
    ),
    blocks=(
        Block(
            rule="no-data-loss",
            why="what is stored here cannot be had again",
            finding=LOSS,
            exception="",
            problem="its exception expired on 2026-01-31",
            to_paste='[[exception]]\nrule = "no-data-loss"\naddress = "aws_s3_bucket.Results"\nreason = ""',
        ),
        Block(rule="retention", why="the table would be deleted; undo that change", finding=REPLACEMENT, exception=""),
        Block(
            rule="no-weaker-security",
            why="a queue that is open to all is anybody's",
            finding=PUBLIC,
            exception="the migration sends from another account, until 2026-12-31",
        ),
        Block(rule="no-weaker-security", why="stored messages stay encrypted", finding=DECRYPTED, exception=HOSTILE),
    ),
)
NOTHING = replace(
    REVIEW,
    plan_sha256="",
    verdict=Verdict.NOTHING,
    answer="",
    incomplete="",
    notes=(),
    counts=Counts(unchanged=12),
    findings=(),
    resources=(),
    invocations=(),
    unknown_types=(),
    intent=(),
    drift=(),
    outputs=(),
    checks=(),
    picture=Picture(nodes=(), edges=(), left_out=0),
    blocks=(),
)
NAMES = (
    ("aws_sqs_queue", "acmecorp-app-jobs-queue-dev"),
    ("aws_sqs_queue", "acmecorp-app-jobs-dlq-dev"),
    ("aws_dynamodb_table", "acmecorp-app-jobs-table-dev"),
    ("aws_s3_bucket_server_side_encryption_configuration", "acmecorp-dev-app-results"),
)
CREATES = replace(
    NOTHING,
    title="app-async-dev",
    where="the emulator at http://127.0.0.1:5001 (account 000000000000, us-east-1)",
    environment="dev",
    verdict=Verdict.CREATES,
    counts=Counts(create=4),
    resources=tuple(
        resource(kind, f"It{index}", name, Action.CREATE, difference("name", ABSENT, name))
        for index, (kind, name) in enumerate(NAMES)
    ),
    intent=(REVIEW.intent[1], replace(REVIEW.intent[1], property="Encryption", planned=UNKNOWN, agrees=None)),
)


@cache
def large(resources: int, differences: int, findings: int) -> Review:
    """Return a review of so many changed resources; the first finding is loss, the others are about availability."""
    changed = tuple(
        resource(
            "aws_sqs_queue",
            f"Queue{index}",
            f"acmecorp-app-jobs-queue-{index:05}",
            Action.CREATE if index % 2 else Action.UPDATE,
            *(difference(f"attribute_{number}", number, f"value {number} of {index}") for number in range(differences)),
            difference("arn", ABSENT, UNKNOWN, noise=Noise.COMPUTED),
        )
        for index in range(resources)
    )
    found = tuple(
        replace(SHORT, address=item.address, name=item.name, sentence=f"timeout 660 -> {index}: {_TWICE}")
        for index, item in enumerate(changed[: max(0, findings - 1)])
    )
    return replace(
        REVIEW,
        counts=Counts(create=resources // 2, change=resources - resources // 2, noise=resources),
        findings=(LOSS, *found),
        resources=changed,
        blocks=REVIEW.blocks[:1],
    )
