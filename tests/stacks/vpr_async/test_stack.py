"""The JSON that the real app synthesizes, against literals written by hand from the requirement."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cdktf import Testing
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from config.environments import Environment
from config.request import PROJECT_ROOT
from stacks.features import stack_names
from tests.checkout import ENVIRONMENTS
from tests.conftest import run_app

# With the stack and the requirement, these are all that a change of a value takes.
RESULTS_DAYS = 7
VISIBILITY_SECONDS = 660
RETENTION_SECONDS = 14_400
DLQ_RETENTION_SECONDS = 1_209_600
WAIT_SECONDS = 20
RECEIVES = 3
FAILED_JOBS = 1
FAILED_PERCENT = 5
WAITING_JOBS = 50

Stacks = Mapping[str, dict[str, Any]]

DLQ = "Jobs_DeadLetterQueue_FA298334"
QUEUE = "Jobs_Queue_57E451F9"
TABLE = "JobsTable_031BD38C"
BUCKET = "Results_Bucket_A1F83315"

DEV_RESOURCES: dict[str, dict[str, Any]] = {
    "aws_sqs_queue": {
        DLQ: {
            "name": "careervp-vpr-jobs-dlq-dev",
            "message_retention_seconds": DLQ_RETENTION_SECONDS,
            "receive_wait_time_seconds": WAIT_SECONDS,
            "sqs_managed_sse_enabled": True,
            "policy": '{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny",'
            '"Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:111111111111:careervp-vpr-jobs-dlq-dev",'
            '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}',
            "redrive_allow_policy": '{"redrivePermission":"byQueue","sourceQueueArns":'
            '["arn:aws:sqs:us-east-1:111111111111:careervp-vpr-jobs-queue-dev"]}',
        },
        QUEUE: {
            "name": "careervp-vpr-jobs-queue-dev",
            "visibility_timeout_seconds": VISIBILITY_SECONDS,
            "receive_wait_time_seconds": WAIT_SECONDS,
            "message_retention_seconds": RETENTION_SECONDS,
            "sqs_managed_sse_enabled": True,
            "policy": '{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny",'
            '"Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:111111111111:careervp-vpr-jobs-queue-dev",'
            '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}',
            "redrive_policy": '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:careervp-vpr-jobs-dlq-dev",'
            f'"maxReceiveCount":{RECEIVES}}}',
            "depends_on": ["aws_sqs_queue.Jobs_DeadLetterQueue_FA298334"],
        },
    },
    "aws_dynamodb_table": {
        TABLE: {
            "name": "careervp-jobs-table-dev",
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "job_id",
            "attribute": [{"name": "job_id", "type": "S"}, {"name": "idempotency_key", "type": "S"}],
            "global_secondary_index": [
                {"name": "idempotency-key-index", "hash_key": "idempotency_key", "projection_type": "ALL"}
            ],
            "ttl": {"attribute_name": "ttl", "enabled": True},
            "point_in_time_recovery": {"enabled": False},
            "deletion_protection_enabled": False,
        }
    },
    "aws_s3_bucket": {BUCKET: {"bucket": "careervp-dev-vpr-results-us-east-1-f6121f", "force_destroy": True}},
    "aws_s3_bucket_server_side_encryption_configuration": {
        "Results_Encryption_9B495463": {
            "bucket": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
            "rule": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        }
    },
    "aws_s3_bucket_public_access_block": {
        "Results_PublicAccess_A3546D0F": {
            "bucket": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
            "block_public_acls": True,
            "block_public_policy": True,
            "ignore_public_acls": True,
            "restrict_public_buckets": True,
        }
    },
    "aws_s3_bucket_ownership_controls": {
        "Results_Ownership_C4486E79": {
            "bucket": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
            "rule": {"object_ownership": "BucketOwnerEnforced"},
        }
    },
    "aws_s3_bucket_policy": {
        "Results_Policy_AB311D76": {
            "bucket": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
            "policy": '{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny",'
            '"Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::careervp-dev-vpr-results-us-east-1-f6121f",'
            '"arn:aws:s3:::careervp-dev-vpr-results-us-east-1-f6121f/*"],'
            '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}',
            "depends_on": ["aws_s3_bucket_public_access_block.Results_PublicAccess_A3546D0F"],
        }
    },
    "aws_s3_bucket_lifecycle_configuration": {
        "Results_Lifecycle_D2766075": {
            "bucket": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
            "rule": [
                {
                    "id": "DeleteOldResults",
                    "status": "Enabled",
                    "filter": [{"prefix": ""}],
                    "expiration": [{"days": RESULTS_DAYS}],
                },
                {
                    "id": "AbortIncompleteUploads",
                    "status": "Enabled",
                    "filter": [{"prefix": ""}],
                    "abort_incomplete_multipart_upload": [{"days_after_initiation": 1}],
                },
            ],
        }
    },
    "aws_cloudwatch_metric_alarm": {
        "DlqAlarm_E60351C9": {
            "alarm_name": "careervp-vpr-dlq-alarm-dev",
            "alarm_description": (
                "A VPR job failed for good: its message is in the dead-letter queue. "
                "Runbook: docs/runbooks/alarm-dlq.md"
            ),
            "namespace": "AWS/SQS",
            "metric_name": "ApproximateNumberOfMessagesVisible",
            "dimensions": {"QueueName": "${aws_sqs_queue.Jobs_DeadLetterQueue_FA298334.name}"},
            "statistic": "Maximum",
            "period": 300,
            "evaluation_periods": 1,
            "datapoints_to_alarm": 1,
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "threshold": FAILED_JOBS,
            "treat_missing_data": "notBreaching",
        },
        "WorkerErrorsAlarm_8372E362": {
            "alarm_name": "careervp-vpr-worker-errors-alarm-dev",
            "alarm_description": (
                f"More than {FAILED_PERCENT} % of the VPR worker's invocations failed within five minutes. "
                "Runbook: docs/runbooks/alarm-worker-errors.md"
            ),
            "metric_query": [
                {
                    "id": "error_rate",
                    "expression": "100 * errors / invocations",
                    "label": "Failed invocations (%)",
                    "return_data": True,
                },
                {
                    "id": "errors",
                    "metric": {
                        "namespace": "AWS/Lambda",
                        "metric_name": "Errors",
                        "dimensions": {"FunctionName": "careervp-vpr-worker-lambda-dev"},
                        "stat": "Sum",
                        "period": 300,
                    },
                },
                {
                    "id": "invocations",
                    "metric": {
                        "namespace": "AWS/Lambda",
                        "metric_name": "Invocations",
                        "dimensions": {"FunctionName": "careervp-vpr-worker-lambda-dev"},
                        "stat": "Sum",
                        "period": 300,
                    },
                },
            ],
            "evaluation_periods": 1,
            "datapoints_to_alarm": 1,
            "comparison_operator": "GreaterThanThreshold",
            "threshold": FAILED_PERCENT,
            "treat_missing_data": "notBreaching",
        },
        "QueueDepthAlarm_A71C7EFA": {
            "alarm_name": "careervp-vpr-queue-depth-alarm-dev",
            "alarm_description": (
                f"More than {WAITING_JOBS} VPR jobs wait: the worker does not keep up. "
                "Runbook: docs/runbooks/alarm-queue-depth.md"
            ),
            "namespace": "AWS/SQS",
            "metric_name": "ApproximateNumberOfMessagesVisible",
            "dimensions": {"QueueName": "${aws_sqs_queue.Jobs_Queue_57E451F9.name}"},
            "statistic": "Maximum",
            "period": 300,
            "evaluation_periods": 1,
            "datapoints_to_alarm": 1,
            "comparison_operator": "GreaterThanThreshold",
            "threshold": WAITING_JOBS,
            "treat_missing_data": "notBreaching",
        },
    },
    "aws_iam_policy": {
        "Handlers_Submit_58DAF00E": {
            "name": "careervp-vpr-submit-policy-dev",
            "description": "Put jobs into careervp-jobs-table-dev and send their messages to "
            "careervp-vpr-jobs-queue-dev.",
            "policy": '{"Version":"2012-10-17","Statement":['
            '{"Sid":"PutAndUpdateJobs","Effect":"Allow","Action":["dynamodb:PutItem","dynamodb:UpdateItem"],'
            '"Resource":"arn:aws:dynamodb:us-east-1:111111111111:table/careervp-jobs-table-dev"},'
            '{"Sid":"FindJobsByIdempotencyKey","Effect":"Allow","Action":["dynamodb:Query"],"Resource":'
            '"arn:aws:dynamodb:us-east-1:111111111111:table/careervp-jobs-table-dev/index/idempotency-key-index"},'
            '{"Sid":"SendMessages","Effect":"Allow","Action":["sqs:SendMessage"],'
            '"Resource":"arn:aws:sqs:us-east-1:111111111111:careervp-vpr-jobs-queue-dev"}]}',
        },
        "Handlers_Worker_7521B0E7": {
            "name": "careervp-vpr-worker-policy-dev",
            "description": "Work on the messages of careervp-vpr-jobs-queue-dev: update jobs and write results.",
            "policy": '{"Version":"2012-10-17","Statement":['
            '{"Sid":"ConsumeMessages","Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage",'
            '"sqs:ChangeMessageVisibility","sqs:GetQueueAttributes"],'
            '"Resource":"arn:aws:sqs:us-east-1:111111111111:careervp-vpr-jobs-queue-dev"},'
            '{"Sid":"ReadAndUpdateJobs","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:UpdateItem"],'
            '"Resource":"arn:aws:dynamodb:us-east-1:111111111111:table/careervp-jobs-table-dev"},'
            '{"Sid":"WriteResults","Effect":"Allow","Action":["s3:PutObject"],'
            '"Resource":"arn:aws:s3:::careervp-dev-vpr-results-us-east-1-f6121f/results/*"}]}',
        },
        "Handlers_Status_88B37DB2": {
            "name": "careervp-vpr-status-policy-dev",
            "description": "Read the jobs of careervp-jobs-table-dev and their results.",
            "policy": '{"Version":"2012-10-17","Statement":['
            '{"Sid":"ReadJobs","Effect":"Allow","Action":["dynamodb:GetItem"],'
            '"Resource":"arn:aws:dynamodb:us-east-1:111111111111:table/careervp-jobs-table-dev"},'
            '{"Sid":"ReadResults","Effect":"Allow","Action":["s3:GetObject"],'
            '"Resource":"arn:aws:s3:::careervp-dev-vpr-results-us-east-1-f6121f/results/*"}]}',
        },
    },
}

DEV_TERRAFORM = {
    "backend": {
        "s3": {
            "bucket": "careervp-terraform-state-dev-111111111111",
            "key": "vpr-async-dev/terraform.tfstate",
            "region": "us-east-1",
            "encrypt": True,
            "use_lockfile": True,
            "allowed_account_ids": ["111111111111"],
        }
    },
    "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
}

DEV_PROVIDER = {
    "aws": [
        {
            "region": "us-east-1",
            "allowed_account_ids": ["111111111111"],
            "default_tags": [
                {
                    "tags": {
                        "Project": "careervp",
                        "Feature": "vpr",
                        "Environment": "dev",
                        "ManagedBy": "terraform",
                        "Owner": "careervp-platform",
                    }
                }
            ],
        }
    ]
}

OUTPUTS: dict[str, Any] = {
    "jobs_queue_url": "${aws_sqs_queue.Jobs_Queue_57E451F9.url}",
    "jobs_queue_arn": "${aws_sqs_queue.Jobs_Queue_57E451F9.arn}",
    "jobs_dlq_url": "${aws_sqs_queue.Jobs_DeadLetterQueue_FA298334.url}",
    "jobs_table_name": "${aws_dynamodb_table.JobsTable_031BD38C.name}",
    "jobs_table_arn": "${aws_dynamodb_table.JobsTable_031BD38C.arn}",
    "results_bucket_name": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
    "results_bucket_arn": "${aws_s3_bucket.Results_Bucket_A1F83315.arn}",
    "handler_environment": {
        "SQS_QUEUE_URL": "${aws_sqs_queue.Jobs_Queue_57E451F9.url}",
        "VPR_JOBS_TABLE_NAME": "${aws_dynamodb_table.JobsTable_031BD38C.name}",
        "VPR_RESULTS_BUCKET_NAME": "${aws_s3_bucket.Results_Bucket_A1F83315.bucket}",
    },
    "submit_policy_arn": "${aws_iam_policy.Handlers_Submit_58DAF00E.arn}",
    "worker_policy_arn": "${aws_iam_policy.Handlers_Worker_7521B0E7.arn}",
    "status_policy_arn": "${aws_iam_policy.Handlers_Status_88B37DB2.arn}",
}


def without_metadata(resources: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        type_: {
            address: {key: value for key, value in resource.items() if key != "//"}
            for address, resource in of_type.items()
        }
        for type_, of_type in resources.items()
    }


def test_dev_is_the_requirement_to_the_letter(stacks: Stacks) -> None:
    """Every resource, every property and every address; nothing more, nothing less."""
    found = without_metadata(stacks["dev"]["resource"])
    assert found == DEV_RESOURCES
    assert sum(len(of_type) for of_type in found.values()) == 15


def test_state_provider_and_outputs_of_dev_are_as_settled(stacks: Stacks) -> None:
    dev = stacks["dev"]
    assert dev["terraform"] == DEV_TERRAFORM
    assert dev["provider"] == DEV_PROVIDER
    assert {name: output["value"] for name, output in dev["output"].items()} == OUTPUTS
    assert set(dev) == {"//", "output", "provider", "resource", "terraform"}


@pytest.mark.parametrize(
    ("environment", "account_id", "suffix"), [("staging", "222222222222", "dbec44"), ("prod", "333333333333", "2d9368")]
)
def test_the_other_environments_differ_in_names_account_and_data_protection_alone(
    stacks: Stacks, environment: str, account_id: str, suffix: str
) -> None:
    """Dev's JSON, with its names and account replaced and data retained, is the other environment's JSON."""
    text = json.dumps(stacks["dev"])
    text = text.replace(
        "careervp-dev-vpr-results-us-east-1-f6121f", f"careervp-{environment}-vpr-results-us-east-1-{suffix}"
    )
    text = re.sub(r"-dev\b", f"-{environment}", text).replace("111111111111", account_id)
    text = text.replace('"Environment": "dev"', f'"Environment": "{environment}"')
    expected = json.loads(text)
    table, bucket = expected["resource"]["aws_dynamodb_table"][TABLE], expected["resource"]["aws_s3_bucket"][BUCKET]
    table["deletion_protection_enabled"] = True
    table["point_in_time_recovery"] = {"enabled": True}
    table["lifecycle"] = {"prevent_destroy": True}
    bucket["force_destroy"] = False
    bucket["lifecycle"] = {"prevent_destroy": True}
    assert stacks[environment] == expected


def test_the_addresses_of_what_holds_data_are_the_same_everywhere(stacks: Stacks) -> None:
    """A changed address replaces the resource: these are a contract."""
    for environment in ENVIRONMENTS:
        resources = stacks[environment]["resource"]
        assert set(resources["aws_sqs_queue"]) == {DLQ, QUEUE}
        assert set(resources["aws_dynamodb_table"]) == {TABLE}
        assert set(resources["aws_s3_bucket"]) == {BUCKET}


def test_cdktfs_own_matchers_find_the_requirements_values(synthesized: Path) -> None:
    text = (synthesized / "stacks" / "vpr-async-dev" / "cdk.tf.json").read_text()
    wanted: list[tuple[str, dict[str, Any]]] = [
        (
            SqsQueue.TF_RESOURCE_TYPE,
            {"name": "careervp-vpr-jobs-queue-dev", "visibility_timeout_seconds": VISIBILITY_SECONDS},
        ),
        (
            SqsQueue.TF_RESOURCE_TYPE,
            {"name": "careervp-vpr-jobs-dlq-dev", "message_retention_seconds": DLQ_RETENTION_SECONDS},
        ),
        (DynamodbTable.TF_RESOURCE_TYPE, {"name": "careervp-jobs-table-dev", "billing_mode": "PAY_PER_REQUEST"}),
        (S3Bucket.TF_RESOURCE_TYPE, {"bucket": "careervp-dev-vpr-results-us-east-1-f6121f"}),
        (
            CloudwatchMetricAlarm.TF_RESOURCE_TYPE,
            {"alarm_name": "careervp-vpr-dlq-alarm-dev", "threshold": FAILED_JOBS},
        ),
        (CloudwatchMetricAlarm.TF_RESOURCE_TYPE, {"alarm_name": "careervp-vpr-worker-errors-alarm-dev"}),
        (CloudwatchMetricAlarm.TF_RESOURCE_TYPE, {"alarm_name": "careervp-vpr-queue-depth-alarm-dev"}),
    ]
    for type_, properties in wanted:
        assert Testing.to_have_resource_with_properties(text, type_, properties), properties
    assert not Testing.to_have_resource_with_properties(text, SqsQueue.TF_RESOURCE_TYPE, {"name": "another"})


NAME_KEYS = {"name", "bucket", "alarm_name", "index_name"}
NAMED_TYPES = {
    "aws_sqs_queue",
    "aws_dynamodb_table",
    "aws_s3_bucket",
    "aws_cloudwatch_metric_alarm",
    "aws_iam_policy",
}


def named(stack: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every physical name, leaving out references from one resource to another's."""
    for type_, of_type in stack["resource"].items():
        for resource in of_type.values():
            for key in NAME_KEYS & set(resource):
                if type_ in NAMED_TYPES:
                    yield type_, resource[key]


def test_every_name_is_a_literal_without_any_remnant_of_a_token(stacks: Stacks) -> None:
    names = [name for environment in ENVIRONMENTS for _, name in named(stacks[environment])]
    assert len(names) == 30
    assert len(set(names)) == 30
    assert all(re.fullmatch(r"careervp-[a-z0-9-]+", name) for name in names)


def test_two_syntheses_on_either_target_are_the_same_to_the_byte(synthesized: Path, tmp_path: Path) -> None:
    again = run_app(tmp_path, TARGET="aws")
    assert again.returncode == 0
    files = sorted(path.relative_to(synthesized) for path in synthesized.rglob("*.json"))
    assert len(files) >= 7
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.json")) == files
    for file in files:
        assert (tmp_path / file).read_bytes() == (synthesized / file).read_bytes()


def test_the_cli_needs_no_activated_environment_and_reports_to_nobody() -> None:
    config = json.loads((PROJECT_ROOT / "cdktf.json").read_text())
    assert config["app"] == ".venv/bin/python -O main.py"
    assert config["sendCrashReports"] == "false"


def test_each_stack_is_given_the_providers_checksums_and_mirror(synthesized: Path) -> None:
    for environment in ENVIRONMENTS:
        stack = synthesized / "stacks" / f"vpr-async-{environment}"
        checksums = re.findall(r'"(?:h1|zh):.+"', (PROJECT_ROOT / ".terraform.lock.hcl").read_text())
        assert len(checksums) >= 16
        # Set-up may have added that of another platform.
        assert set(checksums) <= set(re.findall(r'"(?:h1|zh):.+"', (stack / ".terraform.lock.hcl").read_text()))
        assert (stack / "terraform.d").resolve() == (PROJECT_ROOT / "terraform.d").resolve()


def test_without_run_time_type_checks_the_bytes_are_the_same(synthesized: Path, tmp_path: Path) -> None:
    """cdktf.json runs the app under `python -O`."""
    done = run_app(tmp_path, "-O", "main.py")
    assert done.returncode == 0
    assert done.stderr == ""
    files = [file.relative_to(synthesized) for file in synthesized.rglob("cdk.tf.json")]
    assert len(files) >= 6
    assert sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("cdk.tf.json")) == sorted(files)
    for file in files:
        assert (tmp_path / file).read_bytes() == (synthesized / file).read_bytes()


def test_one_environment_alone_is_the_same_as_among_all(synthesized: Path, tmp_path: Path) -> None:
    assert run_app(tmp_path, ENV="prod").returncode == 0
    assert {stack.name for stack in (tmp_path / "stacks").iterdir()} == set(stack_names(Environment("prod")))
    for stack in (tmp_path / "stacks").iterdir():
        for name in ("cdk.tf.json", ".terraform.lock.hcl"):
            assert (stack / name).read_bytes() == (synthesized / "stacks" / stack.name / name).read_bytes()
