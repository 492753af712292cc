"""A plan of 5,000 resources and some 30 MB is reviewed in the memory that CI has, with work in step with its size.

Its seconds are `make bench`'s business.
"""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from plan_review.review import review
from plan_review.rules import Rules

from call_counts import calls, grows_in_step

pytestmark = pytest.mark.slow

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": f"S{number}", "Effect": "Allow", "Principal": {"AWS": f"{number:012}"}, "Action": ["a:B"] * 5}
        for number in range(12)
    ],
}
SAY = """
import gc, json, re, sys
from datetime import date
from pathlib import Path
from plan_review.plan_file import read_plan
from plan_review.review import review
from plan_review.rules import Rules
gc.disable()  # as the command does
plan = read_plan(sys.argv[1])
found = review(plan, title="big", rules=Rules(), today=date(2030, 1, 1))
# Not what getrusage says: that begins with what the process had that started this one.
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(json.dumps({
    "megabytes": int(peak[1]) / 1024,
    "counts": [found.counts.create, found.counts.change, found.counts.replace, found.counts.delete],
    "findings": len(found.findings), "verdict": found.verdict,
}))
"""


def entry(number: int) -> dict[str, Any]:
    """One resource: of each four one is created, one changed in place, one replaced, one deleted."""
    actions = (["create"], ["update"], ["delete", "create"], ["delete"])[number % 4]
    name = f"queue-{number}"
    side = {
        "name": name,
        "policy": json.dumps(POLICY),
        "visibility_timeout_seconds": 660,
        "tags": {f"tag-{each}": f"{name}-{each}" for each in range(10)},
        "rules": [{"id": f"rule-{each}", "text": "x" * 80, "on": True} for each in range(8)],
    }
    widened = {**POLICY, "Statement": [*POLICY["Statement"], {"Effect": "Allow", "Principal": "*", "Action": "a:*"}]}
    after = {**side, "policy": json.dumps(widened), "visibility_timeout_seconds": 30}
    return {
        "address": f'module.queues["{number % 50}"].aws_sqs_queue.this[{number}]',
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "this",
        "change": {
            "actions": actions,
            "before": None if actions == ["create"] else side,
            "after": None if actions == ["delete"] else after,
            "after_unknown": {"id": True, "arn": True, "tags": {}, "rules": [{}] * 8},
            "before_sensitive": {"tags": {}, "rules": [{}] * 8},
            "after_sensitive": {"tags": {}, "rules": [{}] * 8},
        },
    }


def large_plan(size: int) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "module": {"resources": [{"address": "aws_sqs_queue.this", "expressions": {"name": {}, "policy": {}}}]}
    }
    configuration: dict[str, Any] = {"root_module": {"module_calls": {"queues": arguments}}}
    changes = [entry(number) for number in range(size)]
    return {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}


def test_four_times_the_resources_take_four_times_the_work() -> None:
    plans = {size: large_plan(size) for size in (100, 400)}
    today = date(2030, 1, 1)
    assert grows_in_step(lambda size: review(plans[size], title="big", rules=Rules(), today=today), 100)


def test_a_policy_that_many_resources_have_is_compared_once() -> None:
    """Policies that differ from resource to resource take half as much work again as equal ones, or more."""
    alike, apart = large_plan(100), large_plan(100)
    for number, one in enumerate(apart["resource_changes"]):
        for side in filter(None, (one["change"]["before"], one["change"]["after"])):
            side["policy"] = side["policy"].replace("a:B", f"a:B{number}")
    counted = [
        calls(lambda plan=plan: review(plan, title="big", rules=Rules(), today=date(2030, 1, 1)))
        for plan in (alike, alike, apart)
    ]
    assert counted[2] > 1.5 * counted[1]


def test_five_thousand_resources_take_little_memory(tmp_path: Path) -> None:
    """Everything in the plan is counted, in less than 300 MB."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(large_plan(5000), indent=1))
    assert file.stat().st_size > 25_000_000
    run = subprocess.run([sys.executable, "-c", SAY, str(file)], capture_output=True, text=True, check=True, env={})
    found = json.loads(run.stdout)
    assert found["counts"] == [1250, 1250, 1250, 1250]
    assert found["findings"] == 1250 * 7
    assert found["verdict"] == "DANGER"
    assert found["megabytes"] < 300
