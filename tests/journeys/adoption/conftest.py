"""An older stack's prod, adopted with all its data: one for every test that looks at it or tries to lose it."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.checkout import Checkout, make_checkout
from tests.journeys.adoption.older_stack import Account, account


@dataclass(frozen=True)
class Adopted:
    """A checkout whose prod was adopted and applied, the account, and what the two commands said."""

    checkout: Checkout
    account: Account
    adopt: subprocess.CompletedProcess[str]
    apply: subprocess.CompletedProcess[str]

    def ops(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of the commands in prod."""
        return self.checkout.run("python", "-m", "ops", command, ENV="prod", **variables)

    def terraform(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run Terraform by hand in a folder, or in that of the last command's stack."""
        reach = {
            "AWS_ENDPOINT_URL": self.account.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "TF_DATA_DIR": str(self.checkout.path / ".cache" / "terraform" / "emulator" / "vpr-async-prod"),
        }
        return self.checkout.terraform(folder or self.checkout.folder("vpr-async-prod"), *arguments, **reach)


@contextmanager
def adopted_stack(path: Path) -> Generator[Adopted]:
    """Adopt, in a checkout at the path, what the older stack made and filled."""
    checkout = make_checkout(path)
    with account(checkout.path) as older:
        older.make_table()
        older.make_queues()
        older.make_bucket()
        older.fill()
        adopt = checkout.run("python", "-m", "ops", "adopt", ENV="prod")
        assert adopt.returncode == 0, adopt.stderr
        apply = checkout.run("python", "-m", "ops", "apply", ENV="prod")
        assert apply.returncode == 0, apply.stderr
        yield Adopted(checkout, older, adopt, apply)


@pytest.fixture(scope="session")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Generator[Adopted]:
    """Return prod, adopted from the older stack. Who uses it is in the xdist group "adopted"."""
    with adopted_stack(tmp_path_factory.mktemp("adopted")) as stack:
        yield stack
