"""Python source: the calls that make resources are found by the syntax tree, and judged as far as they tell a name."""

from pathlib import Path

import pytest

from naming_run import findings, write

IMPORTS = """\
import cdktf_cdktf_provider_aws as aws
import cdktf_cdktf_provider_aws.sns_topic as topics
from aws_cdk import aws_dynamodb, aws_kms as kms, aws_logs as logs, aws_sns as sns, aws_ssm as ssm, Stack
from aws_cdk.aws_cloudwatch import Alarm
from cdktf import Fn, Lazy, Token
from cdktf_cdktf_provider_aws import dynamodb_table
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable, DynamodbTableGlobalSecondaryIndex
from cdktf_cdktf_provider_aws.eks_cluster import EksCluster
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue as Queue
from imports.aws.iam_role import IamRole
"""
LINE = IMPORTS.count("\n") + 1

GOOD = [
    'Queue(self, "A", name="acmecorp-rpt-jobs-queue-dev")',
    'Queue(self, "A", name=f"acmecorp-rpt-jobs-dlq-{env}")',
    'Queue(self, "A", name=f"acmecorp-{feature}-jobs-queue-{settings.environment}")',
    'Queue(self, "A", name=f"{prefix}-queue-{env}")',
    'Queue(self, "A", name=f"{prefix}dlq-{env}")',
    'Queue(self, "A", name="acmecorp-rpt-" + kind + "-queue-dev")',
    'Queue(self, "A", name=f"acmecorp-rpt-jobs-queue-{env}.fifo", fifo_queue=True)',
    'Queue(self, "A", name=f"acmecorp-rpt-jobs-queue{suffix_of_environment}")',
    'Queue(self, "A", name=f"acmecorp-{self.node.id}-queue-{env}")',
    'aws.s3_bucket.S3Bucket(self, "A", bucket=f"acmecorp-{env}-rpt-results-{region}-{id_suffix}")',
    'aws.s3_bucket.S3Bucket(self, "A", bucket=f"acmecorp-terraform-state-{env}-{account_id}")',
    'DynamodbTableGlobalSecondaryIndex(name=f"{key}-index", hash_key=key)',
    'table.add_global_secondary_index(index_name="idempotency-key-index")',
    'aws_dynamodb.Table(self, "A", table_name=f"acmecorp-jobs-table-{env}")',
    'dynamodb_table.DynamodbTableAttribute(name="Whatever_It_Is", type="S")',
    'dynamodb_table.DynamodbTableAttribute(name=key.id, type="S")',
    'Unknown(self, "A", name="Whatever It Is")',
    # A part that is not known may be the whole name of another resource.
    'logs.LogGroup(self, "A", log_group_name=f"/aws/lambda/{function_name}")',
    'logs.LogGroup(self, "A", log_group_name=f"/aws/lambda/{self.naming.lambda_name(feature)}")',
    'logs.LogGroup(self, "A", log_group_name="/aws/lambda/" + name)',
    'logs.LogGroup(self, "A", log_group_name=f"/aws/lambda/acmecorp-{name}-{env}")',
    'logs.LogGroup(self, "A", log_group_name=f"/aws/lambda/{prefix}-{name}-lambda-{env}")',
    'kms.Alias(self, "A", alias_name=f"alias/{key_name}", target_key=key)',
    'aws.s3_bucket.S3Bucket(self, "A", bucket=f"{purpose}-us-east-1-0a1b2c")',
    'aws.s3_bucket.S3Bucket(self, "A", bucket=f"acmecorp-{purpose}-{env}-{account_id}")',
    # What a service of AWS demands.
    'logs.LogGroup(self, "A", log_group_name=f"aws-waf-logs-{web_acl_name}")',
    'logs.LogGroup(self, "A", log_group_name=f"/aws/vendedlogs/states/{name}")',
    'logs.LogGroup(self, "A", log_group_name=f"API-Gateway-Execution-Logs_{api.rest_api_id}/{stage}")',
    (
        'from aws_cdk import aws_apigateway as apigateway\napi = apigateway.RestApi(self, "Api")\n'
        'logs.LogGroup(self, "A", log_group_name=f"API-Gateway-Execution-Logs_{api.rest_api_id}/{stage}")'
    ),
    # No form is demanded.
    'table.add_global_secondary_index(index_name="user_id-index")',
    'ssm.StringParameter(self, "A", parameter_name=f"/acmecorp/{env}/ANTHROPIC_API_KEY", string_value="x")',
    'ssm.StringParameter(self, "A", parameter_name="/Shared/VpcId", string_value="x")',
    '"Queue(self, name=bad_name)"',
]
BAD = [
    ('Queue(self, "A", name="acmecorp_rpt_jobs_queue_dev")', "name-convention"),
    ('Queue(self, "A", name=f"acmecorp_{env}_queue")', "name-convention"),
    ('Queue(self, "A", name=f"acmecorp-{env}-queue")', "name-convention"),
    ('Queue(self, "A", name=f"acmecorp-rpt-jobs-table-{env}")', "name-convention"),
    ('Queue(self, "A", name=f"acmecorp.{env}")', "name-alphabet"),
    ('Queue(self, "A", name="acmecorp-rpt-jobs-queue-production")', "name-environment"),
    ('Queue(self, "A", name="acmecorp-rpt-jobs-queue-dev.fifo")', "name-reserved"),
    ('Queue(self, "A", name="acmecorp-" + "a" + f"{kind}' + "b" * 80 + '-queue-dev")', "name-length"),
    ('Queue(self, "A")', "name-missing"),
    ('Queue(self, "A", name=None)', "name-missing"),
    ('Queue(self, "A", name_prefix="acmecorp-rpt-jobs-queue-")', "name-missing"),
    ('Queue(self, "A", name=f"acmecorp-{Fn.lower(kind)}-queue-{env}")', "name-token"),
    ('Queue(self, "A", name=Token.as_string(kind))', "name-token"),
    ('Queue(self, "A", name=Lazy.string_value(producer))', "name-token"),
    ('Queue(self, "A", name=other.arn.lower()[:6])', "name-token"),
    ('Queue(self, "A", name="acmecorp-{}".format(Queue(self, "B", name="acmecorp-rpt-x-queue-dev").id))', "name-token"),
    (
        'aws.s3_bucket.S3Bucket(self, "A", bucket=f"acmecorp-{env}-x-y-{region}-{Stack.of(self).stack_id[:6]}")',
        "name-token",
    ),
    ('EksCluster(self, "A", name="${toke")', "name-token"),
    ('topics.SnsTopic(self, "A", name="acmecorp-events-dev")', "name-convention"),
    ('IamRole(self, "A", name=f"Acmecorp-rpt-worker-role-{env}")', "name-convention"),
    ('sns.Topic(self, "A", topic_name=f"acmecorp-{env}-topic")', "name-convention"),
    ('Alarm(self, "A", alarm_name="DlqAlarm")', "name-convention"),
    ('table.add_global_secondary_index(index_name="key index")', "name-alphabet"),
    ('DynamodbTable(self, "A", name="x")', "name-length"),
    ('logs.LogGroup(self, "A", log_group_name=f"/aws/lambda/{function_name}_logs")', "name-convention"),
    ('logs.LogGroup(self, "A", log_group_name=f"/aws/lambda/{prefix}/{name}")', "name-convention"),
    ('logs.LogGroup(self, "A", log_group_name=f"waf-logs-{web_acl_name}")', "name-convention"),
    ('logs.LogGroup(self, "A", log_group_name=f"aws-waf-logs-{Token.as_string(acl)}")', "name-token"),
    ('kms.Alias(self, "A", alias_name=f"alias/{key_name}_x", target_key=key)', "name-convention"),
    ('ssm.StringParameter(self, "A", parameter_name="acmecorp/rpt/key", string_value="x")', "name-alphabet"),
]


@pytest.mark.parametrize("call", GOOD)
def test_what_fits_is_clean(call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"stack.py": f"{IMPORTS}{call}\n"})
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize(("call", "rule"), BAD)
def test_what_cannot_fit_is_reported_at_its_line(
    call: str, rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"stack.py": f"{IMPORTS}{call}\n"})
    found = findings(tmp_path, capsys)
    assert ("stack.py", LINE, rule) in [each[:3] for each in found]
    assert {each[2] for each in found} <= {rule, "name-convention"}


@pytest.mark.parametrize(
    "lines",
    [
        'suffix = Stack.of(self).stack_id.split("/")[-1][:6].lower()\nBucket(self, "A", bucket=f"acmecorp-{suffix}")',
        'class S:\n def f(self):\n  self.x = q.arn\n def g(self):\n  Bucket(self, "A", bucket=f"acmecorp-{self.x}")',
        (
            'q = Bucket(self, "Q", bucket="acmecorp-dev-rpt-x-us-east-1-0a1b2c")\na = q.id\nb = a[:6]\nc = b.lower()\n'
            'def f():\n Bucket(self, "A", bucket="acmecorp-" + c)'
        ),
    ],
)
def test_a_token_is_followed_through_variables(lines: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"a.py": f"from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket as Bucket\n{lines}\n"})
    assert [each[2] for each in findings(tmp_path, capsys)] == ["name-token"]


def test_a_variable_is_followed_only_where_it_can_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A constant is; a parameter that hides it, or a variable assigned twice, is not."""
    source = """\
from cdktf_cdktf_provider_aws.sqs_queue import *
NAME = "bad_name"
SqsQueue(self, "A", name=NAME)
def hidden(NAME):
    SqsQueue(self, "B", name=NAME)
TWICE = "bad_name"
TWICE = make()
SqsQueue(self, "C", name=TWICE)
SqsQueue(self, "D", **arguments)
"""
    write(tmp_path, {"a.py": source})
    assert findings(tmp_path, capsys) == [("a.py", 3, "name-convention", "aws_sqs_queue.A")]


def test_source_may_say_a_name_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only one of the two branches makes the queue."""
    call = 'SqsQueue(self, "{}", name="acmecorp-rpt-jobs-queue-dev")'
    source = f"if x:\n    {call.format('A')}\nelse:\n    {call.format('B')}\n"
    write(tmp_path, {"a.py": f"from imports.aws.sqs_queue import SqsQueue\n{source}"})
    assert findings(tmp_path, capsys) == []


def test_the_requirements_own_code_is_caught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its bucket's suffix is a cut token; the other names of its AWS CDK code are right."""
    source = """\
from aws_cdk import Stack, aws_cloudwatch, aws_dynamodb, aws_s3, aws_sqs

class ApiConstruct(Construct):
    def __init__(self, scope: Construct, construct_id: str, env: str, **kwargs):
        self.dlq = aws_sqs.Queue(self, "RptJobsDLQ", queue_name=f"acmecorp-rpt-jobs-dlq-{env}")
        self.queue = aws_sqs.Queue(self, "RptJobsQueue", queue_name=f"acmecorp-rpt-jobs-queue-{env}")
        self.jobs_table = aws_dynamodb.Table(self, "JobsTable", table_name=f"acmecorp-jobs-table-{env}")
        self.jobs_table.add_global_secondary_index(index_name="idempotency-key-index")
        id_suffix = Stack.of(self).stack_id.split("/")[-1][:6].lower()
        self.rpt_results_bucket = aws_s3.Bucket(
            self, "RptResultsBucket",
            bucket_name=f"acmecorp-{env}-rpt-results-{Stack.of(self).region}-{id_suffix}",
        )
        aws_cloudwatch.Alarm(self, "RptJobsDLQAlarm", alarm_name=f"acmecorp-rpt-dlq-alarm-{env}")
"""
    write(tmp_path, {"api_construct.py": source})
    assert findings(tmp_path, capsys) == [
        ("api_construct.py", 12, "name-token", "aws_s3_bucket.RptResultsBucket"),
    ]
