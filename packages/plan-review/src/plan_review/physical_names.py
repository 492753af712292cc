"""Physical names of resources: what AWS or a user calls each, also of types that have no name."""

from collections.abc import Mapping
from typing import Any

NAME_KEYS = ("name", "bucket", "alarm_name", "dashboard_name", "function_name", "id")
"""The attributes that may be a resource's physical name, the best first."""
_FUNCTION = ":function:"


def name_in(values: Mapping[str, Any]) -> str:
    """Return the physical name that a resource's values tell; empty if they tell none."""
    found = (values.get(key) for key in NAME_KEYS)
    return next((name for name in found if isinstance(name, str) and name), "")


def physical_name(type_: str, values: Mapping[str, Any], source: str = "") -> str:
    """Return the physical name of a resource of this type; empty if its values tell none.

    A KMS key has an id alone: its name is its description, if that is one word. An event source mapping has an id too:
    its name is that of its source and that of its function, as `jobs-queue/worker`.
    source: the name of a mapping's source, where the ARN is not known yet.
    """
    if type_ == "aws_kms_key":
        description = values.get("description")
        is_name = isinstance(description, str) and bool(description) and not any(map(str.isspace, description))
        return str(description) if is_name else name_in(values)
    if type_ == "aws_lambda_event_source_mapping":
        arn, function = values.get("event_source_arn"), values.get("function_name") or values.get("function_arn")
        named = mapping_name(arn if isinstance(arn, str) else source, function if isinstance(function, str) else "")
        return named or name_in({"id": values.get("id")})
    return name_in(values)


def mapping_name(source: str, function: str) -> str:
    """Return the name of an event source mapping, given names or ARNs; empty if one of them is.

    The function's has its version or alias behind a colon, if the mapping is for one.
    """
    if not source or not function:
        return ""
    # arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/TIME has its name in the middle.
    resource = source.rsplit(":", 1)[-1] if ":table/" not in source else source.partition(":table/")[2].split("/")[0]
    return f"{resource}/{function.partition(_FUNCTION)[2] or function}"
