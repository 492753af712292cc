"""One resource of each type of a wired feature on the emulator: it is described as declared, and destroyed in one go.

The stack is written by hand, so that neither a construct nor cdktf decides what the provider is asked for. Terraform
acts as a role that has the permissions of `make access`, and no others.
"""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aws_emulator import temporary
from aws_emulator.identities import Identity
from config.environments import Environment
from ops.access import deployer
from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.resource_types.interface import Account
from ops.verify.clients import Clients
from stacks.feature import Feature
from stacks.features import FEATURES, STATE_BACKEND, load_settings
from stacks.requirement import Expected, Requirement
from stacks.settings import Settings
from tests.checkout import Checkout, make_checkout
from tests.clients import client
from tests.functions import make_worker

pytestmark = pytest.mark.xdist_group("wired stack")
ACCOUNT, REGION = "111111111111", "us-east-1"
QUEUE, FUNCTION, BUCKET = "shop-orders-queue", "shop-orders-worker", "shop-orders-archive"
KEY, ALIAS, TOPIC = "shop-orders-key", "alias/shop-orders-key", "shop-orders-topic"
ALARMS = ("shop-orders-depth-alarm", "shop-orders-age-alarm")
COMPOSITE, PARENT, DASHBOARD = "shop-orders-unhealthy-alarm", "shop-unhealthy-alarm", "shop-orders-dashboard"
LOGS = f"/aws/lambda/{FUNCTION}"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"
SETTINGS = load_settings(Environment("dev"))
PLAN = ("plan", "-detailed-exitcode")
FOUND = (
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_dashboard",
    "aws_lambda_event_source_mapping",
    "aws_kms_key",
    "aws_kms_alias",
    "aws_s3_bucket_cors_configuration",
    "aws_cloudwatch_log_group",
)
TAGS = {"Project": "careervp", "Environment": "dev"}
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        },
    ],
}
WIDGETS = {
    "widgets": [
        {
            "type": "metric",
            "x": 0,
            "y": 0,
            "width": 12,
            "height": 6,
            "properties": {
                "title": "Depth",
                "region": REGION,
                "metrics": [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", QUEUE]],
            },
        }
    ]
}
CORS = {
    "AllowedMethods": ["GET", "PUT"],
    "AllowedOrigins": ["https://shop.example.com"],
    "AllowedHeaders": ["content-type"],
    "ExposeHeaders": ["etag"],
    "MaxAgeSeconds": 600,
}
STACK: dict[str, Any] = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
    "provider": {"aws": {"region": REGION, "s3_use_path_style": True}},
    "resource": {
        "aws_sqs_queue": {"orders": {"name": QUEUE, "visibility_timeout_seconds": 180}},
        "aws_lambda_event_source_mapping": {
            "worker": {
                "event_source_arn": "${aws_sqs_queue.orders.arn}",
                "function_name": FUNCTION,
                "batch_size": 5,
                "function_response_types": ["ReportBatchItemFailures"],
                "scaling_config": {"maximum_concurrency": 7},
                "tags": TAGS,
            }
        },
        "aws_kms_key": {
            "key": {
                "description": KEY,
                "policy": json.dumps(KEY_POLICY, separators=(",", ":")),
                "enable_key_rotation": True,
                "deletion_window_in_days": 7,
                "tags": TAGS,
            }
        },
        "aws_kms_alias": {"key": {"name": ALIAS, "target_key_id": "${aws_kms_key.key.key_id}"}},
        "aws_sns_topic": {"topic": {"name": TOPIC, "kms_master_key_id": "${aws_kms_key.key.arn}"}},
        "aws_cloudwatch_metric_alarm": {
            name.split("-")[2]: {
                "alarm_name": name,
                "comparison_operator": "GreaterThanThreshold",
                "evaluation_periods": 1,
                "namespace": "AWS/SQS",
                "metric_name": "ApproximateNumberOfMessagesVisible",
                "dimensions": {"QueueName": QUEUE},
                "period": 60,
                "statistic": "Maximum",
                "threshold": 10,
            }
            for name in ALARMS
        },
        "aws_cloudwatch_composite_alarm": {
            "unhealthy": {
                "alarm_name": COMPOSITE,
                "alarm_description": "Orders are not worked on.",
                "alarm_rule": "ALARM(${aws_cloudwatch_metric_alarm.depth.alarm_name}) OR "
                "ALARM(${aws_cloudwatch_metric_alarm.age.alarm_name})",
                "alarm_actions": ["${aws_sns_topic.topic.arn}"],
                "tags": TAGS,
            },
            "parent": {
                "alarm_name": PARENT,
                "alarm_rule": "ALARM(${aws_cloudwatch_composite_alarm.unhealthy.alarm_name})",
                "actions_enabled": False,
            },
        },
        "aws_cloudwatch_dashboard": {
            "dashboard": {"dashboard_name": DASHBOARD, "dashboard_body": json.dumps(WIDGETS, separators=(",", ":"))}
        },
        "aws_cloudwatch_log_group": {"worker": {"name": LOGS, "retention_in_days": 30, "tags": TAGS}},
        "aws_s3_bucket": {"archive": {"bucket": BUCKET}},
        "aws_s3_bucket_cors_configuration": {
            "archive": {
                "bucket": "${aws_s3_bucket.archive.bucket}",
                "cors_rule": [
                    {
                        "allowed_methods": ["GET", "PUT"],
                        "allowed_origins": ["https://shop.example.com"],
                        "allowed_headers": ["content-type"],
                        "expose_headers": ["etag"],
                        "max_age_seconds": 600,
                    }
                ],
            }
        },
    },
}


def requirement(_: Settings) -> Requirement:
    """Return the names of what the stack has, which its permissions are for."""
    names: dict[str, tuple[str, ...]] = {
        "aws_sqs_queue": (QUEUE,),
        "aws_lambda_event_source_mapping": (f"{QUEUE}/{FUNCTION}",),
        "aws_kms_key": (KEY,),
        "aws_kms_alias": (ALIAS,),
        "aws_sns_topic": (TOPIC,),
        "aws_cloudwatch_metric_alarm": ALARMS,
        "aws_cloudwatch_composite_alarm": (COMPOSITE, PARENT),
        "aws_cloudwatch_dashboard": (DASHBOARD,),
        "aws_cloudwatch_log_group": (LOGS,),
    }
    resources: dict[str, dict[str, Expected]] = {
        type_: {name: {look: {} for look in TYPES[type_].looks} for name in each} for type_, each in names.items()
    }
    return Requirement(resources={**resources, "aws_s3_bucket": {BUCKET: {"CORS": {"CORS": [CORS]}}}}, prefixes={})


def permissions(*policies: str) -> list[Any]:
    """Return policies of `make access` for the stack."""

    def no_stack() -> Any:
        """Return nothing that makes a stack."""

    feature = Feature(key="shop", stack="shop", requirement=requirement, stack_class=no_stack)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployer, "FEATURES", (feature,))
        return [deployer.policy_document(SETTINGS, policy) for policy in policies]


@dataclass
class Deployed:
    """The stack on an emulator of its own."""

    checkout: Checkout
    folder: Path
    endpoint: str
    variables: dict[str, str]
    roles: dict[str, Identity]
    """Who applies, as whom Terraform acts at first, who plans, and who verifies."""

    def client(self, service: str) -> Any:
        """Return a client of the emulator."""
        return client(service, self.endpoint)

    def terraform(self, *arguments: str) -> None:
        """Run Terraform, which must end well."""
        done = self.checkout.terraform(self.folder, *arguments, **self.variables)
        assert done.returncode == 0, (done.stdout, done.stderr)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployed]:
    """Deploy the stack; a second plan finds nothing to change."""
    checkout = make_checkout(tmp_path_factory.mktemp("wired"))
    folder = tmp_path_factory.mktemp("stack")
    (folder / "main.tf.json").write_text(json.dumps(STACK))
    (folder / "terraform.d").symlink_to(checkout.path / "terraform.d")
    with temporary(ACCOUNT) as aws:
        make_worker(aws.endpoint, FUNCTION, queue_arn=QUEUE_ARN)
        roles: dict[str, Identity] = {}
        administrator = Identity(aws.endpoint)
        for name, policies in {"apply": ("plan", "apply"), "plan": ("plan",), "verify": ("verify",)}.items():
            role = administrator.make_role(name, ACCOUNT)
            administrator.grant(name, permissions(*policies))
            roles[name] = administrator.assume(role)
        roles["apply"].sign_in()
        stack = Deployed(checkout, folder, aws.endpoint, aws.terraform_environment({}, REGION), roles)
        for command in (("init",), ("validate",), ("apply", "-auto-approve"), PLAN):
            stack.terraform(*command)
        yield stack


def test_every_type_that_permissions_are_given_for_is_proved() -> None:
    """Here, or by the life of dev that `make privileges` records."""
    lived = {type_ for each in (*FEATURES, STATE_BACKEND) for type_ in requirement_of(each, SETTINGS).resources}
    given = {name for name, type_ in TYPES.items() if type_.permissions}
    assert len(given) > 8
    assert given - lived - STACK["resource"].keys() == set()


def test_who_plans_may_read_all_that_the_provider_refreshes(deployed: Deployed) -> None:
    """With the policy `plan` alone; nothing that the policy lacks is asked for, not even in vain."""
    deployed.roles["plan"].sign_in()
    deployed.terraform(*PLAN)
    calls = [call for call in Identity(deployed.endpoint).calls() if "assumed-role/plan/" in call["caller"]]
    assert len(calls) > 20
    assert [call for call in calls if not call["allowed"]] == []


def test_composite_alarms_are_described_as_they_were_declared(deployed: Deployed) -> None:
    cloudwatch = deployed.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    by_name = {each["AlarmName"]: each for each in found}
    assert set(by_name) == {COMPOSITE, PARENT}
    unhealthy = by_name[COMPOSITE]
    assert unhealthy["AlarmRule"] == f"ALARM({ALARMS[0]}) OR ALARM({ALARMS[1]})"
    assert unhealthy["AlarmDescription"] == "Orders are not worked on."
    assert unhealthy["AlarmActions"] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}"]
    assert (unhealthy["ActionsEnabled"], by_name[PARENT]["ActionsEnabled"]) == (True, False)
    tags = cloudwatch.list_tags_for_resource(ResourceARN=unhealthy["AlarmArn"])["Tags"]
    assert {each["Key"]: each["Value"] for each in tags} == TAGS


def test_the_dashboard_is_described_as_it_was_declared(deployed: Deployed) -> None:
    found = deployed.client("cloudwatch").get_dashboard(DashboardName=DASHBOARD)
    assert found["DashboardArn"] == f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{DASHBOARD}"
    assert json.loads(found["DashboardBody"]) == WIDGETS


def test_the_mapping_is_described_as_it_was_declared(deployed: Deployed) -> None:
    """And what is sent to its queue stays there."""
    functions, sqs = deployed.client("lambda"), deployed.client("sqs")
    (found,) = functions.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    assert found["EventSourceArn"] == QUEUE_ARN
    assert found["FunctionArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
    assert found["BatchSize"] == 5
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert functions.list_tags(Resource=found["EventSourceMappingArn"])["Tags"] == TAGS
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="an order")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert attributes == {"ApproximateNumberOfMessages": "1"}


def test_the_key_and_its_alias_are_described_as_they_were_declared(deployed: Deployed) -> None:
    kms = deployed.client("kms")
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert (key["Description"], key["KeyState"], key["KeySpec"]) == (KEY, "Enabled", "SYMMETRIC_DEFAULT")
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    assert json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]) == KEY_POLICY
    tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
    assert {each["TagKey"]: each["TagValue"] for each in tags} == TAGS
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}"
    attributes = deployed.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["KmsMasterKeyId"] == key["Arn"]


def test_the_buckets_rules_for_other_origins_are_described_as_they_were_declared(deployed: Deployed) -> None:
    assert deployed.client("s3").get_bucket_cors(Bucket=BUCKET)["CORSRules"] == [CORS]


def test_each_is_found_by_the_id_by_which_terraform_knows_it(deployed: Deployed) -> None:
    """Given what is declared, with names in place of references."""
    state = json.loads((deployed.folder / "terraform.tfstate").read_text())
    ids = {f"{each['type']}.{each['name']}": each["instances"][0]["attributes"]["id"] for each in state["resources"]}
    found = {
        f"{type_}.{name}": TYPES[type_].find(
            {**declared, "event_source_arn": QUEUE_ARN, "bucket": BUCKET}, SETTINGS, deployed.client
        )
        for type_ in FOUND
        for name, declared in STACK["resource"][type_].items()
    }
    assert len(found) == 8
    assert found == {address: ids[address] for address in found}


def test_each_is_listed_by_its_name_and_seen_as_it_was_declared(deployed: Deployed) -> None:
    """By the looks of its type, under the permissions to verify."""
    deployed.roles["verify"].sign_in()
    clients = Clients(region=REGION, where="the test's", emulator_endpoint=deployed.endpoint)
    account = Account(SETTINGS, Requirement(resources={}, prefixes={}), clients)
    seen: dict[str, Any] = {}
    for type_ in FOUND:
        if listing := TYPES[type_].listing:
            prefix = LOGS if type_ == "aws_cloudwatch_log_group" else "shop-"
            found = {name: entry for name, entry in listing(account, prefix).items() if "shop-" in name}
            for name, entry in found.items():
                looks = {look: dict(each.read(account, name, entry)) for look, each in TYPES[type_].looks.items()}
                seen[f"{type_} {name}"] = {key: value for look in looks.values() for key, value in look.items()}
    mapping = seen[f"aws_lambda_event_source_mapping {QUEUE}/{FUNCTION}"]
    mapping.pop("LastProcessingResult")
    assert mapping == {
        "State": "Enabled",
        "BatchSize": 5,
        "MaximumBatchingWindowInSeconds": None,
        "MaximumConcurrency": 7,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": None,
        "tags": TAGS,
    }
    key = seen[f"aws_kms_key {KEY}"]
    assert json.loads(key.pop("policy")) == KEY_POLICY
    assert key == {
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "grants": {},
        "tags": TAGS,
    }
    assert seen[f"aws_kms_alias {ALIAS}"] == {"TargetKey": KEY, "KeyState": "Enabled"}
    metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", QUEUE]]
    assert seen[f"aws_cloudwatch_dashboard {DASHBOARD}"] == {
        "Titles": ["Depth"],
        "widgets": {"Depth": {"type": "metric", "metrics": metrics}},
    }
    composite = seen[f"aws_cloudwatch_composite_alarm {COMPOSITE}"]
    assert composite["AlarmRule"] == f"ALARM({ALARMS[0]}) OR ALARM({ALARMS[1]})"
    assert (composite["StateValue"], composite["tags"]) == ("not ALARM", TAGS)
    assert seen[f"aws_cloudwatch_log_group {LOGS}"] == {
        "RetentionInDays": 30,
        "KmsKeyId": None,
        "LogGroupClass": "STANDARD",
        "subscriptions": {},
        "tags": TAGS,
    }
    cors = TYPES["aws_s3_bucket"].looks["CORS"].read(account, BUCKET, None)
    assert cors == {"CORS": [CORS]}


def test_it_is_destroyed_in_one_go(deployed: Deployed) -> None:
    """The composite alarms go before those that they depend on, and the key waits for its deletion."""
    kms = deployed.client("kms")
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    deployed.roles["apply"].sign_in()
    deployed.terraform("destroy", "-auto-approve")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert TYPES["aws_kms_key"].find({"description": KEY}, SETTINGS, deployed.client) is None
    cloudwatch = deployed.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert (alarms["MetricAlarms"], alarms["CompositeAlarms"]) == ([], [])
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []
    assert deployed.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
