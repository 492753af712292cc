"""Constructs in Python: which classes are those of cdktf and AWS CDK, and which of their attributes are tokens."""

import re
from collections.abc import Iterable

AWS_CDK = ("aws_cdk", "monocdk")
_CDKTF = ("cdktf", "cdktn")
_PROVIDERS = ("cdktf_cdktf_provider_", "cdktn_provider_", "imports.")

TOKEN_MAKERS = {"Aws", "Fn", "Lazy", "PhysicalName", "ScopedAws", "SecretValue", "Token"}
"""Classes whose attributes are tokens, and whose methods return them."""
_TOKEN_FUNCTIONS = {"conditional", "property_access", "ref"}
_NO_TOKENS = ("compare_", "is_")

STACK_ENVIRONMENT = ("account", "region")
"""Attributes of an AWS CDK stack that are tokens unless the stack is given them, as `env`."""
_STACK_TOKENS = {"availability_zones", "notification_arns", "partition", "stack_id", "url_suffix"}
_STACKS = {"NestedStack", "Stack"}
_STRUCTS = ("Attributes", "Options", "Props")
"""How AWS CDK's classes end that are no constructs: their attributes are what they were given."""
_UNMISTAKABLE = {"arn", "fqn", "stack_id", "string_value", "value_as_list", "value_as_number", "value_as_string"}
"""Attributes that are tokens of an unknown class too."""
_CDK_TOKENS = {"arn", "logical_id", "ref", *(name for name in _UNMISTAKABLE if name.startswith("value_as_"))}
_CDK_ENDINGS = ("_address", "_arn", "_endpoint", "_id", "_name", "_url", "_value")
_CDK_LITERALS = {"alias_name", "rest_api_name", "stack_name", "zone_name"}
_CDKTF_VALUES = re.compile(r"Count$|Iterator$|Local$|Module$|RemoteState|Variable$")
"""cdktf's own classes whose attributes are tokens."""
_CDKTF_LITERALS = {
    *("cdktf_stack", "connection", "construct_node_metadata", "count", "default", "depends_on", "description"),
    *("expression", "for_each", "friendly_unique_id", "lifecycle", "node", "nullable", "provider", "provisioners"),
    *("raw_overrides", "sensitive", "terraform_generator_metadata", "terraform_meta_attributes"),
    *("terraform_resource_type", "type", "validation"),
}


def is_of(dotted: str, packages: Iterable[str]) -> bool:
    """Return True if the full name is in one of the packages."""
    return any(f"{dotted}.".startswith(f"{package}.") for package in packages)


def is_class(dotted: str) -> bool:
    """Return True if a full name is written as a class's."""
    return dotted.rpartition(".")[2][:1].isupper()


def is_provider(dotted: str) -> bool:
    """Return True if the full name is in a provider for cdktf, prebuilt or generated."""
    return dotted.startswith(_PROVIDERS) or ".imports." in dotted


def is_construct(dotted: str) -> bool:
    """Return True if the full name is in a library of constructs."""
    return is_provider(dotted) or is_of(dotted, (*AWS_CDK, *_CDKTF, "constructs"))


def is_stack(dotted: str) -> bool:
    """Return True if the full name is that of AWS CDK's stack."""
    return is_of(dotted, AWS_CDK) and dotted.rpartition(".")[2] in _STACKS


def gives_token(dotted: str) -> bool:
    """Return True if the full name is an attribute, a method or a function that gives a token, wherever it is used.

    A name of unknown origin, as after `import *`, is the library's.
    """
    *owners, last = dotted.split(".")
    for index, owner in enumerate(owners):
        is_from_library = index == 0 or is_construct(".".join(owners[:index]))
        if owner in TOKEN_MAKERS and is_from_library and not owners[index + 1 : index + 2]:
            return not last.startswith(_NO_TOKENS)
    if last == "secret_value_from_json" or (last.startswith("value_for_") and is_of(dotted, AWS_CDK)):
        return True
    return last in _TOKEN_FUNCTIONS and is_of(dotted, _CDKTF)


def is_token(attribute: str, owner: str | None) -> bool:
    """Return True if an attribute of an object of the class is a token; None is a class that is not known."""
    if owner is None:
        return attribute in _UNMISTAKABLE
    class_ = owner.rpartition(".")[2]
    if is_provider(owner):
        return class_ != "AwsProvider" and attribute not in _CDKTF_LITERALS and not attribute.endswith("_input")
    if is_of(owner, _CDKTF):
        return _CDKTF_VALUES.search(class_) is not None and attribute not in _CDKTF_LITERALS
    if is_stack(owner) or class_ in TOKEN_MAKERS:
        return attribute in _STACK_TOKENS or class_ in TOKEN_MAKERS
    if not is_of(owner, AWS_CDK) or class_.endswith(_STRUCTS) or attribute in _CDK_LITERALS:
        return False
    return attribute in _CDK_TOKENS or attribute.startswith("attr_") or attribute.endswith(_CDK_ENDINGS)
