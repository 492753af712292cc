"""Where the AWS provider comes from, on a machine without the registry."""

import shutil
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import Checkout, make_checkout

MIRROR = (PROJECT_ROOT / "terraform.d" / "plugins").resolve()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout in which all is set up but the provider."""
    made = make_checkout(tmp_path / "checkout")
    for name in (".cache/provider", ".cache/setup", "terraform.d"):
        (made.path / name).unlink()
    shutil.copytree(PROJECT_ROOT / ".cache" / "setup", made.path / ".cache" / "setup")
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
        assert done.returncode == 1
        assert "setup: AWS provider ... failed" in done.stderr
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
    assert done.returncode == 1
    assert "doesn't match any of the checksums" in " ".join(done.stderr.split())
    assert not linked(checkout)
