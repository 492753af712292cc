"""A review as JSON, for programs; `schema.json` says what each field is."""

import json
from dataclasses import fields
from typing import Any, cast

from plan_review.model import VERSION, Difference, Known, Review, Value


def as_json(review: Review) -> str:
    """Return the review as one JSON object, a line for each item of its lists; the same review, the same bytes."""
    head = {"version": VERSION, "exit_status": int(review.blocked), "blocked": review.blocked}
    members = head | {field.name: getattr(review, field.name) for field in fields(review)}
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in members.items()) + "\n}\n"


def _lines(value: Any) -> str:
    items = cast("tuple[Any, ...]", value) if isinstance(value, tuple) else ()
    return "[\n" + ",\n".join(map(_ENCODER.encode, items)) + "\n]" if items else _ENCODER.encode(value)


def _fields(item: Any) -> dict[str, Any]:
    """Return the fields of a part of the review; not by `vars`, which would leave a dictionary at each for good."""
    if isinstance(item, Difference):
        # Most of a large review is these: the encoder asks once for each, and not for its sides again.
        return {
            "path": item.path,
            "before": _side(item.before),
            "after": _side(item.after),
            "forces_replacement": item.forces_replacement,
            "noise": item.noise,
        }
    if isinstance(item, Value):
        return _side(item)
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _side(side: Value) -> dict[str, Any]:
    return {"known": side.known, "value": side.value if side.known is Known.VALUE else None}


_ENCODER = json.JSONEncoder(default=_fields, check_circular=False, separators=(",", ":"))
