"""Changes of the root module's outputs, by which other teams address what the stack has."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from check_report.printable import shown_value
from plan_review.addresses import without_indexes
from plan_review.attribute_diff import Part, parts
from plan_review.changes import Change, Reader, action
from plan_review.masking import UNKNOWN, Secret, Secrets, as_list, as_object, is_revealed, remarked
from plan_review.model import Action, Finding, Kind
from plan_review.physical_names import name_in
from plan_review.values import words

TYPE = "output"
"""The name of outputs among the resource types of a rule."""
_KEPT = "keep `sensitive = true`, unless everybody who sees plans, logs and outputs may read it"
_MOST_PARTS = 3
"""Parts of one output that are shown."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output in a plan; hidden parts are marked."""

    name: str
    action: Action
    actions: tuple[str, ...]
    before: Any
    after: Any
    sensitivity: tuple[str, ...]
    refers_to: frozenset[str]
    """The addresses, without indexes, of the resources that its expression names."""


def outputs_of(plan: Mapping[str, Any], reader: Reader, secrets: Secrets) -> Iterator[Output]:
    """Yield the outputs that the plan changes, by name."""
    root = as_object(as_object(plan.get("configuration")).get("root_module"))
    declared = as_object(root.get("outputs"))
    for name, planned in sorted(as_object(plan.get("output_changes")).items()):
        actions = as_list(as_object(planned).get("actions"))
        if action(actions) is not Action.NONE:
            before, after = reader.sides(as_object(planned))
            yield Output(
                name=secrets.masked(name),
                action=action(actions),
                actions=tuple(map(secrets.masked, actions)),
                before=before,
                after=after,
                sensitivity=_sensitivity(as_object(planned), declared.get(name)),
                refers_to=frozenset(_named(as_object(as_object(declared.get(name)).get("expression")))),
            )


def _sensitivity(planned: Mapping[str, Any], declared: Any) -> tuple[str, ...]:
    """Return the sensitivity that an output of the same value gains or loses: its change has one mark for both.

    declared: its configuration; without it nothing can be told.
    """
    is_marked = planned.get("after_sensitive") is True or planned.get("before_sensitive") is True
    if not is_marked or declared is None or planned.get("before") != planned.get("after"):
        return ()
    becomes = as_object(declared).get("sensitive") is True
    return tuple(remarked(planned.get("before"), planned.get("after"), not becomes, becomes))


def _named(expression: Mapping[str, Any]) -> Iterator[str]:
    for reference in as_list(expression.get("references")):
        if isinstance(reference, str):
            yield ".".join(without_indexes(reference).split(".")[:2])


def findings(outputs: Sequence[Output], changes: Iterable[Change], *, nothing_stays: bool) -> Iterator[Finding]:
    """Yield a finding for each output that is removed, or whose value changes.

    nothing_stays: the plan deletes every resource, which other findings say, and the outputs go with them.
    """
    kept = {
        without_indexes(change.address): set(_kept(change)) for change in changes if change.action is Action.REPLACE
    }
    for output in outputs:
        same = {value for address in output.refers_to for value in kept.get(address, ())}
        sentence = _sentence(output, same, nothing_stays=nothing_stays)
        found = partial(Finding, address=f"{TYPE}.{output.name}", type=TYPE, name=output.name)
        if sentence:
            yield found(kind=Kind.CLIENTS, sentence=sentence)
        for shown in filter(is_revealed, output.sensitivity):
            yield found(kind=Kind.EXPOSURE, sentence=shown, remedy=_KEPT)


def _kept(change: Change) -> Iterator[str]:
    """Yield the ARN, the URL and the id of a replaced resource that its name decides, if it keeps that."""
    name = name_in(change.before)
    for attribute in ("arn", "url", "id"):
        value = change.before.get(attribute)
        if name and name == name_in(change.after) and isinstance(value, str) and re.split("[:/]", value)[-1] == name:
            yield value


def _sentence(output: Output, same: Collection[str], *, nothing_stays: bool) -> str:
    if output.action is Action.CREATE or (output.action is Action.DELETE and nothing_stays):
        return ""
    if output.action is Action.DELETE:
        return f"would be removed: who reads it would no longer find {words(output.before)}"
    if output.action is Action.OTHER:
        return f"{shown_value(list(output.actions))} is planned for it, which this review does not know"
    lost = [part for part in parts(output.before, output.after, (output.name,)) if _is_lost(part, same)]
    if not lost:
        return ""
    if any(isinstance(side, Secret) for part in lost for side in (part.before, part.after)):
        return "its value changes, and is sensitive: who reads it would address something else"
    changes = [f"{'.'.join(part.path[1:])} {words(part.before)} -> {words(part.after)}".strip() for part in lost]
    more = f", and {len(lost) - _MOST_PARTS} more" if len(lost) > _MOST_PARTS else ""
    perhaps = "perhaps " if all(part.after is UNKNOWN for part in lost) else ""
    return f"{', '.join(changes[:_MOST_PARTS])}{more}: {perhaps}who reads it would address something else"


def _is_lost(part: Part, same: Collection[str]) -> bool:
    """Return True if a part had a value that it would have no more; a list may grow at its end.

    same: what is known only after the apply, and will be the same.
    """
    if part.after is UNKNOWN and isinstance(part.before, str) and part.before in same:
        return False
    if part.formal or part.before in (None, "", [], {}):
        return False
    before, after = as_list(part.before), as_list(part.after)
    return not before or after[: len(before)] != before
