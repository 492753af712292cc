"""Set-up: what of it can be told without installing anything."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from config.products import OPENTOFU, PRODUCTS, TERRAFORM, Product
from config.request import PROJECT_ROOT
from ops import installed, python_packages, setup

SYSTEM = f"{platform.system().lower()}_{({'x86_64': 'amd64', 'aarch64': 'arm64'}).get(platform.machine(), 'other')}"


@pytest.mark.parametrize(("file", "at_least"), [("Pipfile.lock", 50), ("tools/Pipfile.lock", 100)])
def test_every_locked_python_package_is_pinned_by_hash_and_no_lock_names_an_index(file: str, at_least: int) -> None:
    lock = json.loads((PROJECT_ROOT / file).read_text())
    packages = {name: entry for group in lock if group != "_meta" for name, entry in lock[group].items()}
    assert len(packages) > at_least
    assert all(re.fullmatch(r"==[0-9][\w.]*", package["version"]) for package in packages.values())
    hashes = [digest for package in packages.values() for digest in package["hashes"]]
    assert all(package["hashes"] for package in packages.values())
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes)
    assert lock["_meta"]["sources"] == []
    assert not any("index" in package for package in packages.values())


@pytest.mark.parametrize(
    ("file", "at_least"), [("package-lock.json", 500), ("tests/review/browser/package-lock.json", 20)]
)
def test_every_locked_npm_package_is_pinned_by_hash_and_no_lock_names_an_index(file: str, at_least: int) -> None:
    """What is bundled with a package is in that one's hash."""
    packages = json.loads((PROJECT_ROOT / file).read_text())["packages"]
    del packages[""]
    assert len(packages) > at_least
    assert not any("resolved" in package for package in packages.values())
    hashed = [package for package in packages.values() if not package.get("inBundle")]
    assert len(hashed) >= at_least // 2
    assert all(re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]) for package in hashed)


@pytest.mark.parametrize(
    ("product", "host", "packages", "unpacked"),
    [(TERRAFORM, "registry.terraform.io", 15, 1), (OPENTOFU, "registry.opentofu.org", 10, 5)],
    ids=["terraform", "tofu"],
)
def test_the_provider_is_pinned_by_the_hash_of_every_platforms_package(
    product: Product, host: str, packages: int, unpacked: int
) -> None:
    """The files of HashiCorp's release, and of OpenTofu's, and at least what is unpacked on this project's CI."""
    text = (PROJECT_ROOT / product.lock).read_text()
    assert re.findall(r'^provider "(.*)" {$', text, re.MULTILINE) == [f"{host}/hashicorp/aws"]
    assert re.findall(r'"(5\.[0-9.]+)"', text) == [setup.PROVIDER_VERSION] * 2
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', text)) == packages
    assert len(re.findall(r'"h1:[A-Za-z0-9+/]{43}="', text)) >= unpacked


def test_the_two_products_builds_of_the_provider_have_no_checksum_in_common() -> None:
    """OpenTofu builds it itself; a copy of the one lock under the other's host would refuse its every package."""
    hashes = [re.findall(r'"(?:zh|h1):\S+"', (PROJECT_ROOT / each.lock).read_text()) for each in PRODUCTS.values()]
    assert len({digest for each in hashes for digest in each}) == sum(map(len, hashes))


@pytest.mark.parametrize(
    "package", [f"5.100.0/{SYSTEM}/terraform-provider-aws_v5.100.0_x5", f"terraform-provider-aws_5.100.0_{SYSTEM}.zip"]
)
def test_a_mirror_one_level_below_a_prefix_is_found(package: str, tmp_path: Path) -> None:
    """Unpacked or packed, whatever else there is, and for each product its own."""
    (tmp_path / "opt" / "something-else").mkdir(parents=True)
    for name, host in (("tf", "registry.terraform.io"), ("tofu", "registry.opentofu.org")):
        file = tmp_path / "opt" / name / host / "hashicorp" / "aws" / package
        file.parent.mkdir(parents=True)
        file.touch()
    prefixes = [tmp_path / "missing", tmp_path / "opt"]
    assert setup.find_mirror(TERRAFORM, prefixes) == tmp_path / "opt" / "tf"
    assert setup.find_mirror(OPENTOFU, prefixes) == tmp_path / "opt" / "tofu"


@pytest.mark.parametrize("other", ["4.0.0/" + SYSTEM, "5.100.0/plan9_mips"])
def test_a_mirror_of_another_version_or_platform_is_none(other: str, tmp_path: Path) -> None:
    (tmp_path / "tf" / "registry.terraform.io" / "hashicorp" / "aws" / other).mkdir(parents=True)
    assert setup.find_mirror(TERRAFORM, [tmp_path]) is None


def test_a_cli_configuration_that_does_not_exist_is_dropped_and_one_that_does_is_kept(tmp_path: Path) -> None:
    there = tmp_path / "terraformrc"
    there.touch()
    assert "TF_CLI_CONFIG_FILE" not in setup.terraform_variables({"TF_CLI_CONFIG_FILE": str(tmp_path / "missing")})
    assert setup.terraform_variables({"TF_CLI_CONFIG_FILE": str(there)})["TF_CLI_CONFIG_FILE"] == str(there)


def test_terraform_neither_asks_nor_calls_home_nor_follows_a_workspace_of_the_users() -> None:
    variables = setup.terraform_variables({"TF_WORKSPACE": "x", "TF_DATA_DIR": "y", "KEPT": "z"})
    own = {"GOGC": "400", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    assert variables == {**own, "KEPT": "z"}
    assert setup.terraform_variables({"GOGC": "50"})["GOGC"] == "50"


def environment(folder: Path, *, prints: str) -> Path:
    """Return an environment of Python 3.11 whose interpreter prints this, or is missing."""
    (folder / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (folder / "bin").mkdir()
    if prints:
        (folder / "bin" / "python").write_text(f"#!/bin/sh\n{prints}\n")
        (folder / "bin" / "python").chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("prints", "fault"),
    [
        ("echo 3.11", ""),
        ("echo 3.13", "the Python of .venv is 3.13 now"),
        ("exit 127", "the Python of .venv does not start any more"),
        ("", "the Python of .venv does not start any more"),
    ],
)
def test_an_environment_is_kept_as_long_as_its_own_python_starts(prints: str, fault: str, tmp_path: Path) -> None:
    """A Python that was upgraded in its place finds nothing of what was installed for the version before."""
    part = python_packages.python_part("packages", "python", python_packages.VENV, {}, {})
    assert part.fault(environment(tmp_path / "python", prints=prints)) == fault


def test_the_message_of_a_tool_is_shown_in_whatever_encoding_it_has() -> None:
    with pytest.raises(installed.SetupError, match="failed:\nno space \ufffd left"):
        installed.run(("sh", "-c", r"printf 'no space \377 left' >&2; exit 1"), {"PATH": os.environ["PATH"]})


def test_an_installation_gets_a_folder_for_temporary_files_that_is_one() -> None:
    """Terraform and npm take what TMPDIR says as it is."""
    assert os.access(setup.own_variables({"TMPDIR": "/nonexistent"})["TMPDIR"], os.W_OK)


PARTS = {
    "runtime": {"Python packages": {"default"}, "AWS provider": set[str]()},
    "handlers": {"Python packages": {"default", "develop"}, "AWS provider": set[str]()},
    "cli": {"Python packages": {"default"}, "AWS provider": set[str](), "cdktf CLI": set[str]()},
    "tools": {
        "Python packages": {"default"},
        "AWS provider": set[str](),
        "tools of harden, audit and sbom": {"default"},
    },
    "setup": {"Python packages": {"default", "develop"}, "AWS provider": set[str](), "cdktf CLI": set[str]()},
}


@pytest.mark.parametrize("level", PARTS)
def test_a_command_has_what_it_needs_installed_and_nothing_else(
    level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine where nothing is installed: a plan needs neither npm's packages nor those of development."""
    parts: list[installed.Part] = []

    def keep(given: Sequence[installed.Part], _: Mapping[str, str]) -> None:
        parts.extend(given)

    monkeypatch.setattr(setup, "install", keep)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "TOOLS", tmp_path / "tools")
    setup.set_up({"PATH": os.environ["PATH"]}, TERRAFORM, level)
    groups = {part.name: {name.split(" of ")[0] for name in part.made_from if "Pipfile.lock" in name} for part in parts}
    assert groups == PARTS[level]


LEVEL_OF = {
    "runtime": "bootstrap plan apply destroy access status verify drift review adopt unlock redrive validate",
    "handlers": "up smoke env peek reset down",
    "cli": "deploy synth",
    "tools": "harden audit sbom test",
    "setup": "check format lock packages lean exits mutate faults fuzz privileges goldens bench",
}


def test_each_command_of_make_names_what_it_needs() -> None:
    makefile = (PROJECT_ROOT / "Makefile").read_text()
    needs = dict(re.findall(r"^([a-z-]+): ([a-z]+)\b", makefile, re.MULTILINE))
    assert needs == {command: level for level, commands in LEVEL_OF.items() for command in commands.split()}


def test_an_environment_grows_and_never_shrinks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ran the tests finds pytest there after the next `make plan`."""
    monkeypatch.setattr(python_packages, "PROJECT_ROOT", tmp_path)
    lock, link = tmp_path / "Pipfile.lock", tmp_path / ".venv"
    lock.write_text(json.dumps({"default": {"a": {}}, "develop": {"b": {}}}))
    link.mkdir()
    assert list(python_packages.locked_groups(lock, ["default"], link)) == ["default of Pipfile.lock"]
    (link / "complete.json").write_text(json.dumps({"default of Pipfile.lock": "1", "develop of Pipfile.lock": "1"}))
    both = ["default of Pipfile.lock", "develop of Pipfile.lock"]
    assert list(python_packages.locked_groups(lock, ["default"], link)) == both


FAKES = {"python3": "3.11", "node": "v20.1.0", "npm": "10", "terraform": "Terraform v1.10.5"}


@pytest.mark.parametrize(
    ("fakes", "message"),
    [
        ({"python3": None}, "Python: python3 is not on PATH; 3.11 or newer is needed"),
        ({"python3": "3.9"}, "Python: version 3.9 is too old; 3.11 or newer is needed"),
        ({".venv/bin/python": "3.9", "python3": "3.10"}, "Python: version 3.10 is too old; 3.11 or newer is needed"),
        ({"python3": "Fatal Python error"}, 'Python: its version is unknown (it prints "Fatal Python error"); 3.11 or'),
        ({"node": None}, "Node: node is not on PATH; 20 or newer is needed"),
        ({"node": "v18.20.0"}, "Node: version 18.20.0 is too old; 20.0 or newer is needed"),
        (
            {"node": "node: -x is not allowed in NODE_OPTIONS"},
            'Node: its version is unknown (it prints "node: -x is not',
        ),
        ({"npm": None}, "npm: npm is not on PATH"),
        ({"terraform": None}, "Terraform: terraform is not on PATH; 1.10 or newer is needed"),
        ({"terraform": "Terraform v1.9.8"}, "Terraform: version 1.9.8 is too old; 1.10 or newer is needed"),
        (
            {"terraform": "nonsense"},
            'Terraform: its version is unknown (it prints "nonsense"); 1.10 or newer is needed',
        ),
    ],
)
def test_each_missing_or_old_prerequisite_is_named_in_one_line(
    fakes: dict[str, str | None], message: str, tmp_path: Path
) -> None:
    done = prerequisites({**FAKES, **fakes}, tmp_path)
    lines = done.stderr.splitlines()
    assert [line[: len(message)] for line in lines] == [message]
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("fakes", "python"),
    [
        ({}, "python3"),
        ({"terraform": "Terraform v2.0.0"}, "python3"),
        ({".venv/bin/python": "3.11"}, ".venv/bin/python"),
        ({".venv/bin/python": "3.13", "python3": "3.9"}, ".venv/bin/python"),
        ({".venv/bin/python": "4.0", "python3": None}, ".venv/bin/python"),
        ({".venv/bin/python": "3.9"}, "python3"),
        ({".venv/bin/python": "Fatal Python error"}, "python3"),
    ],
)
def test_the_environments_own_python_sets_up_and_else_that_on_path(
    fakes: dict[str, str | None], python: str, tmp_path: Path
) -> None:
    """Another project's virtual environment, or another pyenv, may come first on PATH."""
    done = prerequisites({**FAKES, **fakes}, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{python}\n", "")


@pytest.mark.parametrize(
    ("fakes", "message"),
    [
        ({"tofu": "OpenTofu v1.10.6", "terraform": None}, ""),
        ({"tofu": "OpenTofu v1.11.0-beta1", "terraform": "Terraform v1.9.8"}, ""),
        ({"tofu": "OpenTofu v1.9.1"}, "OpenTofu: version 1.9.1 is too old; 1.10 or newer is needed. Install OpenTofu "),
        ({"tofu": "Terraform v1.11.4"}, 'OpenTofu: its version is unknown (it prints "Terraform v1.11.4"); 1.10 or'),
        ({"tofu": None}, "OpenTofu: tofu is not on PATH; 1.10 or newer is needed (for the lock of its S3 state). "),
    ],
)
def test_with_opentofu_asked_for_that_is_needed_and_no_terraform(
    fakes: dict[str, str | None], message: str, tmp_path: Path
) -> None:
    done = prerequisites({**FAKES, **fakes}, tmp_path, TERRAFORM="tofu")
    assert [line[: len(message)] for line in done.stderr.splitlines()] == [message] * bool(message)
    assert done.returncode == (2 if message else 0)


def test_a_program_that_is_neither_is_left_to_the_next_step_which_says_what_is_allowed(tmp_path: Path) -> None:
    """Whatever is installed: one line about it, and not two."""
    done = prerequisites({**FAKES, "terraform": None}, tmp_path, TERRAFORM="/opt/tofu")
    assert (done.returncode, done.stdout, done.stderr) == (0, "python3\n", "")


def prerequisites(fakes: dict[str, str | None], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Ask for the prerequisites in a folder, where nothing but these is on PATH. Fakes of no version fail."""
    for name, version in fakes.items():
        if version:
            program = folder / name
            program.parent.mkdir(parents=True, exist_ok=True)
            fails = "Fatal" in version or "allowed" in version
            program.write_text(f"#!/bin/sh\necho '{version}' >&{2 if fails else 1}\nexit {int(fails)}\n")
            program.chmod(0o755)
    (folder / "sed").symlink_to("/bin/sed" if os.path.exists("/bin/sed") else "/usr/bin/sed")  # noqa: PTH110
    return subprocess.run(
        ("/bin/sh", PROJECT_ROOT / "scripts" / "prerequisites.sh"),
        cwd=folder,
        env={"PATH": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
