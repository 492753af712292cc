"""A stack of another project on an emulator of its own."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from aws_emulator import temporary
from constructs_lib.account import Account
from tests.checkout import make_checkout

ACCOUNT = Account(id="444444444444", region="us-east-1")


def synthesize(folder: Path, add_constructs: Callable[[TerraformStack], object]) -> Path:
    """Return the folder of a stack with these constructs; its state is a file there."""
    app = App(outdir=str(folder))
    stack = TerraformStack(app, "shop")
    AwsProvider(stack, "Aws", region=ACCOUNT.region)
    add_constructs(stack)
    stack.add_override("terraform.backend", {"local": {"path": "terraform.tfstate"}})
    app.synth()
    return folder / "stacks" / "shop"


@contextmanager
def deployed(
    tmp_path_factory: pytest.TempPathFactory, add_constructs: Callable[[TerraformStack], object]
) -> Generator[str]:
    """Deploy such a stack, and return the emulator's address for a block. A second plan finds nothing to change."""
    checkout = make_checkout(tmp_path_factory.mktemp("checkout"))
    folder = synthesize(tmp_path_factory.mktemp("synthesized"), add_constructs)
    (folder / "terraform.d").symlink_to(checkout.path / "terraform.d")
    with temporary(ACCOUNT.id) as aws:
        for command in (("init",), ("validate",), ("apply", "-auto-approve"), ("plan", "-detailed-exitcode")):
            done = checkout.terraform(folder, *command, **aws.terraform_environment({}, ACCOUNT.region))
            assert done.returncode == 0, (done.stdout, done.stderr)
        yield aws.endpoint
