"""A plan that a rule of review.toml stops: shown and left, but not applied; and an exception that lets it pass."""

import json

import pytest

from tests.checkout import Checkout, in_a_month
from tests.journeys.test_life import attributes, clients
from tests.review.golden.making import edited

RULE = """[[rule]]
name = "no-hurry"
why = "a job takes minutes"
kinds = ["availability"]
environments = ["dev"]
"""
EXCEPTION = f"""
[[exception]]
rule = "no-hurry"
address = "aws_sqs_queue.Jobs_Queue_57E451F9"
reason = "the worker is stopped"
expires = {in_a_month()}
"""
EDITS = {
    "stacks/vpr_async/stack.py": (("visibility_timeout_seconds=660", "visibility_timeout_seconds=600"),),
}


@pytest.mark.xdist_group("deployed")
def test_a_plan_that_a_rule_stops_is_left_to_be_seen_and_is_not_applied(deployed_dev: Checkout) -> None:
    """An exception that is put in afterwards lets it pass."""
    rules = deployed_dev.path / "review.toml"
    before = rules.read_text()
    left = deployed_dev.path / "plans" / "emulator" / "vpr-async-dev"
    with edited(deployed_dev, EDITS):
        try:
            rules.write_text(RULE)
            planned = deployed_dev.run("python", "-m", "ops", "plan", ENV="dev")
            applied = deployed_dev.run("python", "-m", "ops", "apply", ENV="dev")
            rules.write_text(RULE + EXCEPTION)
            excepted = deployed_dev.run("python", "-m", "ops", "plan", ENV="dev")
        finally:
            rules.write_text(before)
    stopped = "  no-hurry: careervp-vpr-jobs-queue-dev: visibility_timeout_seconds 660 -> 600"
    for refused in (planned, applied):
        assert refused.returncode == 1
        assert "vpr-async-dev: not to be applied, and nothing was changed" in refused.stderr
        assert "Traceback" not in refused.stderr
    # The plan has shown its review, with the finding; an apply has not.
    assert (stopped in planned.stderr, stopped in applied.stderr) == (False, True)
    assert "nothing was changed: 1 finding above; undo what they are about, or" in planned.stderr
    assert "STOPPED: careervp-vpr-jobs-queue-dev: visibility_timeout_seconds 660 -> 600" in planned.stdout
    assert excepted.returncode == 0, excepted.stderr
    assert "the worker is stopped" in excepted.stdout
    assert json.loads((left / "review.json").read_text())["blocks"][0]["rule"] == "no-hurry"
    assert {file.name for file in left.iterdir()} >= {"tfplan", "plan.json", "review.html"}
    assert attributes(clients(deployed_dev, "dev")["sqs"], "careervp-vpr-jobs-queue-dev")["VisibilityTimeout"] == "660"
