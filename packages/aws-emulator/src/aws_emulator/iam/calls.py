"""Permissions that a call takes: the action on the resource, and what AWS asks for besides.

Written from AWS's Service Authorization Reference. A service that is not in it takes the call's own action, on
everything. S3, whose calls moto tells apart by method and path, is in `aws_emulator.iam.s3_calls`; S3 Control, whose
actions are S3's, is here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

EVERYTHING = "*"
"""The resource of an action that AWS does not narrow to one."""


@dataclass(frozen=True, order=True)
class Permission:
    """One action on one resource."""

    action: str
    resource: str


@dataclass(frozen=True)
class Call:
    """One call of one service's API.

    get: returns a parameter by its name, or None.
    """

    service: str
    operation: str
    get: Callable[[str], Any]
    partition: str
    region: str
    account_id: str

    def arn(self, resource: str, *, is_global: bool = False) -> str:
        """Return the ARN of a resource of the called service."""
        region = "" if is_global else self.region
        return f"arn:{self.partition}:{self.service}:{region}:{self.account_id}:{resource}"

    def permissions(self) -> list[Permission]:
        """Return the permissions that the call takes, all of which it needs."""
        found = _SERVICES[self.service](self) if self.service in _SERVICES else ((self.operation, EVERYTHING),)
        prefix = _PREFIXES.get(self.service, self.service)
        return [Permission(f"{prefix}:{action}", resource) for action, resource in found]


Taken = Iterator[tuple[str, str]]
"""Actions, without the service, each with its resource."""


def _sqs(call: Call) -> Taken:
    # A batch takes the permission of the call that it repeats.
    action = call.operation.removesuffix("Batch")
    if action == "ListQueues":
        yield action, EVERYTHING
        return
    if action in {"StartMessageMoveTask", "ListMessageMoveTasks"}:
        source = call.get("SourceArn")
        yield action, source
        if action.startswith("Start"):
            yield from ((each, source) for each in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
            if destination := call.get("DestinationArn"):
                yield "SendMessage", destination
        return
    name = call.get("QueueName") or str(call.get("QueueUrl")).rsplit("/", 1)[-1]
    yield action, call.arn(name)
    if action == "CreateQueue" and call.get("tags"):
        yield "TagQueue", call.arn(name)


_TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def _dynamodb(call: Call) -> Taken:
    def table(name: str) -> str:
        return name if name.startswith("arn:") else call.arn(f"table/{name}")

    if call.operation in {"BatchGetItem", "BatchWriteItem"}:
        yield from ((call.operation, table(name)) for name in call.get("RequestItems"))
    elif call.operation in {"TransactGetItems", "TransactWriteItems"}:
        for item in call.get("TransactItems"):
            yield from ((_TRANSACTED.get(kind, "GetItem"), table(each["TableName"])) for kind, each in item.items())
    elif name := call.get("TableName") or call.get("ResourceArn"):
        index = call.get("IndexName")
        yield call.operation, f"{table(name)}/index/{index}" if index else table(name)
        if call.operation == "CreateTable" and call.get("Tags"):
            yield "TagResource", table(name)
    else:
        yield call.operation, EVERYTHING


def _cloudwatch(call: Call) -> Taken:
    if call.operation == "DescribeAlarms":
        # Names that are asked for narrow the answer, not the permission. Composite alarms take one on everything.
        takes_all = "CompositeAlarm" in (call.get("AlarmTypes") or ())
        yield call.operation, EVERYTHING if takes_all else call.arn("alarm:*")
    elif call.operation == "DeleteAlarms":
        yield from ((call.operation, call.arn(f"alarm:{name}")) for name in call.get("AlarmNames"))
    elif dashboards := call.get("DashboardNames") or call.get("DashboardName"):
        names = [dashboards] if isinstance(dashboards, str) else dashboards
        yield from ((call.operation, call.arn(f"dashboard/{name}", is_global=True)) for name in names)
    elif name := call.get("AlarmName"):
        yield call.operation, call.arn(f"alarm:{name}")
        if call.operation in {"PutMetricAlarm", "PutCompositeAlarm"} and call.get("Tags"):
            yield "TagResource", call.arn(f"alarm:{name}")
    else:
        yield call.operation, call.get("ResourceARN") or EVERYTHING


def _sns(call: Call) -> Taken:
    if call.operation == "CreateTopic":
        topic = call.arn(call.get("Name"))
        yield call.operation, topic
        if call.get("Tags"):
            yield "TagResource", topic
    else:
        # What is asked of a subscription has no resource. A batch takes the permission of the call that it repeats.
        action = call.operation.removesuffix("Batch")
        yield action, call.get("TopicArn") or call.get("ResourceArn") or EVERYTHING


def _lambda(call: Call) -> Taken:
    if "EventSourceMapping" in call.operation:
        # Which function it is for is a condition (`iam.contexts`): a new one, and a list, have no resource.
        uuid = call.get("UUID")
        yield call.operation, call.arn(f"event-source-mapping:{uuid}") if uuid else EVERYTHING
        if call.operation == "CreateEventSourceMapping" and call.get("Tags"):
            yield "TagResource", call.arn("event-source-mapping:*")
        return
    name = call.get("FunctionName")
    action = "InvokeFunction" if call.operation == "Invoke" else call.operation
    yield action, call.arn(f"function:{name}") if name else call.get("Resource") or EVERYTHING


_LISTS_OF_KEYS = ("ListAliases", "ListKeys", "ListRetirableGrants")


def _kms(call: Call) -> Taken:
    key = call.get("KeyId") or call.get("TargetKeyId")
    if call.operation in {"CreateAlias", "UpdateAlias", "DeleteAlias"}:
        yield call.operation, call.arn(str(call.get("AliasName")))
        # Which key a deleted alias is of, nobody knows before KMS says so.
        yield call.operation, _key(call, key or "*")
    elif call.operation == "CreateKey":
        yield call.operation, EVERYTHING
        if call.get("Tags"):
            yield "TagResource", _key(call, "*")
    elif not key or call.operation in _LISTS_OF_KEYS:
        yield call.operation, EVERYTHING
    else:
        yield call.operation, _key(call, key)


def _key(call: Call, key: str) -> str:
    if "alias/" in key:
        # A permission is on keys, never on an alias; which key it is, nobody knows before KMS says so.
        return call.arn("key/*")
    return key if key.startswith("arn:") else call.arn(f"key/{key}")


_ON_STREAMS = ("CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents")


def _logs(call: Call) -> Taken:
    arn = call.get("resourceArn") or call.get("logGroupIdentifier")
    name, stream = call.get("logGroupName"), call.get("logStreamName")
    if arn and str(arn).startswith("arn:"):
        yield call.operation, arn
        return
    name = name or arn
    if not name:
        yield call.operation, EVERYTHING
        return
    # All but the calls about tags take the group's ARN with what is in it ("Identity and access management for
    # CloudWatch Logs" in the user's guide).
    inside = f":log-stream:{stream}" if call.operation in _ON_STREAMS else ":*"
    yield call.operation, call.arn(f"log-group:{name}{inside}")
    if call.operation == "CreateLogGroup" and call.get("tags"):
        yield "TagResource", call.arn(f"log-group:{name}")


def _sts(call: Call) -> Taken:
    yield call.operation, call.get("RoleArn") or EVERYTHING


def _iam(call: Call) -> Taken:
    def named(kind: str) -> str | None:
        name = call.get(f"{kind.title()}Name")
        return call.arn(f"{kind}{call.get('Path') or '/'}{name}", is_global=True) if name else None

    if call.operation in {"CreatePolicy", "CreateRole", "CreateUser"}:
        kind = call.operation.removeprefix("Create").lower()
        yield call.operation, str(named(kind))
        if call.get("Tags"):
            yield f"Tag{kind.title()}", str(named(kind))
    else:
        yield call.operation, named("group") or named("role") or named("user") or call.get("PolicyArn") or EVERYTHING


_OF_THE_ACCOUNT = {
    "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
    "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
}


def _s3control(call: Call) -> Taken:
    action = _OF_THE_ACCOUNT.get(call.operation, call.operation)
    yield action, call.get("ResourceArn") or EVERYTHING


_PREFIXES = {"s3control": "s3"}
"""The prefixes of actions, of services whose own name is another one."""
_SERVICES: dict[str, Callable[[Call], Taken]] = {
    "sqs": _sqs,
    "dynamodb": _dynamodb,
    "cloudwatch": _cloudwatch,
    "sns": _sns,
    "lambda": _lambda,
    "s3control": _s3control,
    "kms": _kms,
    "logs": _logs,
    "sts": _sts,
    "iam": _iam,
}
