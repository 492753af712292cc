"""Set-up of a checkout: Python packages, cdktf's CLI and the AWS provider, all inside the checkout.

`python3 -S -m ops.setup tools` installs, besides, the tools that judge the project from outside, in an environment of
their own; `python3 -S -m ops.setup lock-provider` brings the provider's checksums up to date instead. Runs under the
system's Python, before anything is installed: the standard library alone, and nothing (`-S`) of what else is there.
Each part remembers what it was made from, so that set-up is repeated when that changes, and costs nothing otherwise.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, read_request

PROVIDER = "registry.terraform.io/hashicorp/aws"
PROVIDER_VERSION = "5.100.0"
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64")
MIRROR_PREFIXES = (Path("/opt"), Path("/usr/local/share"), Path("/usr/share"), Path("/usr/local/lib"), Path("/srv"))
STAMPS = PROJECT_ROOT / ".cache" / "setup"
VENV = PROJECT_ROOT / ".venv"
TOOLS = PROJECT_ROOT / ".cache" / "tools"
PROVIDER_DIRECTORY = PROJECT_ROOT / ".cache" / "provider"
PLUGINS = PROJECT_ROOT / "terraform.d" / "plugins"
"""Where Terraform looks for providers by itself, beside the configuration that it is run in."""


class SetupError(Exception):
    """A part of the set-up failed; the message says which and shows what the tool said."""


def set_up(variables: Mapping[str, str], *, tools: bool = False) -> None:
    """Install what is missing or out of date. Raises SetupError.

    tools: also what `make harden`, `make audit` and `make sbom` run.
    """
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        # Two commands in one fresh checkout: the second waits and then finds everything done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock_file, tools_lock = PROJECT_ROOT / "Pipfile.lock", PROJECT_ROOT / "tools" / "Pipfile.lock"
        npm_lock, hcl_lock = PROJECT_ROOT / "package-lock.json", PROJECT_ROOT / ".terraform.lock.hcl"
        python = f"{sys.version} {sys.base_prefix}"
        node = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True).stdout
        npm_install = ("npm", "ci", "--no-audit", "--no-fund")
        modules = PROJECT_ROOT / "node_modules"
        parts = [
            _Part("Python packages", VENV, lock_file, python, lambda: _install_python(lock_file, variables)),
            _Part("cdktf CLI", modules, npm_lock, node, lambda: _run(npm_install, variables)),
            _Part("AWS provider", PLUGINS / PROVIDER, hcl_lock, "", lambda: _install_provider(hcl_lock, variables)),
        ]
        if tools:
            install_tools = partial(_install_packages, TOOLS, tools_lock, variables)
            parts.append(_Part("tools", TOOLS, tools_lock, python, install_tools))
        if due := [part for part in parts if not part.is_made()]:
            _install(due)


@dataclass(frozen=True)
class _Part:
    """One thing that set-up installs, and what decides whether it is installed anew: a lock, and `extra`."""

    name: str
    result: Path
    source: Path
    extra: str
    make: Callable[[], None]

    @property
    def stamp(self) -> Path:
        return STAMPS / self.name.replace(" ", "-").lower()

    def made_from(self) -> str:
        return hashlib.sha256(self.extra.encode() + self.source.read_bytes()).hexdigest()

    def is_made(self) -> bool:
        return self.result.exists() and self.stamp.exists() and self.stamp.read_text() == self.made_from()

    def install(self) -> None:
        print(f"setup: {self.name} ...", file=sys.stderr, flush=True)
        started = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        try:
            self.make()
        except SetupError:
            print(f"setup: {self.name}: failed", file=sys.stderr, flush=True)
            raise
        self.stamp.write_text(self.made_from())
        print(f"setup: {self.name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def _install(parts: Iterable[_Part]) -> None:
    """Install all of them at once, for each waits for something else: the network, the disk, one core."""
    # Not at the top: every command looks here, and nearly always finds nothing to do.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor() as pool:
        errors = [started.exception() for started in [pool.submit(part.install) for part in parts]]
    for error in errors:
        if error and not isinstance(error, SetupError | OSError):
            raise error
    if any(errors):
        raise SetupError("\n\n".join(str(error) for error in errors if error))


# --- Python -------------------------------------------------------------------------------------------------------


def _install_python(lock_file: Path, variables: Mapping[str, str]) -> None:
    _install_packages(VENV, lock_file, variables)
    python = str(VENV / "bin" / "python")
    # Compiling the provider's 2,135 modules would take longer than all the rest; all but 40 are never imported.
    compile_all = (python, "-m", "compileall", "-q", "-j", "0", "-o", "0", "-o", "1")
    _run((*compile_all, "-x", "cdktf_cdktf_provider_aws", str(VENV / "lib")), variables, check=False)
    # The first synthesis fills jsii's cache and compiles the modules in use; here the time is expected.
    written = {key: value for key, value in variables.items() if key not in {"PYTHONDONTWRITEBYTECODE", "ENV"}}
    for optimized in ((), ("-O",)):
        with tempfile.TemporaryDirectory() as output:
            _run((python, *optimized, "main.py"), {**written, "CDKTF_OUTDIR": output}, check=False)


def _install_packages(venv: Path, lock_file: Path, variables: Mapping[str, str]) -> None:
    """Install exactly what a Pipfile.lock names, by hash, as `pipenv sync --dev` would, which is not at hand yet."""
    shutil.rmtree(venv, ignore_errors=True)
    hint = "On Debian and Ubuntu: install python3-venv."
    _run((sys.executable, "-m", "venv", str(venv)), variables, hint=lambda _: hint)
    pins = STAMPS / f"{venv.name}-requirements.txt"
    pins.write_text("\n".join(requirements(json.loads(lock_file.read_text()))))
    pip = (str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run((*pip, "--no-compile", "--no-deps", "--require-hashes", "--requirement", str(pins)), variables)


def requirements(lock: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterable[str]:
    """Say a Pipfile.lock in pip's words."""
    for name, entry in sorted({**lock["develop"], **lock["default"]}.items()):
        marker = f"; {entry['markers']}" if "markers" in entry else ""
        hashes = "".join(f" --hash={digest}" for digest in entry["hashes"])
        yield f"{name}{entry['version']}{marker}{hashes}"


# --- the AWS provider ---------------------------------------------------------------------------------------------


def _install_provider(hcl_lock: Path, variables: Mapping[str, str]) -> None:
    """Let Terraform install the provider once, checksums and all, for every stack to link to.

    It takes it from where the user's CLI configuration says, from Terraform's own mirror folders, from a mirror in
    one of the usual places, or from the registry. A terraform.d/plugins of the user's own is taken as it is.

    The lock's checksums of packages (zh) are for every platform, those of unpacked ones (h1) for some. What Terraform
    has checked by the one it adds to the copy of the lock as the other, which each stack then gets: it links to what
    is unpacked here. The lock itself stays as it is, so nobody's platform changes it for others.
    """
    _require_provider(PROVIDER_DIRECTORY, hcl_lock)
    vendored = PLUGINS.is_dir() and not PLUGINS.is_symlink()
    mirror = PLUGINS if vendored else find_mirror()
    if mirror:
        (PROVIDER_DIRECTORY / "terraform.d").mkdir()
        (PROVIDER_DIRECTORY / "terraform.d" / "plugins").symlink_to(mirror, target_is_directory=True)
    _run(
        ("terraform", "init", "-backend=false", "-input=false", "-no-color"),
        terraform_variables(variables),
        directory=PROVIDER_DIRECTORY,
        hint=_provider_hint,
    )
    if vendored:
        return
    PLUGINS.parent.mkdir(exist_ok=True)
    PLUGINS.unlink(missing_ok=True)
    installed = PROVIDER_DIRECTORY / ".terraform" / "providers"
    PLUGINS.symlink_to(os.path.relpath(installed, PLUGINS.parent), target_is_directory=True)


def _require_provider(directory: Path, hcl_lock: Path) -> None:
    """Leave in an empty folder what requires the provider, and the lock."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    shutil.copyfile(hcl_lock, directory / hcl_lock.name)
    required = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}}
    (directory / "provider.tf.json").write_text(json.dumps({"terraform": required}))


def _provider_hint(said: str) -> str:
    if "doesn't match any of the checksums" in " ".join(said.split()):
        return (
            f"The package of {platform_name()} that was found is not one that .terraform.lock.hcl knows. "
            "Either it is not HashiCorp's, and must not be used; or it comes from a mirror that is unpacked, and the "
            "lock has no h1 checksum of this platform yet. Then: make lock-provider, where the registry can be "
            "reached, adds it; or make the mirror anew with terraform providers mirror, which leaves it packed."
        )
    return (
        f"Terraform needs the provider hashicorp/aws {PROVIDER_VERSION}: from the registry, or from a filesystem "
        f"mirror that TF_CLI_CONFIG_FILE configures or that is a folder in {', '.join(map(str, MIRROR_PREFIXES))}."
    )


def lock_provider(variables: Mapping[str, str]) -> None:
    """Add the checksums of every platform's package to .terraform.lock.hcl. Raises SetupError without the registry."""
    hcl_lock = PROJECT_ROOT / ".terraform.lock.hcl"
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name) / "lock"
        _require_provider(directory, hcl_lock)
        platforms = [f"-platform={platform_}" for platform_ in PLATFORMS]
        _run(
            ("terraform", "providers", "lock", "-no-color", *platforms),
            terraform_variables(variables),
            directory=directory,
            hint=lambda _: "This asks the registry itself, whatever mirror there is; nothing was changed.",
        )
        locked = (directory / hcl_lock.name).read_text()
    # Terraform begins the file with words of its own.
    begin = hcl_lock.read_text().split("provider ", 1)[0]
    hcl_lock.write_text(begin + "provider " + locked.split("provider ", 1)[1])


def platform_name() -> str:
    """Return this platform as Terraform names it, like linux_amd64."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine().lower())
    return f"{platform.system().lower()}_{architecture}"


def find_mirror(prefixes: Iterable[Path] = MIRROR_PREFIXES) -> Path | None:
    """Return the first folder one level below the prefixes that mirrors this provider for this platform."""
    for prefix in prefixes:
        for folder in sorted(prefix.glob("*/")):
            package = folder / PROVIDER
            unpacked = package / PROVIDER_VERSION / platform_name()
            packed = package / f"terraform-provider-aws_{PROVIDER_VERSION}_{platform_name()}.zip"
            if unpacked.is_dir() or packed.is_file():
                return folder
    return None


def terraform_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the process environment without what would make Terraform ask, call home or warn of a missing file."""
    dropped = {"TF_WORKSPACE", "TF_DATA_DIR"}
    config_file = variables.get("TF_CLI_CONFIG_FILE")
    if config_file and not Path(config_file).is_file():
        dropped.add("TF_CLI_CONFIG_FILE")
    kept = {key: value for key, value in variables.items() if key not in dropped}
    own = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    # Much of a plan is the provider's start: collecting garbage less often saves a fifth of it, for 5 % more memory.
    return {"GOGC": "400", **kept, **own}


def _run(
    command: tuple[str, ...],
    variables: Mapping[str, str],
    *,
    directory: Path = PROJECT_ROOT,
    hint: Callable[[str], str] = lambda _: "",
    check: bool = True,
) -> None:
    done = subprocess.run(command, cwd=directory, env=variables, capture_output=True, text=True, check=False)
    if check and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-4000:]
        message = f"{' '.join(command[:4])} failed:\n{said}\n{hint(said)}".strip()
        raise SetupError(message)


def main() -> int:
    """Set the checkout up; return the exit status."""
    asked = sys.argv[1:]
    try:
        if "lock-provider" in asked:
            lock_provider(read_request().shell)
        else:
            set_up(read_request().shell, tools="tools" in asked)
    except InvalidInputError as error:
        print(error, file=sys.stderr)
        return 2
    except (SetupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # What was being installed has lost its stamp, and is installed anew the next time.
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
