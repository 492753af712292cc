"""Wording of a review, the same in all forms; whatever a plan holds comes out printable."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from enum import StrEnum
from os.path import commonprefix
from typing import Any

from check_report.printable import printable
from plan_review.attribute_diff import parts, side
from plan_review.model import (
    Action,
    Block,
    Difference,
    Finding,
    Intent,
    Kind,
    Known,
    Noise,
    OutputChange,
    Review,
    Reviewed,
    Value,
    Verdict,
)

MOST_CHARACTERS = 200
MOST_SENTENCE = 600
MOST_LINES = 20
TITLES = {
    Kind.LOSS: "Data or messages would be lost",
    Kind.EXPOSURE: "Open to more readers",
    Kind.EXFILTRATION: "Data would leave the account",
    Kind.PRIVILEGE: "Somebody could do more than now",
    Kind.EXECUTION: "Programs would run",
    Kind.SECURITY: "Security weakened",
    Kind.PROTECTION: "The configuration would protect less",
    Kind.CLIENTS: "What clients address or may do would go or change",
    Kind.REPLACEMENT: "Would be replaced",
    Kind.AVAILABILITY: "Availability",
    Kind.ALARMS: "Alarms weakened, or notifying nobody",
    Kind.COST: "Cost model changed",
}


class Group(StrEnum):
    """The headings under which resources stand, in their order."""

    CHANGED = "Changes"
    CREATED = "Creates"
    KEPT = "Moved or imported, and not changed"
    READ = "Read while applying"
    DEFERRED = "Deferred to another apply"


SIGNS = {
    Action.CREATE: "+",
    Action.READ: "<",
    Action.UPDATE: "~",
    Action.REPLACE: "!",
    Action.DELETE: "-",
    Action.FORGET: ".",
    Action.OTHER: "?",
}
_STATES = {Known.ABSENT: "(not set)", Known.UNKNOWN: "(known after apply)", Known.SENSITIVE: "(sensitive)"}
_CONTEXT = 20
_MOST_COMPARED = 400
# Characters of JSON between which a document is shown in lines.
_LONG = 80
_TOO_LONG = 4_000


def shown(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a name or a sentence clean, and shortened to so many characters of its own, with its length."""
    return _part(text, 0, most, len(text))


def literal(value: Any, most: int = MOST_CHARACTERS) -> str:
    """Return a JSON value as JSON in one line, clean and shortened."""
    return _part(_json(value), 0, most, _size(value))


def words(value: Value, most: int = MOST_CHARACTERS) -> str:
    """Return one side of a difference in one line: its JSON, or in brackets why there is none."""
    return _STATES.get(value.known) or literal(value.value, most)


def sides(difference: Difference, most: int = MOST_CHARACTERS) -> tuple[str, str]:
    """Return both sides, each in one line; of two long values, from where they begin to differ."""
    before, after = difference.before, difference.after
    if before.known is not Known.VALUE or after.known is not Known.VALUE:
        return words(before, most), words(after, most)
    texts = _json(before.value), _json(after.value)
    same = len(commonprefix(texts))  # noqa: RUF071 - characters are meant
    start = max(0, same - _CONTEXT) if max(map(len, texts)) > most else 0
    return _part(texts[0], start, most, _size(before.value)), _part(texts[1], start, most, _size(after.value))


def lines(difference: Difference, most: int = MOST_CHARACTERS) -> list[str]:
    """Return a difference of texts or documents that need many lines, each led by "- ", "+ " or "  "; else nothing."""
    before, after = difference.before, difference.after
    if not (_needs_lines(before) or _needs_lines(after)):
        return []
    compared = list(unified_diff(_lines(before), _lines(after), n=2, lineterm=""))[2:]
    kept = [f"{line[0]} {shown(line[1:], most)}" for line in compared if not line.startswith("@@")]
    more = len(kept) - MOST_LINES
    return kept if more <= 0 else [*kept[:MOST_LINES], f"  ... ({more} more lines)"]


def path(steps: Sequence[str]) -> str:
    """Return the path of a difference in a resource: policy.AllowRead.Principal, ingress[0].tags["a b"]."""
    return shown("".join(map(_step, steps)).removeprefix("."))


def sign(resource: Reviewed) -> str:
    """Return the one character that tells, without colour, what becomes of a resource."""
    return SIGNS.get(resource.action) or ("=" if resource.imported_id else ">" if resource.moved_from else " ")


def headline(review: Review) -> str:
    """Return the title and where: app-async-dev on AWS (account 333333333333, us-east-1)."""
    return shown(review.title) + f" on {shown(review.where)}" * bool(review.where)


def verdict(review: Review) -> str:
    """Return the verdict, then the counts in the words that CI logs know."""
    return f"{review.verdict}: {counts(review)}"


def counts(review: Review) -> str:
    """Return the counts of resources by action; unusual actions only if there are any."""
    count = review.counts
    always = {"create": count.create, "change": count.change, "replace": count.replace, "delete": count.delete}
    others = {"forget": count.forget, "import": count.imported, "move": count.moved, "defer": count.deferred}
    some = {action: number for action, number in others.items() if number}
    if any(always.values()) or some or count.other:
        counted = [f"{number} to {action}" for action, number in {**always, **some}.items()]
        return ", ".join([*counted, *[f"{count.other} with an unknown action"] * bool(count.other)])
    if review.outputs:
        return shown(f"outputs alone change: {', '.join(output.name for output in review.outputs)}")
    return "the notes say what" if review.notes and review.verdict is not Verdict.NOTHING else "no changes"


def group(resource: Reviewed) -> Group:
    """Return under which heading a resource stands."""
    if resource.deferred:
        return Group.DEFERRED
    return {Action.CREATE: Group.CREATED, Action.READ: Group.READ, Action.NONE: Group.KEPT}.get(
        resource.action, Group.CHANGED
    )


def compared(resource: Reviewed) -> list[Difference]:
    """Return what is to be seen of how a resource changes: nothing of one that is created or goes as a whole."""
    whole = {Action.CREATE, Action.DELETE, Action.FORGET, Action.READ}
    return [] if resource.action in whole else told(resource)


def told(resource: Reviewed) -> list[Difference]:
    """Return the differences that are not noise."""
    return [difference for difference in resource.differences if not difference.noise]


def called(found: Finding) -> tuple[str, str]:
    """Return the type of what a finding is about, which an address has in it, and the name."""
    return shown(found.type) * (found.name != found.address), shown(found.name)


def excepted(found: Finding) -> str:
    """Return what a finding is about with its address, by which an exception names it."""
    return shown(found.name) + f" ({shown(found.address)})" * (found.name != found.address)


def against(item: Intent) -> list[tuple[str, str, str]]:
    """Return of a property of the requirement each part that is not as required: its name, required, and planned."""
    whole = (shown(item.property), literal(item.required), words(item.planned))
    if item.agrees is not False or item.planned.known is not Known.VALUE:
        return [whole]
    differing = [
        (shown(item.property + "".join(map(_step, part.path[1:]))), words(side(part.before)), words(side(part.after)))
        for part in parts(item.required, item.planned.value, (item.property,))
    ]
    return differing or [whole]


def notes(resource: Reviewed) -> list[str]:
    """Return what else there is to say of a resource, a line each: why, imported, moved, deferred."""
    evident = resource.action is Action.NONE and resource.imported_id == resource.name
    told = {
        "": resource.reason,
        "imported by the id ": "" if evident else resource.imported_id,
        "moved from ": resource.moved_from,
        "deferred: ": resource.deferred,
    }
    return [f"{what}{shown(why)}" for what, why in told.items() if why]


def values(output: OutputChange) -> tuple[str, ...]:
    """Return what a new output is, what one that goes was, or both of one that changes."""
    if output.action is Action.CREATE:
        return (words(output.after),)
    if output.action is Action.DELETE:
        return (words(output.before),)
    return sides(Difference(path=(output.name,), before=output.before, after=output.after))


def agreement(intent: Sequence[Intent]) -> str:
    """Return in one line how far the plan keeps to the requirement."""
    agreeing = Counter(item.agrees for item in intent)
    unknown = f", {agreeing[None]} known only after apply" * bool(agreeing[None])
    if agreeing[False]:
        return f"{agreeing[False]} of {plural(len(intent), 'property', 'properties')} not as required{unknown}"
    return f"{agreeing[True]} of {plural(len(intent), 'property', 'properties')} as required{unknown}"


def folded(resources: Sequence[Reviewed]) -> str:
    """Return the counts of noise by reason; empty if there is none."""
    reasons = Counter(difference.noise for resource in resources for difference in resource.differences)
    return "; ".join(f"{reasons[reason]} {reason}" for reason in Noise if reasons[reason])


def judged(blocks: Sequence[Block]) -> str:
    """Return in one line whether CI is stopped, and by how many of how many rules' findings; empty if no rule spoke."""
    stopping = sum(not block.exception for block in blocks)
    excepted = f"{len(blocks) - stopping} excepted" if stopping < len(blocks) else ""
    if stopping:
        return f"BLOCKED by {plural(stopping, 'finding')}" + f", {excepted}" * bool(excepted)
    return f"not blocked: {excepted}" if excepted else ""


def ranked(blocks: Sequence[Block]) -> list[Block]:
    """Return those that stop CI first."""
    return sorted(blocks, key=lambda block: bool(block.exception))


def grounds(block: Block) -> list[str]:
    """Return the reasons why a rule stops CI, or does not, or why its exception does not apply; a line each."""
    told = {"why: ": block.why, "excepted: ": block.exception, "no exception: ": block.problem}
    return [f"{what}{shown(why, MOST_SENTENCE)}" for what, why in told.items() if why]


def outside_scope(review: Review) -> str:
    """Return the changes outside of the declared scope in one line; empty if there are none."""
    if not review.outside_scope:
        return ""
    return (
        f"OUTSIDE THE DECLARED SCOPE ({', '.join(map(shown, review.only))}): "
        f"{plural(len(review.outside_scope), 'resource')}: {', '.join(map(shown, review.outside_scope))}"
    )


def plural(number: int, one: str, more: str = "") -> str:
    """Return the number and the thing: 1 finding, 2 findings, 5,000 resources."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(_json(value))


def _part(text: str, start: int, most: int, size: int) -> str:
    """Return the text from the start on, of at most so many characters and what is left out of it told."""
    part = "..." * bool(start) + printable(text[start : start + most])
    return part if start + most >= len(text) else f"{part}... ({size} characters)"


def _needs_lines(value: Value) -> bool:
    content = value.value if value.known is Known.VALUE else None
    if isinstance(content, str):
        return "\n" in content[:-1]
    return isinstance(content, dict | list) and _LONG < len(_json(content)) < _TOO_LONG


def _lines(value: Value) -> list[str]:
    if value.known is Known.ABSENT:
        return []
    if not _needs_lines(value):
        return [words(value)]
    content = value.value
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=2)
    return text.removesuffix("\n").split("\n")[:_MOST_COMPARED]


def _step(part: str) -> str:
    if part.isdecimal():
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w:/-]+", part) else f"[{_json(part)}]"
