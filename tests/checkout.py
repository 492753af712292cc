"""A copy of this checkout for a test to work in, with what set-up installed linked instead of installed again."""

import json
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from config.products import TERRAFORM
from config.request import PROJECT_ROOT
from ops.setup import PROVIDER_VERSION, platform_name, plugins
from tests.surroundings import HANG_SECONDS

ENVIRONMENTS = ("dev", "staging", "prod")
"""The environments of a copy: those that a user adds have accounts and names that no test expects."""
INSTALLED = (".venv", "node_modules", ".cache/provider", ".cache/tools", "terraform.d")
TRUSTING = """
provider_installation {{
  dev_overrides {{
    "hashicorp/aws" = {provider}
  }}
  direct {{}}
}}
"""
"""A configuration with which Terraform takes the installed provider for the right one; `terraform init` refuses it."""
TRUSTING_TERRAFORM = """#!/bin/sh
case "$1" in
    init | validate | version) ;;
    *) export TF_CLI_CONFIG_FILE={configuration} ;;
esac
exec {terraform} "$@"
"""


def in_a_month() -> date:
    """Return a last day that an exception from a rule may have: one of more than a year from today is refused."""
    return datetime.now(UTC).date() + timedelta(days=30)


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, and a shell's environment that knows of no AWS account."""

    path: Path
    variables: Mapping[str, str]

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy; its output is captured."""
        return subprocess.run(
            command,
            cwd=self.path,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG_SECONDS,
        )

    def terraform(self, directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform in a synthesized stack's own folder; no configuration of the user's is needed there."""
        kept = {key: value for key, value in self.variables.items() if key != "TF_CLI_CONFIG_FILE"}
        return subprocess.run(
            ("terraform", *arguments, "-no-color"),
            cwd=directory,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def folder(self, stack: str) -> Path:
        """Return the folder in which the commands run Terraform on a stack, on the emulator."""
        return self.path / ".cache" / "stacks" / "emulator" / stack

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command in the copy, in a process group of its own that heeds Ctrl-C, as a terminal would."""
        # A runner in the background ignores SIGINT, and so would what it starts.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                command,
                cwd=self.path,
                env={**self.variables, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)


def other_terraform(checkout: Checkout, folder: Path, lines: str) -> dict[str, str]:
    """Return a PATH whose Terraform runs these lines of sh first; `$@` are its arguments, which they may set."""
    script = folder / "terraform"
    path = checkout.variables["PATH"]
    script.write_text(f'#!/bin/sh\n{lines}\nPATH={shlex.quote(path)} exec terraform "$@"\n')
    script.chmod(0o755)
    return {"PATH": f"{folder}:{path}"}


def plain_variables() -> dict[str, str]:
    """Return this process's environment without what steers the commands, and without any way to an AWS."""
    dropped = (
        *("ARGS", "AWS_", "ENV", "TARGET", "TERRAFORM", "TF_DATA_DIR", "MAKE", "MFLAGS", "CI", "NO_COLOR", "COLUMNS"),
        # Python is to keep what it has compiled, as a user's does.
        "PYTHONDONTWRITEBYTECODE",
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    # No test may reach an AWS, whatever it does wrong: no credentials, and no metadata service to find some.
    return kept | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }


def make_checkout(path: Path, *, checks_provider: bool = False) -> Checkout:
    """Copy what git tracks or would track, with the shipped environments alone, and link what set-up installed.

    checks_provider: have Terraform hash the provider in each command, as for a user, and not in `terraform init` alone.
    That is half a second of a core each time, which only those spend who test what it is for, or what a user types.
    """
    listed = subprocess.run(
        ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"),
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if name.startswith("environments/") and Path(name).stem not in ENVIRONMENTS:
            continue
        source, target = PROJECT_ROOT / name, path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # With its time, by which Python knows that what it has compiled is of this source.
        shutil.copy2(source, target)
        compiled = source.parent / "__pycache__"
        if compiled.is_dir() and not (target.parent / "__pycache__").exists():
            shutil.copytree(compiled, target.parent / "__pycache__")
    for name in INSTALLED:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).symlink_to(PROJECT_ROOT / name, target_is_directory=True)
    variables = {**plain_variables(), "GOGC": "400", "PATH": f"{path / '.venv' / 'bin'}:{os.environ['PATH']}"}
    if not checks_provider:
        variables["PATH"] = f"{_trusting_terraform(path / '.cache' / 'bin')}:{variables['PATH']}"
    return Checkout(path, variables)


def _trusting_terraform(folder: Path) -> Path:
    """Put a Terraform into a folder that spares itself the provider's checksums; return the folder."""
    provider = (plugins(TERRAFORM) / TERRAFORM.provider / PROVIDER_VERSION / platform_name()).resolve()
    configuration, command = folder / "trusting.tfrc", folder / "terraform"
    folder.mkdir()
    configuration.write_text(TRUSTING.format(provider=json.dumps(str(provider))))
    terraform = shutil.which("terraform")
    assert terraform
    words = {"configuration": shlex.quote(str(configuration)), "terraform": shlex.quote(terraform)}
    command.write_text(TRUSTING_TERRAFORM.format(**words))
    command.chmod(0o755)
    return folder
