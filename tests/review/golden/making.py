"""Making the plans: on a deployed stack, in a copy of the source that is edited."""

import gzip
import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.checkout import Checkout
from tests.journeys.test_life import clients
from tests.review.golden.cases import Case, Edits

from golden_plans import PLANS


def save(name: str, plan: Mapping[str, Any]) -> None:
    """Keep a plan; the same plan is the same file."""
    content = json.dumps(plan, indent=1, sort_keys=True).encode()
    (PLANS / f"{name}.json.gz").write_bytes(gzip.compress(content, mtime=0))


def make(checkout: Checkout, case: Case) -> dict[str, Any]:
    """Plan the case on what is deployed, and change nothing of it."""
    aws = clients(checkout, case.environment)
    if case.by_hand:
        case.by_hand(aws)
    try:
        with edited(checkout, case.edits):
            synthesized = checkout.run("python", "-O", "main.py", ENV=case.environment)
        assert synthesized.returncode == 0, synthesized.stderr
        return planned(checkout, case.environment, f"vpr-async-{case.environment}", *case.options)
    finally:
        if case.undo:
            case.undo(aws)


def planned(checkout: Checkout, environment: str, stack: str, *options: str) -> dict[str, Any]:
    """Return the plan of a synthesized stack, also one that prevent_destroy refuses, without its state's lock."""
    record = json.loads((checkout.path / ".emulator" / f"{environment}.json").read_text())
    reach = {
        "AWS_ENDPOINT_URL": record["endpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TF_DATA_DIR": str(checkout.path / ".cache" / "terraform" / "emulator" / stack),
    }
    folder = checkout.path / "cdktf.out" / "stacks" / stack
    file = checkout.path / ".cache" / "golden"
    file.unlink(missing_ok=True)
    done = checkout.terraform(folder, "plan", "-input=false", "-lock=false", f"-out={file}", *options, **reach)
    shown = checkout.terraform(folder, "show", "-json", str(file), **reach)
    assert shown.returncode == 0, done.stderr + shown.stderr
    return comparable(shown.stdout)


def comparable(plan_json: str) -> dict[str, Any]:
    """Return the plan without what is otherwise each time it is made: a port, times, ids, and the order of a set."""
    content = re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:4566", plan_json)
    content = re.sub(r'("policy_id": ?)"\w+"', r'\1"ANPA"', content)
    plan = json.loads(re.sub(r'"20\d\d-\d\d-\d\dT[0-9:.]+Z"', '"2026-01-31T12:00:00Z"', content))
    relevant: list[Any] = plan.get("relevant_attributes", [])
    relevant.sort(key=lambda each: json.dumps(each, sort_keys=True))
    return plan


@contextmanager
def edited(checkout: Checkout, edits: Edits) -> Generator[None]:
    """Edit files of the copy for the length of the block."""
    before = {file: (checkout.path / file).read_text() for file in edits}
    try:
        for file, pairs in edits.items():
            text = before[file]
            for old, new in pairs:
                assert text.count(old) == 1, f"{file}: {old}"
                text = text.replace(old, new)
            (checkout.path / file).write_text(text)
        yield
    finally:
        for file, text in before.items():
            (checkout.path / file).write_text(text)
