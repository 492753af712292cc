"""The commands with TERRAFORM=tofu, by a stand-in that plays how OpenTofu differs."""

import json
import subprocess
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from config.products import OPENTOFU
from tests import opentofu
from tests.checkout import Checkout, make_checkout

pytestmark = pytest.mark.xdist_group("tofu")


class Tofu:
    """A checkout in which OpenTofu is installed, and nothing of it is set up."""

    def __init__(self, folder: Path) -> None:
        self.checkout: Checkout = make_checkout(folder / "checkout", checks_provider=True)
        self.variables: Mapping[str, str] = opentofu.stand_in(self.checkout, folder)

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Type a make command."""
        return self.checkout.run("make", *arguments, **{**self.variables, **variables})

    def succeeds(self, *arguments: str, **variables: str) -> str:
        """Type a make command that succeeds; return what it prints, one after the other."""
        done = self.make(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tofu(tmp_path_factory: pytest.TempPathFactory) -> Generator[Tofu]:
    """Return a checkout with the state bucket, made by OpenTofu, and nothing else."""
    made = Tofu(tmp_path_factory.mktemp("tofu"))
    said = made.succeeds("bootstrap")
    assert "tofu init: " in said
    # The plan that finds the state in the bucket does not say of itself that it cannot be applied.
    assert said.count("no difference") == 1
    assert "ready, with its own state in it" in said
    yield made
    made.succeeds("down")


def test_a_plan_made_by_terraform_is_refused_with_what_applies_it(tofu: Tofu) -> None:
    """One line says why, and not a line for each thing that differs."""
    tofu.succeeds("plan", TERRAFORM="terraform")
    refused = tofu.make("apply")
    assert refused.returncode == 2
    *_, message, reason, _ = refused.stderr.splitlines()
    assert message == (
        "vpr-async-dev: the saved plan is not applied and nothing was changed; make plan ENV=dev TERRAFORM=tofu, look "
        "at it, and apply that"
    )
    assert reason == "  made by terraform, now it is tofu; the same command with TERRAFORM=terraform applies it"


def test_a_stack_is_planned_applied_and_found_unchanged(tofu: Tofu) -> None:
    """And then by cdktf's CLI, which has nothing to do either."""
    assert "15 to create" in tofu.succeeds("plan")
    plans = tofu.checkout.path / "plans" / "emulator" / "vpr-async-dev"
    record, shown = (json.loads((plans / name).read_text()) for name in ("plan-record.json", "plan.json"))
    assert (record["product"], record["terraform"]) == ("tofu", opentofu.VERSION)
    assert "applyable" not in shown
    assert {entry["provider_name"] for entry in shown["resource_changes"]} == {"registry.opentofu.org/hashicorp/aws"}

    refused = tofu.make("apply", TERRAFORM="terraform")
    assert refused.returncode == 2
    assert "made by tofu, now it is terraform; the same command with TERRAFORM=tofu applies it" in refused.stderr

    assert "applied: 15 created" in tofu.succeeds("apply")
    assert "nothing to do: no changes" in tofu.succeeds("plan")
    assert "nothing to apply, the plan has no changes" in tofu.succeeds("apply")
    assert "drift: none" in tofu.succeeds("drift")
    assert "No changes" in tofu.succeeds("deploy")
    assert "15 to delete" in tofu.succeeds("destroy", AUTO_APPROVE="yes")
    assert "vpr-async-dev: nothing is deployed" in tofu.make("drift").stderr


def test_hashicorps_package_is_not_taken_for_opentofus(tmp_path: Path) -> None:
    """The shipped checksums are of OpenTofu's own packages, whatever a mirror has under the host of its registry."""
    checkout = make_checkout(tmp_path / "checkout", checks_provider=True)
    shipped = (checkout.path / OPENTOFU.lock).read_text()
    variables = opentofu.stand_in(checkout, tmp_path)
    (checkout.path / OPENTOFU.lock).write_text(shipped)
    done = checkout.run("make", "setup", **variables)
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert (
        "that was found is not one that .opentofu.lock.hcl knows. Either it is not that of registry.opentofu.org"
        in said
    )
    assert "make lock-provider TERRAFORM=tofu, where the registry can be reached" in said
