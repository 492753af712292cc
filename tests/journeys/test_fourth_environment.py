"""A fourth environment is a file in environments/, and every tool works on it.

The steps build on one another: one deployment serves them all.
"""

import json
from collections.abc import Generator
from subprocess import CompletedProcess

import pytest

from tests.checkout import Checkout, make_checkout

pytestmark = pytest.mark.xdist_group("fourth environment")
SETTINGS = """\
account_id = "444444444444"
region = "us-east-1"
state_bucket = "careervp-terraform-state-qa-444444444444"
data_protection = "destroy"
holds_customer_data = false
serves_customers = false
[vpr_async.worker]
timeout_seconds = 300
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    """Return a checkout with a fourth environment; its emulator ends with the module."""
    made = make_checkout(tmp_path_factory.mktemp("fourth"))
    (made.path / "environments" / "qa.toml").write_text(SETTINGS)
    try:
        yield made
    finally:
        assert ops(made, "down").returncode == 0


def ops(checkout: Checkout, *arguments: str, **variables: str) -> CompletedProcess[str]:
    return checkout.run("python", "-m", "ops", *arguments, **{"ENV": "qa", **variables})


def test_help_status_and_messages_name_it(checkout: Checkout) -> None:
    assert "ENV=dev (default) or prod or qa or staging; " in checkout.run("make", "help").stdout
    assert ops(checkout, "status").stdout.splitlines()[3:] == ["qa: not running"]
    refused = ops(checkout, "plan", ENV="test")
    assert refused.returncode == 2
    assert refused.stderr == (
        'ENV = "test": not known; allowed: dev, staging, prod, qa; for example ENV=dev; '
        "environments/NAME.toml makes another one\n"
    )


def test_its_stacks_are_synthesized_among_the_others_and_its_names_are_right(checkout: Checkout) -> None:
    validated = ops(checkout, "validate")
    assert validated.returncode == 0, validated.stdout + validated.stderr
    made = {file.parent.name for file in checkout.path.glob("cdktf.out/stacks/*/cdk.tf.json")}
    assert {"vpr-async-qa", "state-backend-qa", "vpr-async-dev", "vpr-async-prod"} <= made
    assert len(made) == 8


def test_its_roles_have_policies_and_are_trusted_in_githubs_environment_of_its_name(checkout: Checkout) -> None:
    assert ops(checkout, "access", "--repository", "acme@1/reports@2").returncode == 0
    trust = json.loads((checkout.path / "access" / "qa" / "apply-trust.json").read_text())
    condition = json.dumps(trust["Statement"][0]["Condition"])
    assert "repo:acme@1/reports@2:environment:qa" in condition
    policy = (checkout.path / "access" / "qa" / "apply-policy.json").read_text()
    assert "arn:aws:sqs:us-east-1:444444444444:careervp-vpr-jobs-queue-qa" in policy


def test_it_is_deployed_and_found_as_required(checkout: Checkout) -> None:
    deployed = ops(checkout, "up")
    assert deployed.returncode == 0, deployed.stderr
    verified = ops(checkout, "verify")
    assert verified.returncode == 0, verified.stdout
    assert "vpr-async-qa on the emulator at " in verified.stdout
    assert ops(checkout, "drift").returncode == 0
    assert ops(checkout, "smoke").returncode == 0


def test_a_plan_of_it_is_judged_by_its_own_settings(checkout: Checkout) -> None:
    """Whoever lets a file leave out whose data it holds has it protected: the same change is then stopped."""
    file = checkout.path / "environments" / "qa.toml"
    verdicts: list[tuple[int, str, bool]] = []
    for settings in (SETTINGS, SETTINGS.replace("holds_customer_data = false\n", "")):
        file.write_text(
            settings.replace("[vpr_async.worker]", '[vpr_async]\nname_suffix = "0a1b2c"\n[vpr_async.worker]')
        )
        planned = ops(checkout, "plan")
        review = json.loads((checkout.path / "plans" / "emulator" / "vpr-async-qa" / "review.json").read_text())
        rules = {block["rule"] for block in review["blocks"]}
        verdicts.append((planned.returncode, review["environment"], "no-loss" in rules))
    file.write_text(SETTINGS)
    assert verdicts == [(0, "qa", False), (1, "qa", True)]


def test_smoke_on_aws_wants_a_word_more_only_where_customers_are_served(checkout: Checkout) -> None:
    file = checkout.path / "environments" / "qa.toml"
    assert ops(checkout, "smoke", TARGET="aws").stderr.startswith("TARGET=aws: no usable AWS credentials")
    file.write_text(SETTINGS.replace("serves_customers = false\n", ""))
    refused = ops(checkout, "smoke", TARGET="aws")
    file.write_text(SETTINGS)
    assert refused.returncode == 2
    assert refused.stderr.startswith(
        "TARGET=aws ENV=qa: smoke writes a marked job to qa's own queues, table and bucket"
    )


def test_without_its_file_it_is_gone(checkout: Checkout) -> None:
    file = checkout.path / "environments" / "qa.toml"
    file.rename(file.with_suffix(".txt"))
    refused = ops(checkout, "status")
    file.with_suffix(".txt").rename(file)
    assert refused.returncode == 2
    assert 'ENV = "qa": not known; allowed: dev, staging, prod; ' in refused.stderr


@pytest.mark.parametrize("command", [("python", "-m", "ops", "status"), ("python", "main.py")])
def test_a_file_that_no_environment_can_be_called_after_stops_every_command(
    checkout: Checkout, command: tuple[str, ...]
) -> None:
    file = checkout.path / "environments" / "eu-qa.toml"
    file.write_text(SETTINGS)
    refused = checkout.run(*command)
    file.unlink()
    assert refused.returncode == 2
    assert refused.stderr.startswith('environments: "eu-qa.toml" is not an environment\'s file; allowed: NAME.toml, ')
    assert refused.stdout == ""
