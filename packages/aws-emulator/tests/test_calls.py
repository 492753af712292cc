"""What permissions calls take, by hand from AWS's service authorization reference."""

from typing import Any

import pytest

from aws_emulator.iam.calls import Call

QUEUE = "arn:aws:sqs:us-east-1:111111111111:jobs"
DLQ = "arn:aws:sqs:us-east-1:111111111111:dlq"
TABLE = "arn:aws:dynamodb:us-east-1:111111111111:table/jobs"
ALARM = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:"
TOPIC = "arn:aws:sns:us-east-1:111111111111:alarms"
KEY = "arn:aws:kms:us-east-1:111111111111:key/"
DASHBOARD = "arn:aws:cloudwatch::111111111111:dashboard/"
MAPPING = "arn:aws:lambda:us-east-1:111111111111:event-source-mapping:"
ALIAS = "arn:aws:kms:us-east-1:111111111111:alias/"
GROUP = "arn:aws:logs:us-east-1:111111111111:log-group:"
POLICY = "arn:aws:iam::111111111111:policy/"
BUCKET = "arn:aws:s3:::results"
URL = "http://127.0.0.1:1/111111111111/jobs"

CALLS: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("sqs:ListQueues", {}, [("sqs:ListQueues", "*")]),
    ("sqs:GetQueueUrl", {"QueueName": "jobs"}, [("sqs:GetQueueUrl", QUEUE)]),
    ("sqs:CreateQueue", {"QueueName": "jobs"}, [("sqs:CreateQueue", QUEUE)]),
    (
        "sqs:CreateQueue",
        {"QueueName": "jobs", "tags": {"a": "b"}},
        [("sqs:CreateQueue", QUEUE), ("sqs:TagQueue", QUEUE)],
    ),
    ("sqs:SendMessage", {"QueueUrl": URL}, [("sqs:SendMessage", QUEUE)]),
    ("sqs:SendMessageBatch", {"QueueUrl": URL}, [("sqs:SendMessage", QUEUE)]),
    ("sqs:DeleteMessageBatch", {"QueueUrl": URL}, [("sqs:DeleteMessage", QUEUE)]),
    (
        "sqs:StartMessageMoveTask",
        {"SourceArn": DLQ, "DestinationArn": QUEUE},
        [
            ("sqs:StartMessageMoveTask", DLQ),
            ("sqs:ReceiveMessage", DLQ),
            ("sqs:DeleteMessage", DLQ),
            ("sqs:GetQueueAttributes", DLQ),
            ("sqs:SendMessage", QUEUE),
        ],
    ),
    ("sqs:ListMessageMoveTasks", {"SourceArn": DLQ}, [("sqs:ListMessageMoveTasks", DLQ)]),
    ("dynamodb:ListTables", {}, [("dynamodb:ListTables", "*")]),
    ("dynamodb:GetItem", {"TableName": "jobs"}, [("dynamodb:GetItem", TABLE)]),
    ("dynamodb:GetItem", {"TableName": TABLE}, [("dynamodb:GetItem", TABLE)]),
    ("dynamodb:Query", {"TableName": "jobs", "IndexName": "key"}, [("dynamodb:Query", f"{TABLE}/index/key")]),
    ("dynamodb:GetResourcePolicy", {"ResourceArn": TABLE}, [("dynamodb:GetResourcePolicy", TABLE)]),
    (
        "dynamodb:CreateTable",
        {"TableName": "jobs", "Tags": [{"Key": "a", "Value": "b"}]},
        [("dynamodb:CreateTable", TABLE), ("dynamodb:TagResource", TABLE)],
    ),
    ("dynamodb:BatchWriteItem", {"RequestItems": {"jobs": []}}, [("dynamodb:BatchWriteItem", TABLE)]),
    (
        "dynamodb:TransactWriteItems",
        {"TransactItems": [{"Put": {"TableName": "jobs"}}, {"ConditionCheck": {"TableName": "jobs"}}]},
        [("dynamodb:PutItem", TABLE), ("dynamodb:ConditionCheckItem", TABLE)],
    ),
    ("dynamodb:TransactGetItems", {"TransactItems": [{"Get": {"TableName": "jobs"}}]}, [("dynamodb:GetItem", TABLE)]),
    ("cloudwatch:DescribeAlarms", {"AlarmNames": ["depth"]}, [("cloudwatch:DescribeAlarms", f"{ALARM}*")]),
    ("cloudwatch:DescribeAlarms", {"AlarmTypes": ["MetricAlarm"]}, [("cloudwatch:DescribeAlarms", f"{ALARM}*")]),
    (
        "cloudwatch:DescribeAlarms",
        {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
        [("cloudwatch:DescribeAlarms", "*")],
    ),
    (
        "cloudwatch:DeleteAlarms",
        {"AlarmNames": ["depth", "dlq"]},
        [("cloudwatch:DeleteAlarms", f"{ALARM}depth"), ("cloudwatch:DeleteAlarms", f"{ALARM}dlq")],
    ),
    ("cloudwatch:PutMetricAlarm", {"AlarmName": "dlq"}, [("cloudwatch:PutMetricAlarm", f"{ALARM}dlq")]),
    (
        "cloudwatch:PutMetricAlarm",
        {"AlarmName": "dlq", "Tags": [{"Key": "a", "Value": "b"}]},
        [("cloudwatch:PutMetricAlarm", f"{ALARM}dlq"), ("cloudwatch:TagResource", f"{ALARM}dlq")],
    ),
    ("cloudwatch:UntagResource", {"ResourceARN": f"{ALARM}dlq"}, [("cloudwatch:UntagResource", f"{ALARM}dlq")]),
    (
        "cloudwatch:PutCompositeAlarm",
        {"AlarmName": "all", "Tags": [{"Key": "a", "Value": "b"}]},
        [("cloudwatch:PutCompositeAlarm", f"{ALARM}all"), ("cloudwatch:TagResource", f"{ALARM}all")],
    ),
    ("cloudwatch:PutDashboard", {"DashboardName": "d"}, [("cloudwatch:PutDashboard", f"{DASHBOARD}d")]),
    ("cloudwatch:GetDashboard", {"DashboardName": "d"}, [("cloudwatch:GetDashboard", f"{DASHBOARD}d")]),
    (
        "cloudwatch:DeleteDashboards",
        {"DashboardNames": ["d", "e"]},
        [("cloudwatch:DeleteDashboards", f"{DASHBOARD}d"), ("cloudwatch:DeleteDashboards", f"{DASHBOARD}e")],
    ),
    ("cloudwatch:ListDashboards", {"DashboardNamePrefix": "d"}, [("cloudwatch:ListDashboards", "*")]),
    ("cloudwatch:ListMetrics", {}, [("cloudwatch:ListMetrics", "*")]),
    ("sns:CreateTopic", {"Name": "alarms"}, [("sns:CreateTopic", TOPIC)]),
    (
        "sns:CreateTopic",
        {"Name": "alarms", "Tags": [{"Key": "a", "Value": "b"}]},
        [("sns:CreateTopic", TOPIC), ("sns:TagResource", TOPIC)],
    ),
    ("sns:Subscribe", {"TopicArn": TOPIC}, [("sns:Subscribe", TOPIC)]),
    ("sns:PublishBatch", {"TopicArn": TOPIC}, [("sns:Publish", TOPIC)]),
    ("sns:Unsubscribe", {"SubscriptionArn": f"{TOPIC}:1"}, [("sns:Unsubscribe", "*")]),
    (
        "lambda:GetFunctionConfiguration",
        {"FunctionName": "worker"},
        [("lambda:GetFunctionConfiguration", "arn:aws:lambda:us-east-1:111111111111:function:worker")],
    ),
    (
        "lambda:Invoke",
        {"FunctionName": "worker"},
        [("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111111111111:function:worker")],
    ),
    ("lambda:ListEventSourceMappings", {"FunctionName": "worker"}, [("lambda:ListEventSourceMappings", "*")]),
    (
        "lambda:CreateEventSourceMapping",
        {"FunctionName": "worker", "EventSourceArn": QUEUE},
        [("lambda:CreateEventSourceMapping", "*")],
    ),
    (
        "lambda:CreateEventSourceMapping",
        {"FunctionName": "worker", "EventSourceArn": QUEUE, "Tags": {"a": "b"}},
        [("lambda:CreateEventSourceMapping", "*"), ("lambda:TagResource", f"{MAPPING}*")],
    ),
    ("lambda:GetEventSourceMapping", {"UUID": "1"}, [("lambda:GetEventSourceMapping", f"{MAPPING}1")]),
    (
        "lambda:UpdateEventSourceMapping",
        {"UUID": "1", "FunctionName": "worker"},
        [("lambda:UpdateEventSourceMapping", f"{MAPPING}1")],
    ),
    ("lambda:DeleteEventSourceMapping", {"UUID": "1"}, [("lambda:DeleteEventSourceMapping", f"{MAPPING}1")]),
    ("lambda:ListTags", {"Resource": f"{MAPPING}1"}, [("lambda:ListTags", f"{MAPPING}1")]),
    ("kms:CreateKey", {}, [("kms:CreateKey", "*")]),
    (
        "kms:CreateKey",
        {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
        [("kms:CreateKey", "*"), ("kms:TagResource", f"{KEY}*")],
    ),
    (
        "kms:CreateAlias",
        {"AliasName": "alias/a", "TargetKeyId": "1"},
        [("kms:CreateAlias", f"{ALIAS}a"), ("kms:CreateAlias", f"{KEY}1")],
    ),
    (
        "kms:DeleteAlias",
        {"AliasName": "alias/a"},
        [("kms:DeleteAlias", f"{ALIAS}a"), ("kms:DeleteAlias", f"{KEY}*")],
    ),
    ("kms:ListKeys", {}, [("kms:ListKeys", "*")]),
    ("kms:ListAliases", {"KeyId": "1"}, [("kms:ListAliases", "*")]),
    ("kms:ListResourceTags", {"KeyId": "1"}, [("kms:ListResourceTags", f"{KEY}1")]),
    ("kms:ScheduleKeyDeletion", {"KeyId": f"{KEY}1"}, [("kms:ScheduleKeyDeletion", f"{KEY}1")]),
    ("logs:DescribeLogGroups", {"logGroupNamePrefix": "/a"}, [("logs:DescribeLogGroups", "*")]),
    ("logs:CreateLogGroup", {"logGroupName": "/a"}, [("logs:CreateLogGroup", f"{GROUP}/a:*")]),
    (
        "logs:CreateLogGroup",
        {"logGroupName": "/a", "tags": {"a": "b"}},
        [("logs:CreateLogGroup", f"{GROUP}/a:*"), ("logs:TagResource", f"{GROUP}/a")],
    ),
    ("logs:PutRetentionPolicy", {"logGroupName": "/a"}, [("logs:PutRetentionPolicy", f"{GROUP}/a:*")]),
    ("logs:ListTagsForResource", {"resourceArn": f"{GROUP}/a"}, [("logs:ListTagsForResource", f"{GROUP}/a")]),
    (
        "logs:PutLogEvents",
        {"logGroupName": "/a", "logStreamName": "s"},
        [("logs:PutLogEvents", f"{GROUP}/a:log-stream:s")],
    ),
    ("lambda:ListEventSourceMappings", {"EventSourceArn": QUEUE}, [("lambda:ListEventSourceMappings", "*")]),
    ("sns:GetSubscriptionAttributes", {"SubscriptionArn": f"{TOPIC}:1"}, [("sns:GetSubscriptionAttributes", "*")]),
    ("iam:ListEntitiesForPolicy", {"PolicyArn": f"{POLICY}a"}, [("iam:ListEntitiesForPolicy", f"{POLICY}a")]),
    ("s3control:ListTagsForResource", {"ResourceArn": BUCKET}, [("s3:ListTagsForResource", BUCKET)]),
    ("s3control:TagResource", {"ResourceArn": BUCKET}, [("s3:TagResource", BUCKET)]),
    ("s3control:UntagResource", {"ResourceArn": BUCKET}, [("s3:UntagResource", BUCKET)]),
    ("s3control:GetPublicAccessBlock", {"AccountId": "1"}, [("s3:GetAccountPublicAccessBlock", "*")]),
    ("s3control:DeletePublicAccessBlock", {"AccountId": "1"}, [("s3:PutAccountPublicAccessBlock", "*")]),
    ("sts:AssumeRole", {"RoleArn": "arn:aws:iam::1:role/a"}, [("sts:AssumeRole", "arn:aws:iam::1:role/a")]),
    ("iam:CreatePolicy", {"PolicyName": "a"}, [("iam:CreatePolicy", f"{POLICY}a")]),
    (
        "iam:CreatePolicy",
        {"PolicyName": "a", "Path": "/b/", "Tags": [{"Key": "a", "Value": "b"}]},
        [("iam:CreatePolicy", f"{POLICY}b/a"), ("iam:TagPolicy", f"{POLICY}b/a")],
    ),
    ("iam:GetPolicyVersion", {"PolicyArn": f"{POLICY}a"}, [("iam:GetPolicyVersion", f"{POLICY}a")]),
    (
        "iam:AttachRolePolicy",
        {"RoleName": "r", "PolicyArn": f"{POLICY}a"},
        [("iam:AttachRolePolicy", "arn:aws:iam::111111111111:role/r")],
    ),
    (
        "iam:AttachGroupPolicy",
        {"GroupName": "g", "PolicyArn": f"{POLICY}a"},
        [("iam:AttachGroupPolicy", "arn:aws:iam::111111111111:group/g")],
    ),
    (
        "iam:AddUserToGroup",
        {"GroupName": "g", "UserName": "u"},
        [("iam:AddUserToGroup", "arn:aws:iam::111111111111:group/g")],
    ),
    ("iam:ListEntitiesForPolicy", {"PolicyArn": f"{POLICY}a"}, [("iam:ListEntitiesForPolicy", f"{POLICY}a")]),
    ("iam:ListPolicies", {}, [("iam:ListPolicies", "*")]),
    ("kms:ListKeys", {}, [("kms:ListKeys", "*")]),
    ("kms:DescribeKey", {"KeyId": "1234"}, [("kms:DescribeKey", f"{KEY}1234")]),
    ("kms:GetKeyPolicy", {"KeyId": f"{KEY}1234"}, [("kms:GetKeyPolicy", f"{KEY}1234")]),
    ("kms:DescribeKey", {"KeyId": "alias/alarms"}, [("kms:DescribeKey", f"{KEY}*")]),
]


@pytest.mark.parametrize(("called", "given", "taken"), CALLS)
def test_a_call_takes_these_permissions(called: str, given: dict[str, Any], taken: list[tuple[str, str]]) -> None:
    service, operation = called.split(":")
    call = Call(
        service=service,
        operation=operation,
        get=given.get,
        partition="aws",
        region="us-east-1",
        account_id="111111111111",
    )
    assert [(permission.action, permission.resource) for permission in call.permissions()] == taken
