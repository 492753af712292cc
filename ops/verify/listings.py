"""What there is of each type: the declared, and what has a name like theirs although nobody declared it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from config.request import Environment
from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Scene, take
from ops.verify.report import Check

_THERE = "exists"


def _queues(scene: Scene, prefix: str) -> dict[str, Any]:
    urls = scene.ask("sqs", "list_queues", QueueNamePrefix=prefix).get("QueueUrls", [])
    return {url.rsplit("/", 1)[1]: url for url in urls}


def _tables(scene: Scene, _: str) -> dict[str, Any]:
    return dict.fromkeys(scene.ask("dynamodb", "list_tables")["TableNames"])


def _buckets(scene: Scene, prefix: str) -> dict[str, Any]:
    return {each["Name"]: None for each in scene.ask("s3", "list_buckets", Prefix=prefix).get("Buckets", [])}


def _alarms(scene: Scene, prefix: str) -> dict[str, Any]:
    types = ["MetricAlarm", "CompositeAlarm"]
    answer = scene.ask("cloudwatch", "describe_alarms", AlarmNamePrefix=prefix, AlarmTypes=types)
    return {each["AlarmName"]: each for type_ in types for each in answer.get(f"{type_}s", [])}


def _topics(scene: Scene, _: str) -> dict[str, Any]:
    arns = (each["TopicArn"] for each in scene.ask("sns", "list_topics").get("Topics", []))
    return {arn.rsplit(":", 1)[1]: arn for arn in arns}


def _policies(scene: Scene, _: str) -> dict[str, Any]:
    """Return each policy's documents too: this call alone has them all, where others would take two for each."""
    answer = scene.ask("iam", "get_account_authorization_details", Filter=["LocalManagedPolicy"])
    return {each["Arn"].rsplit("/", 1)[1]: each for each in answer.get("Policies", [])}


_LISTINGS: Mapping[str, Callable[[Scene, str], dict[str, Any]]] = {
    "aws_sqs_queue": _queues,
    "aws_dynamodb_table": _tables,
    "aws_s3_bucket": _buckets,
    "aws_cloudwatch_metric_alarm": _alarms,
    "aws_sns_topic": _topics,
    "aws_iam_policy": _policies,
}


def existing(scene: Scene, type_: str, *, wanted: bool) -> tuple[dict[str, Any], list[Check]]:
    """Return the declared resources of a type that exist, with what AWS said of each, and the checks of existence.

    wanted: whether the declared resources should be there; the others with their prefix should not in any case.
    """
    prefix = expectations.prefixes(scene.settings)[type_]
    declared: dict[str, Any] = {}

    def checks() -> Iterator[Check]:
        found = _LISTINGS[type_](scene, prefix)
        expected = _THERE if wanted else None
        for name in expectations.declared(scene.settings)[type_]:
            if name in found:
                declared[name] = found.pop(name)
            yield Resource(type_, name).check("", expected, _THERE if name in declared else None)
        for name in expectations.relied_on(scene.settings).get(type_, ()) if wanted else ():
            yield Resource(type_, name).check("", _THERE, _THERE if name in found else None)
        for name in sorted(found):
            if name.startswith(prefix) and not _is_anothers(scene, type_, name):
                yield Resource(type_, name).check("", None, _THERE, "nobody declared it")

    return declared, take(Resource(type_, f"{prefix}*"), "", checks)


def _is_anothers(scene: Scene, type_: str, name: str) -> bool:
    settings = scene.settings
    if name == settings.state_bucket or name in expectations.relied_on(settings).get(type_, ()):
        return True
    return any(name.endswith(f"-{other}") for other in Environment if other is not settings.environment)
