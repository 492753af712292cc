"""Resources of each type: those declared, and undeclared ones with a name like theirs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

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
        known = {scene.settings.state_bucket, *expectations.relied_on(scene.settings).get(type_, ())}
        for name in sorted(found):
            if name.startswith(prefix) and name not in known:
                yield from _undeclared(scene, Resource(type_, name))

    return declared, take(Resource(type_, f"{prefix}*"), "", checks)


def _undeclared(scene: Scene, resource: Resource) -> Iterator[Check]:
    """Report a resource with a name like ours, unless it is another environment's in the same account and region."""
    owner = next((each for each in scene.others if resource.name.endswith(f"-{each}")), None)
    # Buckets of another environment begin otherwise.
    if owner is None or resource.type == "aws_s3_bucket":
        yield resource.check("", None, _THERE, "nobody declared it")
        return
    settings, other = scene.settings, scene.others[owner]
    if other is None:
        yield resource.check("", None, None, f"taken for {owner}'s: environments/{owner}.toml cannot be read")
    elif other.account_id != settings.account_id or not (
        other.region == settings.region or resource.type == "aws_iam_policy"
    ):
        yield resource.check(
            "", None, _THERE, f"nobody declared it: {owner} is account {other.account_id}, {other.region}"
        )
