"""What a review knows besides the plan: kept beside it, for that plan alone."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from check_report.errors import InvalidInputError
from ops.cli import main
from ops.review_context import Context, keep, kept_for
from plan_review.data_loss import Retention
from plan_review.facts import UNKNOWN_FACTS, Facts, RecordedFacts

from plan_builder import entry
from plan_builder import plan as built_plan

SHA256 = "5" * 64
ANSWERS = {"jobs younger than a day": True, "objects of results older than 7 days": None}
CONTEXT = Context(
    title="vpr-async-prod",
    environment="prod",
    where="AWS (account 333333333333, us-east-1)",
    retention=Retention(protects=True, setting="retain", runbook="decommission.md", adopt="make adopt ENV=prod"),
    facts=RecordedFacts(UNKNOWN_FACTS, ANSWERS),
    configuration={"resource": {"aws_sqs_queue": {"Jobs": {"name": "jobs"}}}},
    writes_refresh=True,
    notes=("a note",),
)


@pytest.mark.parametrize("retention", [CONTEXT.retention, None])
def test_a_context_is_what_was_kept(tmp_path: Path, retention: Retention | None) -> None:
    kept = Context(
        **{name: getattr(CONTEXT, name) for name in CONTEXT.__dataclass_fields__ if name != "retention"},
        retention=retention,
    )
    keep(kept, tmp_path, SHA256)
    found = kept_for(tmp_path, SHA256)
    assert found is not None
    facts = found.facts
    assert isinstance(facts, RecordedFacts)
    assert facts.answers == {"jobs younger than a day": True, "objects of results older than 7 days": None}
    assert facts.is_younger_than_a_day("jobs") is True
    assert (found.title, found.environment, found.where) == (
        "vpr-async-prod",
        "prod",
        "AWS (account 333333333333, us-east-1)",
    )
    assert found.retention == retention
    assert found.configuration == {"resource": {"aws_sqs_queue": {"Jobs": {"name": "jobs"}}}}
    assert (found.writes_refresh, found.notes) == (True, ("a note",))


def test_a_plan_without_a_context_of_its_own_has_none(tmp_path: Path) -> None:
    assert kept_for(tmp_path, SHA256) is None
    keep(CONTEXT, tmp_path, SHA256)
    assert kept_for(tmp_path, "6" * 64) is None


@pytest.mark.parametrize(
    "damage",
    [
        "no JSON",
        "[]",
        {"title": 1},
        {"where": None},
        {"notes": [1]},
        {"facts": []},
        {"configuration": []},
        {"retention": {"protects": True}},
    ],
)
def test_a_damaged_context_is_said(tmp_path: Path, damage: str | dict[str, Any]) -> None:
    keep(CONTEXT, tmp_path, SHA256)
    file = tmp_path / "review-context.json"
    file.write_text(damage if isinstance(damage, str) else json.dumps({**json.loads(file.read_text()), **damage}))
    with pytest.raises(InvalidInputError) as refused:
        kept_for(tmp_path, SHA256)
    message = f"{file}: not what make plan left there; plan again, or remove it to review the plan without it"
    assert str(refused.value) == message


class Empty(Facts):
    """Says that every queue is empty."""

    def count_in(self, type_: str, values: Any) -> int:  # noqa: ARG002 - of any
        """Say so."""
        return 0


@pytest.mark.parametrize(("environment", "status"), [("prod", 0), ("gone", 1)])
def test_a_context_of_an_environment_that_is_no_more_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str, status: int
) -> None:
    """A queue of prod goes, which was known to be empty: without that knowledge a rule stops the plan."""
    monkeypatch.delenv("ENV", raising=False)
    queue = {"name": "careervp-vpr-jobs-queue-prod"}
    content = json.dumps(built_plan(entry("aws_sqs_queue", "delete", queue), applyable=True))
    (tmp_path / "plan.json").write_text(content)
    facts = RecordedFacts(Empty())
    facts.count_in("aws_sqs_queue", queue)
    context = Context(title="vpr-async-prod", environment=environment, facts=facts)
    keep(context, tmp_path, hashlib.sha256(content.encode()).hexdigest())
    assert main(["review", str(tmp_path / "plan.json")]) == status
