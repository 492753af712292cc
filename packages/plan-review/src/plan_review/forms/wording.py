"""Wording of a review, the same in all forms; whatever a plan holds comes out printable."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from enum import StrEnum
from functools import lru_cache
from os.path import commonprefix
from types import NoneType
from typing import Any, NamedTuple, cast

from check_report.counts import plural
from check_report.printable import printable
from plan_review.attribute_diff import parts, side
from plan_review.model import (
    Action,
    Block,
    Decision,
    DecisionState,
    Difference,
    Finding,
    Intent,
    Invocation,
    Kind,
    Known,
    Noise,
    OutputChange,
    Review,
    Reviewed,
    Value,
)

MOST_CHARACTERS = 200
MOST_SENTENCE = 600
MOST_LINES = 20
MOST_TYPES = 10
LEAST_ALIKE = 3
"""Resources from which on a difference that they have alike is told once."""
MOST_STOPPING = 20
"""Resources on which the same stops the plan, by name and with what to paste."""
MOST_SETTINGS = 5
"""Of one resource that is created."""
TITLES = {
    Kind.LOSS: "Data or messages would be lost",
    Kind.EXPOSURE: "Open to more readers",
    Kind.EXFILTRATION: "Data would leave the account",
    Kind.PRIVILEGE: "Somebody could do more than now",
    Kind.EXECUTION: "Programs would run",
    Kind.SECURITY: "Security weakened",
    Kind.PROTECTION: "The configuration would protect less",
    Kind.CLIENTS: "What clients address or may do would go or change",
    Kind.REQUIREMENT: "The requirement would not be kept",
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


_GROUPS = {Action.CREATE: Group.CREATED, Action.READ: Group.READ, Action.NONE: Group.KEPT}
_WHOLE = {Action.CREATE, Action.DELETE, Action.FORGET, Action.READ}
"""Actions of resources that come or go as a whole."""
SIGNS = {
    Action.CREATE: "+",
    Action.READ: "<",
    Action.UPDATE: "~",
    Action.REPLACE: "!",
    Action.DELETE: "-",
    Action.FORGET: ".",
    Action.OTHER: "?",
}
NOT_SET = "(not set)"
_STATES = {Known.ABSENT: NOT_SET, Known.UNKNOWN: "(known after apply)", Known.SENSITIVE: "(sensitive)"}
_CONTEXT = 20
_MOST_COMPARED = 400
# Characters of JSON between which a document is shown in lines.
_LONG = 80
_TOO_LONG = 4_000
_SHORT = 40
_UNTOLD = frozenset(
    (
        "alarm_description",
        "alarm_name",
        "assume_role_policy",
        "bucket",
        "description",
        "function_name",
        "id",
        "name",
        "path",
        "policy",
        "tags",
        "tags_all",
    )
)
"""Attributes that say nothing of what a new resource does, or too much for one line."""
_json = json.JSONEncoder(ensure_ascii=False).encode


def shown(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a name or a sentence clean, and shortened to so many characters of its own, with its length."""
    return _part(text, 0, most, len(text))


def literal(value: Any, most: int = MOST_CHARACTERS) -> str:
    """Return a JSON value as JSON in one line, clean and shortened."""
    text = _json(value)
    return _part(text, 0, most, _size(value, text))


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
    return (
        _part(texts[0], start, most, _size(before.value, texts[0])),
        _part(texts[1], start, most, _size(after.value, texts[1])),
    )


def lines(difference: Difference, most: int = MOST_CHARACTERS) -> list[str]:
    """Return a difference of texts or documents that need many lines, each led by "- ", "+ " or "  "; else nothing."""
    documents = _document(difference.before), _document(difference.after)
    if not any(documents):
        return []
    old, new = map(_lines, (difference.before, difference.after), documents)
    return list(_compared(old, new, most))


@lru_cache(maxsize=64)
def _compared(old: tuple[str, ...], new: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return the lines that differ, as `lines` has them; kept, because many resources have equal documents."""
    if old and new:
        compared = [line for line in list(unified_diff(old, new, n=2, lineterm=""))[2:] if not line.startswith("@@")]
    else:
        compared = [f"-{line}" for line in old] or [f"+{line}" for line in new]
    kept = [f"{line[0]} {shown(line[1:], most)}" for line in compared[:MOST_LINES]]
    more = len(compared) - MOST_LINES
    return tuple(kept) if more <= 0 else (*kept, f"  ... ({more} more lines)")


@lru_cache(maxsize=1024)
def path(steps: tuple[str, ...]) -> str:
    """Return the path of a difference in a resource: policy.AllowRead.Principal, ingress[0].tags["a b"]."""
    return shown("".join(map(_step, steps)).removeprefix("."))


def sign(resource: Reviewed) -> str:
    """Return the one character that tells, without colour, what becomes of a resource."""
    return SIGNS.get(resource.action) or ("=" if resource.imported_id else ">" if resource.moved_from else " ")


def headline(review: Review) -> str:
    """Return the title and where: app-async-dev on AWS (account 333333333333, us-east-1)."""
    return shown(review.title) + f" on {shown(review.where)}" * bool(review.where)


def verdict(review: Review) -> str:
    """Return the verdict and what is gravest, or the counts where they say all."""
    return f"{review.verdict}: {shown(review.answer, MOST_SENTENCE) or counts(review)}"


def beside(review: Review) -> list[str]:
    """Return the lines below the verdict: the counts, unless they are the verdict, and the plan."""
    sums: list[str] = []
    if review.answer:
        more = len(review.findings) - 1
        sums.append(counts(review) + f"; {plural(more, 'more finding')}" * (more > 0))
    return [*sums, *[f"plan sha256 {review.plan_sha256}"] * bool(review.plan_sha256)]


def asides(review: Review) -> list[tuple[str, str]]:
    """Return the limits of the review, each with the word that leads to it: "note" or "INCOMPLETE"."""
    told = [("INCOMPLETE", review.incomplete)] if review.incomplete not in {"", review.answer} else []
    if review.unknown_types:
        types = first([shown(type_) for type_ in review.unknown_types], MOST_TYPES)
        told.append(("note", f"nothing is known of these types, so no harm of theirs would be told: {types}"))
    return [*told, *(("note", note) for note in review.notes)]


def done(review: Review) -> str:
    """Return the counts of a plan that was applied: 15 created, 1 changed."""
    return _summed(review, [f"{number:,} {past}" for number, _, past in _counted(review)])


def counts(review: Review) -> str:
    """Return the counts of resources by action, but for those of which there are none."""
    return _summed(review, [f"{number:,} {planned}" for number, planned, _ in _counted(review)])


def _counted(review: Review) -> list[tuple[int, str, str]]:
    """Return each sum that is not zero, with its words for a plan and for one that was applied."""
    count = review.counts
    actions = "action" if count.run == 1 else "actions"
    sums = (
        (count.create, "to create", "created"),
        (count.change, "to change", "changed"),
        (count.replace, "to replace", "replaced"),
        (count.delete, "to delete", "deleted"),
        (count.forget, "to forget", "forgotten"),
        (count.imported, "to import", "imported"),
        (count.moved, "to move", "moved"),
        (count.deferred, "to defer", "deferred"),
        (count.refresh, "to refresh", "refreshed"),
        (count.drop, "to drop out of the state", "dropped out of the state"),
        (count.run, f"{actions} to run", f"{actions} run"),
        (count.other, "with an unknown action", "with an unknown action"),
    )
    return [each for each in sums if each[0]]


def _summed(review: Review, counted: Sequence[str]) -> str:
    if counted:
        return ", ".join(counted)
    if review.outputs:
        return shown(f"outputs alone change: {', '.join(output.name for output in review.outputs)}")
    if review.counts.read:
        return f"{review.counts.read:,} to read"
    return "no known changes" if review.incomplete else "no changes"


Spoken = tuple[Finding, Sequence[Block]]
"""A finding, and what rules say of it."""


def spoken_of(review: Review) -> tuple[list[Spoken], list[Spoken]]:
    """Return the findings that stop the plan, and the others, those excepted among them."""
    blocks: defaultdict[tuple[str, ...], list[Block]] = defaultdict(list)
    for block in review.blocks:
        blocks[_identity(block.finding)].append(block)
    stopping: list[Spoken] = []
    passing: list[Spoken] = []
    for finding in review.findings:
        said = blocks.get(_identity(finding), []) if blocks else []
        (passing if all(block.exception for block in said) else stopping).append((finding, said))
    return stopping, passing


def _identity(finding: Finding) -> tuple[str, ...]:
    """Return the parts that tell a finding apart; less to hash than all of it."""
    return finding.kind, finding.address, finding.sentence


class Told(NamedTuple):
    """A finding, or several that say the same of several resources of a type, or of several with one name."""

    finding: Finding
    called: tuple[str, str]
    """The type and the name of what it is about; of several resources the first, and how many more."""
    blocks: Sequence[Block]
    remedy: str
    """Empty where the next one says the same."""


def alone(finding: Finding, blocks: Sequence[Block]) -> Told:
    """Return one finding by itself."""
    return Told(finding, called(finding), blocks, finding.remedy)


def by_kind(passing: Sequence[Spoken]) -> dict[Kind, list[Told]]:
    """Return the findings of each kind that there is, those that are alike as one."""
    found: dict[Kind, list[Spoken]] = {kind: [] for kind in Kind}
    for each in passing:
        found[each[0].kind].append(each)
    return {kind: _told_alike(of_kind) for kind, of_kind in found.items() if of_kind}


def stopping_alike(stopping: Sequence[Spoken]) -> list[Told]:
    """Return the findings that stop the plan; of those that say the same one, with the blocks and names of all."""
    said: defaultdict[tuple[str, ...], list[Spoken]] = defaultdict(list)
    for finding, blocks in {_identity(each[0]): each for each in stopping}.values():
        said[finding.kind, finding.sentence, finding.remedy, *grounds_of(blocks)].append((finding, blocks))
    found: list[Told] = []
    for same in said.values():
        if len(same) < LEAST_ALIKE:
            found += (alone(*each) for each in same)
            continue
        types = list(dict.fromkeys(finding.type for finding, _ in same))
        names_ = first([shown(finding.name) for finding, _ in same], MOST_STOPPING)
        all_blocks = [block for _, blocks in same for block in blocks]
        found.append(Told(same[0][0], (shown(types[0]) * (len(types) == 1), names_), all_blocks, same[0][0].remedy))
    return found


def _told_alike(passing: Sequence[Spoken]) -> list[Told]:
    said: defaultdict[tuple[str, ...], list[Spoken]] = defaultdict(list)
    for finding, blocks in passing:
        said[finding.sentence, finding.remedy, *grounds_of(blocks)].append((finding, blocks))
    found = [told for same in said.values() for told in _merged(same)]
    return [
        told._replace(remedy="") if place + 1 < len(found) and found[place + 1].remedy == told.remedy else told
        for place, told in enumerate(found)
    ]


def _merged(same: Sequence[Spoken]) -> Iterator[Told]:
    """Yield one for all that say the same, if they are of one type, or have one name."""
    (first_, blocks), *_ = same
    types, names_ = ([getattr(each, key) for each, _ in same] for key in ("type", "name"))
    if len(same) < LEAST_ALIKE or min(len(set(types)), len(set(names_))) > 1:
        yield from (alone(finding, own) for finding, own in same)
    elif len(set(types)) == 1:
        yield Told(first_, (shown(types[0]), _first_shown(names_)), blocks, first_.remedy)
    else:
        yield Told(first_, (_first_shown(types), shown(names_[0])), blocks, first_.remedy)


def grounds_of(blocks: Sequence[Block]) -> list[str]:
    """Return the words of all rules on a finding, or on several that are alike, a line each."""
    return list(dict.fromkeys(ground for block in blocks for ground in grounds(block)))


@dataclass(frozen=True)
class Same:
    """One difference that several resources have."""

    difference: Difference
    resources: tuple[Reviewed, ...]


def alike(resources: Sequence[Reviewed]) -> tuple[list[Same], list[Reviewed]]:
    """Return the differences that many resources have alike, and the resources without them.

    A resource of which nothing else is to be told is not among those.
    """
    sharing: defaultdict[tuple[Any, ...], list[tuple[Reviewed, Difference]]] = defaultdict(list)
    if len(resources) >= LEAST_ALIKE:
        for resource in resources:
            for difference in compared(resource):
                sides_ = (difference.before, difference.after)
                values = (each.known if each.known is not Known.VALUE else _hashable(each.value) for each in sides_)
                sharing[difference.path, *values].append((resource, difference))
    shared = [found for found in sharing.values() if len({resource.address for resource, _ in found}) >= LEAST_ALIKE]
    told = {id(difference) for found in shared for _, difference in found}
    rest: list[Reviewed] = []
    for resource in resources:
        left = tuple(difference for difference in resource.differences if id(difference) not in told)
        if len(left) == len(resource.differences):
            rest.append(resource)
        elif any(difference.noise is None for difference in left) or notes(resource):
            rest.append(replace(resource, differences=left))
    return [Same(found[0][1], tuple(resource for resource, _ in found)) for found in shared], rest


def _hashable(content: Any) -> Any:
    return (type(content), content) if isinstance(content, str | int | float | NoneType) else _json(content)


def settings(resource: Reviewed) -> str:
    """Return in one line what is set on a resource that is created: numbers first; no names, tags and documents."""
    told = [
        (steps, content)
        for item in resource.differences
        if item.noise is None and item.path[0] not in _UNTOLD and item.after.known is Known.VALUE
        for steps, content in _leaves(item.path, item.after.value)
        if content and len(str(content)) <= _SHORT and steps[-1] not in _UNTOLD
    ]
    told.sort(key=lambda one: (not _is_number(one[1]), isinstance(one[1], bool), len(one[0])))
    return ", ".join(f"{path(steps)} {literal(content)}" for steps, content in told[:MOST_SETTINGS])


def _leaves(steps: tuple[str, ...], content: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(content, dict):
        for key, each in cast("dict[str, Any]", content).items():
            yield from _leaves((*steps, key), each)
    elif isinstance(content, list):
        for each in cast("list[Any]", content):
            yield from _leaves(steps, each)
    else:
        yield steps, content


def _is_number(content: Any) -> bool:
    return isinstance(content, int | float) and not isinstance(content, bool)


def group(resource: Reviewed) -> Group:
    """Return under which heading a resource stands."""
    if resource.deferred:
        return Group.DEFERRED
    return _GROUPS.get(resource.action, Group.CHANGED)


def compared(resource: Reviewed) -> list[Difference]:
    """Return the differences of a resource that are to be seen: nothing of one that is created or goes as a whole."""
    return [] if resource.action in _WHOLE else told(resource)


def told(resource: Reviewed) -> list[Difference]:
    """Return the differences that are not noise."""
    return [difference for difference in resource.differences if not difference.noise]


def called(found: Finding) -> tuple[str, str]:
    """Return the type of what a finding is about, which an address has in it, and the name."""
    return shown(found.type) * (found.name != found.address), shown(found.name)


def against(item: Intent) -> list[tuple[str, str, str]]:
    """Return of a property of the requirement each part that is not as required: its name, required, and planned."""
    whole = (shown(item.property), literal(item.required), words(item.planned))
    if item.agrees is not False or item.planned.known is not Known.VALUE:
        return [whole]
    differing = [
        (shown(path_in(item.property, part.path[1:])), words(side(part.before)), words(side(part.after)))
        for part in parts(item.required, item.planned.value, (item.property,))
    ]
    return differing or [whole]


def path_in(property_: str, steps: Sequence[str]) -> str:
    """Return the path of a part of a property: lifecycle rule Old.Expiration.Days."""
    return property_ + "".join(map(_step, steps))


def apart(outputs: Sequence[OutputChange]) -> tuple[list[OutputChange], list[OutputChange]]:
    """Return the outputs of which there is nothing to tell but that they are new, and the others."""
    new: list[OutputChange] = []
    others: list[OutputChange] = []
    for output in outputs:
        is_bare = output.action is Action.CREATE and output.after.known is Known.UNKNOWN
        (new if is_bare else others).append(output)
    return new, others


def names(resources: Sequence[Reviewed]) -> str:
    """Return the names of the first resources, and how many more there are."""
    return _first_shown([each.name for each in resources])


def _first_shown(texts: Sequence[str]) -> str:
    return first([*map(shown, texts[:LEAST_ALIKE]), *texts[LEAST_ALIKE:]])


def first(items: Sequence[str], most: int = LEAST_ALIKE) -> str:
    """Return the first of many items in one line, and how many more there are."""
    more = len(items) - most
    return ", ".join(items[:most]) + f" and {more:,} more" * (more > 0)


def invoked(invocation: Invocation) -> str:
    """Return an action's address and the event that runs it."""
    waits = f" (deferred: {shown(invocation.deferred)})" * bool(invocation.deferred)
    return f"{shown(invocation.address)} {shown(invocation.trigger)}{waits}"


def notes(resource: Reviewed) -> list[str]:
    """Return the remaining facts of a resource, a line each: why, imported, moved, deferred, and the like."""
    generated = f"{plural(resource.generated_lines, 'line')} of configuration" * bool(resource.generated_lines)
    evident = resource.action is Action.NONE and resource.imported_id == resource.name
    told = {
        "": resource.reason,
        "order: ": resource.order,
        f"imported by the {'identity' if resource.by_identity else 'id'} ": "" if evident else resource.imported_id,
        "moved from ": resource.moved_from,
        "deferred: ": resource.deferred,
        "its identity changes: ": resource.identity,
        "generated by Terraform, so nobody wrote it: ": generated,
    }
    return [f"{what}{shown(why)}" for what, why in told.items() if why] + [*map(shown, resource.sensitivity)]


def values(output: OutputChange) -> tuple[str, ...]:
    """Return the value of a new output, the former one of one that goes, or both of one that changes."""
    if output.sensitivity and output.before == output.after:
        return output.sensitivity
    if output.action is Action.CREATE:
        return (words(output.after),)
    if output.action is Action.DELETE:
        return (words(output.before),)
    return sides(Difference(path=(output.name,), before=output.before, after=output.after))


def agreement(intent: Sequence[Intent]) -> str:
    """Return in one line how far the plan keeps to the requirement."""
    agreeing = Counter(item.agrees for item in intent)
    applying = sum(map(is_decided, intent))
    others = f", {applying} as decided" * bool(applying) + f", {agreeing[None]} known only after apply" * bool(
        agreeing[None]
    )
    if agreeing[False]:
        return f"{agreeing[False]} of {plural(len(intent), 'property', 'properties')} not as required{others}"
    return f"{agreeing[True] - applying} of {plural(len(intent), 'property', 'properties')} as required{others}"


def decisions(intent: Sequence[Intent]) -> list[tuple[str, str, str]]:
    """Return each decision on what is no finding: the name of the resource, the property, and what became of it."""
    return [
        (shown(item.resource), shown(each.property), shown(each.sentence, MOST_SENTENCE))
        for item in intent
        if item.agrees is not False
        for each in item.decisions
    ]


def is_decided(item: Intent) -> bool:
    """Return True if a property is as decided, and not as required."""
    return item.agrees is True and any(_applies(each) for each in item.decisions)


def _applies(decision: Decision) -> bool:
    return decision.state is DecisionState.APPLIES


def folded(resources: Sequence[Reviewed]) -> str:
    """Return the counts of noise by reason; empty if there is none."""
    reasons = Counter(difference.noise for resource in resources for difference in resource.differences)
    return "; ".join(f"{reasons[reason]} {reason}" for reason in Noise if reasons[reason])


def judged(review: Review) -> str:
    """Return in one line how many findings stop the plan, and how many are excepted; empty if no rule spoke."""
    stopping, passing = spoken_of(review)
    excepted = sum(bool(blocks) for _, blocks in passing)
    told = f", {excepted} excepted" * bool(excepted)
    if stopping:
        return f"Stopped by {plural(len(stopping), 'finding')}{told}"
    return f"Not stopped: {excepted} excepted" if excepted else ""


def grounds(block: Block) -> list[str]:
    """Return the words of a rule on a finding, and why its exception does not apply; a line each."""
    if block.exception:
        return [f"excepted from {shown(block.rule)}: {shown(block.exception, MOST_SENTENCE)}"]
    problem = [f"no exception: {shown(block.problem, MOST_SENTENCE)}"] if block.problem else []
    return [f"{shown(block.rule)}: {shown(block.why, MOST_SENTENCE)}", *problem]


def pasted(blocks: Sequence[Block]) -> list[str]:
    """Return the lines of the exceptions that would let a finding pass."""
    return [shown(line, MOST_SENTENCE) for block in blocks if block.to_paste for line in block.to_paste.split("\n")]


def way_out(blocks: Sequence[Block]) -> str:
    """Return the words before what can be pasted so that a finding passes."""
    if any(block.finding.to_paste for block in blocks):
        return "or decide that it is to be so, with a reason, in the file of decisions"
    return "or let it pass, with a reason, in the file of rules"


def outside_scope(review: Review) -> str:
    """Return the changes outside of the declared scope in one line; empty if there are none."""
    if not review.outside_scope:
        return ""
    return (
        f"OUTSIDE THE DECLARED SCOPE ({', '.join(map(shown, review.only))}): "
        f"{plural(len(review.outside_scope), 'resource')}: {', '.join(map(shown, review.outside_scope))}"
    )


def _size(value: Any, text: str) -> int:
    """Return the characters of a text, or of the JSON of any other value."""
    return len(value if isinstance(value, str) else text)


def _part(text: str, start: int, most: int, size: int) -> str:
    """Return the text from the start on, of at most so many characters and what is left out of it told."""
    part = "..." * bool(start) + printable(text[start : start + most])
    return part if start + most >= len(text) else f"{part}... ({size} characters)"


def _document(value: Value) -> str:
    """Return a text, or the JSON of a document, that needs many lines; empty if the value is none."""
    content = value.value if value.known is Known.VALUE else None
    if isinstance(content, str):
        return content if "\n" in content[:-1] else ""
    if not isinstance(content, dict | list):
        return ""
    text = _json(content)
    return text if _LONG < len(text) < _TOO_LONG else ""


def _lines(value: Value, document: str) -> tuple[str, ...]:
    """Return a value in lines, given what `_document` returns of it."""
    if not document:
        return () if value.known is Known.ABSENT else (words(value),)
    return _split(document) if isinstance(value.value, str) else _indented(document)


@lru_cache(maxsize=64)
def _indented(document: str) -> tuple[str, ...]:
    return _split(json.dumps(json.loads(document), ensure_ascii=False, indent=2))


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n")[:_MOST_COMPARED])


def _step(part: str) -> str:
    if part.isdecimal():
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w:/-]+", part) else f"[{_json(part)}]"
