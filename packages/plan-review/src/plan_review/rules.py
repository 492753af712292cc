"""Rules that stop CI, and exceptions from them, each with a reason and a last day."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from check_report.toml_file import read_toml
from plan_review.held_data import HELD
from plan_review.model import Block, Finding, Kind
from plan_review.outputs import TYPE as OUTPUT
from plan_review.risk_tables import BY_TYPE, GRANTS, GUARDS, OWNERS

SECURITY_FAMILY = frozenset(
    {Kind.EXPOSURE, Kind.EXFILTRATION, Kind.PRIVILEGE, Kind.EXECUTION, Kind.SECURITY, Kind.PROTECTION}
)
"""The kinds that a rule on `security` blocks."""
RETAINING = "retaining"
"""Every environment that keeps its data."""
RETENTION = "retention"
"""Stands in the place of a rule's name where the environment itself refuses a loss."""
_MOST_BYTES = 262_144
_MOST_RULES = 100
_USUAL = timedelta(days=14)
"""The time for which an exception is suggested."""
_NEAR = 0.9
"""The likeness of two types from which one may be a misspelling of the other."""
_MOST_SPELT = 10
"""Types of one rule that are compared so."""
_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Of this form is every type of Terraform's."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Findings that stop CI."""

    name: str
    why: str
    kinds: frozenset[Kind]
    environments: frozenset[str] | None
    """None for all of them, and for a plan whose environment is not known."""
    types: frozenset[str] | None
    """Terraform's types of resources; None for all of them."""

    def names(self, kind: Kind) -> bool:
        """Return True if the rule's kinds cover a kind: `security` covers the whole family."""
        return kind in self.kinds or (kind in SECURITY_FAMILY and Kind.SECURITY in self.kinds)


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An exception from one rule, for one resource."""

    rule: str
    address: str
    reason: str
    expires: date
    """The last day on which it holds."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A file of rules."""

    rules: tuple[Rule, ...] = ()
    exceptions: tuple[Exemption, ...] = ()


def load_rules(path: Path, today: date, environments: Sequence[str] = ()) -> Rules:
    """Read and check a file of rules.

    today: the day from which an exception may apply for a year. environments: those that rules may name; any if empty.
    Raises InvalidInputError with every error: the file, the key, the value given and what is allowed.
    """
    missing = "it says what stops CI, and may be empty"
    raw = read_toml(path, path.name, most_bytes=_MOST_BYTES, what="rules", missing=missing)
    faults = [f"{path.name}: {fault}" for fault in _faults(raw, today, environments)]
    if faults:
        raise InvalidInputError(faults)
    return Rules(
        rules=tuple(
            Rule(
                name=each["name"],
                why=each["why"],
                kinds=frozenset(map(Kind, each["kinds"])),
                environments=frozenset(each["environments"]) if "environments" in each else None,
                types=frozenset(each["types"]) if "types" in each else None,
            )
            for each in raw.get("rule", [])
        ),
        exceptions=tuple(Exemption(**each) for each in raw.get("exception", [])),
    )


def blocks(
    rules: Rules, findings: Sequence[Finding], *, environment: str, retains: bool, today: date
) -> Iterator[Block]:
    """Yield each rule's verdict on each finding.

    environment: empty if it is not known; then only rules that name no environments apply. retains: whether the
    environment keeps its data.
    """
    here = {environment, RETAINING} if retains else {environment}
    exceptions: dict[tuple[str, str], Exemption] = {}
    for each in sorted(rules.exceptions, key=lambda each: each.expires):
        exceptions[each.rule, each.address] = each
    for finding in findings:
        if finding.refusal:
            yield Block(rule=RETENTION, why=finding.refusal, finding=finding, exception="")
        for rule in rules.rules:
            if (
                rule.names(finding.kind)
                and (rule.environments is None or rule.environments & here)
                and (rule.types is None or finding.type in rule.types)
            ):
                holds, problem = _excepted(exceptions.get((rule.name, finding.address)), today)
                if holds and finding.refusal:
                    holds, problem = "", f"this environment refuses the loss, whatever the exception says ({holds})"
                paste = "" if holds or finding.refusal else finding.to_paste or _entry(rule, finding, today)
                yield Block(
                    rule=rule.name, why=rule.why, finding=finding, exception=holds, problem=problem, to_paste=paste
                )


def _entry(rule: Rule, finding: Finding, today: date) -> str:
    """Return the exception that would let a finding pass, but for its reason."""
    return "\n".join(
        (
            "[[exception]]",
            f"rule = {json.dumps(rule.name)}",
            f"address = {json.dumps(finding.address)}",
            'reason = ""',
            f"expires = {today + _USUAL}",
        )
    )


def notes(rules: Rules, types: Collection[str]) -> Iterator[str]:
    """Yield the parts of rules that apply to nothing, as far as that is certain or likely.

    types: those of the plan's resources.
    """
    if not rules.rules:
        yield "there is no rule, so nothing stops this plan"
    known = {*types, *BY_TYPE, *HELD, *GUARDS, *OWNERS, *GRANTS, OUTPUT}
    for rule in rules.rules:
        for type_ in sorted((rule.types or frozenset[str]()) - known)[:_MOST_SPELT]:
            if meant := get_close_matches(type_, sorted(known), n=1, cutoff=_NEAR):
                yield (
                    f"rule {shown_value(rule.name)}: no resource of this plan has the type {shown_value(type_)}; did "
                    f"you mean {shown_value(meant[0])}?"
                )


def _excepted(exception: Exemption | None, today: date) -> tuple[str, str]:
    """Return the reason why a finding passes, and why an exception, the last to expire, does not let it pass."""
    if exception is None:
        return "", ""
    if exception.expires < today:
        return "", f"the exception ({exception.reason}) expired on {exception.expires}"
    return f"{exception.reason} (until {exception.expires})", ""


# --- reading ------------------------------------------------------------------------------------------------------


_TEXT = "a text that is not empty"
_DATE = "a date without quotes, like 2030-01-31"
_TEXTS = "a list of texts that are not empty"
_KINDS = [kind.value for kind in Kind]
_OPTIONAL = {"environments", "types"}
_EXCEPTION_KEYS = {"rule": _TEXT, "address": _TEXT, "reason": _TEXT, "expires": _DATE}


def _faults(raw: Mapping[str, Any], today: date, environments: Sequence[str]) -> Iterator[str]:
    named = [*environments, RETAINING] if environments else _TEXTS
    rule_keys = {"name": _TEXT, "why": _TEXT, "kinds": _KINDS, "environments": named, "types": _TEXT}
    tables = {"rule": rule_keys, "exception": _EXCEPTION_KEYS}
    for key in raw.keys() - tables.keys():
        yield f"{_key(key)} = {shown_value(raw[key])}: unknown key; allowed: [[rule]], [[exception]]"
    for table, keys in tables.items():
        entries = raw.get(table, [])
        if not _is_list(entries, lambda each: isinstance(each, dict)):
            yield f"{table} = {shown_value(entries)}: not allowed; allowed: tables that begin with [[{table}]]"
            return
        if table == "rule" and len(entries) > _MOST_RULES:
            yield f"rule: {len(entries)} of them: not allowed; allowed: at most {_MOST_RULES}"
            return
        for number, entry in enumerate(entries, 1):
            for fault in _entry_faults(entry, keys, today):
                yield f"{table} {number}: {fault}"
    names = [each["name"] for each in raw.get("rule", []) if isinstance(each.get("name"), str)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"rule: name = {shown_value(name)}: given more than once; allowed: one rule of each name"
    for number, entry in enumerate(raw.get("exception", []), 1):
        if entry.get("rule") not in names:
            allowed = ", ".join(map(shown_value, names)) or "none, for there are no rules"
            yield f"exception {number}: rule = {shown_value(entry.get('rule'))}: no such rule; allowed: {allowed}"


def a_year_after(day: date) -> date:
    """Return the same day of the next year, the last on which an exception or a decision may apply.

    The 28th of February for the 29th, so that it is never more than a year.
    """
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


def _entry_faults(entry: Mapping[str, Any], keys: Mapping[str, Any], today: date) -> Iterator[str]:
    for key in sorted(entry.keys() - keys.keys()):
        yield f"{_key(key)} = {shown_value(entry[key])}: unknown key; allowed: {', '.join(keys)}"
    for key, allowed in keys.items():
        if key not in entry:
            if key not in _OPTIONAL:
                yield f"{key}: missing; required: {_words(key, allowed)}"
        elif not _is_allowed(key, entry[key], allowed):
            yield f"{key} = {shown_value(entry[key])}: not allowed; allowed: {_words(key, allowed)}"
        elif key == "expires" and entry[key] > (last := a_year_after(today)):
            yield f"{key} = {entry[key]}: not allowed; allowed: at most one year from today, so until {last}"


def _key(key: str) -> str:
    return shown_value(key)[1:-1]


def _words(key: str, allowed: Any) -> str:
    if isinstance(allowed, list):
        return f"a list of {', '.join(map(shown_value, cast('list[str]', allowed)))}"
    return 'a list of Terraform\'s types, like ["aws_s3_bucket"]' if key == "types" else allowed


def _is_allowed(key: str, value: Any, allowed: Any) -> bool:
    if isinstance(allowed, list):
        return bool(value) and _is_list(value, lambda each: each in allowed)
    if allowed == _TEXTS:
        return bool(value) and _is_list(value, lambda each: isinstance(each, str) and bool(each.strip()))
    if key == "types":
        return bool(value) and _is_list(value, lambda each: isinstance(each, str) and bool(_TYPE.fullmatch(each)))
    if key == "expires":
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: Any, accepts: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(accepts, cast("list[Any]", value)))
