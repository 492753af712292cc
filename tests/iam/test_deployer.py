"""The deployer's policies: a deployment's whole life succeeds under them, and none of their actions is for nothing."""

import json
import subprocess
from pathlib import Path

import pytest

from config.request import Environment
from config.settings import load_settings
from ops.iam.deployer import policy_document
from tests.iam.deployment import CHANGES, RESULTS_BUCKET, Deployment, covers, deployment

PLAN, APPLY, VERIFY = ("plan",), ("plan", "apply"), ("plan", "verify")


def succeeded(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def live(dev: Deployment) -> None:
    """Go through everything that changes a deployment or looks at it."""
    succeeded(dev.run("bootstrap", APPLY))
    succeeded(dev.run("plan", PLAN))
    succeeded(dev.run("apply", APPLY))
    succeeded(dev.run("verify", ("verify",)))
    for change in CHANGES:
        dev.edit(*change)
    succeeded(dev.run("bootstrap", APPLY))
    succeeded(dev.run("plan", PLAN))
    succeeded(dev.run("apply", APPLY))
    assert dev.run("verify", ("verify",)).returncode == 1
    assert dev.run("drift", VERIFY).returncode == 1
    for file, text, replacement in CHANGES:
        dev.edit(file, replacement, text)
    dev.edit("environments/dev.toml", "# email = ", "email = ")
    succeeded(dev.run("plan", PLAN))
    succeeded(dev.run("apply", APPLY))
    dev.forget_state()
    succeeded(dev.run("bootstrap", APPLY))
    succeeded(dev.run("adopt", PLAN))
    succeeded(dev.run("apply", APPLY))
    dev.administrator.client("s3").put_object(Bucket=RESULTS_BUCKET, Key="results/1.json", Body=b"{}")
    succeeded(dev.run("destroy", APPLY))


def granted() -> set[tuple[str, str]]:
    settings = load_settings(Environment.DEV)
    return {
        (action, resource)
        for policy in ("plan", "apply", "verify")
        for statement in policy_document(settings, policy)["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


@pytest.mark.xdist_group("deployer")
def test_a_whole_life_succeeds_and_takes_every_action(tmp_path: Path) -> None:
    """Bootstrap, plan, apply, verify, update, drift, adopt and destroy are denied nothing.

    Every call is covered, by its action and its resource, and every action that the policies give is taken.
    """
    with deployment(tmp_path) as dev:
        live(dev)
        taken, denied = dev.taken(), dev.denied()
    assert denied == set()
    assert not [each for each in taken if each[0] != "sts:GetCallerIdentity" and not covers(granted(), *each)]
    never = {action for action, _ in granted()} - {action for action, _ in taken}
    assert never == set()
    assert len({action for action, _ in granted()}) > 80


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("policy", ["plan", "apply", "verify"])
def test_a_policy_is_one_that_iam_takes(environment: Environment, policy: str) -> None:
    """Within the 6,144 characters of a managed policy, white space apart, and each Sid once."""
    document = policy_document(load_settings(environment), policy)
    assert len(json.dumps(document, separators=(",", ":"))) <= 6144
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(sids) == len(set(sids)) > 5
