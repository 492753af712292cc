"""Ways of AWS provider 6 that 5.100 has as well: S3 Control, asked for under the account's own host."""

import json
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aws_emulator import Emulator, temporary
from aws_emulator.identities import Identity
from tests.checkout import Checkout, make_checkout
from tests.surroundings import HANG_SECONDS

ACCOUNT, REGION = "444444444444", "eu-west-1"
PROVIDER = {"source": "hashicorp/aws", "version": "5.100.0"}


@pytest.fixture(scope="module")
def emulator() -> Generator[Emulator]:
    with temporary(ACCOUNT) as running:
        yield running


def configured(folder: Path, checkout: Checkout) -> Path:
    """Make a folder in which Terraform blocks public ACLs in the whole account, a resource that is S3 Control's."""
    folder.mkdir()
    (folder / "terraform.d").symlink_to(checkout.path / "terraform.d")
    stack = {
        "terraform": {"required_providers": {"aws": PROVIDER}},
        "provider": {"aws": {"region": REGION}},
        "resource": {"aws_s3_account_public_access_block": {"account": {"block_public_acls": True}}},
    }
    (folder / "main.tf.json").write_text(json.dumps(stack))
    return folder


def test_terraform_reaches_s3_control_under_the_accounts_host(tmp_path: Path, emulator: Emulator) -> None:
    """The real provider makes, plans and destroys; from 6.23 on aws_s3_bucket asks there for its tags."""
    checkout = make_checkout(tmp_path / "checkout")
    folder = configured(tmp_path / "stack", checkout)
    reach = emulator.terraform_environment({}, REGION)
    identity = Identity(emulator.endpoint)
    for command in (("init",), ("apply", "-auto-approve"), ("plan", "-detailed-exitcode")):
        done = checkout.terraform(folder, *command, **reach)
        assert done.returncode == 0, done.stdout + done.stderr
    taken = {call["action"] for call in identity.calls()}
    assert {"s3:PutAccountPublicAccessBlock", "s3:GetAccountPublicAccessBlock"} <= taken
    assert checkout.terraform(folder, "destroy", "-auto-approve", **reach).returncode == 0


@contextmanager
def refusing_proxy() -> Generator[tuple[str, list[str]]]:
    """Give the address of a proxy that hands nothing on, and the first lines of what it was asked."""
    asked: list[str] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(4096).decode().partition("\r\n")[0])
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        # Closing alone does not wake who accepts.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=HANG_SECONDS)


def test_an_installation_from_the_registry_passes_the_emulator_by(tmp_path: Path, emulator: Emulator) -> None:
    """It is HTTPS, and goes where the shell has HTTPS go; the emulator, Terraform's proxy for HTTP, hears nothing."""
    checkout = make_checkout(tmp_path / "checkout", checks_provider=True)
    folder = configured(tmp_path / "stack", checkout)
    (folder / "terraform.d").unlink()
    direct = tmp_path / "direct.tfrc"
    direct.write_text("provider_installation {\n  direct {}\n}\n")
    with refusing_proxy() as (proxy, asked):
        reach = emulator.terraform_environment({"HTTPS_PROXY": proxy}, REGION)
        done = checkout.run("terraform", f"-chdir={folder}", "init", **{**reach, "TF_CLI_CONFIG_FILE": str(direct)})
    assert done.returncode == 1
    assert set(asked) == {"CONNECT registry.terraform.io:443 HTTP/1.1"}
    assert "refused: the emulator answers for" not in done.stderr
