"""After an upgrade of the AWS provider: the state lacks what the new one reads, until an apply has written it.

The upgrade is simulated: an attribute is taken out of the state, as if an older provider had written it.
"""

import json
import re
import shlex
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import Checkout, make_checkout
from tests.journeys.test_drift import BUCKET, aws, state
from tests.journeys.test_life import clients

__all__ = ["aws"]

pytestmark = pytest.mark.xdist_group("drifted")

STATE = {"Bucket": "careervp-terraform-state-dev-111111111111", "Key": "vpr-async-dev/terraform.tfstate"}
PAGE = PROJECT_ROOT / "docs" / "runbooks" / "upgrade-the-provider.md"
AWS_CLI = PROJECT_ROOT / "tests" / "aws_cli.py"


@pytest.fixture
def before(aws: dict[str, Any]) -> Generator[None]:
    """Put the state back at the end: it is the same in meaning, as a refresh writes it."""
    known = state(aws)
    yield
    aws["s3"].put_object(**STATE, Body=known)


def upgraded(aws: dict[str, Any]) -> None:
    """Take out of the state what provider 6 adds to it, and something that drift shows, which 5.100 fills in itself."""
    known = json.loads(state(aws))
    for resource in known["resources"]:
        for instance in resource["instances"]:
            if resource["type"] == "aws_s3_bucket":
                del instance["attributes"]["region"]
            if resource["type"] == "aws_sqs_queue":
                del instance["attributes"]["max_message_size"]
    overtaken(aws, known)


def overtaken(aws: dict[str, Any], known: dict[str, Any] | None = None) -> None:
    """Write the state again, as another apply does."""
    present: dict[str, Any] = json.loads(state(aws)) if known is None else known
    written = {**present, "serial": present["serial"] + 1}
    aws["s3"].put_object(**STATE, Body=json.dumps(written).encode())


def ops(checkout: Checkout, *command: str, status: int = 0) -> tuple[str, str]:
    done = checkout.run("python", "-m", "ops", *command)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout, done.stderr


def drift(checkout: Checkout, status: int) -> dict[tuple[str, str], str]:
    """Return the properties that drifted, each with what an apply does about it."""
    report = json.loads(ops(checkout, "drift", "--format", "json", status=status)[0])
    return {(fact["resource"], fact["property"]): fact["apply"] for fact in report["drift"]}


def blocks(heading: str) -> list[str]:
    """Return the blocks under a heading of the runbook, for dev on the emulator, as the page says to write them."""
    sections = re.split(r"^## (?:\d\. )?", PAGE.read_text(), flags=re.MULTILINE)
    (section,) = (each for each in sections if each.startswith(heading))
    found: list[str] = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    for old, new in (("TARGET=aws", "TARGET=emulator"), ("333333333333", "111111111111"), ("prod", "dev")):
        found = [re.sub(rf"\b{old}\b", new, block) for block in found]
    return found


def typed(checkout: Checkout, block: str, **variables: str) -> str:
    """Type a block, whose last command succeeds; return all that it printed."""
    done = checkout.run("bash", "-c", block, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("before")
def test_an_apply_writes_what_a_newer_provider_reads_and_drift_is_over(
    deployed_dev: Checkout, aws: dict[str, Any]
) -> None:
    """Planned, reviewed and bound to its record as any other; the region of a bucket is noise from the beginning.

    The commands are those of the runbook.
    """
    upgraded(aws)
    planned, _ = ops(deployed_dev, "plan")
    assert "max_message_size: (not set) -> 262144" in planned
    assert "region" not in planned
    review = json.loads((deployed_dev.path / "plans" / "emulator" / "vpr-async-dev" / "review.json").read_text())
    assert (review["verdict"], review["counts"]["refresh"], review["resources"]) == ("state only", 2, [])
    overtaken(aws)
    _, refused = ops(deployed_dev, "apply", status=1)
    assert "the state has changed since the plan was made, so it is not applied and nothing was changed" in refused

    (block,) = blocks("Try it on the emulator")
    said = typed(deployed_dev, block)
    in_their_order = (
        "    apply:    writes it into Terraform's state, and changes nothing else\n",
        "drift: 2 (resources: 2)\n",
        ": state only: 2 to refresh\n",
        "note: an apply changes Terraform's state alone: what the refresh found is no drift after that\n",
        ": applied: 2 refreshed\n",
        "drift: none\n",
    )
    assert re.search(".*".join(map(re.escape, in_their_order)), said, re.DOTALL), said
    assert ": nothing to do: no changes\n" in ops(deployed_dev, "plan")[0]
    assert ops(deployed_dev, "apply")[0].endswith(": nothing to apply, the plan has no changes\n")


@pytest.mark.usefixtures("before")
def test_the_old_provider_reads_a_newer_ones_state(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """As far as 5.100 shows it: it has no use for attributes that only provider 6 knows, and finds no difference."""
    newer = json.loads(state(aws))
    for resource in newer["resources"]:
        for instance in resource["instances"]:
            instance["attributes"] |= {"region": "us-east-1", "only_in_6": [{"key": "HASH"}]}
    overtaken(aws, newer)
    assert drift(deployed_dev, 0) == {}


@contextmanager
def paying_readers(aws: dict[str, Any]) -> Generator[None]:
    """Let, for a block, whoever reads the results pay for it: a setting that the stack says nothing of."""
    s3 = aws["s3"]
    s3.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "Requester"})
    try:
        yield
    finally:
        s3.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "BucketOwner"})


@pytest.mark.usefixtures("before")
def test_what_somebody_changed_stays_drift_though_the_stack_says_nothing_of_it(
    deployed_dev: Checkout, aws: dict[str, Any]
) -> None:
    """No apply of a plan without changes hides it: the state is as it was, to the byte."""
    was = state(aws)
    with paying_readers(aws):
        planned, _ = ops(deployed_dev, "plan")
        note = (
            f"{BUCKET}: request_payer: changed outside Terraform, and the stack says nothing of it; the state stays as "
            "it is, so that make drift shows it: undo it, or declare it in the stack"
        )
        assert ": nothing to do: no changes\n" in planned
        assert f"note: {note}" in " ".join(planned.split())
        applied, said = ops(deployed_dev, "apply")
        assert applied.endswith(": nothing to apply, the plan has no changes\n")
        assert f"vpr-async-dev: {note}\n" in said
        assert state(aws) == was
        left = {(BUCKET, "request_payer"): "nothing: the stack says so now, or says nothing of it"}
        assert drift(deployed_dev, 1) == left


@pytest.mark.xdist_group("restored")
def test_a_former_version_of_the_state_is_put_in_place_by_the_runbooks_commands(tmp_path: Path) -> None:
    """Both states hold no resource, so that there is nothing to deploy before."""
    checkout = make_checkout(tmp_path / "checkout")
    started = checkout.run("python", "-c", "from ops import emulators; emulators.start('dev', '111111111111')")
    assert started.returncode == 0, started.stderr
    try:
        s3 = clients(checkout, "dev")["s3"]
        s3.create_bucket(Bucket=STATE["Bucket"])
        s3.put_bucket_versioning(Bucket=STATE["Bucket"], VersioningConfiguration={"Status": "Enabled"})
        empty: dict[str, Any] = {
            "version": 4,
            "terraform_version": "1.11.4",
            "lineage": "l",
            "outputs": {},
            "resources": [],
        }
        former, newer = (json.dumps({**empty, "serial": serial}).encode() for serial in (1, 2))
        for content in (former, newer):
            s3.put_object(**STATE, Body=content)
        restored(checkout, tmp_path)
        assert s3.get_object(**STATE)["Body"].read() == former
    finally:
        assert checkout.run("python", "-m", "ops", "down").returncode == 0


def restored(checkout: Checkout, folder: Path) -> None:
    """Type what the page says, with the second version that it lists; the shell is a new one each time."""
    stand_in = folder / "aws"
    stand_in.write_text(f'#!/bin/sh\nexec {shlex.join((sys.executable, str(AWS_CLI)))} "$@"\n')
    stand_in.chmod(0o755)
    on_emulator, listing, restoring = blocks("Back to the old version")
    reach = {f"AWS_{name}": "emulator" for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    # Nothing is deployed, so that make env has nothing to print: its lines are set here.
    endpoint = json.loads((checkout.path / ".emulator" / "dev.json").read_text())["endpoint"]
    reach |= {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "PATH": f"{folder}:{checkout.variables['PATH']}"}
    begun = "".join(line for line in on_emulator.splitlines(keepends=True) if "make env" not in line)
    assert begun != on_emulator
    _, before, *_ = typed(checkout, begun + listing, **reach).splitlines()
    named = "".join(line for line in listing.splitlines(keepends=True) if not line.startswith("aws "))
    typed(checkout, begun + named + restoring.replace("VERSION_ID", before.split("\t")[1]), **reach)
