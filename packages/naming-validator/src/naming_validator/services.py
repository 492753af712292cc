"""AWS's own rules for names, from each service's documentation. They apply to every project."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Scope(Enum):
    """Within what a name is unique."""

    WORLD = "the world"
    ACCOUNT = "an account"
    REGION = "an account and region"
    PARENT = "the resource that it belongs to"


@dataclass(frozen=True, kw_only=True)
class Service:
    """The rules of one Terraform resource type.

    attribute: what holds the name; with `prefix` after it, AWS or Terraform invents the rest.
    aws_cdk: the AWS CDK classes and methods, each with the argument that holds the name. `*` is any module or receiver.
    parts: the same for what may go without a name, and for properties of another class.
    characters, allowed: one character as a regular expression, and in words.
    shape, reserved: what the service refuses besides: a regular expression to search for, and what is wrong then.
    prescribed: how names begin that a service of AWS demands; the convention does not apply to them.
    parent: the attribute with the resource that this one belongs to, where names are unique within that.
    """

    label: str
    least: int
    most: int
    characters: str
    allowed: str
    aws_cdk: Mapping[str, str]
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    attribute: str = "name"
    shape: tuple[tuple[str, str], ...] = ()
    reserved: tuple[tuple[str, str], ...] = ()
    prescribed: str | None = None
    scope: Scope = Scope.REGION
    ignores_case: bool = False
    fifo_attribute: str | None = None
    parent: str | None = None

    @property
    def prefix_attribute(self) -> str:
        """The attribute that gives only the beginning of the name."""
        return f"{self.attribute}_prefix"


_WORD = "letters, digits, hyphens and underscores"


def _index(kind: str) -> Service:
    struct = f"{kind}SecondaryIndexProperty"
    return Service(
        label="DynamoDB index",
        least=3,
        most=255,
        characters=r"[A-Za-z0-9_.-]",
        allowed=f"{_WORD}, and dots",
        aws_cdk={
            f"*.add_{kind.lower()}_secondary_index": "index_name",
            f"CfnTable.{struct}": "index_name",
            f"CfnGlobalTable.{struct}": "index_name",
        },
        parts=dict.fromkeys(
            (f"aws_dynamodb.{kind}SecondaryIndexProps{version}" for version in ("", "V2")), "index_name"
        ),
        scope=Scope.PARENT,
    )


def _iam(label: str, *, most: int, aws_cdk: Mapping[str, str], prescribed: str | None = None) -> Service:
    return Service(
        label=label,
        least=1,
        most=most,
        characters=r"[A-Za-z0-9_+=,.@-]",
        allowed="letters, digits and + = , . @ _ -",
        aws_cdk=aws_cdk,
        scope=Scope.ACCOUNT,
        ignores_case=True,
        prescribed=prescribed,
    )


def _alarm(label: str, aws_cdk: Mapping[str, str]) -> Service:
    return Service(
        label=label,
        least=1,
        most=255,
        characters=r"[^\x00-\x1f\x7f]",
        allowed="everything but control characters",
        aws_cdk=aws_cdk,
        attribute="alarm_name",
    )


SERVICES: Mapping[str, Service] = {
    "aws_sqs_queue": Service(
        label="SQS queue",
        least=1,
        most=80,
        characters=r"[A-Za-z0-9_-]",
        allowed=_WORD,
        aws_cdk={"aws_sqs.Queue": "queue_name", "aws_sqs.CfnQueue": "queue_name"},
        fifo_attribute="fifo_queue",
    ),
    "aws_dynamodb_table": Service(
        label="DynamoDB table",
        least=3,
        most=255,
        characters=r"[A-Za-z0-9_.-]",
        allowed=f"{_WORD}, and dots",
        aws_cdk=dict.fromkeys(
            (f"aws_dynamodb.{name}" for name in ("Table", "TableV2", "CfnTable", "CfnGlobalTable")), "table_name"
        ),
    ),
    "aws_dynamodb_table_global_secondary_index": _index("Global"),
    "aws_dynamodb_table_local_secondary_index": _index("Local"),
    "aws_s3_bucket": Service(
        label="S3 bucket",
        least=3,
        most=63,
        characters=r"[a-z0-9.-]",
        allowed="lower-case letters, digits, hyphens and dots",
        aws_cdk={"aws_s3.Bucket": "bucket_name", "aws_s3.CfnBucket": "bucket_name"},
        attribute="bucket",
        shape=(
            (r"\A[.-]|[.-]\Z", "does not begin and end with a letter or a digit"),
            (r"\.\.", "has two dots in a row"),
            (r"\A\d{1,3}(\.\d{1,3}){3}\Z", "has the form of an IP address"),
        ),
        reserved=(
            (r"\A(xn--|sthree-|amzn-s3-demo-)", "begins with what S3 reserves (xn--, sthree-, amzn-s3-demo-)"),
            (
                r"(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)\Z",
                "ends in what S3 reserves (-s3alias, --ol-s3, .mrap, --x-s3, --table-s3)",
            ),
        ),
        # https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_waf_CreateWebACLMigrationStack.html
        # https://docs.aws.amazon.com/migrationhub-strategy/latest/APIReference/API_StartAssessment.html
        prescribed=r"aws-waf-(logs|migration)-|migrationhub-strategy-",
        scope=Scope.WORLD,
    ),
    "aws_cloudwatch_metric_alarm": _alarm(
        "CloudWatch alarm",
        {
            "aws_cloudwatch.Alarm": "alarm_name",
            "aws_cloudwatch.AnomalyDetectionAlarm": "alarm_name",
            "aws_cloudwatch.CfnAlarm": "alarm_name",
            "*.create_alarm": "alarm_name",
        },
    ),
    "aws_cloudwatch_composite_alarm": _alarm(
        "CloudWatch composite alarm",
        {
            "aws_cloudwatch.CompositeAlarm": "composite_alarm_name",
            "aws_cloudwatch.CfnCompositeAlarm": "alarm_name",
        },
    ),
    "aws_cloudwatch_dashboard": Service(
        label="CloudWatch dashboard",
        least=1,
        most=255,
        characters=r"[A-Za-z0-9_-]",
        allowed=_WORD,
        aws_cdk={
            "aws_cloudwatch.Dashboard": "dashboard_name",
            "aws_cloudwatch.CfnDashboard": "dashboard_name",
            "*.put_dashboard": "dashboard_name",
        },
        attribute="dashboard_name",
        # Dashboards are in no region.
        scope=Scope.ACCOUNT,
    ),
    "aws_cloudwatch_log_group": Service(
        label="log group",
        least=1,
        most=512,
        characters=r"[A-Za-z0-9_./#-]",
        allowed="letters, digits and _ . / # -",
        aws_cdk={"aws_logs.LogGroup": "log_group_name", "aws_logs.CfnLogGroup": "log_group_name"},
        reserved=((r"\Aaws/", "begins with what CloudWatch reserves (aws/)"),),
        # A function's own group is named after the function, which is ours. Lambda@Edge puts its region before, and
        # Synthetics the canary's id behind. WAF demands the second beginning, API Gateway the third:
        # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
        prescribed=r"/aws/(?!lambda/(?!us-east-1\.|cwsyn-))|aws-waf-logs-|API-Gateway-Execution-Logs_|/aws-glue/"
        r"|sns/|dms-tasks-|airflow-|RDSOSMetrics\Z|AWSIotLogs(V2)?\Z",
    ),
    "aws_cloudwatch_event_rule": Service(
        label="EventBridge rule",
        least=1,
        most=64,
        characters=r"[A-Za-z0-9_.-]",
        allowed=f"{_WORD}, and dots",
        aws_cdk={"aws_events.Rule": "rule_name", "aws_events.CfnRule": "name"},
        parent="event_bus_name",
    ),
    "aws_sns_topic": Service(
        label="SNS topic",
        least=1,
        most=256,
        characters=r"[A-Za-z0-9_-]",
        allowed=_WORD,
        aws_cdk={"aws_sns.Topic": "topic_name", "aws_sns.CfnTopic": "topic_name"},
        fifo_attribute="fifo_topic",
    ),
    "aws_lambda_function": Service(
        label="Lambda function",
        least=1,
        most=64,
        characters=r"[A-Za-z0-9_-]",
        allowed=_WORD,
        aws_cdk=dict.fromkeys(
            (
                *(f"aws_lambda.{kind}Function" for kind in ("", "DockerImage", "Singleton", "Cfn")),
                *(f"*.{kind}Function" for kind in ("Nodejs", "Python", "Go", "Rust", "Edge", "Trigger")),
            ),
            "function_name",
        ),
        attribute="function_name",
    ),
    "aws_iam_role": _iam(
        "IAM role",
        most=64,
        aws_cdk={f"aws_iam.{name}": "role_name" for name in ("Role", "LazyRole", "CfnRole")},
        # https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
        # https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permission.html
        # RDS Custom, GameLift Streams and Parallel Computing Service: the API references of what takes the role.
        prescribed=r"dms-(vpc|cloudwatch-logs)-role\Z|dms-access-for-endpoint\Z|AWSControlTowerExecution\Z"
        r"|AWSCloudFormationStackSet(Administration|Execution)Role\Z|AmazonBedrockExecutionRoleFor"
        r"|AWSRDSCustom|GameLiftStreams-|AWSPCS",
    ),
    "aws_iam_policy": _iam(
        "IAM policy",
        most=128,
        aws_cdk={"aws_iam.ManagedPolicy": "managed_policy_name", "aws_iam.CfnManagedPolicy": "managed_policy_name"},
    ),
    "aws_kms_alias": Service(
        label="KMS alias",
        least=7,
        most=256,
        characters=r"[A-Za-z0-9/_-]",
        allowed=f"{_WORD}, and slashes",
        aws_cdk={"aws_kms.Alias": "alias_name", "aws_kms.CfnAlias": "alias_name"},
        parts={"aws_kms.Key": "alias"},
        shape=((r"\A(?!alias/)", "does not begin with alias/"),),
        reserved=((r"\Aalias/aws/", "begins with what KMS reserves (alias/aws/)"),),
    ),
    "aws_ssm_parameter": Service(
        label="SSM parameter",
        least=1,
        most=1011,
        characters=r"[A-Za-z0-9_./-]",
        allowed="letters, digits and _ . / -",
        aws_cdk={
            "aws_ssm.StringParameter": "parameter_name",
            "aws_ssm.StringListParameter": "parameter_name",
            "aws_ssm.CfnParameter": "name",
        },
        shape=(
            (r"\A[^/]+/", "has levels, but does not begin with a slash"),
            (r"\A(/[^/]*){16}", "has more than 15 levels"),
        ),
        reserved=((r"(?i)\A/?(aws|ssm)", "begins with what Systems Manager reserves (aws, ssm)"),),
    ),
    "aws_secretsmanager_secret": Service(
        label="secret",
        least=1,
        most=512,
        characters=r"[A-Za-z0-9/_+=.@-]",
        allowed="letters, digits and / _ + = . @ -",
        aws_cdk={
            "aws_secretsmanager.Secret": "secret_name",
            "aws_secretsmanager.CfnSecret": "name",
            "aws_rds.DatabaseSecret": "secret_name",
            "aws_docdb.DatabaseSecret": "secret_name",
        },
        # https://docs.aws.amazon.com/msk/latest/developerguide/msk-password-tutorial.html
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
        prescribed=r"AmazonMSK_|ecr-pullthroughcache/",
    ),
}

FIFO = ".fifo"
"""The ending of the names of FIFO queues and topics, and of no other's."""
