"""`make apply` and `make unlock`, refused: the plan is not the one that was reviewed, or somebody holds the lock."""

import json
import os
import re
import subprocess
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ops.aws import client
from tests.checkout import Checkout, make_checkout

pytestmark = pytest.mark.xdist_group("saved plan")

START = "from ops import emulator, workspace; emulator.start_background('dev', '111111111111', workspace.EMULATORS)"
BUCKET = "careervp-terraform-state-dev-111111111111"
KEY = "vpr-async-dev/terraform.tfstate"
LOCK = {
    "ID": "22a98e7e-a93a-9c82-71e8-9af4a63a41c1",
    "Operation": "OperationTypeApply",
    "Who": "ada@build-7",
    "Created": "2026-01-31T11:57:55.123456789Z",
}
# Not empty: over an empty state Terraform would write any other one.
OVERTAKING = (
    b'{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"another",'
    b'"outputs":{"jobs":{"value":"q","type":"string"}},"resources":[]}'
)
HOLDER = (
    r"locked by ada@build-7, for apply, since 2026-01-31 11:57:55 UTC \(\d+ h \d+ min\); "
    "lock id 22a98e7e-a93a-9c82-71e8-9af4a63a41c1"
)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    """Return a checkout with an emulator that stays and a plan made on it; the tests leave both as they are."""
    checkout = make_checkout(tmp_path_factory.mktemp("planned"), checks_provider=True)
    try:
        assert checkout.run("python", "-c", START).returncode == 0
        assert ops(checkout, "apply") == (
            1,
            "vpr-async-dev: no plan to apply; make plan ENV=dev makes one, to be looked at first\n",
        )
        assert ops(checkout, "plan")[0] == 0
        yield checkout
    finally:
        assert ops(checkout, "down")[0] == 0


def ops(checkout: Checkout, command: str, **variables: str) -> tuple[int, str]:
    """Run a command; return its status and what it says on stderr, without the progress."""
    done = checkout.run("python", "-m", "ops", command, **variables)
    assert "Traceback" not in done.stderr
    return done.returncode, re.sub(r"^.*: \d+\.\d s\n", "", done.stderr, flags=re.MULTILINE)


def asked(checkout: Checkout, answer: bytes) -> tuple[int, str]:
    """Unlock on a terminal and give the answer; return the status and all that is said."""
    ours, theirs = os.openpty()
    command = ("python", "-m", "ops", "unlock")
    with (
        open(ours, "r+b", buffering=0) as keyboard,  # noqa: PTH123 - a descriptor has no path
        subprocess.Popen(
            command,
            cwd=checkout.path,
            env=dict(checkout.variables),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        os.close(theirs)
        keyboard.write(answer)
        said, _ = process.communicate(timeout=60)
    return process.returncode, said


def plans(checkout: Checkout) -> Path:
    return checkout.path / "plans" / "emulator" / "vpr-async-dev"


def s3(checkout: Checkout) -> Any:
    record = json.loads((checkout.path / ".emulator" / "dev.json").read_text())
    return client(
        "s3",
        region="us-east-1",
        endpoint_url=record["endpoint"],
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator takes any
    )


CHANGES = [
    ("environments/dev.toml", b"careervp-platform", b"somebody-else", "cdk.tf.json: settings or code have changed"),
    ("plans/emulator/vpr-async-dev/tfplan", b"PK", b"KP", "tfplan: not as make plan left it"),
    (
        "plans/emulator/vpr-async-dev/plan-record.json",
        b"(pid ",
        b"(pid 9",
        "emulator: the plan was made for http://127.0.0.1:",
    ),
]


@pytest.mark.parametrize(("name", "was", "now", "said"), CHANGES)
def test_a_plan_that_is_not_the_reviewed_one_is_refused_with_what_differs(
    planned: Checkout, name: str, was: bytes, now: bytes, said: str
) -> None:
    file = planned.path / name
    content = file.read_bytes()
    assert was in content
    file.write_bytes(content.replace(was, now))
    try:
        status, errors = ops(planned, "apply")
    finally:
        file.write_bytes(content)
    first, *differences = errors.splitlines()
    assert status == 1
    assert first == (
        "vpr-async-dev: the saved plan is not applied and nothing was changed; make plan ENV=dev, look at it, and "
        "apply that"
    )
    assert len(differences) == 1
    assert differences[0].strip().startswith(said)


def test_a_plans_files_hold_no_credential(planned: Checkout) -> None:
    """The emulator's secret is the word itself; Terraform stores the backend's configuration in the plan."""
    with zipfile.ZipFile(plans(planned) / "tfplan") as archive:
        contents = [archive.read(name) for name in archive.namelist()]
    contents.append((plans(planned) / "plan.json").read_bytes())
    assert len(contents) >= 6
    assert any(b"vpr-async-dev/terraform.tfstate" in content for content in contents)
    assert not any(b"emulator" in content for content in contents)


def test_a_record_that_cannot_be_read_is_refused(planned: Checkout) -> None:
    record = plans(planned) / "plan-record.json"
    content = record.read_bytes()
    record.write_bytes(b'{"stack": 1}')
    status, errors = ops(planned, "apply")
    record.write_bytes(content)
    assert status == 1
    assert "the saved plan's record cannot be read; make plan ENV=dev plans anew" in errors


def test_a_plan_that_the_state_has_overtaken_is_refused(planned: Checkout) -> None:
    s3(planned).put_object(Bucket=BUCKET, Key=KEY, Body=OVERTAKING)
    try:
        status, errors = ops(planned, "apply")
    finally:
        s3(planned).delete_object(Bucket=BUCKET, Key=KEY)
    assert status == 1
    assert errors == (
        "vpr-async-dev: the state has changed since the plan was made, so it is not applied and nothing was changed; "
        "make plan ENV=dev, look at it, and apply that\n"
    )


def test_who_is_waited_for_is_named_and_the_wait_ends_with_the_lock(planned: Checkout) -> None:
    """Terraform then goes on, and finds that the state has overtaken the plan: so this test deploys nothing."""
    s3(planned).put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(LOCK).encode())
    process = planned.start("python", "-m", "ops", "apply", LOCK_TIMEOUT="5m")
    assert process.stderr
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("Acquiring state lock."):
            break
    s3(planned).put_object(Bucket=BUCKET, Key=KEY, Body=OVERTAKING)
    s3(planned).delete_object(Bucket=BUCKET, Key=f"{KEY}.tflock")
    _, rest = process.communicate(timeout=120)
    s3(planned).delete_object(Bucket=BUCKET, Key=KEY)
    assert re.search(rf"^vpr-async-dev: {HOLDER}; waiting for it, 5m at most$", "".join(said), re.MULTILINE), said
    assert process.returncode == 1
    assert "the state has changed since the plan was made" in rest


@pytest.mark.parametrize(("serial", "lineage"), [(6, "another"), (8, "a third")])
def test_a_state_that_was_kept_never_takes_the_place_of_a_newer_or_another_one(
    planned: Checkout, serial: int, lineage: str
) -> None:
    """The plan that is saved stays as it is."""
    kept = planned.path / "cdktf.out" / "stacks" / "vpr-async-dev" / "errored.tfstate"
    kept.write_text(json.dumps({**json.loads(OVERTAKING), "serial": serial, "lineage": lineage}))
    s3(planned).put_object(Bucket=BUCKET, Key=KEY, Body=OVERTAKING)
    try:
        status, errors = ops(planned, "plan")
        assert s3(planned).get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == OVERTAKING
    finally:
        kept.unlink(missing_ok=True)
        s3(planned).delete_object(Bucket=BUCKET, Key=KEY)
    assert status == 1
    assert f"vpr-async-dev: {kept} is not written, for the state that is there is newer or another one; " in errors


def test_a_lock_is_named_with_its_holder_and_removed_only_by_its_id(planned: Checkout) -> None:
    """Nothing is locked at first, and nothing at the end."""
    nothing = planned.run("python", "-m", "ops", "unlock")
    assert (nothing.returncode, nothing.stdout) == (0, "dev: nothing is locked\n")
    s3(planned).put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(LOCK).encode())

    status, errors = ops(planned, "apply", LOCK_TIMEOUT="1s")
    *_, holder, advice = errors.splitlines()
    assert status == 1
    assert re.search(HOLDER, holder)
    assert advice == (
        "nothing was changed; the same command with LOCK_TIMEOUT=5m waits for it; if that process is dead, make unlock "
        "ENV=dev"
    )
    unasked = planned.run("python", "-m", "ops", "unlock")
    assert unasked.returncode == 2
    assert re.search(HOLDER, unasked.stdout)
    assert f"make unlock ENV=dev LOCK_ID={LOCK['ID']} removes its lock" in unasked.stderr
    status, errors = ops(planned, "unlock", LOCK_ID="00000000-0000-0000-0000-000000000000")
    assert status == 1
    assert errors.startswith(
        "LOCK_ID = 00000000-0000-0000-0000-000000000000: no such lock, nothing was removed; there:"
    )
    assert s3(planned).head_object(Bucket=BUCKET, Key=f"{KEY}.tflock")

    status, said = asked(planned, b"y\n")
    assert status == 1
    assert said.endswith("Remove its lock? Only 'yes' goes on: not approved; nothing was changed\n")
    assert s3(planned).head_object(Bucket=BUCKET, Key=f"{KEY}.tflock")
    status, said = asked(planned, b"yes\n")
    assert status == 0, said
    assert "vpr-async-dev: unlocked; make plan ENV=dev" in said
    assert planned.run("python", "-m", "ops", "unlock").stdout == "dev: nothing is locked\n"


def test_without_the_emulator_that_it_was_made_on_a_plan_is_refused(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    status, errors = ops(checkout, "apply")
    assert status == 1
    assert errors == (
        "dev: no emulator is running, and the one that a plan was made on is gone; make bootstrap ENV=dev starts one "
        "that stays, then plan again\n"
    )
    assert checkout.run("python", "-m", "ops", "unlock").stdout == "dev: no emulator is running, so nothing is locked\n"
    assert not (checkout.path / "cdktf.out").exists()
