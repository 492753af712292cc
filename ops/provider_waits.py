"""Waits that the AWS provider has built in: how long an apply takes because of them, and why."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from ops.resource_types import TYPES
from ops.resource_types.interface import ProviderWait
from plan_review.references import INDEX, references

_REFERENCE = re.compile(r"\$\{(\w+\.\w+)")
_MINUTE = 60
_NEARLY_A_MINUTE = 50


def expectation(plan: Mapping[str, Any]) -> str:
    """Return in one line how long an apply of a plan takes, and why; empty if the provider waits for nothing in it.

    Terraform works on resources together, but on one that refers to another only after that one: the longest chain
    counts, and not the sum.
    """
    waits: dict[str, ProviderWait] = {}
    for entry in plan.get("resource_changes", []):
        wait = known.wait if (known := TYPES.get(entry["type"])) else None
        if wait and entry["mode"] == "managed" and wait.follows(entry["change"]):
            waits[INDEX.sub("", entry["address"])] = wait
    if not waits:
        return ""
    behind: defaultdict[str, set[str]] = defaultdict(set, {address: set[str]() for address in waits})
    for address, _, reference in references(plan):
        behind[address].add(reference.address)
    seconds: dict[str, int] = {}
    for address in TopologicalSorter(behind).static_order():
        own = waits[address].seconds if address in waits else 0
        seconds[address] = own + max((seconds[each] for each in behind[address]), default=0)
    reasons = sorted({(-wait.seconds, wait.what) for wait in waits.values()})
    each = [f"{-longest} s for each {what}" for longest, what in reasons]
    return f"{about(max(seconds.values()))}: the AWS provider itself waits {' and '.join(each)}"


def expectation_of_creations(synthesized: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """Return the same for a synthesized stack without a plan, by what its state does not have yet."""
    recorded = {(each["type"], each["name"]) for each in state.get("resources", [])}
    declared: Mapping[str, Mapping[str, Any]] = synthesized.get("resource", {})
    each_declared = [(type_, name, values) for type_, named in declared.items() for name, values in named.items()]
    return expectation(
        {
            "resource_changes": [
                {"type": type_, "mode": "managed", "address": f"{type_}.{name}", "change": {"actions": ["create"]}}
                for type_, name, _ in each_declared
                if (type_, name) not in recorded
            ],
            "configuration": {
                "root_module": {
                    "resources": [
                        {
                            "address": f"{type_}.{name}",
                            "expressions": {"any": {"references": _REFERENCE.findall(json.dumps(values))}},
                        }
                        for type_, name, values in each_declared
                    ]
                }
            },
        }
    )


def about(seconds: int) -> str:
    """Return a duration in words, as one that nobody promises: about 25 s, about a minute, about 2 minutes."""
    if seconds < _NEARLY_A_MINUTE:
        return f"about {seconds} s"
    minutes = round(seconds / _MINUTE)
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"
