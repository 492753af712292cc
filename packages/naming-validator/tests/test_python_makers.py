"""Makers of resources in Python: AWS CDK's classes of every level, methods, assignments and overrides."""

from pathlib import Path

import pytest

from naming_run import findings, report, write

IMPORTS = """\
import aws_cdk as cdk
import cdktf_cdktf_provider_aws as aws
from typing import cast
from aws_cdk import CfnParameter, CfnResource, Stack
from aws_cdk import aws_cloudfront as cloudfront, aws_cloudwatch as cw, aws_docdb as docdb, aws_dynamodb as ddb
from aws_cdk import aws_events as events, aws_iam as iam, aws_kms as kms, aws_lambda as lam, aws_logs as logs
from aws_cdk import aws_lambda_nodejs as njs, aws_s3 as s3, aws_secretsmanager as sm, aws_sns as sns, aws_sqs as sqs
from aws_cdk import aws_ssm as ssm, aws_wafv2 as waf
from aws_cdk.aws_lambda_python_alpha import PythonFunction
from cdktf_cdktf_provider_aws.data_aws_sqs_queue import DataAwsSqsQueue
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable
from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
"""

MAKERS = [
    # AWS CDK's first level.
    ('sqs.CfnQueue(self, "A", queue_name="BadQueue")', "BadQueue"),
    ('sqs.CfnQueue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev", fifo_queue=True)', None),
    ('sns.CfnTopic(self, "A", topic_name="BadTopic")', "BadTopic"),
    ('s3.CfnBucket(self, "A", bucket_name="bad-bucket")', "bad-bucket"),
    ('ddb.CfnTable(self, "A", table_name="Bad_Table", key_schema=[])', "Bad_Table"),
    ('ddb.CfnGlobalTable(self, "A", table_name="Bad_Table", key_schema=[])', "Bad_Table"),
    ('cw.CfnAlarm(self, "A", alarm_name="BadAlarm")', "BadAlarm"),
    ('cw.CfnCompositeAlarm(self, "A", alarm_name="BadAlarm", alarm_rule="x")', "BadAlarm"),
    ('logs.CfnLogGroup(self, "A", log_group_name="BadLogs")', "BadLogs"),
    ('events.CfnRule(self, "A", name="BadRule")', "BadRule"),
    ('iam.CfnRole(self, "A", role_name="BadRole", assume_role_policy_document={})', "BadRole"),
    ('iam.CfnManagedPolicy(self, "A", managed_policy_name="BadPolicy")', "BadPolicy"),
    ('kms.CfnAlias(self, "A", alias_name="alias/Bad", target_key_id="x")', "alias/Bad"),
    ('ssm.CfnParameter(self, "A", name="bad name", type="String", value="x")', "bad name"),
    ('sm.CfnSecret(self, "A", name="BadSecret")', "BadSecret"),
    ('lam.CfnFunction(self, "A", function_name="BadFn", code={}, role="x")', "BadFn"),
    ('CfnResource(self, "A", type="AWS::SQS::Queue", properties={"QueueName": "BadQueue"})', "BadQueue"),
    ('CfnResource(self, "A", type="AWS::Events::Rule", properties={"Name": "BadRule"})', "BadRule"),
    ('CfnResource(self, "A", type="AWS::SQS::Queue")', None),
    ('cdk.aws_sqs.CfnQueue(self, "A", queue_name="BadQueue")', "BadQueue"),
    # Its second level, where it is not the service's own module, and its methods.
    ('PythonFunction(self, "A", function_name="BadFn", entry="x")', "BadFn"),
    ('njs.NodejsFunction(self, "A", function_name="BadFn")', "BadFn"),
    ('lam.SingletonFunction(self, "A", function_name="BadFn", uuid="x")', "BadFn"),
    ('cloudfront.experimental.EdgeFunction(self, "A", function_name="BadFn")', "BadFn"),
    ('docdb.DatabaseSecret(self, "A", secret_name="BadSecret", username="x")', "BadSecret"),
    ('cw.CompositeAlarm(self, "A", composite_alarm_name="BadAlarm", alarm_rule=rule)', "BadAlarm"),
    ('cw.Dashboard(self, "A", dashboard_name="BadDashboard")', "BadDashboard"),
    ('cw.AnomalyDetectionAlarm(self, "A", alarm_name="BadAlarm")', "BadAlarm"),
    ('queue.metric("x").create_alarm(self, "A", alarm_name="BadAlarm", threshold=1)', "BadAlarm"),
    ('metric.create_alarm(scope=self, id="A", alarm_name="BadAlarm", threshold=1)', "BadAlarm"),
    ('cw.Metric(namespace="x", metric_name="y").create_alarm(self, "A", threshold=1)', None),
    ('kms.Key(self, "A", alias="Bad")', "alias/Bad"),
    ('kms.Key(self, "A", alias="alias/Bad")', "alias/Bad"),
    ('ddb.Table(self, "A", table_name="acmecorp-jobs-table-dev").add_global_secondary_index(index_name="a b")', "a b"),
    ('table.add_local_secondary_index(index_name="a b", sort_key=key)', "a b"),
    # A table's indexes within it.
    (
        (
            'ddb.TableV2(self, "A", table_name="acmecorp-jobs-table-dev", '
            'global_secondary_indexes=[ddb.GlobalSecondaryIndexPropsV2(index_name="a b", partition_key=key)])'
        ),
        "a b",
    ),
    (
        (
            'ddb.TableV2(self, "A", table_name="acmecorp-jobs-table-dev", '
            'local_secondary_indexes=[ddb.LocalSecondaryIndexProps(index_name="a b", sort_key=key)])'
        ),
        "a b",
    ),
    (
        (
            'ddb.TableV2(self, "A", table_name="acmecorp-jobs-table-dev", '
            'global_secondary_indexes=[{"index_name": "a b", "partition_key": key}])'
        ),
        "a b",
    ),
    (
        (
            'ddb.CfnTable(self, "A", table_name="acmecorp-jobs-table-dev", global_secondary_indexes='
            '[ddb.CfnTable.GlobalSecondaryIndexProperty(index_name="a b", key_schema=[])])'
        ),
        "a b",
    ),
    (
        'DynamodbTable(self, "A", name="acmecorp-jobs-table-dev", global_secondary_index=[{"name": "a b"}])',
        "a b",
    ),
    (
        (
            'INDEXES = [{"indexName": "a b"}]\n'
            'ddb.TableV2(self, "A", table_name="acmecorp-jobs-table-dev", global_secondary_indexes=INDEXES)'
        ),
        "a b",
    ),
    # Subclasses, and other names of classes.
    (
        'class Q(sqs.Queue):\n def __init__(self, scope, id):\n  super().__init__(scope, id, queue_name="BadQueue")',
        "BadQueue",
    ),
    ('class Q(SqsQueue):\n pass\nQ(self, "A", name="BadQueue")', "BadQueue"),
    ('class Q(sqs.CfnQueue):\n pass\nclass R(Q):\n pass\nR(self, "A", queue_name="BadQueue")', "BadQueue"),
    ('Q = sqs.Queue\nQ(self, "A", queue_name="BadQueue")', "BadQueue"),
    ('make = SqsQueue\nmake(self, "A", name="BadQueue")', "BadQueue"),
    # Assignment.
    ('q = SqsQueue(self, "A", name="acmecorp-rpt-jobs-queue-dev")\nq.name = "BadQueue"', "BadQueue"),
    ('q = sqs.CfnQueue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev")\nq.queue_name = "BadQueue"', "BadQueue"),
    ('def f(q: sqs.CfnQueue):\n q.queue_name = "BadQueue"', "BadQueue"),
    ('def f(q: "sqs.CfnQueue | None"):\n q.queue_name = "BadQueue"', "BadQueue"),
    (
        (
            "class S(Stack):\n def f(self, topic: sns.Topic):\n  cfn = topic.node.default_child\n"
            '  cfn.topic_name = "BadTopic"'
        ),
        "BadTopic",
    ),
    (
        "def f(topic):\n cfn = cast(sns.CfnTopic, topic.node.default_child)\n cfn.topic_name = 'BadTopic'",
        "BadTopic",
    ),
    (
        (
            "class S(Stack):\n def __init__(self):\n"
            '  self.fn = LambdaFunction(self, "A", function_name="acmecorp-rpt-x-lambda-dev")\n'
            ' def f(self):\n  self.fn.function_name = "BadFn"'
        ),
        "BadFn",
    ),
    ('construct.node.default_child.queue_name = "BadQueue"', "BadQueue"),
    ('cfn = construct.node.find_child("Resource")\ncfn.table_name = "Bad_Table"', "Bad_Table"),
    ('q = SqsQueue(self, "A", name="acmecorp-rpt-jobs-queue-dev")\nsetattr(q, "name", "BadQueue")', "BadQueue"),
    # Overrides.
    (
        (
            't = DynamodbTable(self, "A", name="acmecorp-jobs-table-dev")\n'
            't.add_override("global_secondary_index.0.name", "a b")'
        ),
        "a b",
    ),
    ('stack.add_override("resource.aws_dynamodb_table.T.local_secondary_index.1.name", "a b")', "a b"),
    (
        'q = SqsQueue(self, "A", name="acmecorp-rpt-jobs-queue-dev")\nq.add_override("name", "BadQueue")',
        "BadQueue",
    ),
    (
        'q = SqsQueue(self, "A", name="acmecorp-rpt-jobs-queue-dev")\nq.add_override(path="name", value="BadQueue")',
        "BadQueue",
    ),
    (
        (
            'q = sqs.CfnQueue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev")\n'
            'q.add_property_override("QueueName", "BadQueue")'
        ),
        "BadQueue",
    ),
    (
        (
            'q = sqs.Queue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev")\n'
            'q.node.default_child.add_override("Properties.QueueName", "BadQueue")'
        ),
        "BadQueue",
    ),
    ('construct.node.default_child.add_property_override("TableName", "Bad_Table")', "Bad_Table"),
    ('stack.add_override("resource.aws_sqs_queue.A.name", "BadQueue")', "BadQueue"),
    ('stack.add_override("resource.aws_s3_bucket.A.bucket", "bad-bucket")', "bad-bucket"),
    (
        (
            'rule = events.CfnRule(self, "A", name="acmecorp-rpt-x-rule-dev")\n'
            'rule.add_property_override("Name", "BadRule")'
        ),
        "BadRule",
    ),
]


@pytest.mark.parametrize(("code", "name"), MAKERS)
def test_a_wrong_name_is_seen_whatever_gives_it(
    code: str, name: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None is a name that is missing, or one that lacks the end of a FIFO queue's."""
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n"})
    (found,) = report(tmp_path, capsys)["findings"]
    assert found["rule"] in {"name-alphabet", "name-convention", "name-missing", "name-reserved"}
    assert name is None or found["name"] == name


@pytest.mark.parametrize(
    "code",
    [
        'sqs.CfnQueue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev.fifo", fifo_queue=True)',
        'sns.CfnTopic(self, "A", topic_name="acmecorp-rpt-jobs-topic-dev.fifo", fifo_topic=True)',
        'sqs.Queue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev.fifo", fifo=True)',
        'kms.Key(self, "A")',
        'kms.Key(self, "A", alias="acmecorp-rpt-results-key-dev")',
        'kms.Key(self, "A", alias=f"{prefix}-key-{env}")',
        # Not a resource of ours, or not its name.
        'cloudfront.Function(self, "A", function_name="Rewrite_Urls")',
        'CfnParameter(self, "QueueName", default="BadQueue")',
        'CfnResource(self, "A", type="Custom::Queue", properties={"QueueName": "BadQueue"})',
        'CfnResource(self, "A", type=type_, properties={"QueueName": "BadQueue"})',
        'sqs.Queue.from_queue_arn(self, "A", "arn:aws:sqs:us-east-1:1:legacy_queue")',
        'sqs.Queue.from_queue_attributes(self, "A", queue_arn="x", fifo=True)',
        'lam.CfnPermission(self, "A", function_name="Other_Fn", action="x", principal="y")',
        'lam.CfnAlias(self, "A", function_name="Other_Fn", name="Live", function_version="1")',
        'logs.CfnMetricFilter(self, "A", log_group_name="/Other/Group", filter_pattern="x")',
        'waf.CfnWebACL(self, "A", name="Bad_Acl", rules=[waf.CfnWebACL.RuleProperty(name="Rule One", priority=1)])',
        'DataAwsSqsQueue(self, "A", name="Legacy_Queue")',
        'alarms.create_alarm(alarm_name="Wake Up")',
        "class Q(sqs.Queue):\n def __init__(self, scope, id):\n  self.x = 1",
        "class Q(sqs.Queue):\n def __init__(self, scope, id, **kwargs):\n  super().__init__(scope, id, **kwargs)",
        # Plain objects have names too.
        'setattr(settings, "queue_name", "Bad Name")',
        'cfn = settings.default\ncfn.queue_name = "Bad Name"',
        'stack.add_override("resource.aws_sqs_queue.A.tags.name", "Bad Name")',
        'stack.add_override("resource.aws_sqs_queue.A.tags.0.name", "Bad Name")',
        't = DynamodbTable(self, "A", name="acmecorp-jobs-table-dev")\nt.add_override("attribute.0.name", "Bad Name")',
        'job.name = "Bad Name"',
        'settings.queue_name = "Bad Name"',
        'q = SqsQueue(self, "A", name="acmecorp-rpt-jobs-queue-dev")\nq.policy = "Bad Name"',
        'q = SqsQueue(self, "A", name="acmecorp-rpt-jobs-queue-dev")\nq.add_override("tags.name", "Bad Name")',
        (
            'q = sqs.CfnQueue(self, "A", queue_name="acmecorp-rpt-jobs-queue-dev")\n'
            'q.add_property_override("Tags", "Bad Name")'
        ),
        'stack.add_override("resource.aws_sqs_queue.A.policy", "Bad Name")',
        'stack.add_override("terraform.backend.s3.bucket", "Bad Name")',
        'config.add_override("name", "Bad Name", "x")',
    ],
)
def test_what_is_no_name_of_ours_is_not_judged(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n"})
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize(
    "code",
    [
        "other.create_alarm(self, 'A', alarm_name='Wake Up')",
        "other.add_global_secondary_index(index_name='a b')",
        "PythonFunction(self, 'A', function_name='Bad Fn')",
    ],
)
def test_a_method_of_cdks_is_one_only_where_cdk_is_imported(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"clock.py": f"from house import PythonFunction, other\n{code}\n"})
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('q.add_override("name", value)', 1),
        ('q.add_override("name", "Bad_Name")', 1),
        ('construct.add_property_override("Name", "Bad_Name")', 1),
        ('construct.add_override("Properties.Name", "Bad_Name")', 1),
        ('sqs.Queue(self, "A", **arguments)', 1),
        ('construct.node.default_child.name = "Bad_Name"', 1),
        ('waf.CfnWebACL(self, "A").add_property_override("Name", "Bad_Name")', 1),
        ('sqs.CfnQueue(self, "A", queue_name=name)', 1),
        ('CfnResource(self, "A", type="AWS::SQS::Queue", properties=properties)', 1),
        ("for name in names():\n sqs.CfnQueue(self, name, queue_name=name)", 1),
        ('PythonFunction(self, "A", function_name=naming.of("worker"))', 1),
        ('SqsQueue(self, "A", **options)\nSqsQueue(self, "B", **{**options, "tags": {}})', 2),
    ],
)
def test_a_name_that_cannot_be_read_is_counted(
    code: str, count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So is an override whose resource is unknown."""
    sound = 'sqs.Queue(self, "Sound", queue_name="acmecorp-rpt-jobs-queue-dev")'
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n{sound}\n"})
    summary = report(tmp_path, capsys)["summary"]
    assert summary == f"1 name in 1 file checked ({count} more not readable in source): 0 errors, 0 warnings"


@pytest.mark.parametrize(
    "code",
    [
        'q.add_override("name", "${Token[TOKEN.1]}")',
        'construct.add_override("Properties.Name", f"x-{cdk.Aws.STACK_NAME}")',
        'waf.CfnWebACL(self, "A", name=f"acl-{cdk.Aws.REGION}")',
        'cdk.aws_apigateway.RestApi(self, "A", rest_api_name=f"api-{cdk.Aws.REGION}")',
        'waf.CfnWebACL(self, "A").add_property_override("Name", cdk.Aws.REGION)',
        'cdk.aws_rds.CfnDBInstance(self, "A", db_instance_identifier=f"db-{cdk.Aws.REGION}")',
        'IamInstanceProfile(self, "A", name=SqsQueue(self, "B", name="acmecorp-rpt-jobs-queue-dev").name)',
    ],
)
def test_a_token_is_seen_in_a_name_of_any_type(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n"})
    assert [each[2] for each in findings(tmp_path, capsys)] == ["name-token"]


def test_a_name_in_dns_may_be_a_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = 'Route53Record(self, "A", name=f"api.{zone.fqn}", zone_id=zone.id, type="A")'
    sound = 'sqs.Queue(self, "Sound", queue_name="acmecorp-rpt-jobs-queue-dev")'
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n{sound}\n"})
    assert findings(tmp_path, capsys) == []
