"""What stops CI: the rules of `review.toml`, and the exceptions from them that somebody answers for, for a time."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from config.errors import InvalidInputError
from config.request import Environment
from config.settings import shown_value
from ops.review.model import Block, Finding, Kind

RETAINING = "retaining"
"""Every environment that keeps its data: staging, prod, and dev if its settings say so."""
_MOST_BYTES = 262_144


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


def load_rules(path: Path) -> Rules:
    """Read and check a file of rules.

    Raises InvalidInputError with every fault: the file, the key, the value given and what is allowed.
    """
    raw = _read(path)
    faults = [f"{path.name}: {fault}" for fault in _faults(raw)]
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
    """Yield what each rule makes of each finding.

    environment: empty if it is not known; then only rules that name no environments apply. retains: whether the
    environment keeps its data.
    """
    here = {environment, RETAINING} if retains else {environment}
    for finding in findings:
        for rule in rules.rules:
            if (
                finding.kind in rule.kinds
                and (rule.environments is None or rule.environments & here)
                and (rule.types is None or finding.type in rule.types)
            ):
                holds, problem = _exception(rules, rule, finding, today)
                yield Block(rule=rule.name, why=rule.why, finding=finding, exception=holds, problem=problem)


def _exception(rules: Rules, rule: Rule, finding: Finding, today: date) -> tuple[str, str]:
    """Return why the finding passes, and why an exception that is there does not let it pass."""
    given = [each for each in rules.exceptions if (each.rule, each.address) == (rule.name, finding.address)]
    given.sort(key=lambda each: each.expires)
    if not given:
        return "", ""
    last = given[-1]
    if last.expires < today:
        return "", f"the exception ({last.reason}) expired on {last.expires}"
    return f"{last.reason} (until {last.expires})", ""


# --- reading ------------------------------------------------------------------------------------------------------


def _read(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InvalidInputError([f"{path.name}: no such file; it says what stops CI, and may be empty"]) from None
    except OSError as error:
        raise InvalidInputError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    if len(content) > _MOST_BYTES:
        raise InvalidInputError([f"{path.name}: larger than {_MOST_BYTES} bytes; that is no file of rules"])
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise InvalidInputError([f"{path.name}: not UTF-8 text; rules are TOML, which is"]) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidInputError([f"{path.name}: not valid TOML: {reason}"]) from None


_TEXT = "a text that is not empty"
_DATE = "a date without quotes, like 2030-01-31"
_KINDS = [kind.value for kind in Kind]
_ENVIRONMENTS = [*(each.value for each in Environment), RETAINING]
_RULE_KEYS = {"name": _TEXT, "why": _TEXT, "kinds": _KINDS, "environments": _ENVIRONMENTS, "types": _TEXT}
_OPTIONAL = {"environments", "types"}
_EXCEPTION_KEYS = {"rule": _TEXT, "address": _TEXT, "reason": _TEXT, "expires": _DATE}


def _faults(raw: Mapping[str, Any]) -> Iterator[str]:
    tables = {"rule": _RULE_KEYS, "exception": _EXCEPTION_KEYS}
    for key in raw.keys() - tables.keys():
        yield f"{_key(key)} = {shown_value(raw[key])}: unknown key; allowed: [[rule]], [[exception]]"
    for table, keys in tables.items():
        entries = raw.get(table, [])
        if not _is_list(entries, lambda each: isinstance(each, dict)):
            yield f"{table} = {shown_value(entries)}: not allowed; allowed: tables that begin with [[{table}]]"
            return
        for number, entry in enumerate(entries, 1):
            for fault in _entry_faults(entry, keys):
                yield f"{table} {number}: {fault}"
    names = [str(each.get("name")) for each in raw.get("rule", [])]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"rule: name = {shown_value(name)}: given more than once; allowed: one rule of each name"
    for number, entry in enumerate(raw.get("exception", []), 1):
        if str(entry.get("rule")) not in names:
            allowed = ", ".join(map(shown_value, names)) or "none, for there are no rules"
            yield f"exception {number}: rule = {shown_value(entry.get('rule'))}: no such rule; allowed: {allowed}"


def _entry_faults(entry: Mapping[str, Any], keys: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(entry.keys() - keys.keys()):
        yield f"{_key(key)} = {shown_value(entry[key])}: unknown key; allowed: {', '.join(keys)}"
    for key, allowed in keys.items():
        if key not in entry:
            if key not in _OPTIONAL:
                yield f"{key}: missing; required: {_words(key, allowed)}"
        elif not _is_allowed(key, entry[key], allowed):
            yield f"{key} = {shown_value(entry[key])}: not allowed; allowed: {_words(key, allowed)}"


def _key(key: str) -> str:
    return shown_value(key)[1:-1]


def _words(key: str, allowed: Any) -> str:
    if isinstance(allowed, list):
        return f"a list of {', '.join(map(shown_value, cast('list[str]', allowed)))}"
    return 'a list of Terraform\'s types, like ["aws_s3_bucket"]' if key == "types" else allowed


def _is_allowed(key: str, value: Any, allowed: Any) -> bool:
    if isinstance(allowed, list):
        return bool(value) and _is_list(value, lambda each: each in allowed)
    if key == "types":
        return bool(value) and _is_list(value, lambda each: isinstance(each, str) and bool(each))
    if key == "expires":
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: Any, accepts: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(accepts, cast("list[Any]", value)))
