"""Sources of the AWS provider, on a machine without the registry."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest

from config import products
from config.request import PROJECT_ROOT
from ops import setup
from tests.checkout import Checkout, make_checkout

MIRROR = (PROJECT_ROOT / "terraform.d" / "plugins").resolve()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout in which all is set up but the provider."""
    made = make_checkout(tmp_path / "checkout", checks_provider=True)
    for name in (".cache/provider", "terraform.d"):
        (made.path / name).unlink()
    return made


def configuration(directory: Path, mirror: Path) -> str:
    file = directory / "terraformrc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    return str(file)


def linked(checkout: Checkout) -> bool:
    provider = checkout.path / "terraform.d" / "plugins" / "registry.terraform.io" / "hashicorp" / "aws" / "5.100.0"
    return provider.is_dir()


def test_a_mirror_that_the_cli_configuration_names_is_used(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("python3", "-m", "ops.setup", TF_CLI_CONFIG_FILE=configuration(tmp_path, MIRROR))
    assert done.returncode == 0, done.stderr
    assert linked(checkout)


def test_a_configuration_that_does_not_exist_does_not_hinder(checkout: Checkout) -> None:
    done = checkout.run("python3", "-m", "ops.setup", TF_CLI_CONFIG_FILE="/nonexistent/terraformrc")
    assert done.returncode == 0, done.stderr
    assert linked(checkout)


def test_a_folder_of_the_users_own_is_taken_as_it_is(checkout: Checkout) -> None:
    """`terraform.d/plugins` in the project is one of the places where Terraform itself looks."""
    own = checkout.path / "terraform.d" / "plugins"
    own.parent.mkdir()
    shutil.copytree(MIRROR, own, symlinks=True)
    assert checkout.run("python3", "-m", "ops.setup").returncode == 0
    assert not own.is_symlink()


def test_a_provider_that_cannot_be_had_is_named_with_where_it_could_come_from(
    checkout: Checkout, tmp_path: Path
) -> None:
    """And the next attempt tries again."""
    (tmp_path / "empty").mkdir()
    for _ in range(2):
        done = checkout.run(
            "python3", "-m", "ops.setup", TF_CLI_CONFIG_FILE=configuration(tmp_path, tmp_path / "empty")
        )
        assert done.returncode == 2
        assert "setup: AWS provider: failed" in done.stderr
        assert "Terraform needs the provider hashicorp/aws 5.100.0: from the registry, or from a" in done.stderr
        assert "Traceback" not in done.stderr
    assert not linked(checkout)


def test_a_provider_that_is_not_the_locked_one_is_refused(checkout: Checkout) -> None:
    """Its checksum is compared before it is ever started."""
    lock = checkout.path / ".terraform.lock.hcl"
    changed = "h1:" + "A" * 43 + "="
    lock.write_text(
        "\n".join(
            line.replace(line.split('"')[1], changed) if '"h1:' in line else line
            for line in lock.read_text().splitlines()
            if '"zh:' not in line
        )
    )
    done = checkout.run("python3", "-m", "ops.setup")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "doesn't match any of the checksums" in said
    assert f"The package of {setup.platform_name()} that was found is not one that .terraform.lock.hcl knows." in said
    assert "make lock-provider, where the registry can be reached" in said
    assert not linked(checkout)


LOCK = """\
# Words of ours.

provider "registry.terraform.io/hashicorp/aws" {{
  version     = "5.100.0"
  constraints = "5.100.0"
  hashes = [
    "{}",
  ]
}}
"""


def test_on_a_platform_whose_unpacked_checksum_is_not_locked_a_packed_mirror_serves_and_changes_nothing_for_others(
    checkout: Checkout, tmp_path: Path
) -> None:
    """As the registry does on macOS or arm64: each stack gets the checksum of what is unpacked, the project not."""
    mirror = tmp_path / "mirror"
    package = mirror / products.TERRAFORM.provider / f"terraform-provider-aws_5.100.0_{setup.platform_name()}.zip"
    package.parent.mkdir(parents=True)
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("terraform-provider-aws_v5.100.0_x5", "no provider")
    lock = checkout.path / ".terraform.lock.hcl"
    lock.write_text(LOCK.format(f"zh:{hashlib.sha256(package.read_bytes()).hexdigest()}"))
    before = lock.read_bytes()
    done = checkout.run("python3", "-m", "ops.setup", TF_CLI_CONFIG_FILE=configuration(tmp_path, mirror))
    assert done.returncode == 0, done.stderr
    assert linked(checkout)
    assert lock.read_bytes() == before
    assert checkout.run("python", "main.py", ENV="dev").returncode == 0
    stack = checkout.path / "cdktf.out" / "stacks" / "vpr-async-dev"
    assert (stack / ".terraform.lock.hcl").read_text().count('"h1:') == 1
    ready = checkout.terraform(stack, "init", "-backend=false", "-input=false", "-lockfile=readonly")
    assert ready.returncode == 0, ready.stderr


TERRAFORM = """\
#!/bin/sh
[ "$1" = version ] && exec echo "Terraform v1.11.4"
{}
"""


@pytest.mark.parametrize(
    ("script", "status", "hashes"),
    [
        ("sed -i -e '1s/.*/# Words of Terraform./' -e 's/zh:1/h1:2/' .terraform.lock.hcl", 0, "h1:2"),
        ("echo 'could not connect' >&2; exit 1", 1, "zh:1"),
    ],
)
def test_the_checksums_of_every_platform_are_locked_or_the_lock_stays_as_it_is(
    checkout: Checkout, tmp_path: Path, script: str, status: int, hashes: str
) -> None:
    """Without the registry, which a stand-in for Terraform plays here."""
    (tmp_path / "bin").mkdir()
    terraform = tmp_path / "bin" / "terraform"
    terraform.write_text(TERRAFORM.format(f'echo "$@" > {tmp_path}/asked; {script}'))
    terraform.chmod(0o755)
    lock = checkout.path / ".terraform.lock.hcl"
    lock.write_text(LOCK.format("zh:1"))
    done = checkout.run("make", "lock-provider", PATH=f"{terraform.parent}:{checkout.variables['PATH']}")
    assert (done.returncode == 0) == (status == 0), done.stderr
    assert lock.read_text() == LOCK.format(hashes)
    assert (tmp_path / "asked").read_text().split()[:2] == ["providers", "lock"]
    for platform in ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"):
        assert f"-platform={platform}" in (tmp_path / "asked").read_text()
    assert ("could not connect" in done.stderr) == bool(status)
