"""Checks of the jobs queue and its dead-letter queue."""

from collections.abc import Iterable, Iterator

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene
from ops.verify.policies import document_check, policy_check
from ops.verify.report import Check
from stacks.vpr_async.names import names_of


def _attributes(scene: Scene, resource: Resource, url: str) -> Iterator[Check]:
    found = scene.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    yield from resource.fields(expectations.queue_attributes(scene.settings, resource.name), found)
    for key, document in expectations.redrive(scene.settings, resource.name).items():
        yield document_check(resource, key, document, found.get(key))
    statement = expectations.deny_insecure_transport("sqs:*", scene.arn("sqs", resource.name))
    yield policy_check(resource, [statement], found.get("Policy"))
    if resource.name == names_of(scene.settings).jobs_dlq:
        states = ("", "NotVisible", "Delayed")
        messages = sum(int(found[f"ApproximateNumberOfMessages{state}"]) for state in states)
        yield resource.check("messages", 0, messages, "each is a job that failed for good" if messages else "")


def _tags(scene: Scene, resource: Resource, url: str) -> Iterable[Check]:
    return scene.tags(resource, scene.ask("sqs", "list_queue_tags", QueueUrl=url).get("Tags", {}))


def _consumers(scene: Scene, resource: Resource, _: str) -> Iterable[Check]:
    """Check that no function but the worker takes messages, and none those that failed for good."""
    names = names_of(scene.settings)
    arn = scene.arn("sqs", resource.name)
    answer = scene.ask("lambda", "list_event_source_mappings", EventSourceArn=arn)
    # arn:aws:lambda:REGION:ACCOUNT:function:NAME, with a version or an alias behind it if the mapping is for one.
    functions = {each["FunctionArn"].split(":")[6] for each in answer.get("EventSourceMappings", [])}
    expected = {names.worker_function} if resource.name == names.jobs_queue else set[str]()
    return resource.members("consumer", {}, dict.fromkeys(functions - expected, "consumes messages"))


LOOKS: Looks = {"attributes": _attributes, "tags": _tags, "consumers": _consumers}
