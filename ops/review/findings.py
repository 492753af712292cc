"""What needs eyes in a plan: each change held against the tables, and the few things that no table can say."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from check_report.printable import shown_value
from ops.review import indexes, policies
from ops.review.changes import Change
from ops.review.differences import told
from ops.review.documents import at, canonical
from ops.review.hidden import UNKNOWN, Secret, as_list, as_object, hidden_words
from ops.review.model import Action, Finding, Kind, Remark
from ops.review.owners import Owners
from ops.review.watched import (
    BY_TYPE,
    EVERYWHERE,
    GRANTS,
    GUARDS,
    HOLDING,
    HOLDING_ELSEWHERE,
    NOT_HOLDING_ELSEWHERE,
    OWNERS,
    UNIMPORTANT,
    Watched,
)

ORDER = {kind: place for place, kind in enumerate(Kind)}
EXPIRY = "aws_s3_bucket_lifecycle_configuration"


def findings(changes: Sequence[Change], harmless: Collection[str] = ()) -> list[Finding]:
    """Return what needs eyes.

    harmless: the addresses of what loses nothing, as AWS was asked: first expiries, and replacements of what is empty.
    """
    owners = Owners(changes)
    found = {
        Finding(kind=kind, address=change.address, type=change.type, name=change.name, sentence=sentence): None
        for change in changes
        if change.mode == "managed"
        for kind, sentence in _of(change, owners, harmless)
    }
    return list(found)


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Return findings by their kinds, and then by address."""
    return sorted(found, key=lambda each: (ORDER[each.kind], each.address))


def held(type_: str) -> str:
    """Say what is lost with a resource of this type; empty if it holds nothing."""
    if type_.startswith("aws_"):
        return HOLDING.get(type_, "")
    elsewhere = type_.endswith(HOLDING_ELSEWHERE) and not type_.endswith(NOT_HOLDING_ELSEWHERE)
    return "what it holds" if elsewhere and not type_.startswith(UNIMPORTANT) else ""


def words(value: Any) -> str:
    """Return a value as one short line, and nothing that is hidden."""
    if isinstance(value, Secret) or value is UNKNOWN:
        return hidden_words(value)
    return "(not set)" if value is None else shown_value(told(value))


def _of(change: Change, owners: Owners, harmless: Collection[str]) -> Iterator[Remark]:
    if change.action is Action.DELETE:
        yield from _deleted(change, owners)
    elif change.action is Action.REPLACE:
        yield from _replaced(change, harmless)
        yield from _changed(change, harmless)
    elif change.action is Action.UPDATE:
        yield from _changed(change, harmless)
    elif change.action is Action.CREATE:
        yield from _created(change, owners, harmless)
    elif change.action is Action.FORGET:
        yield from _forgotten(change)
    elif change.action is Action.OTHER:
        yield _unknown(change)


# --- gone ---------------------------------------------------------------------------------------------------------


def _because(change: Change) -> str:
    return f", for {change.reason}" if change.reason else ""


def _deleted(change: Change, owners: Owners) -> Iterator[Remark]:
    deleted = f"would be deleted{_because(change)}"
    if lost := held(change.type):
        yield Kind.LOSS, f"{deleted}: {lost} lost"
        return
    if owners.deleted_with(change):
        return
    if change.type in GUARDS:
        kind, meaning = GUARDS[change.type]
        yield kind, f"{deleted}: {meaning}"
        return
    refused = list(policies.refused(change))
    yield from ((Kind.SECURITY, sentence) for sentence in refused)
    if change.type in GRANTS:
        target = words(change.before.get(OWNERS[change.type].attribute))
        granted = GRANTS[change.type]
        yield Kind.CLIENTS, f"{deleted}: {target} would lose {granted} {words(change.before.get(granted))}"
    elif allowed := policies.allowed(change):
        yield Kind.CLIENTS, f"{deleted}, and would no longer allow what it does: {allowed}"
    elif not refused and not change.type.startswith(UNIMPORTANT):
        yield Kind.AVAILABILITY, deleted


def _forgotten(change: Change) -> Iterator[Remark]:
    lost = held(change.type)
    if lost or change.type in GUARDS or change.type in OWNERS:
        yield Kind.AVAILABILITY, f"would be forgotten: it stays{_with(lost)}, {_UNMANAGED}"


_UNMANAGED = "and would no longer be managed nor protected"


def _with(held_: str) -> str:
    return f" with {held_}" if held_ else ""


def _unknown(change: Change) -> Remark:
    lost = held(change.type)
    sentence = f"{shown_value(list(change.actions))} is planned for it, which this review does not know"
    return (Kind.LOSS, f"{sentence}: perhaps {lost} lost") if lost else (Kind.AVAILABILITY, sentence)


def _replaced(change: Change, harmless: Collection[str]) -> Iterator[Remark]:
    causes = ", ".join(_cause(change, path) for path in change.replace_paths)
    forced = f"would be replaced, for {causes}" if causes else f"would be replaced{_because(change)}"
    lost = held(change.type)
    if "forget" in change.actions:
        yield Kind.REPLACEMENT, f"{forced}: the old one stays{_with(lost)}, {_UNMANAGED}"
    elif lost and change.address in harmless:
        yield Kind.REPLACEMENT, f"{forced}; it is empty now"
    elif lost:
        yield Kind.LOSS, f"{forced}: {lost} lost"
    else:
        yield Kind.REPLACEMENT, forced


def _cause(change: Change, path: tuple[str | int, ...]) -> str:
    one, other = at(change.before, path), at(change.after, path)
    name = ".".join(map(str, path)) or "the whole of it"
    return f"{name} {words(one)} -> {words(other)}"


# --- changed ------------------------------------------------------------------------------------------------------


@cache
def _rows(type_: str) -> Mapping[str, Sequence[Watched]]:
    """Return the rows for a type by their attributes."""
    rows: dict[str, list[Watched]] = {}
    for row in (*BY_TYPE.get(type_, ()), *EVERYWHERE):
        rows.setdefault(row.path.partition(".")[0], []).append(row)
    return rows


def _changed(change: Change, harmless: Collection[str]) -> Iterator[Remark]:
    for attribute, rows in _rows(change.type).items():
        if change.before.get(attribute) != change.after.get(attribute):
            # What goes as a whole is told as a whole, if there is a row for it.
            whole = [row for row in rows if row.path == attribute and not change.after.get(attribute)]
            for row in whole or rows:
                yield from _held_against(row, change)
    if granted := GRANTS.get(change.type):
        before, after = change.before.get(granted), change.after.get(granted)
        if before != after:
            target = words(change.after.get(OWNERS[change.type].attribute))
            yield Kind.SECURITY, f"{granted} {words(before)} -> {words(after)}: {target} would allow something else"
    yield from policies.changed(change)
    yield from _by_type(change, change.before, harmless)


def _held_against(row: Watched, change: Change) -> Iterator[Remark]:
    path = row.path.split(".")
    before, after = at(change.before, path), at(change.after, path)
    if before is after or (before == after and type(before) is type(after)):
        return
    if isinstance(before, Secret) or isinstance(after, Secret):
        if row.kind is not Kind.COST:
            yield row.kind, f"{row.path} changes, and is sensitive: perhaps {row.meaning}"
    elif after is UNKNOWN:
        if before is not None and row.kind is not Kind.COST and change.declares(tuple(path)):
            yield row.kind, f"{row.path} {words(before)} -> (known after apply): perhaps {row.meaning}"
    elif row.worse(before, after):
        yield row.kind, f"{row.path} {words(before)} -> {words(after)}: {row.meaning}"


def _created(change: Change, owners: Owners, harmless: Collection[str]) -> Iterator[Remark]:
    for row in BY_TYPE.get(change.type, ()):
        after = at(change.after, row.path.split("."))
        if row.created and after is not UNKNOWN and not isinstance(after, Secret) and row.worse(None, after):
            yield row.kind, f"{row.path} {words(after)}: {row.meaning}"
    is_for_existing = change.type in OWNERS and not owners.made_with(change)
    if is_for_existing and change.type in GRANTS:
        grant, target = (words(change.after.get(key)) for key in (GRANTS[change.type], OWNERS[change.type].attribute))
        yield Kind.SECURITY, f"{GRANTS[change.type]} {grant}: {target} would allow more than now"
    yield from policies.created(change, is_for_existing=is_for_existing)
    before = change.before if is_for_existing or change.type != EXPIRY else change.after
    yield from _by_type(change, before, harmless)


def _by_type(change: Change, before: Mapping[str, Any], harmless: Collection[str]) -> Iterator[Remark]:
    special = {
        "aws_cloudwatch_metric_alarm": _alarm,
        "aws_cloudwatch_composite_alarm": _alarm,
        EXPIRY: _expiry,
        "aws_s3_bucket": _old_expiry,
        "aws_dynamodb_table": _table,
        "aws_security_group": _open_group,
        "aws_security_group_rule": _open_rule,
        "aws_vpc_security_group_ingress_rule": _open_rule,
    }.get(change.type)
    for kind, sentence in special(before, change.after) if special else ():
        if kind is Kind.LOSS and change.address in harmless:
            yield Kind.AVAILABILITY, f"{sentence}; nothing that is there would go now"
        else:
            yield kind, sentence


# --- what no table can say ----------------------------------------------------------------------------------------


def _alarm(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    old, new = before.get("alarm_actions"), after.get("alarm_actions")
    if isinstance(new, Secret) or new is UNKNOWN:
        return
    if not new and (old or not before):
        yield Kind.ALARMS, "alarm_actions []: it would notify nobody"
    kept = set(map(canonical, as_list(new)))
    lost = [each for each in as_list(old) if canonical(each) not in kept]
    if new and lost:
        yield Kind.ALARMS, f"alarm_actions without {', '.join(map(words, lost))}: fewer would be notified"
    one, other = before.get("threshold"), after.get("threshold")
    if before and one != other:
        yield from _threshold(one, other, str(after.get("comparison_operator")))


def _threshold(before: Any, after: Any, comparison: str) -> Iterator[Remark]:
    sentence = f"threshold {words(before)} -> {words(after)} ({comparison})"
    numbers = [each for each in (before, after) if isinstance(each, int | float)]
    if len(numbers) != len(("before", "after")):
        yield Kind.ALARMS, f"{sentence}: perhaps it would notice less"
    elif (numbers[1] > numbers[0]) if comparison.startswith("Greater") else (numbers[1] < numbers[0]):
        yield Kind.ALARMS, f"{sentence}: it would notice less"


def _expiry(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    if before.get("rule") != after.get("rule") and _is_hidden(after.get("rule")):
        yield Kind.LOSS, f"rule changes to {words(after['rule'])}: perhaps it would delete objects sooner"
    yield from _sooner(before.get("rule"), after.get("rule"))


def _old_expiry(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    if before:
        yield from _sooner(before.get("lifecycle_rule"), after.get("lifecycle_rule"))


def _sooner(before: Any, after: Any) -> Iterator[Remark]:
    """Yield the rules by which objects, or old versions of them, go earlier than by any rule before."""
    old = list(_expirations(before))
    for new in _expirations(after):
        covering = [each for each in old if each.what == new.what and (not each.scope or each.scope == new.scope)]
        if not any(each.is_no_later(new) for each in covering):
            now = min(covering, key=lambda each: (each.date, each.days, each.kept), default=None)
            was = "never" if now is None else str(now)
            yield Kind.LOSS, f"rule {shown_value(new.name)} would delete {new.what} sooner: {was} -> {new}"


_COUNT = re.compile("[0-9]{1,9}")


class _Expiration(NamedTuple):
    """When a rule deletes what it is for."""

    name: str
    what: str
    scope: str
    """Its filter; empty if it is for everything."""
    days: float
    """The age at which it goes; 0 if a date says when."""
    date: str
    kept: int
    """The newest old versions, which stay."""

    def __str__(self) -> str:
        """Return when, in words."""
        kept = f" but for the newest {self.kept}" if self.kept else ""
        return f"on {self.date}" if self.date else f"after {self.days:g} day{'s' * (self.days != 1)}{kept}"

    def is_no_later(self, other: "_Expiration") -> bool:
        """Return True if this rule deletes what both are for no later than the other; never of a date and an age."""
        return self.date <= other.date and self.days <= other.days and self.kept <= other.kept


def _expirations(rules: Any) -> Iterator[_Expiration]:
    """Yield what each rule deletes, and when."""
    for rule in map(as_object, as_list(rules)):
        if rule.get("status") != "Enabled" and rule.get("enabled") is not True:
            continue
        name, scope = str(rule.get("id")), _scope(rule)
        for what, block, key in (
            ("objects", "expiration", "days"),
            ("old versions", "noncurrent_version_expiration", "noncurrent_days"),
            ("old versions", "noncurrent_version_expiration", "days"),
        ):
            for each in map(as_object, as_list(rule.get(block))):
                days, date = each.get(key), each.get("date")
                kept = str(each.get("newer_noncurrent_versions") or "0")
                if isinstance(days, int | float) and days > 0:
                    yield _Expiration(name, what, scope, days, "", int(kept) if _COUNT.fullmatch(kept) else 0)
                elif _is_hidden(days) or (key == "days" and date):
                    yield _Expiration(name, what, scope, 0, words(days if _is_hidden(days) else date).strip('"'), 0)


def _is_hidden(value: Any) -> bool:
    return value is UNKNOWN or isinstance(value, Secret)


def _scope(rule: Mapping[str, Any]) -> str:
    said = [rule.get("prefix"), rule.get("tags"), *as_list(rule.get("filter"))]
    return repr([each for each in said if _says_something(each)] or "")[1:-1]


def _says_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_says_something, as_object(value).values()))
    return any(map(_says_something, as_list(value))) if isinstance(value, list) else bool(value)


def _table(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    if before:
        yield from _time_to_live(before, after)
        yield from indexes.changed(before, after)


def _time_to_live(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    if isinstance(after.get("ttl"), Secret) or after.get("ttl") is UNKNOWN:
        return
    one, other = _ttl(before), _ttl(after)
    if one != other:
        kind = Kind.LOSS if other else Kind.COST
        expire = "items would expire by another attribute" if one else "items would expire"
        meaning = expire if other else "items would never expire"
        yield kind, f"ttl {words(one)} -> {words(other)}: {meaning}"


def _ttl(values: Mapping[str, Any]) -> Any:
    block = at(values, ["ttl"])
    blocks = [each for each in map(as_object, as_list(block)) if each.get("enabled")]
    return blocks[0].get("attribute_name") if blocks else None


_ANYWHERE = ("0.0.0.0/0", "::/0")


def _open_group(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    old = set(_doors(before.get("ingress")))
    for door in sorted(set(_doors(after.get("ingress"))) - old):
        yield Kind.SECURITY, f"ingress {door}: open to everyone"


def _open_rule(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    if after.get("type", "ingress") == "ingress":
        for door in sorted(set(_doors([dict(after)])) - set(_doors([dict(before)]))):
            yield Kind.SECURITY, f"ingress {door}: open to everyone"


def _doors(rules: Any) -> Iterator[str]:
    """Say of each rule that lets everyone in, to which ports."""
    for rule in map(as_object, as_list(rules)):
        whom = [*as_list(rule.get("cidr_blocks")), *as_list(rule.get("ipv6_cidr_blocks"))]
        whom += [rule.get("cidr_ipv4"), rule.get("cidr_ipv6")]
        protocol = words(rule.get("protocol", rule.get("ip_protocol")))
        ports = f"{words(rule.get('from_port'))} to {words(rule.get('to_port'))}"
        yield from (f"protocol {protocol}, ports {ports}, from {each}" for each in whom if each in _ANYWHERE)
