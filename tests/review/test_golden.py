"""Reviews of real plans, and whether these may go on: each expectation was written by hand."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.cli import main
from tests import required
from tests.required import RESULTS_DAYS, VISIBILITY

from golden_plans import PLANS, content

DLQ_ALARM = "aws_cloudwatch_metric_alarm.DlqAlarm_E60351C9"
DEPTH_ALARM = "aws_cloudwatch_metric_alarm.QueueDepthAlarm_A71C7EFA"
ERRORS_ALARM = "aws_cloudwatch_metric_alarm.WorkerErrorsAlarm_8372E362"
TABLE = "aws_dynamodb_table.JobsTable_031BD38C"
BUCKET = "aws_s3_bucket.Results_Bucket_A1F83315"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration.Results_Lifecycle_D2766075"
OWNERSHIP = "aws_s3_bucket_ownership_controls.Results_Ownership_C4486E79"
BUCKET_POLICY = "aws_s3_bucket_policy.Results_Policy_AB311D76"
PUBLIC_ACCESS = "aws_s3_bucket_public_access_block.Results_PublicAccess_A3546D0F"
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration.Results_Encryption_9B495463"
DLQ = "aws_sqs_queue.Jobs_DeadLetterQueue_FA298334"
QUEUE = "aws_sqs_queue.Jobs_Queue_57E451F9"

SUBMIT, WORKER, STATUS = (
    "aws_iam_policy.Handlers_Submit_58DAF00E",
    "aws_iam_policy.Handlers_Worker_7521B0E7",
    "aws_iam_policy.Handlers_Status_88B37DB2",
)

NOTHING, SAFE, CREATES, STATE, CHANGES = "nothing to do", "safe", "only creates", "state only", "changes"
DELETES, DANGER, STOPPED = "deletes (no data)", "DANGER", "STOPPED"
DESTROYED = (
    ("loss", TABLE),
    ("loss", BUCKET),
    ("loss", DLQ),
    ("loss", QUEUE),
    ("clients", STATUS),
    ("clients", SUBMIT),
    ("clients", WORKER),
    ("alarms", DLQ_ALARM),
    ("alarms", DEPTH_ALARM),
    ("alarms", ERRORS_ALARM),
)
TAGGED = (DLQ_ALARM, DEPTH_ALARM, ERRORS_ALARM, TABLE, BUCKET, DLQ, QUEUE)
"""Resources whose tags the requirement names."""
SILENT = (("alarms", DLQ_ALARM), ("alarms", DEPTH_ALARM), ("alarms", ERRORS_ALARM))


@dataclass(frozen=True, kw_only=True)
class Said:
    """The content that a review must have."""

    environment: str = "prod"
    verdict: str
    status: int = 0
    counts: dict[str, int]
    """Those that are not 0, but for noise and what does not change."""
    findings: tuple[tuple[str, str], ...] = ()
    """Kinds and addresses, as ranked."""
    stopped: tuple[tuple[str, str], ...] = ()
    """Rules and addresses."""
    drift: tuple[str, ...] = ()
    complete: bool = True


SAID = {
    "first-deploy": Said(environment="staging", verdict=CREATES, counts={"create": 15}, findings=SILENT),
    "state-backend": Said(environment="staging", verdict=SAFE, counts={"create": 7}),
    "no-change": Said(verdict=NOTHING, counts={}),
    "visibility": Said(
        verdict=STOPPED,
        status=1,
        counts={"change": 1},
        findings=(("requirement", QUEUE), ("availability", QUEUE)),
        stopped=(("no-departure", QUEUE),),
    ),
    "key-schema": Said(
        verdict=STOPPED,
        status=1,
        counts={"replace": 1},
        findings=(("loss", TABLE), ("requirement", TABLE)),
        stopped=(("no-loss", TABLE), ("no-departure", TABLE)),
        complete=False,
    ),
    "key-schema-dev": Said(
        environment="dev",
        verdict=STOPPED,
        status=1,
        counts={"replace": 1},
        findings=(("loss", TABLE), ("requirement", TABLE)),
        stopped=(("no-departure", TABLE),),
    ),
    "bucket-renamed": Said(
        verdict=STOPPED,
        status=1,
        counts={"change": 2, "replace": 1},
        findings=(
            ("loss", BUCKET),
            ("privilege", STATUS),
            ("privilege", WORKER),
            ("clients", STATUS),
            ("clients", WORKER),
            ("requirement", STATUS),
            ("requirement", WORKER),
        ),
        stopped=(
            ("no-loss", BUCKET),
            ("no-weaker-security", STATUS),
            ("no-weaker-security", WORKER),
            ("no-lost-clients", STATUS),
            ("no-lost-clients", WORKER),
            ("no-departure", STATUS),
            ("no-departure", WORKER),
        ),
        complete=False,
    ),
    "bucket-renamed-dev": Said(
        environment="dev",
        verdict=STOPPED,
        status=1,
        counts={"change": 2, "replace": 6},
        findings=(
            ("loss", BUCKET),
            ("privilege", STATUS),
            ("privilege", WORKER),
            ("clients", STATUS),
            ("clients", WORKER),
            ("clients", "output.handler_environment"),
            ("clients", "output.results_bucket_arn"),
            ("clients", "output.results_bucket_name"),
            ("requirement", STATUS),
            ("requirement", WORKER),
            ("requirement", "aws_s3_bucket.careervp-dev-vpr-results-us-east-1-f6121f"),
            ("replacement", LIFECYCLE),
            ("replacement", OWNERSHIP),
            ("replacement", BUCKET_POLICY),
            ("replacement", PUBLIC_ACCESS),
            ("replacement", ENCRYPTION),
        ),
        stopped=(
            ("no-departure", STATUS),
            ("no-departure", WORKER),
            ("no-departure", "aws_s3_bucket.careervp-dev-vpr-results-us-east-1-f6121f"),
        ),
    ),
    "lifecycle": Said(
        verdict=STOPPED,
        status=1,
        counts={"change": 1},
        findings=(("loss", LIFECYCLE), ("requirement", LIFECYCLE)),
        stopped=(("no-loss", LIFECYCLE), ("no-departure", LIFECYCLE)),
    ),
    "index-removed": Said(
        verdict=STOPPED,
        status=1,
        counts={"change": 2},
        findings=(("clients", TABLE), ("clients", SUBMIT), ("requirement", TABLE), ("requirement", SUBMIT)),
        stopped=(
            ("no-lost-clients", TABLE),
            ("no-lost-clients", SUBMIT),
            ("no-departure", TABLE),
            ("no-departure", SUBMIT),
        ),
    ),
    "policy-widened": Said(
        verdict=STOPPED,
        status=1,
        counts={"change": 1},
        findings=(("privilege", QUEUE), ("requirement", QUEUE)),
        stopped=(("no-weaker-security", QUEUE), ("no-departure", QUEUE)),
    ),
    "policy-reordered": Said(verdict=NOTHING, counts={}),
    "policy-rewritten": Said(verdict=CHANGES, counts={"change": 3}),
    "tag": Said(
        verdict=STOPPED,
        status=1,
        counts={"change": 10},
        findings=tuple(("requirement", each) for each in TAGGED),
        stopped=tuple(("no-departure", each) for each in TAGGED),
    ),
    "alarm-removed": Said(
        verdict=STOPPED,
        status=1,
        counts={"delete": 1},
        findings=(("requirement", DLQ_ALARM), ("alarms", DLQ_ALARM)),
        stopped=(("no-departure", DLQ_ALARM),),
    ),
    "drift": Said(verdict=CHANGES, counts={"change": 1}, drift=(QUEUE,)),
    "import": Said(verdict=STATE, counts={"imported": 15}),
    "destroy": Said(
        verdict=STOPPED,
        status=1,
        counts={"delete": 15},
        findings=DESTROYED,
        stopped=(
            ("no-loss", TABLE),
            ("no-loss", BUCKET),
            ("no-loss", DLQ),
            ("no-loss", QUEUE),
            ("no-lost-clients", STATUS),
            ("no-lost-clients", SUBMIT),
            ("no-lost-clients", WORKER),
        ),
        complete=False,
    ),
    "destroy-dev": Said(environment="dev", verdict=DANGER, counts={"delete": 15}, findings=DESTROYED),
}


RECORDED = {"days": 7, "visibility_timeout_seconds": 660, "threshold": 50}
"""Values that were required when the plans were made."""
NOW = {
    "days": RESULTS_DAYS,
    "visibility_timeout_seconds": int(VISIBILITY),
    "threshold": required.DEPTH_ALARM["Threshold"],
}


def as_required_now(plan: bytes) -> str:
    """Return a plan with what is required now where it has what was required when it was made."""
    recorded = rf"More than {RECORDED['threshold']} (VPR jobs wait)"
    text = re.sub(recorded, rf"More than {NOW['threshold']} \1", plan.decode())
    for key, was in RECORDED.items():
        text = re.sub(rf'("{key}": ){was}\b', rf"\g<1>{NOW[key]}", text)
    return text


def reviewed(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    """Review one of the kept plans as `make review` does without ENV; return the status and the JSON that is left."""
    monkeypatch.delenv("ENV", raising=False)
    file = folder / "plan.json"
    file.write_text(as_required_now(content(name)))
    status = main(["review", str(file)])
    assert {path.name for path in folder.iterdir()} == {"plan.json", "review.md", "review.html", "review.json"}
    return status, json.loads((folder / "review.json").read_text())


@pytest.mark.parametrize("name", SAID)
def test_a_real_plan_is_judged_right(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict, the counts, what needs eyes in its order, the rules that stop it, the drift and the exit status."""
    status, review = reviewed(name, tmp_path, monkeypatch)
    counts = {kind: count for kind, count in review["counts"].items() if count and kind not in {"noise", "unchanged"}}
    assert (
        Said(
            environment=review["environment"],
            verdict=review["verdict"],
            status=status,
            counts=counts,
            findings=tuple((found["kind"], found["address"]) for found in review["findings"]),
            stopped=tuple((block["rule"], block["finding"]["address"]) for block in review["blocks"]),
            drift=tuple(resource["address"] for resource in review["drift"]),
            complete=not review["incomplete"],
        )
        == SAID[name]
    )


def test_every_plan_that_is_kept_is_judged_and_tells_nothing_of_the_machine_that_made_it() -> None:
    kept = {name: content(name) for name in (path.name.removesuffix(".json.gz") for path in PLANS.iterdir())}
    assert set(kept) == set(SAID)
    for plan in kept.values():
        assert b"/tmp/" not in plan
        assert plan.count(b"http://") == plan.count(b"http://127.0.0.1:4566")


CHANGED: list[tuple[str, dict[str, list[tuple[list[str], Any, Any]]]]] = [
    ("visibility", {QUEUE: [(["visibility_timeout_seconds"], int(VISIBILITY), 30)]}),
    ("lifecycle", {LIFECYCLE: [(["rule", "DeleteOldResults", "expiration", "days"], RESULTS_DAYS, 1)]}),
    ("policy-rewritten", {BUCKET_POLICY: [], DLQ: [], QUEUE: []}),
]


@pytest.mark.parametrize(("name", "expected"), CHANGED)
def test_only_what_changes_in_meaning_is_shown(
    name: str,
    expected: dict[str, list[tuple[list[str], Any, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of each resource that changes, each attribute with before and after; what is noise is not among them."""
    _, review = reviewed(name, tmp_path, monkeypatch)
    assert {
        resource["address"]: [
            (each["path"], each["before"]["value"], each["after"]["value"])
            for each in resource["differences"]
            if each["noise"] is None
        ]
        for resource in review["resources"]
    } == expected


def test_a_tag_that_changes_is_shown_with_what_it_becomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, review = reviewed("tag", tmp_path, monkeypatch)
    shown = {
        (each["path"][-1], each["before"]["value"], each["after"]["value"])
        for resource in review["resources"]
        for each in resource["differences"]
        if each["noise"] is None
    }
    assert shown == {("Owner", "careervp-platform", "reports")}


def test_each_of_two_stacks_is_held_against_its_own_requirement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state bucket's stack lacks no queue, and the first deployment agrees in everything that is known."""
    for name in ("vpr", "state"):
        (tmp_path / name).mkdir()
    _, first = reviewed("first-deploy", tmp_path / "vpr", monkeypatch)
    _, state = reviewed("state-backend", tmp_path / "state", monkeypatch)
    assert len(first["intent"]) >= 30
    assert [item for item in (*first["intent"], *state["intent"]) if item["agrees"] is False] == []
    assert not any("queue" in item["resource"] for item in state["intent"])


def test_a_property_that_leaves_the_requirement_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, review = reviewed("visibility", tmp_path, monkeypatch)
    (broken,) = (item for item in review["intent"] if item["agrees"] is False)
    assert broken["resource"] == "careervp-vpr-jobs-queue-prod"
    assert (broken["required"], broken["planned"]["value"]) == (int(VISIBILITY), 30)
