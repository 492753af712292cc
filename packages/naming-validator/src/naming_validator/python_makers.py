"""Makers of resources in Python: classes and methods of cdktf's AWS provider and of AWS CDK."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from naming_validator.configuration import names_its_own
from naming_validator.python_constructs import AWS_CDK, is_class, is_of
from naming_validator.services import SERVICES

_PROVIDER = re.compile(r"(?:.*\.)?(?:cdktf_cdktf_provider_aws|cdktn_provider_aws|imports\.aws)\.(?:.*\.)?(\w+)")
_AWS_CDK = {
    call: (type_, argument, is_part)
    for type_, service in SERVICES.items()
    for is_part, calls in ((False, service.aws_cdk), (True, service.parts))
    for call, argument in calls.items()
}
PROPERTIES = {
    type_: "".join(word.capitalize() for word in argument.split("_"))
    for call, (type_, argument, _) in _AWS_CDK.items()
    if call.startswith("aws_") and ".Cfn" in call
}
"""CloudFormation's property that holds the name, by type."""


@dataclass(frozen=True, kw_only=True)
class Maker:
    """The resource that a class or method makes, and the arguments that hold its name or the beginning of it.

    lead: what every name begins with, also if it is not given.
    is_part: it may go without a name, or its name may be given elsewhere.
    """

    type: str
    name: str
    prefix: str | None = None
    fifo: str | None = None
    lead: str = ""
    is_part: bool = False


def makers(dotted: str, keys: Iterable[str]) -> Iterator[Maker]:
    """Yield what a class makes, by its full name; of a type without rules, each of the keys that is its own name."""
    *_, module, class_ = ["", "", *dotted.split(".")]
    provider = _PROVIDER.fullmatch(dotted)
    type_ = f"aws_{_snake(provider[1] if provider else class_.removeprefix('Cfn'))}"
    if not is_class(dotted) or type_.startswith("aws_data_aws_"):
        return
    if provider and type_ in SERVICES:
        service = SERVICES[type_]
        yield Maker(type=type_, name=service.attribute, prefix=service.prefix_attribute, fifo=service.fifo_attribute)
    elif f"{module}.{class_}" in _AWS_CDK:
        yield _of_cdk(f"{module}.{class_}")
    elif is_of(dotted, AWS_CDK) and f"*.{class_}" in _AWS_CDK:
        yield _of_cdk(f"*.{class_}")
    elif provider or is_of(dotted, AWS_CDK):
        yield from (Maker(type=type_, name=key) for key in keys if names_its_own(type_, key))


def method_maker(name: str, *, has_scope: bool) -> Maker | None:
    """Return what a method of AWS CDK's makes, or None; one that makes an alarm is given a scope."""
    call = f"*.{name}"
    return _of_cdk(call) if call in _AWS_CDK and (has_scope or not name.endswith("_alarm")) else None


def type_of_cloudformation(name: str) -> str | None:
    """Return the type of a resource that CloudFormation calls `AWS::SQS::Queue`, or None."""
    _, _, path = name.partition("AWS::")
    service, _, resource = path.partition("::")
    return _AWS_CDK.get(f"aws_{service.lower()}.Cfn{resource}", (None,))[0]


def _of_cdk(call: str) -> Maker:
    type_, argument, is_part = _AWS_CDK[call]
    fifo = SERVICES[type_].fifo_attribute
    return Maker(
        type=type_,
        name=argument,
        fifo=fifo if ".Cfn" in call or not fifo else "fifo",
        # A key's alias may be given without what every alias begins with.
        lead="alias/" if call == "aws_kms.Key" else "",
        is_part=is_part,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
