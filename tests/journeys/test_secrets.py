"""No credential gets into the state, the plan files, the logs, or anything else that a command leaves."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import Checkout
from tests.journeys.test_life import clients, reach

SECRETS = {
    "AWS_ACCESS_KEY_ID": "canary-of-the-access-key",
    "AWS_SECRET_ACCESS_KEY": "canary-of-the-secret-key",
    "AWS_SESSION_TOKEN": "canary-of-the-session-token",
    "TF_VAR_password": "canary-of-a-variable",
    "TF_TOKEN_app_terraform_io": "canary-of-a-token",
}
STATE_BUCKET = "careervp-terraform-state-dev-111111111111"
ALARM = "aws_cloudwatch_metric_alarm.DlqAlarm_E60351C9"


def left_by_commands(checkout: Checkout) -> Iterator[tuple[str, bytes]]:
    """Yield every file that is no part of the source, and what is packed in one."""
    folders = (
        "cdktf.out",
        "plans",
        ".emulator",
        *(f".cache/{name}" for name in ("terraform", "bootstrap", "stacks", "locks")),
    )
    for folder in folders:
        for file in (checkout.path / folder).rglob("*"):
            if not file.is_file() or "providers" in file.parts:
                continue
            yield str(file.relative_to(checkout.path)), file.read_bytes()
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    yield from ((f"{file.name}/{name}", archive.read(name)) for name in archive.namelist())


def state_versions(checkout: Checkout) -> Iterator[tuple[str, bytes]]:
    """Yield every object in the state bucket."""
    s3 = clients(checkout, "dev")["s3"]
    for listed in s3.list_object_versions(Bucket=STATE_BUCKET)["Versions"]:
        version = {"Key": listed["Key"], "VersionId": listed["VersionId"]}
        yield listed["Key"], s3.get_object(Bucket=STATE_BUCKET, **version)["Body"].read()


@pytest.mark.xdist_group("deployed")
def test_credentials_and_variables_are_in_nothing_that_is_left(deployed_dev: Checkout, tmp_path: Path) -> None:
    """Planted where AWS and Terraform read them: for the commands, and for Terraform by hand, which writes a state."""
    # The last plan is left, whether the apply before had anything to do.
    typed = ("plan", "apply", "plan", "verify")
    commands = [deployed_dev.run("python", "-m", "ops", command, **SECRETS) for command in typed]
    stack = deployed_dev.folder("vpr-async-dev")
    by_hand = {**reach(deployed_dev, "dev"), **SECRETS, "TF_LOG": "debug", "TF_LOG_PATH": str(tmp_path / "log")}
    commands += [
        deployed_dev.terraform(stack, *arguments, **by_hand)
        for arguments in (("taint", ALARM), ("untaint", ALARM), ("plan", f"-out={tmp_path / 'tfplan'}"))
    ]
    assert [done.returncode for done in commands] == [0] * len(commands), [done.stderr for done in commands]
    found = [
        *left_by_commands(deployed_dev),
        *state_versions(deployed_dev),
        *((" ".join(done.args), f"{done.stdout}{done.stderr}".encode()) for done in commands),
        ("log", (tmp_path / "log").read_bytes()),
    ]
    names = {name for name, _ in found}
    assert {"tfplan/tfplan", "vpr-async-dev/terraform.tfstate", ".emulator/dev.log"} <= names
    assert len(found) > 20
    holding = {(name, secret) for name, content in found for secret in SECRETS.values() if secret.encode() in content}
    # Terraform's debug log, which no command switches on, has the requests' signatures, and they name the key.
    assert holding <= {("log", SECRETS["AWS_ACCESS_KEY_ID"])}
