"""Whatever plan Terraform could write, and many that it would not: what holds for the review of each."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_review.model import Kind, Review, Verdict

from plan_builder import reviewed
from plan_strategies import ATTRIBUTES, KINDS, entries, sections

pytestmark = pytest.mark.slow

CANARY = "canary-4f1d"
QUICK = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

GRAVE = {Kind.LOSS, Kind.EXPOSURE, Kind.EXFILTRATION, Kind.PRIVILEGE, Kind.SECURITY, Kind.PROTECTION}


@QUICK
@given(st.lists(entries(), max_size=5), sections)
def test_every_plan_is_reviewed_and_counted_and_ranked(changes: list[dict[str, Any]], more: dict[str, Any]) -> None:
    """Counts are those of the actions; findings are in their order; no noise forces a replacement."""
    found: Review = reviewed(*changes, **more)
    counted = Counter(KINDS[tuple(each["change"]["actions"])] for each in changes)
    counts = found.counts
    assert (counts.create, counts.change, counts.replace) == (counted["create"], counted["change"], counted["replace"])
    assert (counts.delete, counts.forget, counts.read) == (counted["delete"], counted["forget"], counted["read"])
    assert counts.other == counted["other"]
    assert found.verdict is not Verdict.NOTHING or not counted["other"]
    assert counts.deferred == len(more.get("deferred_changes", []))
    order = [(list(Kind).index(each.kind), each.address) for each in found.findings]
    assert order == sorted(order)
    assert (found.verdict.name == "DANGER") == any(each.kind in GRAVE for each in found.findings)
    differences = [each for resource in found.resources for each in resource.differences]
    assert not any(each.noise and each.forces_replacement for each in differences)
    lost = {each["address"] for each in changes if tuple(each["change"]["actions"]) == ("delete", "create")}
    assert lost <= {each.address for each in found.findings}


def texts(value: Any) -> Iterator[str]:
    """Every text in the value, keys included."""
    if isinstance(value, dict):
        for key, each in cast("dict[str, Any]", value).items():
            yield from (*texts(key), *texts(each))
    elif isinstance(value, list | tuple):
        for each in cast("list[Any]", value):
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def secretly(value: Any) -> Any:
    """Return the value with the canary in the place of every text, and its keys as they are."""
    if isinstance(value, dict):
        return {key: secretly(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [secretly(each) for each in cast("list[Any]", value)]
    return f"{CANARY}-{value}" if isinstance(value, str) else value


@QUICK
@given(entries(), st.sets(st.sampled_from(ATTRIBUTES), min_size=1), st.booleans(), st.booleans())
def test_no_part_of_a_sensitive_attribute_is_in_the_review(
    change: dict[str, Any],
    hidden: set[str],
    before: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001 - hypothesis gives them
) -> None:
    """Whichever side is marked, and however the value is nested."""
    planned = change["change"]
    for side in ("before", "after"):
        for attribute in hidden & set(planned[side] or {}):
            planned[side][attribute] = secretly(planned[side][attribute])
    mark = dict.fromkeys(hidden, True)
    planned["before_sensitive"] = mark if before or not after else {}
    planned["after_sensitive"] = mark if after else {}
    planned.pop("importing", None)
    output = {"o": {**planned, "before_sensitive": mark, "after_sensitive": mark}}
    assert CANARY not in repr(reviewed(change, output_changes=output, resource_drift=[change]))


@QUICK
@given(entries(), st.text(alphabet='abcdefghij"\\é', min_size=6, max_size=9))
def test_no_value_of_a_sensitive_variable_is_in_the_review(change: dict[str, Any], secret: str) -> None:
    """Wherever it occurs in the values, also within JSON, where it is written with escapes."""
    change["change"]["after"] = {
        "name": f"n-{secret}",
        "rule": [{"days": secret, "name": "x"}],
        "policy": json.dumps({"Statement": [{"Sid": secret, "Effect": "Allow", "Principal": "*"}]}),
    }
    root = {"variables": {"v": {"sensitive": True}}}
    found = reviewed(change, variables={"v": {"value": secret}}, configuration={"root_module": root})
    assert not [text for text in texts(asdict(found)) if secret in text]
