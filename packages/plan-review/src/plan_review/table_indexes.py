"""Changes of a DynamoDB table's keys and indexes, by which its clients address items."""

from collections.abc import Iterator, Mapping
from typing import Any

from check_report.printable import shown_value
from plan_review.masking import as_list, as_object, hidden_words
from plan_review.model import Kind, Remark
from plan_review.values import is_hidden

_INDEXES = ("global_secondary_index", "local_secondary_index")
_KEYS = (("hash_key", "HASH"), ("range_key", "RANGE"))
_QUERIED = ("hash_key", "range_key", "key_schema", "projection_type", "non_key_attributes")
"""The attributes of an index that its queries rely on."""
_ALL = "ALL"
_BUILT_AGAIN = "it would be deleted and built again, and queries of it fail until then"
_Types = Mapping[str, str]
"""The type of each attribute that is part of a key: S, N or B."""


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    """Yield each index that goes, gets another key or other attributes, and each key that gets another type."""
    types, new_types = _types(before), _types(after)
    for attribute, _ in _KEYS:
        # With another key it is another table, and a finding of its own.
        name = str(before.get(attribute))
        if before.get(attribute) == after.get(attribute) and types.get(name) != new_types.get(name):
            change = f"{attribute} {shown_value(name)}: type {types.get(name)} -> {new_types.get(name)}"
            yield Remark(Kind.CLIENTS, f"{change}: requests with the earlier type would fail")
    for attribute in _INDEXES:
        one, other = before.get(attribute), after.get(attribute)
        if one and one != other and is_hidden(other):
            yield Remark(
                Kind.CLIENTS, f"{attribute} changes to {hidden_words(other)}: perhaps queries of an index would fail"
            )
            continue
        new = {str(index.get("name")): index for index in map(as_object, as_list(other))}
        for index in map(as_object, as_list(one)):
            name = str(index.get("name"))
            yield from _index(f"index {shown_value(name)}", index, new.get(name), types, new_types)


def _index(
    index: str, before: Mapping[str, Any], after: Mapping[str, Any] | None, types: _Types, new_types: _Types
) -> Iterator[Remark]:
    if after is None:
        yield Remark(Kind.CLIENTS, f"{index} would be deleted: queries of it would fail")
        return
    for attribute in _QUERIED:
        one, other = before.get(attribute), after.get(attribute)
        if one and one != other and is_hidden(other):
            yield Remark(
                Kind.CLIENTS, f"{index}: {attribute} changes to {hidden_words(other)}: perhaps queries would fail"
            )
            return
    keys = _key(before, types), _key(after, new_types)
    if keys[0] != keys[1]:
        yield Remark(Kind.CLIENTS, f"{index}: key {keys[0]} -> {keys[1]}: queries by the earlier key would fail")
    (projection, attributes), (new_projection, new_attributes) = _projection(before), _projection(after)
    if (projection, attributes) != (new_projection, new_attributes):
        change = " -> ".join(
            f"{kind} {shown_value(some)}" if some else kind
            for kind, some in ((projection, attributes), (new_projection, new_attributes))
        )
        if new_projection != _ALL and (projection == _ALL or not set(attributes) <= set(new_attributes)):
            yield Remark(Kind.CLIENTS, f"{index}: projection {change}: queries would get fewer attributes")
        else:
            yield Remark(Kind.AVAILABILITY, f"{index}: projection {change}: {_BUILT_AGAIN}")


def _types(table: Mapping[str, Any]) -> dict[str, str]:
    return {str(each.get("name")): str(each.get("type")) for each in map(as_object, as_list(table.get("attribute")))}


def _key(index: Mapping[str, Any], types: _Types) -> str:
    """Return an index's key; the provider has it as two attributes and, since 6.29, as blocks too."""
    blocks = map(as_object, as_list(index.get("key_schema")))
    parts = [(each.get("attribute_name"), each.get("key_type")) for each in blocks]
    parts = parts or [(index.get(attribute), kind) for attribute, kind in _KEYS]
    return ", ".join(f"{name} ({kind} {types.get(name)})" for name, kind in parts if name and isinstance(name, str))


def _projection(index: Mapping[str, Any]) -> tuple[str, list[str]]:
    return str(index.get("projection_type")), sorted(map(str, as_list(index.get("non_key_attributes"))))
