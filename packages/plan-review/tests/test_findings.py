"""Each kind of finding: what gets worse is told, and what gets better or stays is not."""

import json
from typing import Any

import pytest

from plan_review.model import Verdict

from plan_builder import KnownFacts, entry, reviewed, told


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


OWN = "arn:aws:iam::111111111111:role/worker"
READ = {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "s3:GetObject", "Resource": "arn:b/*"}
TLS = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ALARM = {
    "alarm_name": "a",
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 5,
    "period": 300,
    "evaluation_periods": 1,
    "datapoints_to_alarm": 1,
    "treat_missing_data": "missing",
    "actions_enabled": True,
    "alarm_actions": ["arn:ops"],
    "metric_name": "Errors",
}


def alarm(**more: Any) -> dict[str, Any]:
    return {**ALARM, **more}


def rules(days: int | None, *, status: str = "Enabled", prefix: str = "") -> dict[str, Any]:
    return {
        "bucket": "b",
        "rule": [{"id": "Old", "status": status, "filter": [{"prefix": prefix}], "expiration": [{"days": days}]}],
    }


def encryption(algorithm: str) -> dict[str, Any]:
    return {"bucket": "b", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm}]}]}


def group(*cidrs: str) -> dict[str, Any]:
    return {"name": "g", "ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": list(cidrs)}]}


def redrive(count: int, dlq: str = "arn:dlq") -> str:
    return json.dumps({"deadLetterTargetArn": dlq, "maxReceiveCount": count})


# Type, the worse values, the better ones, the kind and how the sentence begins.
WEAKENED: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("aws_s3_bucket", {"force_destroy": False}, {"force_destroy": True}, "loss", "force_destroy false -> true: "),
    ("aws_sqs_queue", {"message_retention_seconds": 14400}, {"message_retention_seconds": 60}, "loss", "message_ret"),
    (
        "aws_s3_bucket_lifecycle_configuration",
        rules(7),
        rules(1),
        "loss",
        'rule "Old" would delete objects sooner: after 7 days -> after 1 day',
    ),
    ("aws_s3_bucket_lifecycle_configuration", rules(7, status="Disabled"), rules(7), "loss", 'rule "Old" would delete'),
    ("aws_s3_bucket_lifecycle_configuration", rules(7, prefix="tmp/"), rules(7), "loss", 'rule "Old" would delete'),
    ("aws_cloudwatch_log_group", {"retention_in_days": 30}, {"retention_in_days": 7}, "loss", "retention_in_days 30"),
    ("aws_cloudwatch_log_group", {"retention_in_days": 0}, {"retention_in_days": 7}, "loss", "retention_in_days 0"),
    ("aws_db_instance", {"backup_retention_period": 7}, {"backup_retention_period": 0}, "loss", "backup_retention"),
    ("aws_kinesis_stream", {"retention_period": 48}, {"retention_period": 24}, "loss", "retention_period 48 -> 24"),
    ("aws_sqs_queue", {"sqs_managed_sse_enabled": True}, {"sqs_managed_sse_enabled": False}, "security", "sqs_man"),
    ("aws_sqs_queue", {"kms_master_key_id": "k"}, {"kms_master_key_id": None}, "security", 'kms_master_key_id "k" ->'),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        encryption("aws:kms"),
        encryption("AES256"),
        "security",
        "rule.apply_server_side_encryption_by_default.sse_algorithm",
    ),
    (
        "aws_s3_bucket_public_access_block",
        {"bucket": "b", "block_public_acls": True},
        {"bucket": "b", "block_public_acls": False},
        "exposure",
        "block_public_acls true -> false: the block on public access would be loosened",
    ),
    (
        "aws_s3_bucket_ownership_controls",
        {"rule": [{"object_ownership": "BucketOwnerEnforced"}]},
        {"rule": [{"object_ownership": "ObjectWriter"}]},
        "security",
        'rule.object_ownership "BucketOwnerEnforced" -> "ObjectWriter"',
    ),
    (
        "aws_s3_bucket_versioning",
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"versioning_configuration": [{"status": "Suspended"}]},
        "security",
        "versioning_configuration.status",
    ),
    (
        "aws_dynamodb_table",
        {"deletion_protection_enabled": True},
        {"deletion_protection_enabled": False},
        "security",
        "deletion_protection_enabled true -> false: protection",
    ),
    ("aws_db_instance", {"publicly_accessible": False}, {"publicly_accessible": True}, "exposure", "publicly_access"),
    ("aws_db_instance", {"storage_encrypted": True}, {"storage_encrypted": False}, "security", "storage_encrypted"),
    ("aws_lb_listener", {"protocol": "HTTPS"}, {"protocol": "HTTP"}, "security", 'protocol "HTTPS" -> "HTTP": TLS'),
    (
        "aws_apigatewayv2_domain_name",
        {"min_tls_version": "TLS1_2"},
        {"min_tls_version": "TLS1_0"},
        "security",
        'min_tls_version "TLS1_2" -> "TLS1_0"',
    ),
    ("aws_security_group", group("10.0.0.0/8"), group("10.0.0.0/8", "0.0.0.0/0"), "exposure", 'ingress protocol "tcp"'),
    ("aws_security_group", group(), group("::/0"), "exposure", 'ingress protocol "tcp"'),
    (
        "aws_db_instance",
        {"vpc_security_group_ids": ["sg-1"]},
        {"vpc_security_group_ids": []},
        "exposure",
        'vpc_security_group_ids ["sg-1"] -> []: what its security groups let through would change',
    ),
    (
        "aws_db_instance",
        {"db_subnet_group_name": "n"},
        {"db_subnet_group_name": None},
        "exposure",
        'db_subnet_group_name "n" -> (not set): it would no longer be inside that network',
    ),
    (
        "aws_opensearch_domain",
        {"vpc_options": [{"subnet_ids": ["n"], "security_group_ids": ["g"]}]},
        {"vpc_options": [{"subnet_ids": ["n"], "security_group_ids": []}]},
        "exposure",
        'vpc_options.security_group_ids ["g"] -> []: it would no longer be inside that network, or behind its groups',
    ),
    ("aws_sqs_queue", {"visibility_timeout_seconds": 660}, {"visibility_timeout_seconds": 30}, "availability", "visi"),
    ("aws_sqs_queue", {"receive_wait_time_seconds": 20}, {"receive_wait_time_seconds": 0}, "availability", "receive_"),
    ("aws_sqs_queue", {"delay_seconds": 0}, {"delay_seconds": 30}, "availability", "delay_seconds 0 -> 30: messages"),
    ("aws_sqs_queue", {"redrive_policy": redrive(3)}, {"redrive_policy": redrive(1)}, "availability", "redrive_pol"),
    ("aws_sqs_queue", {"redrive_policy": redrive(3)}, {"redrive_policy": None}, "availability", "redrive_policy "),
    ("aws_sqs_queue", {"policy": policy(TLS)}, {"policy": None}, "security", 'policy: statement "Tls", which denies'),
    ("aws_cloudwatch_metric_alarm", alarm(), alarm(threshold=9), "alarms", "threshold 5 -> 9 (GreaterThanThreshold): "),
    (
        "aws_cloudwatch_metric_alarm",
        alarm(comparison_operator="LessThanThreshold"),
        alarm(comparison_operator="LessThanThreshold", threshold=1),
        "alarms",
        "threshold 5 -> 1 (LessThanThreshold): it would notice less",
    ),
    ("aws_cloudwatch_metric_alarm", alarm(), alarm(period=900), "alarms", "period 300 -> 900: it would notice later"),
    ("aws_cloudwatch_metric_alarm", alarm(), alarm(evaluation_periods=3), "alarms", "evaluation_periods 1 -> 3: "),
    ("aws_cloudwatch_metric_alarm", alarm(), alarm(datapoints_to_alarm=2), "alarms", "datapoints_to_alarm 1 -> 2: "),
    ("aws_cloudwatch_metric_alarm", alarm(), alarm(treat_missing_data="notBreaching"), "alarms", "treat_missing_data"),
    ("aws_cloudwatch_metric_alarm", alarm(), alarm(actions_enabled=False), "alarms", "actions_enabled true -> false"),
    (
        "aws_cloudwatch_metric_alarm",
        alarm(),
        alarm(alarm_actions=[]),
        "alarms",
        "alarm_actions []: it would notify nob",
    ),
    (
        "aws_s3_bucket_policy",
        {"policy": policy(READ, TLS)},
        {"policy": policy(READ)},
        "security",
        'policy: statement "T',
    ),
    (
        "aws_s3_bucket_policy",
        {"policy": policy(TLS)},
        {"policy": policy(TLS, READ)},
        "exposure",
        'policy: statement "R',
    ),
    (
        "aws_s3_bucket_policy",
        {"policy": policy(READ)},
        {"policy": policy({**READ, "Principal": "*"})},
        "exposure",
        'policy: statement "Read" would allow more: Principal "*" (Action "s3:GetObject", Resource "arn:b/*")',
    ),
    (
        "aws_s3_bucket_policy",
        {"policy": policy(READ)},
        {"policy": policy({**READ, "Action": ["s3:GetObject", "s3:PutObject"]})},
        "exposure",
        'policy: statement "Read" would allow more: Action "s3:PutObject" (Resource "arn:b/*", Principal {"AWS": ',
    ),
    (
        "aws_s3_bucket_policy",
        {"policy": policy({**READ, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}})},
        {"policy": policy(READ)},
        "exposure",
        'policy: statement "Read" would allow more: Condition {"StringEquals": {"aws:SourceAccount": "1"}} -> (not ',
    ),
    (
        "aws_iam_role",
        {"permissions_boundary": "arn:limit"},
        {"permissions_boundary": None},
        "privilege",
        "permissions_b",
    ),
    (
        "aws_iam_role",
        {"managed_policy_arns": ["arn:a"]},
        {"managed_policy_arns": ["arn:a", "arn:b"]},
        "privilege",
        'managed_policy_arns ["arn:a"] -> ["arn:a", "arn:b"]: it could do more',
    ),
]


@pytest.mark.parametrize(("type_", "better", "worse", "kind", "beginning"), WEAKENED)
def test_what_gets_worse_is_told_and_what_gets_better_is_not(
    type_: str, better: dict[str, Any], worse: dict[str, Any], kind: str, beginning: str
) -> None:
    found = told(reviewed(entry(type_, "update", better, worse)))
    assert [each[0] for each in found] == [kind]
    assert found[0][1].startswith(beginning), found
    back = {each[0] for each in told(reviewed(entry(type_, "update", worse, better)))}
    assert back <= {"cost", "clients"}


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        ("aws_dynamodb_table", {"billing_mode": "PAY_PER_REQUEST"}, {"billing_mode": "PROVISIONED"}),
        ("aws_dynamodb_table", {"read_capacity": 5}, {"read_capacity": 10}),
        ("aws_dynamodb_table", {"table_class": "STANDARD"}, {"table_class": "STANDARD_INFREQUENT_ACCESS"}),
        (
            "aws_dynamodb_table",
            {"point_in_time_recovery": [{"enabled": False}]},
            {"point_in_time_recovery": [{"enabled": True}]},
        ),
        ("aws_instance", {"instance_type": "t3.micro"}, {"instance_type": "m5.large"}),
        ("aws_s3_bucket_server_side_encryption_configuration", encryption("AES256"), encryption("aws:kms")),
    ],
)
def test_another_cost_model_is_told(type_: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert [kind for kind, _ in told(reviewed(entry(type_, "update", before, after)))] == ["cost"]


def expiring(*expirations: dict[str, Any], block: str = "expiration", scope: str = "") -> dict[str, Any]:
    rule = {"id": "Old", "status": "Enabled", "filter": [{"prefix": scope}], block: list(expirations)}
    return {"bucket": "b", "rule": [rule]}


FAR, NEAR, PAST = ({"days": 0, "date": f"{year}-01-01T00:00:00Z"} for year in (2099, 2031, 2020))
VERSIONS = "noncurrent_version_expiration"
SOONER: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (expiring(FAR), expiring(NEAR), "objects sooner: on 2099-01-01T00:00:00Z -> on 2031-01-01T00:00:00Z"),
    (expiring(FAR), expiring(PAST), "objects sooner: on 2099-01-01T00:00:00Z -> on 2020-01-01T00:00:00Z"),
    (expiring(FAR), expiring({"days": 1}), "objects sooner: on 2099-01-01T00:00:00Z -> after 1 day"),
    (expiring({"days": 7}), expiring(FAR), "objects sooner: after 7 days -> on 2099-01-01T00:00:00Z"),
    (expiring(FAR, scope="tmp/"), expiring(FAR), "objects sooner: never -> on 2099-01-01T00:00:00Z"),
    (
        expiring({"noncurrent_days": 30, "newer_noncurrent_versions": 100}, block=VERSIONS),
        expiring({"noncurrent_days": 30, "newer_noncurrent_versions": 1}, block=VERSIONS),
        "old versions sooner: after 30 days but for the newest 100 -> after 30 days but for the newest 1",
    ),
    (
        # Provider 4 has it as text.
        expiring({"noncurrent_days": 30, "newer_noncurrent_versions": "5"}, block=VERSIONS),
        expiring({"noncurrent_days": 30, "newer_noncurrent_versions": None}, block=VERSIONS),
        "old versions sooner: after 30 days but for the newest 5 -> after 30 days",
    ),
    (
        expiring({"noncurrent_days": 30}, block=VERSIONS),
        expiring({"noncurrent_days": 29, "newer_noncurrent_versions": 9}, block=VERSIONS),
        "old versions sooner: after 30 days -> after 29 days but for the newest 9",
    ),
]


@pytest.mark.parametrize(("before", "after", "sentence"), SOONER)
def test_an_expiry_that_comes_sooner_is_a_loss(before: dict[str, Any], after: dict[str, Any], sentence: str) -> None:
    found = reviewed(entry("aws_s3_bucket_lifecycle_configuration", "update", before, after))
    assert told(found) == [("loss", f'rule "Old" would delete {sentence}')]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (expiring(NEAR), expiring(FAR)),
        (expiring(FAR), expiring({**FAR, "days": None})),
        (
            expiring({"noncurrent_days": 30, "newer_noncurrent_versions": 1}, block=VERSIONS),
            expiring({"noncurrent_days": 30, "newer_noncurrent_versions": 2}, block=VERSIONS),
        ),
        (
            expiring({"noncurrent_days": 30}, block=VERSIONS),
            expiring({"noncurrent_days": 31, "newer_noncurrent_versions": 2}, block=VERSIONS),
        ),
    ],
)
def test_an_expiry_that_comes_later_or_for_less_is_no_finding(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert told(reviewed(entry("aws_s3_bucket_lifecycle_configuration", "update", before, after))) == []


KEPT = "they would be kept for ever"
ENDING: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        expiring({"days": 7}),
        expiring({"days": 7}, scope="tmp/"),
        f"rule \"Old\" would delete objects of {{'prefix': 'tmp/'}} alone, where it does now after 7 days: {KEPT}",
    ),
    (
        rules(7),
        rules(7, status="Disabled"),
        f'rule "Old" would no longer delete objects, where it does now after 7 days: {KEPT}',
    ),
    (
        expiring({"noncurrent_days": 30}, block=VERSIONS),
        {"bucket": "b", "rule": []},
        f'rule "Old" would no longer delete old versions, where it does now after 30 days: {KEPT}',
    ),
]


@pytest.mark.parametrize(("before", "after", "sentence"), ENDING)
def test_an_expiry_that_ends_or_is_narrowed_costs(before: dict[str, Any], after: dict[str, Any], sentence: str) -> None:
    type_ = "aws_s3_bucket_lifecycle_configuration"
    assert told(reviewed(entry(type_, "update", before, after))) == [("cost", sentence)]


def test_an_expiry_that_is_deleted_costs_unless_its_bucket_goes_too() -> None:
    gone = entry("aws_s3_bucket_lifecycle_configuration", "delete", rules(7))
    assert told(reviewed(gone)) == [
        ("cost", f'rule "Old" would no longer delete objects, where it does now after 7 days: {KEPT}')
    ]
    bucket = entry("aws_s3_bucket", "delete", {"bucket": "b"})
    assert [kind for kind, _ in told(reviewed(gone, bucket))] == ["loss"]


def test_an_expiry_that_is_not_known_yet_may_be_a_loss() -> None:
    def updated(after: dict[str, Any], unknown: Any) -> list[tuple[str, str]]:
        change = {"after_unknown": {"rule": unknown}}
        return told(reviewed(entry("aws_s3_bucket_lifecycle_configuration", "update", rules(7), after, **change)))

    assert updated({"bucket": "b"}, unknown=True) == [
        ("loss", "rule changes to (known after apply): perhaps it would delete objects sooner")
    ]
    assert updated(rules(None), unknown=[{"expiration": [{"days": True}]}]) == [
        ("loss", 'rule "Old" would delete objects sooner: after 7 days -> on (known after apply)')
    ]
    sensitive = {"before_sensitive": {"rule": True}, "after_sensitive": {"rule": True}}
    assert told(
        reviewed(entry("aws_s3_bucket_lifecycle_configuration", "update", rules(7), rules(1), **sensitive))
    ) == [("loss", "rule changes to (sensitive): perhaps it would delete objects sooner")]


def test_another_attribute_that_says_when_items_expire_is_a_loss() -> None:
    before, after = ({"ttl": [{"enabled": True, "attribute_name": name}]} for name in ("ttl", "created_at"))
    assert told(reviewed(entry("aws_dynamodb_table", "update", before, after))) == [
        ("loss", 'ttl "ttl" -> "created_at": items would expire by another attribute')
    ]


def test_items_that_expire_for_the_first_time_are_a_loss_unless_none_would_go() -> None:
    before, after = ({"name": "jobs", "ttl": [{"enabled": on, "attribute_name": "ttl"}]} for on in (False, True))
    sentence = 'ttl (not set) -> "ttl": items would expire'
    table = entry("aws_dynamodb_table", "update", before, after)
    assert told(reviewed(table)) == [("loss", sentence)]
    assert told(reviewed(table, facts=KnownFacts(table_hours=23))) == [
        ("availability", f"{sentence}; nothing that is there would go now")
    ]


def test_the_replacement_of_a_queue_is_no_loss_if_it_is_known_to_be_empty() -> None:
    queue = entry("aws_sqs_queue", "replace", {"name": "q", "url": "https://sqs/queue"}, {"name": "q"})
    assert told(reviewed(queue)) == [("loss", "would be replaced: its messages lost")]
    assert told(reviewed(queue, facts=KnownFacts(messages=0))) == [
        ("replacement", "would be replaced; it is empty now")
    ]


@pytest.mark.parametrize("action", ["delete", "replace"])
@pytest.mark.parametrize("type_", ["aws_dynamodb_table", "aws_s3_bucket", "aws_sqs_queue", "google_storage_bucket"])
def test_deleting_or_replacing_what_holds_data_is_danger(type_: str, action: str) -> None:
    found = reviewed(entry(type_, action, {"name": "n"}, None if action == "delete" else {"name": "n"}))
    assert found.verdict is Verdict.DANGER
    assert [kind for kind, _ in told(found)] == ["loss"]


def test_a_replacement_names_what_forces_it_before_and_after() -> None:
    before, after = {"name": "n", "hash_key": "job_id"}, {"name": "n", "hash_key": "user_id"}
    found = reviewed(entry("aws_dynamodb_table", "replace", before, after, replace_paths=[["hash_key"]]))
    sentence = 'would be replaced, for hash_key "job_id" -> "user_id": its items lost'
    assert told(found) == [("loss", sentence)]
    assert [each.path for each in found.resources[0].differences if each.forces_replacement] == [("hash_key",)]
    other = reviewed(entry("aws_lambda_function", "replace", before, after, replace_paths=[["hash_key"]]))
    assert told(other) == [("replacement", 'would be replaced, for hash_key "job_id" -> "user_id"')]
    assert other.verdict is Verdict.REPLACES


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("aws_cloudwatch_metric_alarm", "alarms"),
        ("aws_s3_bucket_public_access_block", "exposure"),
        ("aws_sqs_queue_redrive_policy", "availability"),
        ("aws_iam_role", "availability"),
        ("some_provider_thing", "availability"),
    ],
)
def test_deleting_what_holds_nothing_is_a_change_with_a_finding(type_: str, kind: str) -> None:
    found = reviewed(entry(type_, "delete", {"name": "n", "bucket": "b"}))
    assert [each for each, _ in told(found)] == [kind]
    assert found.verdict is (Verdict.DANGER if kind in {"security", "exposure"} else Verdict.DELETES)


def test_a_guard_that_goes_with_what_it_guards_is_no_finding() -> None:
    guard = entry("aws_s3_bucket_public_access_block", "delete", {"bucket": "b"})
    tls = entry("aws_s3_bucket_policy", "delete", {"bucket": "b", "policy": policy(TLS)})
    found = reviewed(guard, tls, entry("aws_s3_bucket", "delete", {"bucket": "b"}))
    assert told(found) == [("loss", "would be deleted: its objects lost")]


def test_a_new_alarm_that_notifies_nobody_is_told_and_one_that_does_is_not() -> None:
    silent = reviewed(entry("aws_cloudwatch_metric_alarm", "create", None, alarm(alarm_actions=None)))
    assert told(silent) == [("alarms", "alarm_actions []: it would notify nobody")]
    assert told(reviewed(entry("aws_cloudwatch_metric_alarm", "create", None, alarm()))) == []
    assert silent.verdict is Verdict.CREATES


def test_a_new_policy_is_told_if_everyone_may_or_if_its_resource_was_there_before() -> None:
    bucket = entry("aws_s3_bucket", "create", None, {"bucket": "b"})
    public = entry(
        "aws_s3_bucket_policy", "create", None, {"bucket": "b", "policy": policy({**READ, "Principal": "*"})}
    )
    private = entry("aws_s3_bucket_policy", "create", None, {"bucket": "b", "policy": policy(READ, TLS)})
    assert [kind for kind, _ in told(reviewed(bucket, public))] == ["exposure"]
    assert told(reviewed(bucket, private)) == []
    assert [kind for kind, _ in told(reviewed(private))] == ["exposure"]


def test_expiry_of_a_bucket_that_was_there_before_is_a_loss() -> None:
    expiry = entry("aws_s3_bucket_lifecycle_configuration", "create", None, {**rules(7), "bucket": "results"})
    sentence = 'rule "Old" would delete objects sooner: never -> after 7 days'
    assert told(reviewed(expiry)) == [("loss", sentence)]
    assert told(reviewed(expiry, facts=KnownFacts(object_days=1))) == [
        ("availability", f"{sentence}; nothing that is there would go now")
    ]
    assert told(reviewed(expiry, entry("aws_s3_bucket", "create", None, {"bucket": "results"}))) == []


JOBS = {
    "Sid": "Jobs",
    "Effect": "Allow",
    "Action": [
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
    ],
    "Resource": ["arn:jobs", "arn:jobs/index/*"],
}
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:queue"}
TRUST = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com", "AWS": OWN},
}
ON_JOBS = '(Resource ["arn:jobs", "arn:jobs/index/*"])'
OF_JOBS = (
    '(Action ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamod... (106 characters))'
)
IDENTITY: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    # What is new is told, however long the list is that it comes to.
    (
        JOBS,
        {**JOBS, "Action": [*JOBS["Action"], "dynamodb:DeleteItem"]},
        f'statement "Jobs" would allow more: Action "dynamodb:DeleteItem" {ON_JOBS}',
    ),
    (
        JOBS,
        {**JOBS, "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem"]},
        f'statement "Jobs" would allow more: Action ["dynamodb:PutItem", "dynamodb:UpdateItem"] {ON_JOBS}',
    ),
    (JOBS, {**JOBS, "Action": "dynamodb:*"}, f'statement "Jobs" would allow more: Action "dynamodb:*" {ON_JOBS}'),
    (JOBS, {**JOBS, "Resource": "*"}, f'statement "Jobs" would allow more: Resource "*" {OF_JOBS}'),
    (
        JOBS,
        {**JOBS, "Action": "*", "Resource": ["arn:jobs", "arn:users"]},
        'statement "Jobs" would allow more: Action "*"; Resource "arn:users"',
    ),
    # Statements without Sid are told apart by what they say.
    (
        SEND,
        {**SEND, "Action": ["sqs:SendMessage", "sqs:PurgeQueue"]},
        ('a statement without Sid would allow more: Action "sqs:PurgeQueue" (Resource "arn:queue")'),
    ),
    (
        {**SEND, "NotAction": "sqs:*", "Action": None},
        {**SEND, "NotAction": "sqs:Purge*", "Action": None},
        ('a statement without Sid would allow more: NotAction "sqs:*" -> "sqs:Purge*" (Resource "arn:queue")'),
    ),
    # What was refused and is now allowed is so as a whole.
    ({**SEND, "Effect": "Deny"}, SEND, 'a statement without Sid would allow Action "sqs:SendMessage", Resource "arn'),
]


@pytest.mark.parametrize(("before", "after", "beginning"), IDENTITY)
def test_of_a_statement_that_allows_more_it_is_told_what(
    before: dict[str, Any], after: dict[str, Any], beginning: str
) -> None:
    """The statements around it, which are as before, are not told; nor is any if the policy goes back."""

    def written(each: dict[str, Any]) -> dict[str, Any]:
        statement = {key: value for key, value in each.items() if value is not None}
        return {"name": "p", "policy": policy({**READ, "Sid": "Other"}, statement, TLS)}

    kind, sentence = told(reviewed(entry("aws_iam_policy", "update", written(before), written(after))))[0]
    assert (kind, sentence[: len(beginning) + 8]) == ("privilege", f"policy: {beginning}")


def test_whom_else_a_role_trusts_is_told() -> None:
    other = "arn:aws:iam::222222222222:root"
    wider = {**TRUST, "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"], "AWS": [OWN, other]}}
    before, after = ({"name": "r", "assume_role_policy": policy(each)} for each in (TRUST, wider))
    assert told(reviewed(entry("aws_iam_role", "update", before, after))) == [
        (
            "privilege",
            (
                "assume_role_policy: a statement without Sid would allow more: "
                f'Principal {{"Service": "ec2.amazonaws.com", "AWS": "{other}"}} (Action "sts:AssumeRole")'
            ),
        )
    ]
    assert told(reviewed(entry("aws_iam_role", "update", after, before))) == [
        (
            "clients",
            (
                "assume_role_policy: a statement without Sid would no longer allow "
                f'Principal {{"Service": "ec2.amazonaws.com", "AWS": "{other}"}} (Action "sts:AssumeRole")'
            ),
        )
    ]


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (JOBS, []),
        ({**JOBS, "Action": "*"}, []),
        ({**JOBS, "Resource": "*"}, []),
        ({**JOBS, "Action": "*", "Resource": "*"}, ["privilege"]),
        ({**JOBS, "Action": ["sqs:SendMessage", "dynamodb:*"], "Resource": "*"}, ["privilege"]),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, ["privilege"]),
        ({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:b/*"}, ["privilege"]),
        ({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}, []),
    ],
)
def test_a_new_policy_that_allows_a_whole_service_everywhere_is_told(
    statement: dict[str, Any], kinds: list[str]
) -> None:
    """One that nobody has yet, and that is for some actions or for some resources, is not."""
    created = entry("aws_iam_policy", "create", None, {"name": "p", "policy": policy(statement)})
    assert [kind for kind, _ in told(reviewed(created))] == kinds


def test_another_policy_for_a_role_is_more_than_a_replacement() -> None:
    before, after = ({"role": "r", "policy_arn": f"arn:{each}"} for each in ("read", "all"))
    change = entry("aws_iam_role_policy_attachment", "replace", before, after, replace_paths=[["policy_arn"]])
    assert told(reviewed(change)) == [
        ("privilege", 'policy_arn "arn:read" -> "arn:all": "r" would allow something else'),
        ("replacement", 'would be replaced, for policy_arn "arn:read" -> "arn:all"'),
    ]


@pytest.mark.parametrize(
    "after",
    [
        policy({**READ, "Sid": "Renamed"}, TLS),
        policy(TLS, READ),
        policy({**READ, "Action": ["s3:GetObject"], "Principal": {"AWS": [OWN]}}, TLS),
        json.dumps(json.loads(policy(READ, TLS)), indent=4, sort_keys=True),
        policy({**READ, "Action": "s3:getobject"}, TLS),
    ],
)
def test_a_policy_written_otherwise_is_noise(after: str) -> None:
    found = reviewed(entry("aws_s3_bucket_policy", "update", {"policy": policy(READ, TLS)}, {"policy": after}))
    assert told(found) == []
    assert [each.noise for each in found.resources[0].differences] == ["written differently, the same in meaning"]
    assert found.counts.noise == 1


def test_a_value_that_is_not_known_yet_and_could_be_weaker_is_told_as_such() -> None:
    queue = entry(
        "aws_sqs_queue",
        "update",
        {"policy": policy(TLS), "sqs_managed_sse_enabled": True},
        {},
        after_unknown={"policy": True, "sqs_managed_sse_enabled": True},
    )
    assert sorted(told(reviewed(queue))) == [
        ("exposure", "policy is known only after the apply: perhaps it allows more than now"),
        ("security", "sqs_managed_sse_enabled true -> (known after apply): perhaps encryption would be weaker or off"),
    ]


def test_a_sensitive_policy_that_changes_is_told_without_a_value() -> None:
    marks = {"before_sensitive": {"policy": True}, "after_sensitive": {"policy": True}}
    found = reviewed(entry("aws_sqs_queue", "update", {"policy": policy(TLS)}, {"policy": policy(READ)}, **marks))
    assert told(found) == [("exposure", "policy changes, and is sensitive: perhaps it allows more than now")]


def test_findings_are_ranked_by_kind_then_by_address() -> None:
    entries = [
        {**entry("aws_cloudwatch_metric_alarm", "delete", ALARM), "address": "a"},
        {**entry("aws_s3_bucket", "delete", {"bucket": "y"}), "address": "z"},
        {**entry("aws_s3_bucket", "delete", {"bucket": "x"}), "address": "b"},
        {**entry("aws_lambda_function", "replace", {}, {}), "address": "c"},
    ]
    found = reviewed(*entries)
    assert [each.address for each in found.findings] == ["b", "z", "c", "a"]
    assert [each.address for each in found.resources] == ["b", "z", "c", "a"]


def test_a_policy_that_moves_with_its_resource_is_no_finding_unless_it_loses_something() -> None:
    """The resource gets another name, and its policy with it."""

    def renamed(*after: dict[str, Any]) -> list[tuple[str, str]]:
        old = policy({**TLS, "Resource": "arn:aws:s3:::old/*"})
        change = entry(
            "aws_s3_bucket_policy",
            "replace",
            {"bucket": "old", "policy": old},
            {"bucket": "new", "policy": policy(*after)},
            replace_paths=[["bucket"]],
        )
        return told(reviewed(change))

    replaced = ("replacement", 'would be replaced, for bucket "old" -> "new"')
    assert renamed({**TLS, "Resource": "arn:aws:s3:::new/*"}) == [replaced]
    assert [kind for kind, _ in renamed()] == ["security", "replacement"]
