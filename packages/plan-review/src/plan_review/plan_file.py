"""Read a plan's JSON, as terraform show -json writes it; reject anything else with one error message."""

import hashlib
import json
import math
import re
import sys
from collections.abc import Iterator, Mapping
from json import JSONDecodeError
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, cast

from check_report.errors import InvalidInputError
from check_report.printable import shown_value

STANDARD_INPUT = "-"
HOW = "make one with: terraform show -json PLANFILE"
_BLANK = re.compile(r"[ \t\r\n]*")
_BINARY = b"PK\x03\x04"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_FORMAT = re.compile(r"[01]\.\d{1,9}")
_ESCAPE = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_PLANS_OWN = ("planned_values", "resource_changes", "output_changes")


class Read(NamedTuple):
    """The plans of one file."""

    plans: list[dict[str, Any]]
    """One or more; several where the output of several commands was put into one file."""
    sha256: str
    """Of the file's bytes."""


def read_plan(plan: str) -> dict[str, Any]:
    """Return the one plan in a file, or on standard input for "-": what `review` relies on has its documented shape.

    Raises InvalidInputError with one message: what is wrong, what is allowed, and what to do.
    """
    plans = read_plans(plan).plans
    if len(plans) > 1:
        raise InvalidInputError([f"{plan}: {len(plans)} plans; allowed: one"])
    return plans[0]


def read_plans(plan: str) -> Read:
    """Return the plans in a file, or on standard input for "-". Raises InvalidInputError as `read_plan` does."""
    shown = plan if plan.isprintable() else json.dumps(plan)
    try:
        content = sys.stdin.buffer.read() if plan == STANDARD_INPUT else Path(plan).read_bytes()
        return Read([_checked(each) for each in _parsed(content)], hashlib.sha256(content).hexdigest())
    except FileNotFoundError:
        reason = f"no such file; {HOW}"
    except IsADirectoryError:
        reason = f"a folder; give the plan's JSON in it, like {json.dumps(str(Path(plan, 'plan.json')))}"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except _NoPlanError as error:
        reason = str(error)
    raise InvalidInputError([f"{shown}: {reason}"])


class _NoPlanError(Exception):
    """The content is not a plan; the message says why."""


def _parsed(content: bytes) -> list[Any]:
    if content.startswith(_BINARY):
        _refuse("Terraform's own plan file, which is not JSON; run: terraform show -json FILE > plan.json")
    if content.startswith(_WIDE):
        _refuse("UTF-16 text; allowed: UTF-8, so write it from another shell than PowerShell, or convert it")
    if not content or content.isspace():
        _refuse(f"empty; {HOW}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"not UTF-8 text at byte {error.start}; {HOW}")
    if "\\ud" in text or "\\uD" in text:
        # Half a surrogate pair is no character, and could not be written anywhere.
        text = _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], text)
    try:
        return _documents(text)
    except RecursionError:
        _refuse(f"nested too deeply for a plan; {HOW}")
    except JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(f"not JSON, or cut off, at {place}: {error.msg}; {HOW}")
    except ValueError as error:
        _refuse(f"not a plan's JSON: {error}; {HOW}")


def _documents(text: str) -> list[Any]:
    """Return the JSON values that follow one another in a text."""
    decoder = json.JSONDecoder(parse_float=_number, parse_constant=_constant)
    found: list[Any] = []
    start = _BLANK.match(text).end()  # type: ignore[union-attr] - it matches nothing as well
    while start < len(text):
        value, end = decoder.raw_decode(text, start)
        if isinstance(value, dict) and "@level" in value:
            _refuse(f"a log of `terraform plan -json`, and not a plan; {HOW}")
        found.append(value)
        start = _BLANK.match(text, end).end()  # type: ignore[union-attr]
    return found


def _number(text: str) -> float | str:
    # What no float holds stays the text that it is.
    number = float(text)
    return number if math.isfinite(number) else text


def _constant(text: str) -> NoReturn:
    message = f"{text} is no JSON"
    raise ValueError(message)


def _refuse(reason: str) -> NoReturn:
    raise _NoPlanError(reason)


def _checked(plan: Any) -> dict[str, Any]:
    if not isinstance(plan, dict):
        _refuse(f"not a plan but {_kind(plan)}; {HOW}")
    content = cast("dict[str, Any]", plan)
    if not any(key in content for key in _PLANS_OWN):
        what = "a state" if {"values", "lineage", "resources"} & {*content} else "something else"
        _refuse(f"not a plan but {what}: none of {', '.join(_PLANS_OWN)} is in it; {HOW}")
    # HCP Terraform calls it otherwise in the plans that it has redacted.
    version = content.get("format_version", content.get("plan_format_version"))
    if not isinstance(version, str) or not _FORMAT.fullmatch(version):
        _refuse(f"format_version = {shown_value(version)}: not known; allowed: 0.x and 1.x; {HOW}")
    for fault in _faults(content):
        _refuse(f"{fault}; {HOW}")
    return content


def _kind(value: Any) -> str:
    names = {"list": "a list", "str": "a text", "bool": "true or false", "NoneType": "null"}
    return names.get(type(value).__name__, "a number")


# --- the spine ----------------------------------------------------------------------------------------------------


def _faults(plan: Mapping[str, Any]) -> Iterator[str]:
    for section in ("resource_changes", "resource_drift"):
        for index, entry in enumerate(_of(plan, section, list, "a list")):
            yield from _entry_faults(f"{section}[{index}]", entry)
    for index, deferred in enumerate(_of(plan, "deferred_changes", list, "a list")):
        place = f"deferred_changes[{index}]"
        if not isinstance(deferred, dict):
            yield _wrong(place, deferred, "an object")
        else:
            yield from _entry_faults(
                f"{place}.resource_change", cast("dict[str, Any]", deferred).get("resource_change")
            )
    for name, change in _of(plan, "output_changes", dict, "an object").items():
        yield from _change_faults(f"output_changes[{shown_value(name)}]", change)
    for section in ("variables", "configuration", "planned_values"):
        _of(plan, section, dict, "an object")
    for section in ("checks", "action_invocations", "deferred_action_invocations"):
        _of(plan, section, list, "a list")
    for section in ("applyable", "complete", "errored"):
        _of(plan, section, bool, "true or false")


def _of(plan: Mapping[str, Any], section: str, type_: type, allowed: str) -> Any:
    value = plan.get(section)
    if value is None:
        return type_()
    if not isinstance(value, type_):
        _refuse(f"{_wrong(section, value, allowed)}; {HOW}")
    return value


def _entry_faults(place: str, entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield _wrong(place, entry, "an object")
        return
    values = cast("dict[str, Any]", entry)
    # Terraform 1.0 gives no address to what drifted.
    for key in ("type",) if place.startswith("resource_drift") and "address" not in values else ("address", "type"):
        if not isinstance(values.get(key), str):
            yield _wrong(f"{place}.{key}", values.get(key), "a text")
    yield from _change_faults(f"{place}.change", values.get("change"))


def _change_faults(place: str, change: Any) -> Iterator[str]:
    if not isinstance(change, dict):
        yield _wrong(place, change, "an object")
        return
    actions = cast("dict[str, Any]", change).get("actions")
    if not isinstance(actions, list) or not all(isinstance(each, str) for each in cast("list[Any]", actions)):
        yield _wrong(f"{place}.actions", actions, "a list of texts")


def _wrong(place: str, value: Any, allowed: str) -> str:
    return f"{place} = {shown_value(value)}: not allowed; allowed: {allowed}"
