"""The effect of each setting on the stack, with values that no shipped file has."""

import json
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, Testing

from constructs_lib.validation import InvalidConstructError
from stacks.vpr_async import FEATURE
from tests.required import DEPTH_ALARM, DLQ_ALARM, ERRORS_ALARM, RECEIVES, VISIBILITY
from tests.settings_files import written_settings

ELSEWHERE = """\
account_id = "444444444444"
region = "eu-central-1"
state_bucket = "some-state"
data_protection = "destroy"
[vpr_async]
name_suffix = "0a1b2c"
[vpr_async.worker]
timeout_seconds = 330
function_name = "a-worker"
[tags]
"cost:centre" = "12 / 3"
"""


HALF = int(VISIBILITY) // 2


def synthesized(content: str, directory: Path) -> dict[str, Any]:
    stack = FEATURE.add_stack(App(), written_settings(content, directory, "prod"))
    return json.loads(Testing.synth(stack, run_validations=True))


def resources(stack: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return list(stack["resource"][type_].values())


def test_state_and_provider_are_where_the_settings_say(tmp_path: Path) -> None:
    stack = synthesized(ELSEWHERE, tmp_path)
    assert stack["terraform"]["backend"]["s3"] == {
        "bucket": "some-state",
        "key": "vpr-async-prod/terraform.tfstate",
        "region": "eu-central-1",
        "encrypt": True,
        "use_lockfile": True,
        "allowed_account_ids": ["444444444444"],
    }
    (provider,) = stack["provider"]["aws"]
    assert provider["region"] == "eu-central-1"
    assert provider["allowed_account_ids"] == ["444444444444"]
    assert provider["default_tags"][0]["tags"]["cost:centre"] == "12 / 3"


def test_resources_have_the_region_the_suffix_and_the_worker_of_the_settings(tmp_path: Path) -> None:
    stack = synthesized(ELSEWHERE, tmp_path)
    (bucket,) = resources(stack, "aws_s3_bucket")
    assert bucket["bucket"] == "careervp-prod-vpr-results-eu-central-1-0a1b2c"
    redrives = [json.loads(queue.get("redrive_policy", "{}")) for queue in resources(stack, "aws_sqs_queue")]
    assert {
        "deadLetterTargetArn": "arn:aws:sqs:eu-central-1:444444444444:careervp-vpr-jobs-dlq-prod",
        "maxReceiveCount": RECEIVES,
    } in redrives
    watched = [
        query["metric"]["dimensions"]
        for alarm in resources(stack, "aws_cloudwatch_metric_alarm")
        for query in alarm.get("metric_query", [])
        if "metric" in query
    ]
    assert watched == [{"FunctionName": "a-worker"}, {"FunctionName": "a-worker"}]


def test_data_is_protected_as_the_settings_say_whatever_the_environment(tmp_path: Path) -> None:
    stack = synthesized(ELSEWHERE, tmp_path)
    (table,) = resources(stack, "aws_dynamodb_table")
    (bucket,) = resources(stack, "aws_s3_bucket")
    assert (table["deletion_protection_enabled"], bucket["force_destroy"]) == (False, True)
    assert "lifecycle" not in table
    assert "lifecycle" not in bucket


def test_a_worker_of_more_than_half_the_visibility_timeout_is_refused(tmp_path: Path) -> None:
    """By the key that the settings have, and what else could be changed."""
    assert synthesized(ELSEWHERE.replace("timeout_seconds = 330", f"timeout_seconds = {HALF}"), tmp_path)
    with pytest.raises(InvalidConstructError) as raised:
        synthesized(ELSEWHERE.replace("timeout_seconds = 330", f"timeout_seconds = {HALF + 1}"), tmp_path)
    (said,) = raised.value.faults
    assert said == (
        f"vpr_async.worker.timeout_seconds = {HALF + 1}: the queue hides a message for {VISIBILITY} s "
        "(VISIBILITY_SECONDS in stacks/vpr_async/stack.py), less than twice that, so a message would be worked on "
        f"twice; allowed: at most {HALF}, or raise the other to at least {2 * (HALF + 1)}"
    )


def notified(stack: dict[str, Any]) -> list[tuple[list[str], list[str]]]:
    """Return whom each alarm tells of alarm and of recovery."""
    alarms = resources(stack, "aws_cloudwatch_metric_alarm")
    return [(alarm["alarm_actions"], alarm["ok_actions"]) for alarm in alarms]


OPS, ON_CALL = (f"arn:aws:sns:eu-central-1:444444444444:{name}" for name in ("operations", "on-call"))
OWN = "arn:aws:sns:eu-central-1:444444444444:careervp-vpr-alarm-topic-prod"


def with_recipients(directory: Path, *, topics: list[str], emails: list[str]) -> dict[str, Any]:
    return synthesized(
        f"{ELSEWHERE}[vpr_async.alarms]\ntopic_arns = {json.dumps(topics)}\nemails = {json.dumps(emails)}\n", directory
    )


def test_every_alarm_notifies_every_topic_of_the_settings(tmp_path: Path) -> None:
    stack = with_recipients(tmp_path, topics=[OPS, ON_CALL], emails=[])
    assert notified(stack) == [([OPS, ON_CALL], [OPS, ON_CALL])] * 3
    assert "aws_sns_topic" not in stack["resource"]


def test_every_alarm_notifies_the_addresses_of_the_settings_through_a_topic(tmp_path: Path) -> None:
    stack = with_recipients(tmp_path, topics=[], emails=["ops@example.com", "dev@example.com"])
    assert notified(stack) == [([OWN], [OWN])] * 3
    assert [made["name"] for made in resources(stack, "aws_sns_topic")] == ["careervp-vpr-alarm-topic-prod"]
    subscriptions = resources(stack, "aws_sns_topic_subscription")
    assert [(each["protocol"], each["endpoint"]) for each in subscriptions] == [
        ("email", "ops@example.com"),
        ("email", "dev@example.com"),
    ]


def test_topics_and_addresses_are_notified_together(tmp_path: Path) -> None:
    stack = with_recipients(tmp_path, topics=[OPS], emails=["ops@example.com"])
    assert notified(stack) == [([OPS, OWN], [OPS, OWN])] * 3


def test_an_address_keeps_its_subscription_whatever_becomes_of_the_others(tmp_path: Path) -> None:
    """AWS would ask again for the consent of one that is made anew."""
    both = with_recipients(tmp_path, topics=[], emails=["ops@example.com", "dev@example.com"])
    one = with_recipients(tmp_path, topics=[], emails=["dev@example.com"])
    kept = {name: each["endpoint"] for name, each in one["resource"]["aws_sns_topic_subscription"].items()}
    before = {name: each["endpoint"] for name, each in both["resource"]["aws_sns_topic_subscription"].items()}
    assert kept.items() <= before.items()
    assert len(before) == 2


def test_the_one_address_of_earlier_settings_keeps_its_consent(tmp_path: Path) -> None:
    """Its subscription had another address in Terraform's state."""
    stack = with_recipients(tmp_path, topics=[], emails=["ops@example.com", "dev@example.com"])
    (first,) = (
        name
        for name, each in stack["resource"]["aws_sns_topic_subscription"].items()
        if each["endpoint"] == "ops@example.com"
    )
    assert stack["moved"] == [
        {
            "from": "aws_sns_topic_subscription.AlarmTopic_Email_AFB89F75",
            "to": f"aws_sns_topic_subscription.{first}",
        }
    ]


def test_the_handlers_policies_can_be_documents_among_the_outputs(tmp_path: Path) -> None:
    """Then nothing of IAM is made, and the documents are those of the managed policies."""
    stack = synthesized(f'{ELSEWHERE}[vpr_async.handlers]\npolicies = "documents"\n', tmp_path)
    assert "aws_iam_policy" not in stack["resource"]
    assert not [name for name in stack["output"] if name.endswith("_policy_arn")]
    documents = stack["output"]["handler_policy_documents"]["value"]
    assert set(documents) == {"submit", "worker", "status"}
    assert json.loads(documents["status"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadJobs",
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem"],
                "Resource": "arn:aws:dynamodb:eu-central-1:444444444444:table/careervp-jobs-table-prod",
            },
            {
                "Sid": "ReadResults",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": "arn:aws:s3:::careervp-prod-vpr-results-eu-central-1-0a1b2c/results/*",
            },
        ],
    }
    managed = synthesized(f'{ELSEWHERE}[vpr_async.handlers]\npolicies = "managed"\n', tmp_path)
    found = {policy["name"].split("-")[2]: policy["policy"] for policy in resources(managed, "aws_iam_policy")}
    assert found == documents


WHOLE = """\
[vpr_async.names]
results_bucket = "legacy-results"
jobs_queue = "LegacyJobs"
jobs_dlq = "legacy_failures"
jobs_table = "legacy.jobs"
"""


def test_whole_names_are_used_wherever_the_convention_names_were(tmp_path: Path) -> None:
    """Nothing of the convention's names for these four is left anywhere; an alarm refers to its queue."""
    content = ELSEWHERE.replace('[vpr_async]\nname_suffix = "0a1b2c"\n', "") + WHOLE
    stack = synthesized(content, tmp_path)
    queues = {queue["name"]: queue for queue in resources(stack, "aws_sqs_queue")}
    assert set(queues) == {"LegacyJobs", "legacy_failures"}
    arn = "arn:aws:sqs:eu-central-1:444444444444"
    assert json.loads(queues["LegacyJobs"]["redrive_policy"]) == {
        "deadLetterTargetArn": f"{arn}:legacy_failures",
        "maxReceiveCount": RECEIVES,
    }
    assert json.loads(queues["legacy_failures"]["redrive_allow_policy"])["sourceQueueArns"] == [f"{arn}:LegacyJobs"]
    assert [table["name"] for table in resources(stack, "aws_dynamodb_table")] == ["legacy.jobs"]
    assert [bucket["bucket"] for bucket in resources(stack, "aws_s3_bucket")] == ["legacy-results"]
    granted = {
        resource
        for policy in resources(stack, "aws_iam_policy")
        for statement in json.loads(policy["policy"])["Statement"]
        for resource in [statement["Resource"]]
    }
    table = "arn:aws:dynamodb:eu-central-1:444444444444:table/legacy.jobs"
    assert granted == {
        f"{arn}:LegacyJobs",
        table,
        f"{table}/index/idempotency-key-index",
        "arn:aws:s3:::legacy-results/results/*",
    }
    left = ("jobs-queue-prod", "jobs-dlq-prod", "jobs-table-prod", "vpr-results")
    assert [name for name in left if name in json.dumps(stack)] == []


def test_the_requirement_is_of_the_whole_names(tmp_path: Path) -> None:
    """And no key is left that would name one of them; a name that is not given has its key."""
    content = ELSEWHERE.replace('[vpr_async]\nname_suffix = "0a1b2c"\n', "") + WHOLE
    whole = FEATURE.requirement(written_settings(content, tmp_path, "prod"))
    named = ("aws_sqs_queue", "aws_dynamodb_table", "aws_s3_bucket")
    assert {name for type_ in named for name in whole.resources[type_]} == {
        *("LegacyJobs", "legacy_failures", "legacy.jobs", "legacy-results")
    }
    assert whole.pinned_by == {"aws_sqs_queue": {}, "aws_s3_bucket": {}}
    assert "vpr-results" not in repr(whole.resources["aws_iam_policy"])
    one_less = content.replace('jobs_dlq = "legacy_failures"\n', "")
    partly = FEATURE.requirement(written_settings(one_less, tmp_path, "prod"))
    assert partly.pinned_by["aws_sqs_queue"] == {"careervp-vpr-jobs-dlq-prod": "vpr_async.names.jobs_dlq"}


def test_a_queue_is_wired_to_the_worker_where_that_is_asked_for(tmp_path: Path) -> None:
    """As many batches at a time as the worker's reserved concurrency, a message each, failures reported one by one."""
    wired = ELSEWHERE.replace('function_name = "a-worker"', 'function_name = "a-worker"\nwire = true')
    stack = synthesized(wired, tmp_path)
    (mapping,) = resources(stack, "aws_lambda_event_source_mapping")
    assert {key: value for key, value in mapping.items() if key not in {"//", "event_source_arn"}} == {
        "function_name": "arn:aws:lambda:eu-central-1:444444444444:function:a-worker",
        "batch_size": 1,
        "function_response_types": ["ReportBatchItemFailures"],
        "scaling_config": {"maximum_concurrency": 5},
    }
    (queue,) = (id_ for id_, each in stack["resource"]["aws_sqs_queue"].items() if "redrive_policy" in each)
    assert mapping["event_source_arn"] == f"${{aws_sqs_queue.{queue}.arn}}"
    (logs,) = resources(stack, "aws_cloudwatch_log_group")
    assert (logs["name"], logs["retention_in_days"]) == ("/aws/lambda/a-worker", 30)


def test_a_dashboard_shows_queues_worker_and_table_where_that_is_asked_for(tmp_path: Path) -> None:
    stack = synthesized(ELSEWHERE.replace("[vpr_async]", "[vpr_async]\ndashboard = true"), tmp_path)
    (dashboard,) = resources(stack, "aws_cloudwatch_dashboard")
    assert dashboard["dashboard_name"] == "careervp-vpr-dashboard-prod"
    widgets = [each["properties"] for each in json.loads(dashboard["dashboard_body"])["widgets"][1:]]
    assert [each["title"] for each in widgets] == [
        "Waiting messages of careervp-vpr-jobs-queue-prod",
        "Age of the oldest message (s) of careervp-vpr-jobs-queue-prod",
        "Waiting messages of careervp-vpr-jobs-dlq-prod",
        "Failed invocations (%) of a-worker",
        "Duration, p99 (ms) of a-worker",
        "Throttled invocations of a-worker",
        "Throttled reads and writes of careervp-jobs-table-prod",
        "System errors of careervp-jobs-table-prod",
    ]
    assert {each["region"] for each in widgets} == {"eu-central-1"}
    lines = [line["value"] for each in widgets for line in each.get("annotations", {}).get("horizontal", [])]
    thresholds = [alarm["Threshold"] for alarm in (DEPTH_ALARM, DLQ_ALARM, ERRORS_ALARM)]
    assert lines == [*thresholds, 330000]


def test_nothing_of_lambda_and_no_dashboard_is_made_unless_asked_for(tmp_path: Path) -> None:
    made = set(synthesized(ELSEWHERE, tmp_path)["resource"])
    others = {"aws_lambda_event_source_mapping", "aws_cloudwatch_log_group", "aws_cloudwatch_dashboard"}
    assert made & others == set()
    assert "aws_sqs_queue" in made
