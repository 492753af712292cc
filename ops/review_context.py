"""The context of a review: what it takes besides the plan and this project's files.

`make plan` keeps it beside the plan. So a later review of that plan, wherever its folder was taken, is the same: what
AWS was asked for then is not asked for again, and need not be reachable.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from check_report.errors import InvalidInputError
from plan_review.data_loss import Retention
from plan_review.facts import UNKNOWN_FACTS, Facts, RecordedFacts

FILE = "review-context.json"


@dataclass(frozen=True, kw_only=True)
class Context:
    """As `plan_review.review.review` has them; by default what is known of any plan."""

    title: str
    environment: str = ""
    where: str = ""
    retention: Retention | None = None
    facts: Facts = UNKNOWN_FACTS
    configuration: Mapping[str, Any] = field(default_factory=dict[str, Any])
    writes_refresh: bool = False
    notes: tuple[str, ...] = ()
    """Further notes of the review."""


def keep(context: Context, directory: Path, plan_sha256: str) -> None:
    """Write the context of the plan with that hash, whose facts are recorded ones, beside it."""
    facts = context.facts.answers if isinstance(context.facts, RecordedFacts) else {}
    values = {each: getattr(context, each) for each in _PLAIN}
    retention = asdict(context.retention) if context.retention else None
    kept = {"plan_sha256": plan_sha256, **values, "retention": retention, "facts": facts}
    (directory / FILE).write_text(json.dumps(kept, indent=2) + "\n")


def kept_for(directory: Path, plan_sha256: str) -> Context | None:
    """Return the context that is kept beside the plan with that hash; None if there is none.

    Raises InvalidInputError for one that is damaged.
    """
    file = directory / FILE
    try:
        kept: dict[str, Any] = json.loads(file.read_text())
        if kept["plan_sha256"] != plan_sha256:
            return None
        values = {name: _required(kept[name], type_) for name, type_ in _PLAIN.items()}
        values["notes"] = tuple(_required(note, str) for note in values["notes"])
        retention = None if kept["retention"] is None else Retention(**kept["retention"])
        facts = RecordedFacts(UNKNOWN_FACTS, _required(kept["facts"], dict))
        return Context(**values, retention=retention, facts=facts)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        message = f"{file}: not what make plan left there; plan again, or remove it to review the plan without it"
        raise InvalidInputError([message]) from None


_PLAIN: Mapping[str, Any] = {
    "title": str,
    "environment": str,
    "where": str,
    "configuration": dict,
    "writes_refresh": bool,
    "notes": list,
}
"""The values that are JSON as they are, with their types."""


def _required(value: Any, type_: Any) -> Any:
    """Return the value. Raises TypeError if it is not of the type."""
    if not isinstance(value, type_):
        raise TypeError
    return value
