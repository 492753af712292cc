"""What the tests of resource types share: an account that answers from a table, and its settings."""

from typing import Any

from botocore.stub import Stubber

from config.environments import Environment
from ops.resource_types.interface import Account, ResourceType
from stacks.features import load_settings
from stacks.requirement import Expected, Requirement
from tests.ops.test_aws import stubbed
from tests.ops.verify.told import ToldClients

DEV = load_settings(Environment("dev"))


def account(resources: dict[str, dict[str, Expected]] | None = None, **answers: Any) -> Account:
    """Return the account in which calls have these answers, each by `service__operation`."""
    told = {operation.replace("__", "."): answer for operation, answer in answers.items()}
    return Account(DEV, Requirement(resources=resources or {}, prefixes={}), ToldClients(told))


def listed(type_: ResourceType, prefix: str, **answers: Any) -> dict[str, Any]:
    """Return the resources that a type lists."""
    assert type_.listing
    return dict(type_.listing(account(**answers), prefix))


def seen(type_: ResourceType, look: str, name: str, entry: Any, **answers: Any) -> dict[str, Any]:
    """Return what a look at a resource finds."""
    return dict(type_.looks[look].read(account(**answers), name, entry))


def found(type_: ResourceType, values: dict[str, Any], service: str, *answers: tuple[str, Any]) -> str | None:
    """Return the import id that a type finds; answers: an operation and its answer, in the order of the calls."""
    client, stubber = stubbed(service)
    for operation, answer in answers:
        _add(stubber, operation, answer)
    result = type_.find(values, DEV, lambda _: client)
    stubber.assert_no_pending_responses()
    return result


def _add(stubber: Stubber, operation: str, answer: Any) -> None:
    if isinstance(answer, str):
        stubber.add_client_error(operation, service_error_code=answer)
    else:
        stubber.add_response(operation, answer)
