"""`make apply` and `make unlock`, refused: the plan is not the one that was reviewed, or somebody holds the lock."""

import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import Checkout, make_checkout, other_terraform
from tests.clients import client
from tests.surroundings import HANG_SECONDS

pytestmark = pytest.mark.xdist_group("saved plan")

START = "from ops import emulators; emulators.start('dev', '111111111111')"
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
            2,
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
        said, _ = process.communicate(timeout=HANG_SECONDS)
    return process.returncode, said


def plans(checkout: Checkout) -> Path:
    return checkout.path / "plans" / "emulator" / "vpr-async-dev"


def unsaved(checkout: Checkout, target: str) -> Path:
    """Return the file of a state that could not be written; its folder is made."""
    folder = checkout.path / "unsaved-state" / target / "vpr-async-dev"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "errored.tfstate"


def terraform_that(checkout: Checkout, folder: Path, when: str, does: str) -> dict[str, str]:
    """Return a PATH whose Terraform does something else before one of its commands, as another terminal could."""
    return other_terraform(checkout, folder, f'[ "$1" = {when} ] && {{ {does}\n}} >&2')


@contextmanager
def plan_left_as_found(checkout: Checkout, tmp_path: Path) -> Generator[None]:
    """Put the saved plan back after a block, whatever took its place."""
    kept = shutil.copytree(plans(checkout), tmp_path / "kept")
    try:
        yield
    finally:
        shutil.rmtree(plans(checkout))
        shutil.copytree(kept, plans(checkout))


def s3(checkout: Checkout) -> Any:
    record = json.loads((checkout.path / ".emulator" / "dev.json").read_text())
    return client("s3", record["endpoint"])


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


def test_a_plan_put_in_the_place_of_the_one_that_was_shown_is_refused(planned: Checkout, tmp_path: Path) -> None:
    """Also if its hash stands in the record: what is applied is what Terraform shows of the very file."""
    other = tmp_path / "other"
    reach = {
        "AWS_ENDPOINT_URL": json.loads((planned.path / ".emulator" / "dev.json").read_text())["endpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TF_DATA_DIR": str(planned.path / ".cache" / "terraform" / "emulator" / "vpr-async-dev"),
    }
    address = "-target=aws_iam_policy.Handlers_Submit_58DAF00E"
    made = planned.terraform(planned.folder("vpr-async-dev"), "plan", "-input=false", address, f"-out={other}", **reach)
    assert made.returncode == 0, made.stderr
    with plan_left_as_found(planned, tmp_path):
        record = plans(planned) / "plan-record.json"
        told = json.loads(record.read_text())
        told["plan"]["tfplan"] = hashlib.sha256(other.read_bytes()).hexdigest()
        record.write_text(json.dumps(told))
        shutil.copyfile(other, plans(planned) / "tfplan")
        status, errors = ops(planned, "apply")
    assert status == 1
    assert errors.splitlines()[1:] == ["  tfplan: not the plan that plan.json shows"]


def test_settings_that_change_while_a_plan_is_shown_are_not_what_it_is_recorded_for(
    planned: Checkout, tmp_path: Path
) -> None:
    """The record holds what Terraform read: `make apply` refuses the plan, although nothing changed since it ended."""
    settings = planned.path / "environments" / "dev.toml"
    content = settings.read_text()
    edit = f"sed -i s/careervp-platform/somebody-else/ {shlex.quote(str(settings))}; python main.py"
    meanwhile = f"cd {shlex.quote(str(planned.path))} && {edit}"
    try:
        with plan_left_as_found(planned, tmp_path):
            status, errors = ops(planned, "plan", **terraform_that(planned, tmp_path, "show", f"({meanwhile})"))
            assert status == 0, errors
            assert "somebody-else" in settings.read_text()
            refused, said = ops(planned, "apply")
    finally:
        settings.write_text(content)
    assert refused == 1
    assert said.splitlines()[1:] == ["  cdk.tf.json: settings or code have changed since the plan"]


def test_a_file_that_comes_into_the_stacks_folder_while_terraform_plans_leaves_no_plan(
    planned: Checkout, tmp_path: Path
) -> None:
    """Terraform reads every *.tf there, and nobody saw this one."""
    with plan_left_as_found(planned, tmp_path):
        status, errors = ops(planned, "plan", **terraform_that(planned, tmp_path, "show", "echo > other.tf"))
        assert (status, errors.splitlines()[-2:]) == (
            1,
            ["vpr-async-dev: no plan is left; make plan ENV=dev", "  other.tf: changed while Terraform planned"],
        )
        left = {path.name for path in plans(planned).iterdir()}
        assert left == {"plan.json", "review-context.json", "review.html", "review.json", "review.md"}


COMMANDS = ("adopt", "apply", "bootstrap", "deploy", "destroy", "down", "drift", "plan", "unlock", "up")


def test_while_one_command_works_on_an_environment_every_other_one_is_refused_with_its_name(planned: Checkout) -> None:
    """A command on another environment is not in its way."""
    lock = planned.path / ".cache" / "locks" / "dev on emulator.json"
    with lock.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write('{"command": "make apply ENV=dev", "pid": 4711, "since": "2026-01-31T12:03:04+00:00"}')
        file.flush()
        who = "dev on emulator: make apply ENV=dev (process 4711, since 12:03:04 UTC)"
        for command in COMMANDS:
            status, errors = ops(planned, command, LOCK_TIMEOUT="0s")
            waiting = "" if command == "apply" else ", or let LOCK_TIMEOUT=5m wait for it"
            assert (status, errors.splitlines()[-1]) == (
                2,
                (f"{who} is at work on it in this checkout; nothing was changed; try again when it has ended{waiting}"),
            ), command
        waited = ops(planned, "plan", LOCK_TIMEOUT="1s")
        assert waited == (
            2,
            (
                f"{who} is at work on it in this checkout; waiting for it, 1 s at most\n"
                f"{who} is still at work on it in this checkout; nothing was changed\n"
            ),
        )
        # What it waited for could be a plan that takes the place of the one that was looked at.
        assert "waiting" not in ops(planned, "apply", LOCK_TIMEOUT="1s")[1]
        assert ops(planned, "down", ENV="staging") == (0, "")


def test_nothing_is_applied_while_a_state_waits_to_be_written(planned: Checkout) -> None:
    kept = unsaved(planned, "emulator")
    kept.write_bytes(OVERTAKING)
    try:
        assert ops(planned, "apply") == (
            1,
            (
                "vpr-async-dev: the state of an earlier apply is in "
                "unsaved-state/emulator/vpr-async-dev/errored.tfstate and not in the state bucket; make plan ENV=dev "
                "writes it and plans from it\n"
            ),
        )
    finally:
        kept.unlink()


def test_a_state_that_could_not_be_written_waits_for_its_own_target(planned: Checkout, tmp_path: Path) -> None:
    """A plan on the emulator writes the emulator's, also one that a killed Terraform left, and leaves AWS's alone."""
    of_aws = unsaved(planned, "aws")
    of_aws.write_bytes(OVERTAKING)
    (planned.folder("vpr-async-dev") / "errored.tfstate").write_bytes(OVERTAKING)
    try:
        with plan_left_as_found(planned, tmp_path):
            assert ops(planned, "plan")[0] == 0
        written = json.loads(s3(planned).get_object(Bucket=BUCKET, Key=KEY)["Body"].read())
        assert written["outputs"]["jobs"]["value"] == "q"
        assert list((planned.path / "unsaved-state").rglob("*.tfstate")) == [of_aws]
        assert of_aws.read_bytes() == OVERTAKING
    finally:
        of_aws.unlink()
        s3(planned).delete_object(Bucket=BUCKET, Key=KEY)


def test_a_backend_that_terraform_remembers_is_used_only_if_the_stack_declares_it(planned: Checkout) -> None:
    """A file that another `terraform init` left says where state is, for every plan that follows."""
    record = planned.path / ".cache" / "terraform" / "emulator" / "vpr-async-dev" / "terraform.tfstate"
    content = json.loads(record.read_text())
    assert content["backend"]["config"]["key"] == KEY
    content["backend"]["config"]["key"] = "another/terraform.tfstate"
    record.write_text(json.dumps(content))
    lock = json.dumps(LOCK).encode()
    s3(planned).put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=lock)
    try:
        # It is the declared state's lock that stops it.
        assert ops(planned, "apply")[0] == 2
    finally:
        s3(planned).delete_object(Bucket=BUCKET, Key=f"{KEY}.tflock")
    assert json.loads(record.read_text())["backend"]["config"]["key"] == KEY


def test_a_record_that_cannot_be_read_is_refused(planned: Checkout) -> None:
    record = plans(planned) / "plan-record.json"
    content = record.read_bytes()
    record.write_bytes(b'{"stack": 1}')
    status, errors = ops(planned, "apply")
    record.write_bytes(content)
    assert status == 2
    assert "the saved plan's record cannot be read; make plan ENV=dev plans anew" in errors


def test_a_plan_that_the_state_has_overtaken_is_refused(planned: Checkout) -> None:
    s3(planned).put_object(Bucket=BUCKET, Key=KEY, Body=OVERTAKING)
    try:
        status, errors = ops(planned, "apply")
    finally:
        s3(planned).delete_object(Bucket=BUCKET, Key=KEY)
    assert status == 1
    # Before, as Terraform alone knows of it.
    expected, refusal = errors.split("\n", 1)
    assert expected.startswith("terraform apply: about a minute: the AWS provider itself waits 55 s for each bucket's ")
    assert refusal == (
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
    _, rest = process.communicate(timeout=HANG_SECONDS)
    s3(planned).delete_object(Bucket=BUCKET, Key=KEY)
    assert re.search(rf"^vpr-async-dev: {HOLDER}; waiting for it, 5m at most$", "".join(said), re.MULTILINE), said
    assert process.returncode == 1
    assert "the state has changed since the plan was made" in rest


@pytest.mark.parametrize(("serial", "lineage"), [(6, "another"), (8, "a third")])
def test_a_state_that_was_kept_never_takes_the_place_of_a_newer_or_another_one(
    planned: Checkout, serial: int, lineage: str
) -> None:
    """The plan that is saved stays as it is."""
    kept = unsaved(planned, "emulator")
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
    assert status == 2
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
    assert status == 2
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


def test_a_lock_that_terraform_did_not_make_is_left_with_what_removes_it(planned: Checkout) -> None:
    s3(planned).put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=b'{"ID": "mine; rm -rf ."}')
    try:
        status, errors = ops(planned, "unlock")
    finally:
        s3(planned).delete_object(Bucket=BUCKET, Key=f"{KEY}.tflock")
    assert status == 1
    endpoint = json.loads((planned.path / ".emulator" / "dev.json").read_text())["endpoint"]
    assert errors == (
        "vpr-async-dev: its lock has no id of Terraform's, so Terraform did not make it, and it stays; once nobody "
        f"works on that state, this removes it: aws s3api delete-object --bucket {BUCKET} --key {KEY}.tflock "
        f"--endpoint-url {endpoint}\n"
    )


def test_without_the_emulator_that_it_was_made_on_a_plan_is_refused(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    status, errors = ops(checkout, "apply")
    assert status == 2
    assert errors == (
        "dev: no emulator is running, and the one that a plan was made on is gone; make bootstrap ENV=dev starts one "
        "that stays, then plan again\n"
    )
    assert checkout.run("python", "-m", "ops", "unlock").stdout == (
        "dev: no emulator is running, so nothing is locked on one; on AWS: make unlock ENV=dev TARGET=aws\n"
    )
    assert not (checkout.path / "cdktf.out").exists()
