"""The verifier on answers told by hand: staging and prod, an address to notify, errors, policies, output. No AWS."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from check_report.forms import rendered
from config.environments import Environment
from ops.access import deployer
from ops.verify import Check, Mode, Outcome, Verification, verify
from ops.verify.compare import Resource, compared
from stacks.requirement import Document, Statements
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.verify.told import ToldClients, refusal
from tests.required import (
    DEPTH_ALARM,
    DLQ_ALARM,
    DLQ_RETENTION,
    ERRORS_ALARM,
    RECEIVES,
    RESULTS_DAYS,
    RETENTION,
    VISIBILITY,
    WAIT,
)
from tests.settings_files import written_settings

ACCOUNT = "222222222222"
BUCKET = "careervp-staging-vpr-results-eu-west-1-0a1b2c"
QUEUE, DLQ = "careervp-vpr-jobs-queue-staging", "careervp-vpr-jobs-dlq-staging"
TABLE = "careervp-jobs-table-staging"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:careervp-vpr-alarm-topic-staging"
ADDRESS = "ops@example.com"
TAGS = {"Project": "careervp", "Feature": "vpr", "Environment": "staging", "ManagedBy": "terraform", "Cost": "7"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of staging that say "destroy": what protects its data is not theirs to decide."""
    return written_settings(
        f'account_id = "{ACCOUNT}"\nregion = "eu-west-1"\nstate_bucket = "careervp-state"\n'
        'data_protection = "destroy"\n[tags]\nCost = "7"\n[vpr_async]\nname_suffix = "0a1b2c"\n'
        '[vpr_async.worker]\ntimeout_seconds = 300\nfunction_name = "writer"\n'
        f'[vpr_async.alarms]\nemails = ["{ADDRESS}"]\n',
        tmp_path,
        "staging",
    )


def deny(action: str, *resources: str) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": [action],
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
    }


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


QUEUE_ARN = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{QUEUE}"
TABLE_ARN = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{TABLE}"
RESULTS = f"arn:aws:s3:::{BUCKET}/results/*"


def allow(resource: str, *actions: str) -> dict[str, Any]:
    return {"Sid": "Any", "Effect": "Allow", "Action": list(actions), "Resource": [resource]}


def handler_policy(handler: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy that one role has, with an older version that gave less."""
    return {
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy/careervp-vpr-{handler}-policy-staging",
        "AttachmentCount": 1,
        "PolicyVersionList": [
            {
                "VersionId": "v1",
                "IsDefaultVersion": False,
                "Document": {"Version": "2012-10-17", "Statement": statements[0]},
            },
            {
                "VersionId": "v2",
                "IsDefaultVersion": True,
                "Document": {"Version": "2012-10-17", "Statement": list(statements)},
            },
        ],
    }


def queue(QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803 - AWS's names
    assert AttributeNames == ["All"]
    name = QueueUrl.rsplit("/", 1)[1]
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:"
    attributes = {
        "VisibilityTimeout": VISIBILITY,
        "MessageRetentionPeriod": RETENTION,
        "RedrivePolicy": f'{{"maxReceiveCount": "{RECEIVES}", "deadLetterTargetArn": "{arn}{DLQ}"}}',
    }
    if name == DLQ:
        attributes = {
            "VisibilityTimeout": "30",
            "MessageRetentionPeriod": DLQ_RETENTION,
            "RedriveAllowPolicy": f'{{"sourceQueueArns": ["{arn}{QUEUE}"], "redrivePermission": "byQueue"}}',
        }
    return {
        "Attributes": {
            **attributes,
            "ReceiveMessageWaitTimeSeconds": WAIT,
            "MaximumMessageSize": "262144",
            "DelaySeconds": "0",
            "SqsManagedSseEnabled": "true",
            "Policy": policy(deny("SQS:*", arn + name)),
            "ApproximateNumberOfMessages": "0",
            "ApproximateNumberOfMessagesNotVisible": "0",
            "ApproximateNumberOfMessagesDelayed": "0",
        }
    }


REQUIRED = {"dlq": DLQ_ALARM, "worker-errors": ERRORS_ALARM, "queue-depth": DEPTH_ALARM}


def alarm(kind: str, comparison: str, **others: Any) -> dict[str, Any]:
    name = f"careervp-vpr-{kind}-alarm-staging"
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:{name}",
        **REQUIRED[kind],
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "OKActions": [TOPIC],
        "InsufficientDataActions": [],
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
        "StateValue": "INSUFFICIENT_DATA",
        "ComparisonOperator": comparison,
        **others,
    }


def depth(queue_name: str) -> dict[str, Any]:
    return {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue_name}],
        "Statistic": "Maximum",
        "Period": 300,
    }


def summed(id_: str, metric: str) -> dict[str, Any]:
    measured = {
        "Namespace": "AWS/Lambda",
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": "writer"}],
    }
    return {"Id": id_, "ReturnData": False, "MetricStat": {"Metric": measured, "Period": 300, "Stat": "Sum"}}


def consumed(EventSourceArn: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
    """Return the worker, by its alias, as the only one that takes jobs."""
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:writer:live"
    return {"EventSourceMappings": [{"FunctionArn": arn}] if EventSourceArn == QUEUE_ARN else []}


RATE = {"Id": "error_rate", "Expression": "100 * errors / invocations", "Label": "%", "ReturnData": True}
PUBLISH = {
    "Sid": "Any",
    "Effect": "Allow",
    "Principal": {"Service": ["cloudwatch.amazonaws.com"]},
    "Action": "SNS:Publish",
    "Resource": [TOPIC],
    "Condition": {"stringEquals": {"AWS:SourceAccount": ACCOUNT}},
}
ANSWERS: Mapping[str, Any] = {
    "sqs.list_queues": {
        "QueueUrls": [f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{name}" for name in (QUEUE, DLQ)]
    },
    "sqs.get_queue_attributes": queue,
    "sqs.list_queue_tags": {"Tags": TAGS},
    "dynamodb.list_tables": {"TableNames": [TABLE, "careervp-users-table-staging"]},
    "dynamodb.describe_table": {
        "Table": {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "job_id", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": "job_id", "AttributeType": "S"},
                {"AttributeName": "idempotency_key", "AttributeType": "S"},
            ],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "TableClassSummary": {"TableClass": "STANDARD"},
            "OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1},
            "DeletionProtectionEnabled": True,
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "idempotency-key-index",
                    "IndexStatus": "ACTIVE",
                    "KeySchema": [{"AttributeName": "idempotency_key", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        }
    },
    "dynamodb.describe_time_to_live": {
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    },
    "dynamodb.describe_continuous_backups": {
        "ContinuousBackupsDescription": {
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35}
        }
    },
    "dynamodb.get_resource_policy": refusal("PolicyNotFoundException"),
    "dynamodb.list_tags_of_resource": {"Tags": TAG_LIST},
    "s3.list_buckets": {"Buckets": [{"Name": BUCKET}]},
    "s3.get_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False},
            ]
        }
    },
    "s3.get_public_access_block": {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        }
    },
    "s3.get_bucket_ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    "s3.get_bucket_policy": {"Policy": policy(deny("s3:*", f"arn:aws:s3:::{BUCKET}/*", f"arn:aws:s3:::{BUCKET}"))},
    "s3.get_bucket_lifecycle_configuration": {
        "Rules": [
            {
                "ID": "AbortIncompleteUploads",
                "Status": "Enabled",
                "Filter": {},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            },
            {"ID": "DeleteOldResults", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": RESULTS_DAYS}},
        ]
    },
    "s3.get_bucket_versioning": {},
    "s3.get_bucket_notification_configuration": {"ResponseMetadata": {}},
    "s3.get_bucket_cors": refusal("NoSuchCORSConfiguration"),
    "s3.get_bucket_logging": {"ResponseMetadata": {}},
    "s3.get_bucket_request_payment": {"Payer": "BucketOwner"},
    "s3.get_bucket_accelerate_configuration": {"Status": "Suspended"},
    "s3.get_bucket_tagging": {"TagSet": [*TAG_LIST, {"Key": "aws:createdBy", "Value": "AWS"}]},
    "cloudwatch.describe_alarms": {
        "MetricAlarms": [
            alarm("dlq", "GreaterThanOrEqualToThreshold", **depth(DLQ)),
            alarm("queue-depth", "GreaterThanThreshold", **depth(QUEUE)),
            alarm(
                "worker-errors",
                "GreaterThanThreshold",
                Metrics=[summed("invocations", "Invocations"), RATE, summed("errors", "Errors")],
            ),
        ],
        "CompositeAlarms": [],
    },
    "cloudwatch.list_tags_for_resource": {"Tags": TAG_LIST},
    "lambda.get_function_configuration": {"FunctionName": "writer"},
    "lambda.list_event_source_mappings": consumed,
    "sns.list_topics": {"Topics": [{"TopicArn": TOPIC}]},
    "sns.get_topic_attributes": {"Attributes": {"Policy": policy(deny("sns:Publish", TOPIC), PUBLISH)}},
    "sns.list_subscriptions_by_topic": {
        "Subscriptions": [{"Endpoint": ADDRESS, "Protocol": "email", "SubscriptionArn": f"{TOPIC}:1"}]
    },
    "sns.get_subscription_attributes": {"Attributes": {"PendingConfirmation": "false"}},
    "sns.list_tags_for_resource": {"Tags": TAG_LIST},
    "iam.list_entities_for_policy": {"PolicyRoles": [{"RoleName": "handler"}], "PolicyUsers": [], "PolicyGroups": []},
    "iam.get_account_authorization_details": {
        "Policies": [
            handler_policy(
                "submit",
                allow(QUEUE_ARN, "sqs:SendMessage"),
                allow(TABLE_ARN, "dynamodb:UpdateItem", "dynamodb:PutItem"),
                allow(f"{TABLE_ARN}/index/idempotency-key-index", "dynamodb:Query"),
            ),
            handler_policy(
                "worker",
                allow(
                    QUEUE_ARN,
                    "sqs:GetQueueAttributes",
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:ReceiveMessage",
                ),
                allow(TABLE_ARN, "dynamodb:UpdateItem", "dynamodb:GetItem"),
                allow(RESULTS, "s3:PutObject"),
            ),
            handler_policy("status", allow(TABLE_ARN, "dynamodb:GetItem"), allow(RESULTS, "s3:GetObject")),
            {
                "Arn": "arn:aws:iam::9:policy/a/path/somebody-elses",
                "PolicyVersionList": [{"IsDefaultVersion": True, "Document": {}}],
            },
        ]
    },
}


def verified(settings: Settings, mode: Mode = Mode.DEPLOYED, **changed: Any) -> Verification:
    """Verify with some answers changed; keys have `__` for the dot."""
    answers = {**ANSWERS, **{key.replace("__", "."): answer for key, answer in changed.items()}}
    return verify(VPR_ASYNC, settings, ToldClients(answers), mode)


def findings(report: Verification) -> list[tuple[str, str, str]]:
    return [(fault.resource, fault.property, fault.outcome) for fault in report.faults]


def notes(report: Verification) -> list[str]:
    return [check.note for check in report.checks if check.note]


def test_staging_with_a_topic_of_its_own_is_as_required(settings: Settings) -> None:
    """Every call that the verifier knows is made, none twice in vain: 40 in all; the roles alone are to be known."""
    clients = ToldClients(ANSWERS)
    report = verify(VPR_ASYNC, settings, clients)
    assert report.faults == ()
    assert notes(report) == ["role handler has it: see that each is a handler's"] * 3
    assert clients.asked == set(ANSWERS)
    assert report.api_calls == 40
    assert report.exit_status == 0


@pytest.mark.parametrize("environment", [Environment("staging"), Environment("prod")])
def test_data_is_protected_in_staging_and_prod_whatever_the_settings_say(
    settings: Settings, tmp_path: Path, environment: Environment
) -> None:
    told = json.loads(json.dumps(ANSWERS, default=lambda _: None).replace("staging", environment))
    told["dynamodb.describe_table"]["Table"]["DeletionProtectionEnabled"] = False
    told["dynamodb.describe_continuous_backups"]["ContinuousBackupsDescription"] = {
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}
    }
    text = (tmp_path / "staging.toml").read_text()
    assert not settings.retains_data
    report = verify(VPR_ASYNC, written_settings(text, tmp_path, environment), ToldClients({**ANSWERS, **told}))
    table = f"careervp-jobs-table-{environment}"
    assert (table, "DeletionProtectionEnabled", "differs") in findings(report)
    assert (table, "PointInTimeRecovery", "differs") in findings(report)


def subscribed(**changed: str) -> dict[str, Any]:
    return {"Subscriptions": [{"Endpoint": ADDRESS, "Protocol": "email", "SubscriptionArn": TOPIC, **changed}]}


def test_an_address_that_has_not_consented_is_noted(settings: Settings) -> None:
    pending = subscribed(SubscriptionArn="PendingConfirmation")
    report = verified(
        settings, sns__list_subscriptions_by_topic=pending, sns__get_subscription_attributes=refusal("InvalidParameter")
    )
    assert report.faults == ()
    assert f"not confirmed yet: until then {ADDRESS} gets nothing" in notes(report)


def test_an_address_that_unsubscribed_is_missing(settings: Settings) -> None:
    """AWS lists it for three days, with `Deleted` in place of an ARN, and refuses questions about that."""
    report = verified(
        settings,
        sns__list_subscriptions_by_topic=subscribed(SubscriptionArn="Deleted"),
        sns__get_subscription_attributes=refusal("InvalidParameter"),
    )
    assert findings(report) == [("careervp-vpr-alarm-topic-staging", f"subscription {ADDRESS}", "missing")]
    assert report.exit_status == 1


def test_an_address_that_subscribed_again_is_not_missing(settings: Settings) -> None:
    (now,) = subscribed()["Subscriptions"]
    both = {"Subscriptions": [now, {**now, "SubscriptionArn": "Deleted"}]}
    assert verified(settings, sns__list_subscriptions_by_topic=both).faults == ()


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("found", "age", "outcome"),
    [
        ({"TimeToLiveStatus": "ENABLING", "AttributeName": "ttl"}, HOUR / 2, "ok"),
        ({"TimeToLiveStatus": "ENABLING", "AttributeName": "ttl"}, HOUR * 2, "differs"),
        ({"TimeToLiveStatus": "ENABLING", "AttributeName": "expires"}, HOUR / 2, "differs"),
        ({"TimeToLiveStatus": "DISABLING", "AttributeName": "ttl"}, HOUR / 2, "differs"),
    ],
)
def test_a_time_to_live_that_aws_is_enabling_is_no_fault_of_a_new_table(
    settings: Settings, found: dict[str, str], age: timedelta, outcome: str
) -> None:
    """AWS may take an hour (UpdateTimeToLive, DynamoDB's reference), and says in the note that it has not done so."""
    described = json.loads(json.dumps(ANSWERS["dynamodb.describe_table"]))
    described["Table"]["CreationDateTime"] = datetime.now(UTC) - age
    report = verified(
        settings,
        dynamodb__describe_time_to_live={"TimeToLiveDescription": found},
        dynamodb__describe_table=described,
    )
    (check,) = (each for each in report.checks if each.property == "TimeToLive")
    assert (check.outcome, check.note) == (outcome, "not active yet; AWS may take an hour")
    assert report.exit_status == (0 if outcome == "ok" else 1)


STRANGER = "careervp-vpr-old-alarm"


def described(**changed: Any) -> dict[str, Any]:
    """Return the answer on the table with something changed."""
    return {"dynamodb__describe_table": {"Table": {**ANSWERS["dynamodb.describe_table"]["Table"], **changed}}}


ONE_CHANGED: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"sns__list_subscriptions_by_topic": {}}, ("alarm-topic", f"subscription {ADDRESS}", "missing")),
    ({"sns__get_topic_attributes": {"Attributes": {}}}, ("alarm-topic", "policy", "missing")),
    (
        {"sns__get_subscription_attributes": {"Attributes": {"FilterPolicy": '{"nobody":["sends this"]}'}}},
        ("alarm-topic", f"filter of {ADDRESS}", "unexpected"),
    ),
    (
        {
            "dynamodb__describe_continuous_backups": {
                "ContinuousBackupsDescription": {
                    "PointInTimeRecoveryDescription": {
                        "PointInTimeRecoveryStatus": "ENABLED",
                        "RecoveryPeriodInDays": 1,
                    }
                }
            }
        },
        ("jobs-table", "PointInTimeRecovery", "differs"),
    ),
    (described(Replicas=[{"RegionName": "eu-central-1"}]), ("jobs-table", "Replicas", "unexpected")),
    (
        described(OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 1}),
        ("jobs-table", "OnDemandThroughput", "unexpected"),
    ),
    ({"s3__list_buckets": {"Buckets": []}}, ("results", "", "missing")),
    (
        {"sns__list_topics": {"Topics": [{"TopicArn": TOPIC}, {"TopicArn": f"{TOPIC[:-7]}other"}]}},
        ("alarm-topic-other", "", "unexpected"),
    ),
    (
        {
            "cloudwatch__describe_alarms": {
                **ANSWERS["cloudwatch.describe_alarms"],
                "CompositeAlarms": [{"AlarmName": STRANGER}],
            }
        },
        (STRANGER, "", "unexpected"),
    ),
]


@pytest.mark.parametrize(("changed", "finding"), ONE_CHANGED)
def test_one_changed_answer_is_one_finding(
    settings: Settings, changed: dict[str, Any], finding: tuple[str, str, str]
) -> None:
    ((resource, property_, outcome),) = findings(verified(settings, **changed))
    assert finding[0] in resource
    assert (property_, outcome) == finding[1:]


PRODS_QUEUE, PRODS_POLICY = "careervp-vpr-jobs-queue-prod", "careervp-vpr-submit-policy-prod"
"""As prod's are called; a queue is in a region, a policy is not."""


@pytest.mark.parametrize(
    ("place", "finding", "noted"),
    [
        ({}, [], []),
        ({"region": "eu-central-1"}, [(PRODS_QUEUE, "", "unexpected")], []),
        ({"account_id": "333333333333"}, [(PRODS_QUEUE, "", "unexpected"), (PRODS_POLICY, "", "unexpected")], []),
        (None, [], ["taken for prod's: environments/prod.toml cannot be read"] * 2),
    ],
)
def test_a_name_of_another_environment_is_nobodys_where_that_environment_is_not(
    settings: Settings, place: dict[str, str] | None, finding: list[tuple[str, str, str]], noted: list[str]
) -> None:
    prod = None if place is None else attrs.evolve(settings, environment=Environment("prod"), **place)
    listed, policies = (
        json.loads(json.dumps(ANSWERS[call])) for call in ("sqs.list_queues", "iam.get_account_authorization_details")
    )
    listed["QueueUrls"].append(f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{PRODS_QUEUE}")
    policies["Policies"].append({"Arn": f"arn:aws:iam::{ACCOUNT}:policy/{PRODS_POLICY}"})
    answers = {**ANSWERS, "sqs.list_queues": listed, "iam.get_account_authorization_details": policies}
    report = verify(VPR_ASYNC, settings, ToldClients(answers), others={Environment("prod"): prod})
    assert findings(report) == finding
    assert [note for note in notes(report) if note.startswith("taken for")] == noted
    whose = f"nobody declared it: prod is account {prod.account_id}, {prod.region}" if prod else ""
    assert {check.note for check in report.faults} == ({whose} if finding else set())


def test_a_bucket_that_begins_like_ours_is_ours_however_it_ends(settings: Settings) -> None:
    buckets = {"Buckets": [{"Name": BUCKET}, {"Name": "careervp-staging-vpr-old-prod"}]}
    clients = ToldClients({**ANSWERS, "s3.list_buckets": buckets})
    report = verify(VPR_ASYNC, settings, clients, others={Environment("prod"): settings})
    assert findings(report) == [("careervp-staging-vpr-old-prod", "", "unexpected")]


def test_policies_that_others_make_are_not_looked_at(settings: Settings, tmp_path: Path) -> None:
    """Where the handlers' access is handed over as documents, IAM is not asked."""
    text = (tmp_path / "staging.toml").read_text()
    documents = written_settings(f'{text}[vpr_async.handlers]\npolicies = "documents"\n', tmp_path, "staging")
    clients = ToldClients(ANSWERS)
    report = verify(VPR_ASYNC, documents, clients)
    assert report.faults == ()
    assert "iam.get_account_authorization_details" not in clients.asked
    assert report.api_calls == verify(VPR_ASYNC, settings, ToldClients(ANSWERS)).api_calls - 4


def connection_lost() -> list[Any]:
    return [
        ReadTimeoutError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com"),
        EndpointConnectionError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com"),
    ]


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (refusal("ThrottlingException"), "ThrottlingException; needs dynamodb:DescribeTimeToLive"),
        (refusal("AccessDeniedException"), "AccessDeniedException; needs dynamodb:DescribeTimeToLive"),
        (refusal("InternalServerError"), "InternalServerError; needs dynamodb:DescribeTimeToLive"),
        (connection_lost()[0], "ReadTimeoutError; needs dynamodb:DescribeTimeToLive"),
        (connection_lost()[1], "EndpointConnectionError; needs dynamodb:DescribeTimeToLive"),
        ({}, "an answer that is not understood (KeyError: 'TimeToLiveDescription')"),
        ({"TimeToLiveDescription": None}, "an answer that is not understood (TypeError"),
    ],
)
def test_an_error_is_unreadable_and_never_ok(settings: Settings, error: Any, shown: str) -> None:
    """Refused, throttled, failed, timed out or answered with something else: exit status 2, and the rest is read."""
    report = verified(settings, dynamodb__describe_time_to_live=error)
    assert findings(report) == [(TABLE, "TimeToLive", "unreadable")]
    assert report.faults[0].note.startswith(shown)
    assert report.exit_status == 2


def test_a_policy_that_is_not_json_is_unreadable(settings: Settings) -> None:
    report = verified(settings, s3__get_bucket_policy={"Policy": "{"})
    assert findings(report) == [(BUCKET, "policy", "unreadable")]


def test_clean_is_absence_of_everything_ours_and_needs_six_calls(settings: Settings) -> None:
    nothing: dict[str, Any] = {
        "sqs__list_queues": {},
        "dynamodb__list_tables": {"TableNames": ["careervp-users-table-staging"]},
        "s3__list_buckets": {},
        "cloudwatch__describe_alarms": {"MetricAlarms": [], "CompositeAlarms": []},
        "sns__list_topics": {"Topics": []},
        "iam__get_account_authorization_details": {"Policies": []},
    }
    clean = verified(settings, Mode.CLEAN, **nothing)
    assert (clean.exit_status, clean.api_calls, len(clean.checks)) == (0, 6, 11)
    left = verified(settings, Mode.CLEAN)
    assert {check.outcome for check in left.faults} == {Outcome.UNEXPECTED}
    assert len(left.faults) == 11


# --- prerequisites ------------------------------------------------------------------------------------------------

ACTIVE = {"Table": {"TableStatus": "ACTIVE"}}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/deployer"


@pytest.fixture
def _vpr_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the roles that deploy need what the VPR feature needs, and nothing for another one."""
    monkeypatch.setattr(deployer, "FEATURES", (VPR_ASYNC,))


STATE_BUCKET: dict[str, Any] = {
    **{call: ANSWERS[call] for call in ("s3.get_bucket_encryption", "s3.get_public_access_block")},
    "s3.get_bucket_ownership_controls": ANSWERS["s3.get_bucket_ownership_controls"],
    "s3.get_bucket_policy": {
        "Policy": policy(deny("s3:*", "arn:aws:s3:::careervp-state", "arn:aws:s3:::careervp-state/*"))
    },
    "s3.get_bucket_versioning": {"Status": "Enabled"},
    "s3.get_bucket_lifecycle_configuration": {
        "Rules": [
            {
                "ID": "ExpireOldVersions",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
            ANSWERS["s3.get_bucket_lifecycle_configuration"]["Rules"][0],
        ]
    },
}


def simulated(lacking: str = "") -> Any:
    def simulate(PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str]) -> dict[str, Any]:  # noqa: N803 - AWS's names
        assert PolicySourceArn == ROLE
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": "implicitDeny" if action == lacking else "allowed"}
                for action in ActionNames
                for _ in ResourceArns
            ]
        }

    return simulate


def prerequisites(settings: Settings, **changed: Any) -> Verification:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/me"
    answers: dict[str, Any] = {
        "dynamodb.describe_table": ACTIVE,
        "s3.head_bucket": {"ResponseMetadata": {}},
        **STATE_BUCKET,
        "sts.get_caller_identity": {"Arn": session},
        "iam.get_role": {"Role": {"Arn": ROLE}},
        "iam.simulate_principal_policy": simulated(),
        **{key.replace("__", "."): answer for key, answer in changed.items()},
    }
    return verify(VPR_ASYNC, settings, ToldClients(answers, is_emulated=False), Mode.PREREQUISITES)


@pytest.mark.usefixtures("_vpr_alone")
def test_prerequisites_are_tables_bucket_and_permissions(settings: Settings) -> None:
    """A session's role is found with its path, and each action is asked for on the resources that it is needed for."""
    report = prerequisites(settings)
    assert report.faults == ()
    assert [check.resource for check in report.checks[:3]] == [
        "careervp-users-table-staging",
        "careervp-idempotency-table-staging",
        "careervp-state",
    ]
    assert len(report.checks) > 60


@pytest.mark.usefixtures("_vpr_alone")
@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        (
            {"iam__simulate_principal_policy": simulated(lacking="sqs:TagQueue")},
            (ROLE, "sqs:TagQueue on the queues", "missing"),
        ),
        ({"s3__head_bucket": refusal("404")}, ("careervp-state", "", "missing")),
        ({"s3__head_bucket": refusal("403")}, ("careervp-state", "", "unreadable")),
        ({"iam__get_role": refusal("AccessDenied")}, ("caller", "", "unreadable")),
    ],
)
def test_a_prerequisite_that_is_not_there_is_one_finding(
    settings: Settings, changed: dict[str, Any], finding: tuple[str, str, str]
) -> None:
    assert findings(prerequisites(settings, **changed)) == [finding]


@pytest.mark.usefixtures("_vpr_alone")
def test_a_table_of_others_must_be_there_and_active(settings: Settings) -> None:
    creating = prerequisites(settings, dynamodb__describe_table={"Table": {"TableStatus": "CREATING"}})
    assert [outcome for _, _, outcome in findings(creating)] == ["differs", "differs"]
    missing = prerequisites(settings, dynamodb__describe_table=refusal("ResourceNotFoundException"))
    assert [outcome for _, _, outcome in findings(missing)] == ["missing", "missing"]


def test_the_roots_permissions_are_not_simulated(settings: Settings) -> None:
    report = prerequisites(settings, sts__get_caller_identity={"Arn": f"arn:aws:iam::{ACCOUNT}:root"})
    assert report.faults == ()
    assert "which may do everything" in report.checks[-1].note


# --- policies -----------------------------------------------------------------------------------------------------


def policy_check(statements: list[dict[str, Any]], document: str) -> Check:
    (check,) = compared(Resource("t", "r"), "policy", Statements(tuple(statements)), document)
    return check


ALLOW: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:x"}


@pytest.mark.parametrize(
    "written",
    [
        {"Sid": "other"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["*"]}},
        {"Action": ["S3:getobject"]},
        {"Resource": ["arn:x", "arn:x"]},
    ],
)
def test_a_statement_written_otherwise_is_the_same(written: dict[str, Any]) -> None:
    assert policy_check([ALLOW], policy({**ALLOW, **written})).outcome is Outcome.OK


@pytest.mark.parametrize(
    "written",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": "111111111111"}},
        {"Principal": {"Service": "*"}},
        {"Action": ["s3:GetObject", "s3:PutObject"]},
        {"Resource": "arn:X"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"NotAction": "s3:GetObject"},
    ],
)
def test_a_statement_that_means_something_else_differs(written: dict[str, Any]) -> None:
    check = policy_check([ALLOW], policy({**ALLOW, **written}))
    assert check.outcome is Outcome.DIFFERS
    assert len(check.expected) == len(check.found) == 1


def test_an_accounts_root_is_the_account_and_order_does_not_matter() -> None:
    first = {**ALLOW, "Principal": {"AWS": ["arn:aws:iam::111111111111:root", "222222222222"]}}
    again = {**ALLOW, "Principal": {"AWS": ["222222222222", "111111111111"]}}
    assert policy_check([ALLOW, first], policy(again, ALLOW)).outcome is Outcome.OK


def test_a_policy_check_names_only_the_statements_that_changed() -> None:
    lost, added = {**ALLOW, "Action": "s3:a"}, {**ALLOW, "Action": "s3:b"}
    check = policy_check([ALLOW, lost], policy(added, ALLOW))
    assert (check.expected[0]["Action"], check.found[0]["Action"]) == (["s3:a"], ["s3:b"])
    assert policy_check([ALLOW, lost], policy(ALLOW)).outcome is Outcome.MISSING
    assert policy_check([ALLOW], policy(ALLOW, added)).outcome is Outcome.UNEXPECTED


def test_documents_are_compared_as_values() -> None:
    """Lists in any order, and numbers quoted or not; but another number, and a list for one of its values, differ."""
    expected = {"n": 3, "list": ["a", "b"]}

    def outcome(text: str) -> Outcome:
        (check,) = compared(Resource("t", "r"), "p", Document(expected), json.loads(text))
        return check.outcome

    assert outcome('{"list": ["b", "a"], "n": "3"}') is Outcome.OK
    assert outcome('{"list": ["b", "a"], "n": 4}') is Outcome.DIFFERS
    assert outcome('{"list": ["b"], "n": 3}') is Outcome.DIFFERS


# --- output -------------------------------------------------------------------------------------------------------

HOSTILE = "careervp-vpr-\x1b[31m\u202ealarm"
REPORT = Verification(
    "deployed",
    "vpr-async-dev",
    "dev",
    "somewhere",
    (
        Check("aws_sqs_queue", "q", "policy", Outcome.DIFFERS, [{"Resource": "x" * 100}], None),
        Check("aws_sqs_queue", "q", "tags", Outcome.UNREADABLE, note="AccessDenied; needs sqs:ListQueueTags"),
        Check("aws_cloudwatch_metric_alarm", HOSTILE, "", Outcome.UNEXPECTED, None, "exists", "nobody declared it"),
        Check("aws_sqs_queue", "p", "", Outcome.OK, note="a note"),
    ),
    api_calls=3,
    seconds=0.25,
)


def test_text_is_short_lines_of_printable_ascii() -> None:
    """Grouped by resource, then notes, then the sum; names from outside cannot steer the terminal."""
    counts = "4 checks: 1 ok, 1 differs, 1 unexpected, 1 unreadable"
    text = rendered(REPORT.report, "text")
    lines = text.splitlines()
    assert lines[0] == "aws_sqs_queue q"
    assert lines[1] == "  differs: policy"
    assert lines.count("    found:    nothing") == 1
    assert "  unreadable: tags" in lines
    assert "    AccessDenied; needs sqs:ListQueueTags" in lines
    assert r"aws_cloudwatch_metric_alarm careervp-vpr-\x1b[31m\u202ealarm" in lines
    assert lines[-3:] == [
        "note: aws_sqs_queue p: a note",
        "",
        f"vpr-async-dev on somewhere, deployed: {counts}; 3 API calls, 0.2 s",
    ]
    assert all(len(line) <= 80 for line in lines[:-1])
    assert text.isascii()
    assert text.replace("\n", "").isprintable()


def test_json_and_junit_hold_every_check() -> None:
    document = json.loads(rendered(REPORT.report, "json"))
    assert [check["outcome"] for check in document["checks"]] == ["differs", "unreadable", "unexpected", "ok"]
    assert document["checks"][2]["resource"] == HOSTILE
    assert document["exit_status"] == 2
    junit = rendered(REPORT.report, "junit")
    assert junit.isascii()
    assert 'tests="4" errors="1" failures="2"' in junit


def test_sarif_and_github_have_what_is_not_ok() -> None:
    sarif = json.loads(rendered(REPORT.report, "sarif"))["runs"][0]
    assert [each["ruleId"] for each in sarif["results"]] == ["differs", "unexpected", "note"]
    assert sarif["invocations"][0]["executionSuccessful"] is False
    assert rendered(REPORT.report, "github").splitlines()[1] == (
        "::error title=unreadable::aws_sqs_queue q: unreadable: tags; AccessDenied; needs sqs:ListQueueTags"
    )


def test_outcomes_decide_the_exit_status() -> None:
    """2 goes before 1: what could not be read may hide anything."""

    def status(*outcomes: Outcome) -> int:
        checks = tuple(Check("t", "r", "p", outcome) for outcome in outcomes)
        return Verification("deployed", "vpr-async-dev", "dev", "", checks, 0, 0.0).exit_status

    assert status() == status(Outcome.OK) == 0
    assert [status(Outcome.OK, outcome) for outcome in Outcome] == [0, 1, 1, 1, 2]
    assert status(Outcome.UNREADABLE, Outcome.MISSING) == 2
