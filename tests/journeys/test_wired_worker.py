"""An environment that asks for the worker's wiring and a dashboard: noted, deployed, verified, and destroyed."""

import json
from collections.abc import Generator
from subprocess import CompletedProcess

import pytest

from tests.checkout import Checkout, make_checkout
from tests.clients import client
from tests.functions import make_worker
from tests.required import VISIBILITY

pytestmark = pytest.mark.xdist_group("wired worker")
QUEUE, WORKER = "careervp-vpr-jobs-queue-dev", "careervp-vpr-worker-lambda-dev"


def endpoint(checkout: Checkout) -> str:
    return json.loads((checkout.path / ".emulator" / "dev.json").read_text())["endpoint"]


def ops(checkout: Checkout, *arguments: str) -> CompletedProcess[str]:
    return checkout.run("python", "-m", "ops", *arguments)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    """Return a checkout whose dev is wired and has a dashboard, and an emulator with the worker that keeps running."""
    made = make_checkout(tmp_path_factory.mktemp("wired"))
    settings = made.path / "environments" / "dev.toml"
    text = settings.read_text()
    for setting in ("wire", "dashboard"):
        assert f"# {setting} = false" in text
        text = text.replace(f"# {setting} = false", f"{setting} = true")
    settings.write_text(text)
    assert ops(made, "bootstrap").returncode == 0
    try:
        make_worker(endpoint(made), WORKER, queue_arn=f"arn:aws:sqs:us-east-1:111111111111:{QUEUE}")
        yield made
    finally:
        assert ops(made, "down").returncode == 0


def test_a_plan_notes_what_aws_advises_and_agrees_with_the_requirement(checkout: Checkout) -> None:
    planned = ops(checkout, "plan")
    assert planned.returncode == 0, planned.stderr
    assert (
        f"note: vpr-async-dev/Worker: visibility_timeout_seconds = {VISIBILITY} of careervp-vpr-jobs-queue-dev: AWS "
        "advises at least 1800" in planned.stderr
    )
    review = json.loads((checkout.path / "plans" / "emulator" / "vpr-async-dev" / "review.json").read_text())
    assert {
        f"{QUEUE}/{WORKER}",
        f"/aws/lambda/{WORKER}",
        "careervp-vpr-dashboard-dev",
    } <= {each["resource"] for each in review["intent"]}
    assert [each for each in review["intent"] if each["agrees"] is False] == []


def test_what_is_deployed_is_as_required_and_nothing_drifts(checkout: Checkout) -> None:
    applied = ops(checkout, "apply")
    assert applied.returncode == 0, applied.stderr
    verified = ops(checkout, "verify")
    assert verified.returncode == 0, verified.stdout
    drifted = ops(checkout, "drift")
    assert drifted.returncode == 0, drifted.stdout


def test_a_mapping_that_was_disabled_by_hand_is_found(checkout: Checkout) -> None:
    functions = client("lambda", endpoint(checkout))
    (mapping,) = functions.list_event_source_mappings(FunctionName=WORKER)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    verified = ops(checkout, "verify")
    assert verified.returncode == 1
    assert "aws_lambda_event_source_mapping" in verified.stdout
    assert "differs: State" in verified.stdout
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def test_a_destroy_leaves_the_worker_and_nothing_of_the_stack(checkout: Checkout) -> None:
    destroyed = ops(checkout, "destroy")
    assert destroyed.returncode == 0, destroyed.stderr
    assert ops(checkout, "verify", "--mode", "clean").returncode == 0
    functions = client("lambda", endpoint(checkout)).list_functions()["Functions"]
    assert [each["FunctionName"] for each in functions] == [WORKER]
