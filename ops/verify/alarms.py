"""Checks of the alarms, and of the stack's own topic."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene, by_key
from ops.verify.policies import policy_check
from ops.verify.report import Check, Outcome
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import own


def _description(scene: Scene, resource: Resource, alarm: Mapping[str, Any]) -> Iterator[Check]:
    found = {**alarm, "Dimensions": _dimensions(alarm)}
    yield from resource.fields(expectations.alarm(scene.settings, resource.name), found)
    metrics = {query["Id"]: _metric(query) for query in alarm.get("Metrics", [])}
    yield from resource.members("metric", expectations.alarm_metrics(scene.settings, resource.name), metrics)
    words = expectations.alarm_description(scene.settings, resource.name)
    yield resource.check("AlarmDescription", words, alarm.get("AlarmDescription"))
    calm = "not ALARM"
    yield resource.check("StateValue", calm, "ALARM" if alarm["StateValue"] == "ALARM" else calm)


def _dimensions(of: Mapping[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in of.get("Dimensions", [])}


def _metric(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return one metric of an alarm without its id and label, in one level."""
    content = {key: value for key, value in query.items() if key not in {"Id", "Label", "MetricStat"}}
    if stat := query.get("MetricStat"):
        content |= {key: value for key, value in stat.items() if key != "Metric"}
        content |= {**stat["Metric"], "Dimensions": _dimensions(stat["Metric"])}
    return content


def _function(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    """Note on the worker's alarm that its function is not there: another project makes it, so that is no fault."""
    name = names_of(scene.settings).worker_function
    if resource.name == names_of(scene.settings).worker_errors_alarm:
        absent = "ResourceNotFoundException"
        there = scene.ask("lambda", "get_function_configuration", absent=absent, FunctionName=name)
        note = "" if there else f"function {name} does not exist yet: until then this alarm cannot fire"
        yield resource.check("function", name, name, note)


def _tags(scene: Scene, resource: Resource, alarm: Mapping[str, Any]) -> Iterable[Check]:
    answer = scene.ask("cloudwatch", "list_tags_for_resource", ResourceARN=alarm["AlarmArn"])
    return scene.tags(resource, by_key(answer["Tags"]))


LOOKS: Looks = {"description": _description, "function": _function, "tags": _tags}


def _topic(scene: Scene, resource: Resource, arn: str) -> Iterator[Check]:
    found = scene.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    yield policy_check(resource, expectations.topic_statements(scene.settings), found.get("Policy"))
    # CloudWatch may not publish through SNS's own key.
    yield resource.check("KmsMasterKeyId", None, found.get("KmsMasterKeyId"))


def _subscriptions(scene: Scene, resource: Resource, topic: str) -> Iterator[Check]:
    answer = scene.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)
    found = {each["Endpoint"]: each for each in answer.get("Subscriptions", [])}
    expected = {str(own(scene.settings).alarms.email): "email"}
    for check in resource.members("subscription", expected, {each: found[each]["Protocol"] for each in found}):
        endpoint = check.property.removeprefix("subscription ")
        arn = found.get(endpoint, {}).get("SubscriptionArn", "")
        pending = arn == "PendingConfirmation"
        note = "not confirmed yet: until then the address gets nothing" if pending else ""
        yield replace(check, note=note)
        if check.outcome is Outcome.OK:
            # Of one that is pending nothing can be asked, for it has no ARN yet.
            yield resource.check(f"filter of {endpoint}", None, None if pending else _filter(scene, arn))


def _filter(scene: Scene, subscription: str) -> Any:
    """Return which messages reach a subscriber; None for all of them."""
    answer = scene.ask("sns", "get_subscription_attributes", SubscriptionArn=subscription)
    return json.loads(answer["Attributes"].get("FilterPolicy") or "{}") or None


def _topic_tags(scene: Scene, resource: Resource, arn: str) -> Iterable[Check]:
    return scene.tags(resource, by_key(scene.ask("sns", "list_tags_for_resource", ResourceArn=arn)["Tags"]))


TOPIC_LOOKS: Looks = {"attributes": _topic, "subscriptions": _subscriptions, "tags": _topic_tags}
