"""Findings that need a reviewer's attention: changes matched against the risk tables, plus checks beyond any table."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from check_report.printable import shown_value
from plan_review import grants, policy_changes, security_groups, table_indexes
from plan_review.attribute_diff import parts
from plan_review.attribute_rules import (
    ENCRYPTS,
    FOR_PEOPLE,
    NamedRule,
    admitting,
    leaves,
    refuses,
    rules_for,
    rules_for_new,
)
from plan_review.changes import Change
from plan_review.data_loss import LossJudge, fate
from plan_review.expirations import Expiration, expirations
from plan_review.known_types import held
from plan_review.masking import UNKNOWN, Credential, Secret, as_list, as_object
from plan_review.model import Action, Finding, Kind, Remark
from plan_review.ownership import Owners
from plan_review.policy_documents import at, canonical
from plan_review.risk_tables import BY_TYPE, GRANTS, GUARDS, OWNERS, POLICIES, UNIMPORTANT, Watched
from plan_review.surroundings import Surroundings
from plan_review.values import is_hidden, words

ORDER = {kind: place for place, kind in enumerate(Kind)}
EXPIRY = "aws_s3_bucket_lifecycle_configuration"


def findings(changes: Sequence[Change], losses: LossJudge, around: Surroundings) -> list[Finding]:
    """Return the findings; `losses` judges what may lose data, `around` is what the plan shows besides."""
    owners = Owners(changes)
    found = {
        Finding(
            kind=remark.kind,
            address=change.address,
            type=change.type,
            name=change.name,
            sentence=remark.sentence,
            refusal=remark.refusal,
            brief=remark.brief,
        ): None
        for change in changes
        for remark in (_of(change, owners, losses, around) if change.mode == "managed" else grants.read(change))
    }
    return list(found)


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Return findings by their kinds, and then by address."""
    return sorted(found, key=lambda each: (ORDER[each.kind], each.address))


def _of(change: Change, owners: Owners, losses: LossJudge, around: Surroundings) -> Iterator[Remark]:
    if change.action is Action.DELETE:
        yield from _deleted(change, owners, losses)
    elif change.action is Action.REPLACE:
        yield _replaced(change, losses)
        yield from _changed(change, losses)
    elif change.action is Action.UPDATE:
        yield from _changed(change, losses)
    elif change.action is Action.CREATE:
        yield from _created(change, owners, losses, around)
    elif change.action is Action.FORGET:
        yield from _forgotten(change)
    elif change.action is Action.OTHER:
        yield _unknown(change, losses)
    if change.action in {Action.CREATE, Action.UPDATE, Action.REPLACE}:
        yield from grants.granted(change, around)


# --- gone ---------------------------------------------------------------------------------------------------------


def _because(change: Change) -> str:
    return f", for {change.reason}" if change.reason else ""


def _deleted(change: Change, owners: Owners, losses: LossJudge) -> Iterator[Remark]:
    if lost := held(change.type):
        yield losses.gone(change, lost)
        return
    if owners.deleted_with(change):
        return
    deleted = f"would be deleted{_because(change)}"
    if change.type in GUARDS:
        kind, meaning = GUARDS[change.type]
        yield Remark(kind, f"{deleted}: {meaning}")
        return
    refused = list(policy_changes.refused(change))
    yield from refused
    if change.type in GRANTS:
        target = words(change.before.get(OWNERS[change.type].attribute))
        granted = GRANTS[change.type]
        yield Remark(Kind.CLIENTS, f"{deleted}: {target} would lose {granted} {words(change.before.get(granted))}")
    elif allowed := policy_changes.allowed(change):
        yield Remark(Kind.CLIENTS, f"{deleted}, and would no longer allow what it does: {allowed}")
    elif change.type == EXPIRY and (expiring := list(expirations(change.before.get("rule")))):
        yield from _kept_for_ever(expiring, [])
    elif not refused and not change.type.startswith(UNIMPORTANT):
        yield Remark(Kind.AVAILABILITY, deleted)


def _forgotten(change: Change) -> Iterator[Remark]:
    lost = held(change.type)
    if lost or change.type in GUARDS or change.type in OWNERS:
        kind = GUARDS[change.type][0] if change.type in GUARDS else Kind.PROTECTION
        kind = Kind.ALARMS if kind is Kind.ALARMS else Kind.PROTECTION
        yield Remark(kind, f"would be forgotten: it stays{_with(lost)}, {_UNMANAGED}")


_UNMANAGED = "and would no longer be managed nor protected"


def _with(held_: str) -> str:
    return f" with {held_}" if held_ else ""


def _unknown(change: Change, losses: LossJudge) -> Remark:
    sentence = f"{shown_value(list(change.actions))} is planned for it, which this review does not know"
    lost = held(change.type)
    return losses.perhaps_gone(change, lost, sentence) if lost else Remark(Kind.AVAILABILITY, sentence)


def _replaced(change: Change, losses: LossJudge) -> Remark:
    forced = fate(change) if change.replace_paths else f"{fate(change)}{_because(change)}"
    lost = held(change.type)
    if "forget" in change.actions:
        return Remark(Kind.REPLACEMENT, f"{forced}: the old one stays{_with(lost)}, {_UNMANAGED}")
    return losses.gone(change, lost) if lost else Remark(Kind.REPLACEMENT, forced)


# --- changed ------------------------------------------------------------------------------------------------------


@cache
def _rows(type_: str) -> Mapping[str, Sequence[Watched]]:
    """Return the rows for a type by their attributes."""
    rows: dict[str, list[Watched]] = {}
    for row in BY_TYPE.get(type_, ()):
        rows.setdefault(row.path.partition(".")[0], []).append(row)
    return rows


def _changed(change: Change, losses: LossJudge) -> Iterator[Remark]:
    for attribute, rows in _rows(change.type).items():
        if change.before.get(attribute) != change.after.get(attribute):
            # What is deleted as a whole is reported as a whole, if there is a row for it.
            whole = [row for row in rows if row.path == attribute and not change.after.get(attribute)]
            for row in whole or rows:
                yield from (losses.attribute(change, row.path, remark) for remark in _matched(row, change))
    yield from _named(change, losses)
    if granted := GRANTS.get(change.type):
        before, after = change.before.get(granted), change.after.get(granted)
        if before != after:
            target = words(change.after.get(OWNERS[change.type].attribute))
            yield Remark(
                Kind.PRIVILEGE, f"{granted} {words(before)} -> {words(after)}: {target} would allow something else"
            )
    yield from policy_changes.changed(change)
    yield from _by_type(change, change.before, losses)


def _named(change: Change, losses: LossJudge) -> Iterator[Remark]:
    """Yield the attributes that get worse by their names, but for those that a table or a check of the type judges."""
    judged = _JUDGED.get(change.type, frozenset[str]())
    if _ALL in judged:
        return
    seen: set[tuple[str, str]] = set()
    earlier, later = map(_attributes, (change.before, change.after))
    for attribute in {**earlier, **later}:
        one, other = earlier.get(attribute), later.get(attribute)
        if one == other or attribute in judged or attribute in _NOT_NAMED:
            continue
        for path, before, after in leaves(admitting(one), admitting(other), (attribute,)):
            name = ".".join(path)
            if isinstance(after, Credential):
                yield from _in_clear(attribute, one, other)
            if isinstance(after, Credential) or _has_row(change.type, name):
                continue
            for remark in _first(rules_for(name), change, path, before, after):
                # Of a block that goes, one finding of each meaning will do.
                key = (attribute, remark.sentence.rpartition(": ")[2])
                if after is not None or key not in seen:
                    seen.add(key)
                    yield losses.attribute(change, name, remark)


def _attributes(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a resource's attributes, but none of a rule of a network that lets nobody in."""
    return {} if refuses(values) else values


def _first(
    rules: Sequence[NamedRule], change: Change, path: tuple[str, ...], before: Any, after: Any
) -> Iterator[Remark]:
    """Yield the remark of the first rule that fires; of what is hidden, of the first that may."""
    if isinstance(before, Secret) or isinstance(after, Secret):
        # A rule for any attribute is about its values, of which nothing is known.
        rules = [rule for rule in rules if rule.pattern.pattern]
    elif after is UNKNOWN:
        rules = [rule for rule in rules if rule.worse(before, None) or rule.worse(before, "(unknown)")]
    remarks = (_judged(rule, path, change, before, after) for rule in rules)
    yield from islice(filter(None, remarks), 1)


def _judged(rule: NamedRule | Watched, path: tuple[str, ...], change: Change, before: Any, after: Any) -> Remark | None:
    """Return the remark of a rule, or of a row of a table, on an attribute; None if it does not get worse."""
    name = ".".join(path)
    if isinstance(before, Secret) or isinstance(after, Secret):
        is_worse, sentence = rule.kind is not Kind.COST, f"{name} changes, and is sensitive: perhaps {rule.meaning}"
    elif after is UNKNOWN:
        is_worse = before is not None and rule.kind is not Kind.COST and change.declares(path)
        sentence = f"{name} {words(before)} -> (known after apply): perhaps {rule.meaning}"
    else:
        is_worse = rule.worse(before, after)
        sentence = f"{name} {words(before)} -> {words(after)}: {rule.meaning}" if is_worse else ""
    return Remark(rule.kind, sentence) if is_worse else None


@cache
def _has_row(type_: str, name: str) -> bool:
    """Return True if a row for the type judges an attribute, or the block that it is in."""
    return any(name == row.path or name.startswith(f"{row.path}.") for row in BY_TYPE.get(type_, ()))


def _matched(row: Watched, change: Change) -> Iterator[Remark]:
    path = tuple(row.path.split("."))
    before, after = at(change.before, path), at(change.after, path)
    if before is after or (before == after and type(before) is type(after)):
        return
    if remark := _judged(row, path, change, before, after):
        yield remark


def _created(change: Change, owners: Owners, losses: LossJudge, around: Surroundings) -> Iterator[Remark]:
    for row in BY_TYPE.get(change.type, ()):
        after = at(change.after, row.path.split("."))
        if row.created and not is_hidden(after) and row.worse(None, after):
            yield Remark(row.kind, f"{row.path} {words(after)}: {row.meaning}")
    is_for_existing = change.type in OWNERS and not owners.made_with(change)
    if granted := GRANTS.get(change.type):
        grant, target = (change.after.get(key) for key in (granted, OWNERS[change.type].attribute))
        reach = grants.power(grant)
        if is_for_existing or reach or grant == "*":
            more = (
                f"could do {reach}"
                if reach
                else "would allow more than now"
                if is_for_existing
                else "would allow everyone"
            )
            yield Remark(Kind.PRIVILEGE, f"{granted} {words(grant)}: {words(target)} {more}")
    yield from _named_new(change)
    yield from policy_changes.created(change, is_for_existing=is_for_existing, accounts=around.accounts)
    before = change.before if is_for_existing or change.type != EXPIRY else change.after
    yield from _by_type(change, before, losses)


def _named_new(change: Change) -> Iterator[Remark]:
    """Yield the attributes by whose names a new resource is open to everyone, or not encrypted."""
    judged = _JUDGED.get(change.type, frozenset[str]())
    for attribute, value in _attributes(change.after).items():
        if attribute in judged or attribute in _NOT_NAMED:
            continue
        if attribute in ENCRYPTS and held(change.type) and not is_hidden(value) and value in (None, False):
            yield Remark(Kind.SECURITY, f"{attribute} {words(value)}: what it holds would not be encrypted")
        for path, _, after in leaves(None, admitting(value), (attribute,)):
            name = ".".join(path)
            if isinstance(after, Credential):
                yield from _in_clear(attribute, None, value)
            if isinstance(after, Secret) or _has_row(change.type, name):
                continue
            fired = next((rule for rule in rules_for_new(name) if rule.worse(None, after)), None)
            # Of what is unknown, that it is set is all that can be known.
            if fired and (after is not UNKNOWN or change.declares(path)):
                yield Remark(fired.kind, f"{name} {words(after)}: {fired.meaning}")


def _in_clear(attribute: str, before: Any, after: Any) -> Iterator[Remark]:
    """Yield the credentials in an attribute that were not in it, each by the name of its variable."""
    known, found = (list(_credentials(attribute, side)) for side in (before, after))
    for name, credential in found:
        if all(credential != each for _, each in known):
            yield Remark(Kind.SECURITY, f"{name}: a credential would be in clear in its configuration")


def _credentials(attribute: str, value: Any) -> Iterator[tuple[str, Credential]]:
    for part in parts(None, value, (attribute,)):
        if isinstance(part.after, Credential):
            yield ".".join(part.path), part.after


def _by_type(change: Change, before: Mapping[str, Any], losses: LossJudge) -> Iterator[Remark]:
    if change.type in {EXPIRY, "aws_s3_bucket"}:
        yield from _expiry(change, before, losses)
    elif change.type == "aws_dynamodb_table" and before:
        yield from _time_to_live(change, losses)
        yield from table_indexes.changed(before, change.after)
    elif special := _SPECIAL.get(change.type):
        yield from special(before, change.after)


# --- what no table can say ----------------------------------------------------------------------------------------


def _alarm(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    old, new = before.get("alarm_actions"), after.get("alarm_actions")
    if is_hidden(new):
        return
    if not new and (old or not before):
        yield Remark(Kind.ALARMS, "alarm_actions []: it would notify nobody")
    kept = set(map(canonical, as_list(new)))
    lost = [each for each in as_list(old) if canonical(each) not in kept]
    if new and lost:
        yield Remark(Kind.ALARMS, f"alarm_actions without {', '.join(map(words, lost))}: fewer would be notified")
    one, other = before.get("threshold"), after.get("threshold")
    if before and one != other:
        yield from _threshold(one, other, str(after.get("comparison_operator")))


def _threshold(before: Any, after: Any, comparison: str) -> Iterator[Remark]:
    sentence = f"threshold {words(before)} -> {words(after)} ({comparison})"
    numbers = [each for each in (before, after) if isinstance(each, int | float)]
    if len(numbers) != len(("before", "after")):
        yield Remark(Kind.ALARMS, f"{sentence}: perhaps it would notice less")
    elif (numbers[1] > numbers[0]) if comparison.startswith("Greater") else (numbers[1] < numbers[0]):
        yield Remark(Kind.ALARMS, f"{sentence}: it would notice less")


def _expiry(change: Change, before: Mapping[str, Any], losses: LossJudge) -> Iterator[Remark]:
    """Yield the rules by which objects, or old versions of them, are deleted earlier than by any rule before."""
    attribute, after = "rule" if change.type == EXPIRY else "lifecycle_rule", change.after
    if change.type != EXPIRY and not before:
        return
    if change.type == EXPIRY and before.get(attribute) != after.get(attribute) and is_hidden(after.get(attribute)):
        sentence = f"rule changes to {words(after[attribute])}: perhaps it would delete objects sooner"
        yield losses.unknown_rules(change, sentence)
    old = list(expirations(before.get(attribute)))
    for new in expirations(after.get(attribute)):
        covering = [each for each in old if each.covers(new)]
        if not any(each.is_no_later(new) for each in covering):
            now = min(covering, key=lambda each: (each.date, each.days, each.kept), default=None)
            was = "never" if now is None else str(now)
            sentence = f"rule {shown_value(new.name)} would delete {new.what} sooner: {was} -> {new}"
            yield losses.expiry(change, new, sentence)
    if not is_hidden(after.get(attribute)):
        yield from _kept_for_ever(old, list(expirations(after.get(attribute))))


def _kept_for_ever(before: Sequence[Expiration], after: Sequence[Expiration]) -> Iterator[Remark]:
    """Yield the rules that would no longer delete what they delete now, and for which no other rule does."""
    for old in before:
        if not any(each.covers(old) for each in after):
            part = next((each.scope for each in after if each.what == old.what and each.name == old.name), "")
            now = f" would delete {old.what} of {part} alone" if part else f" would no longer delete {old.what}"
            sentence = f"rule {shown_value(old.name)}{now}, where it does now {old}: they would be kept for ever"
            yield Remark(Kind.COST, sentence)


def _time_to_live(change: Change, losses: LossJudge) -> Iterator[Remark]:
    if is_hidden(change.after.get("ttl")):
        return
    one, other = _ttl(change.before), _ttl(change.after)
    if one == other:
        return
    became = f"ttl {words(one)} -> {words(other)}"
    if other is None:
        yield Remark(Kind.COST, f"{became}: items would never expire")
    else:
        expire = "items would expire by another attribute" if one else "items would expire"
        yield losses.time_to_live(change, one, other, f"{became}: {expire}")


def _ttl(values: Mapping[str, Any]) -> Any:
    block = at(values, ["ttl"])
    blocks = [each for each in map(as_object, as_list(block)) if each.get("enabled")]
    return blocks[0].get("attribute_name") if blocks else None


def _public_address(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    """Yield it if more of a machine's network interfaces have a public address than before."""
    for block in ("access_config", "ipv6_access_config"):
        old, new = (
            sum(bool(as_list(as_object(each).get(block))) for each in as_list(side.get("network_interface")))
            for side in (before, after)
        )
        if new > old:
            yield Remark(Kind.EXPOSURE, f"network_interface.{block}: it would have a public address")


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Remark]]] = {
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_composite_alarm": _alarm,
    **dict.fromkeys(("aws_security_group", "aws_default_security_group"), security_groups.group_changed),
    **dict.fromkeys(("aws_security_group_rule", "aws_vpc_security_group_ingress_rule"), security_groups.rule_changed),
    **dict.fromkeys(
        (
            "google_compute_instance",
            "google_compute_instance_from_template",
            "google_compute_instance_template",
            "google_compute_region_instance_template",
        ),
        _public_address,
    ),
}
"""Checks of one type's attributes, before and after."""
_ALL = "*"
_ALARM_TYPES = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
_JUDGED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_ALARM_TYPES, frozenset({_ALL})),
    EXPIRY: frozenset({"rule"}),
    "aws_s3_bucket": frozenset({"lifecycle_rule"}),
    "aws_dynamodb_table": frozenset({"ttl", "global_secondary_index", "local_secondary_index"}),
    **dict.fromkeys(GRANTS, frozenset(GRANTS.values())),
    **dict.fromkeys(("aws_security_group", "aws_default_security_group"), frozenset({"ingress", "egress"})),
    **dict.fromkeys(
        ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
        frozenset({"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"}),
    ),
}
"""Attributes of which a check of their type says all."""
_NOT_NAMED = FOR_PEOPLE | {*POLICIES, "inline_policy"}
"""Attributes that are judged by no name."""
