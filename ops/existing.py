"""Look in AWS for a resource that a stack declares: by its name, and by what of it cannot be changed in place."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ops.errors import CommandError
from ops.expectations import arn
from stacks.settings import Settings
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import own

Clients = Callable[[str], Any]
"""Returns a boto3 client of the service that is named."""

_ABSENT = {
    "404",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchEntity",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "ServerSideEncryptionConfigurationNotFoundError",
}
"""The error codes by which services say that something is not there."""


class MismatchError(Exception):
    """Something of that name is there, and is not what the stack declares; the message is the difference."""


def find(type_: str, values: Mapping[str, Any], settings: Settings, client: Clients) -> str | None:
    """Return the id by which Terraform imports the resource, or None if it is not there.

    values: the resource's attributes, with literal names.
    Raises MismatchError if what is there cannot be taken, CommandError if AWS does not answer.
    """
    finder = FINDERS.get(type_)
    if finder is None:
        return None
    try:
        return finder(values, settings, client)
    except ClientError as error:
        if _code(error) in _ABSENT:
            return None
        message = f"{type_}: AWS cannot be asked whether it is there: {error}"
        raise CommandError(message) from None
    except (BotoCoreError, ResponseParserError) as error:
        message = f"{type_}: AWS cannot be asked whether it is there: {error}"
        raise CommandError(message) from None


def require_no_other_suffix(name: str, settings: Settings, client: Clients, known: Collection[str]) -> None:
    """Require that a bucket which is not there is not there under another suffix either, unless the settings pin one.

    known: the names of buckets that Terraform has already.
    Raises MismatchError with the names that there are, CommandError if AWS does not answer.
    """
    stem, _, suffix = name.rpartition("-")
    if own(settings).name_suffix or name != names_of(settings).results_bucket:
        return
    try:
        buckets = [each["Name"] for each in client("s3").list_buckets()["Buckets"]]
    except (ClientError, BotoCoreError) as error:
        message = f"bucket {name}: AWS cannot be asked whether it is there by another name: {error}"
        raise CommandError(message) from None
    others = [each for each in buckets if re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{6}}", each) and each not in known]
    if others:
        message = (
            f"bucket {name}: is not there, but {', '.join(others)} is; set vpr_async.name_suffix in "
            f'environments/{settings.environment}.toml: "{others[0].rpartition("-")[2]}" takes that one, "{suffix}" '
            "makes a new one"
        )
        raise MismatchError(message)


def _code(error: ClientError) -> str | None:
    return error.response.get("Error", {}).get("Code")


def _queue(values: Mapping[str, Any], _: Settings, client: Clients) -> str:
    return client("sqs").get_queue_url(QueueName=values["name"])["QueueUrl"]


def _table(values: Mapping[str, Any], _: Settings, client: Clients) -> str:
    name = values["name"]
    table = client("dynamodb").describe_table(TableName=name)["Table"]
    if table["TableStatus"] != "ACTIVE":
        message = f"table {name}: is {table['TableStatus']}; try again when it is ACTIVE"
        raise MismatchError(message)
    found, wanted = _found_keys(table), _wanted_keys(values)
    differences = [
        f"{what} is {found[what]}, declared {keys}"
        for what, keys in wanted.items()
        if what in found and found[what] != keys
    ]
    if differences:
        message = (
            f"table {name}: its {'; its '.join(differences)}; a key cannot be changed, only a new table has another"
        )
        raise MismatchError(message)
    return name


def _found_keys(table: Mapping[str, Any]) -> dict[str, str]:
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}

    def keys(schema: Iterable[Mapping[str, str]]) -> str:
        # DynamoDB gives the hash key first; sorting by type makes sure of it.
        ordered = sorted(schema, key=lambda each: each["KeyType"])
        return " and ".join(f"{each['AttributeName']} ({types[each['AttributeName']]})" for each in ordered)

    indexes = table.get("GlobalSecondaryIndexes", ())
    return {"key": keys(table["KeySchema"])} | {
        f"index {index['IndexName']}'s key": keys(index["KeySchema"]) for index in indexes
    }


def _wanted_keys(values: Mapping[str, Any]) -> dict[str, str]:
    types = {each["name"]: each["type"] for each in values["attribute"]}

    def keys(declared: Mapping[str, Any]) -> str:
        names = [declared[key] for key in ("hash_key", "range_key") if declared.get(key)]
        return " and ".join(f"{name} ({types[name]})" for name in names)

    indexes = values.get("global_secondary_index") or ()
    return {"key": keys(values)} | {f"index {index['name']}'s key": keys(index) for index in indexes}


def _bucket(values: Mapping[str, Any], settings: Settings, client: Clients) -> str:
    name = values["bucket"]
    s3 = client("s3")
    file = f"environments/{settings.environment}.toml"
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=settings.account_id)
        region = s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
    except ClientError as error:
        if _code(error) not in {"403", "AccessDenied"}:
            raise
        message = (
            f"bucket {name}: exists and is not open to account {settings.account_id}: it is another account's, or the "
            f"credentials may not list it; a bucket's name is unique in the world, another one is set in {file}"
        )
        raise MismatchError(message) from None
    if region != settings.region:
        message = f"bucket {name}: is in {region}, declared in {settings.region} ({file}); a bucket cannot be moved"
        raise MismatchError(message)
    return name


def _of_bucket(operation: str, part: str | None = None) -> Callable[..., str | None]:
    """Return a finder of a bucket's own configuration; part: the key that an answer lacks if there is none."""

    def finder(values: Mapping[str, Any], _: Settings, client: Clients) -> str | None:
        answer = getattr(client("s3"), operation)(Bucket=values["bucket"])
        return values["bucket"] if part is None or part in answer else None

    return finder


def _alarm(values: Mapping[str, Any], _: Settings, client: Clients) -> str | None:
    name = values["alarm_name"]
    return name if client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"] else None


def _policy(values: Mapping[str, Any], settings: Settings, client: Clients) -> str:
    wanted = arn(settings, "iam", f"policy{values.get('path') or '/'}{values['name']}")
    return client("iam").get_policy(PolicyArn=wanted)["Policy"]["Arn"]


def _topic(values: Mapping[str, Any], _: Settings, client: Clients) -> str | None:
    topics = (
        topic["TopicArn"] for page in client("sns").get_paginator("list_topics").paginate() for topic in page["Topics"]
    )
    return next((topic for topic in topics if topic.endswith(f":{values['name']}")), None)


def _subscription(values: Mapping[str, Any], settings: Settings, client: Clients) -> str | None:
    topic = _topic({"name": values["topic_arn"]}, settings, client)
    if topic is None:
        return None
    pages = client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    subscriptions = (each for page in pages for each in page["Subscriptions"])
    wanted = values["protocol"], values["endpoint"]
    # One that was not confirmed yet has no ARN to import it by; subscribing again does no harm.
    return next(
        (
            each["SubscriptionArn"]
            for each in subscriptions
            if (each["Protocol"], each["Endpoint"]) == wanted and each["SubscriptionArn"].startswith("arn:")
        ),
        None,
    )


FINDERS: Mapping[str, Callable[[Mapping[str, Any], Settings, Clients], str | None]] = {
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_dynamodb_table": _table,
    "aws_iam_policy": _policy,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_lifecycle_configuration": _of_bucket("get_bucket_lifecycle_configuration"),
    "aws_s3_bucket_ownership_controls": _of_bucket("get_bucket_ownership_controls"),
    "aws_s3_bucket_policy": _of_bucket("get_bucket_policy"),
    "aws_s3_bucket_public_access_block": _of_bucket("get_public_access_block"),
    "aws_s3_bucket_server_side_encryption_configuration": _of_bucket("get_bucket_encryption"),
    "aws_s3_bucket_versioning": _of_bucket("get_bucket_versioning", "Status"),
    "aws_sns_topic": _topic,
    "aws_sns_topic_subscription": _subscription,
    "aws_sqs_queue": _queue,
}
"""The types of resources that can be looked for."""
