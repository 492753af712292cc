"""Set-up of a checkout: Python packages, cdktf's CLI and the AWS provider, all inside the checkout.

`python3 -S -m ops.setup LEVEL` installs what some commands need, and nothing else; without a level, what a developer
needs. `python3 -S -m ops.setup lock-provider` brings the provider's checksums up to date instead. Runs under the
system's Python, before anything is installed: the standard library alone, and nothing (`-S`) of what else is there.
Each part remembers what it was made from, so that set-up is repeated when that changes, and costs nothing otherwise.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

# The start-up hook is not installed yet.
sys.path.extend(map(str, (Path(__file__).resolve().parent.parent / "packages").glob("*/src")))

from check_report.errors import InvalidInputError
from config.products import LOCK_BESIDE_A_STACK, Product
from config.request import PROJECT_ROOT, read_request
from ops.installed import Part, SetupError, digest, install, run, say, writable
from ops.python_packages import COMMANDS, DEVELOPMENT, VENV, locked_groups, python_part

PROVIDER_VERSION = "5.100.0"
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64")
MIRROR_PREFIXES = (Path("/opt"), Path("/usr/local/share"), Path("/usr/share"), Path("/usr/local/lib"), Path("/srv"))
ELSEWHERE = ("TARGET", "PREFIX", "ROOT", "USER", "PYTHON", "DRY_RUN", "CONSTRAINT", "REQUIREMENT", "EDITABLE")
"""Options of pip that decide what is installed, and where. Where it comes from is the user's to configure."""
TOOLS = PROJECT_ROOT / ".cache" / "tools"


LEVELS = {
    "runtime": ("python", "provider"),
    "handlers": ("development", "provider"),
    "cli": ("python", "provider", "node"),
    "tools": ("python", "provider", "tools"),
    "setup": ("development", "provider", "node"),
}
"""The parts that a make target's commands need, by the level that the target names."""


def set_up(variables: Mapping[str, str], product: Product, level: str = "setup") -> None:
    """Install what of a level is missing or out of date. Raises SetupError.

    product: the program whose provider is installed.
    """
    variables = own_variables(variables)
    made: Mapping[str, Callable[[], Part]] = {
        "python": lambda: _packages_part(COMMANDS, variables),
        "development": lambda: _packages_part(DEVELOPMENT, variables),
        "provider": lambda: _provider_part(product, variables),
        "node": lambda: _node_part(variables),
        "tools": lambda: _tools_part(variables),
    }
    install([made[name]() for name in LEVELS[level]], variables)


def _packages_part(wanted: Sequence[str], variables: Mapping[str, str]) -> Part:
    groups = locked_groups(PROJECT_ROOT / "Pipfile.lock", wanted, VENV)
    return python_part("Python packages", "python", VENV, groups, variables)


def _tools_part(variables: Mapping[str, str]) -> Part:
    groups = locked_groups(PROJECT_ROOT / "tools" / "Pipfile.lock", COMMANDS, TOOLS)
    return python_part("tools of harden, audit and sbom", "tools", TOOLS, groups, variables)


def _node_part(variables: Mapping[str, str]) -> Part:
    major = subprocess.run(("node", "--version"), env=variables, capture_output=True, text=True, check=True)
    return Part(
        name="cdktf CLI",
        key="node",
        link=PROJECT_ROOT / "node_modules",
        inside="node_modules",
        # Another major version of Node needs other compiled modules.
        made_from={
            "package-lock.json": digest(PROJECT_ROOT / "package-lock.json"),
            "Node's major version": major.stdout.split(".")[0],
        },
        duration="about half a minute",
        fault=_node_fault,
        install=partial(install_node, variables=variables),
    )


def _provider_part(product: Product, variables: Mapping[str, str]) -> Part:
    return Part(
        name="AWS provider",
        key=product.installed,
        link=provider_directory(product),
        made_from={product.lock: digest(PROJECT_ROOT / product.lock)},
        duration="seconds from a mirror, minutes from the registry",
        fault=partial(_provider_fault, product),
        install=partial(_install_provider, product=product, variables=variables),
    )


def own_variables(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return the process environment without what would send an installation elsewhere, or to another Python."""
    dropped = ("PYTHON", *(f"PIP_{option}" for option in ELSEWHERE))
    kept = {key: value for key, value in variables.items() if not key.startswith(dropped) and key != "ENV"}
    # Python has tried this folder; the others take what TMPDIR says as it is.
    return {**kept, "TMPDIR": str(Path(tempfile.gettempdir()).absolute())}


# --- Node ---------------------------------------------------------------------------------------------------------


def _node_fault(folder: Path) -> str:
    missing = [name for name in ("cdktf", "pyright") if not (folder / "node_modules" / ".bin" / name).exists()]
    return f"node_modules/.bin/{missing[0]} is missing" if missing else ""


# Given, because the user's configuration or NODE_ENV may say otherwise for other projects.
_NPM_ON = ("--include=dev", "--bin-links", "--package-lock", "--loglevel=error", "--location=project")
_NPM_OFF = ("audit", "color", "dry-run", "fund", "global", "json", "package-lock-only", "update-notifier", "workspaces")
_NPM_OPTIONS = (*_NPM_ON, *(f"--{option}=false" for option in _NPM_OFF))


def install_node(folder: Path, *, variables: Mapping[str, str]) -> None:
    """Install exactly what package-lock.json names. Raises SetupError."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        if (PROJECT_ROOT / name).exists():
            shutil.copyfile(PROJECT_ROOT / name, folder / name)
    run(("npm", "ci", "--cache", _npm_cache(folder, variables), *_NPM_OPTIONS), variables, directory=folder)
    if fault := _node_fault(folder):
        message = f"npm ci ended without an error, but {fault}; npm config list shows what its configuration changes"
        raise SetupError(message)
    for library in (folder / "node_modules").glob("@*/node-pty*"):
        loaded = run(("node", "-e", "require(process.argv[1])", str(library)), variables, check=False)
        if loaded.returncode:
            # Nothing else needs it, so that nothing else is kept from who has no other Node.
            say(
                f"setup: note: cdktf's CLI does not start on this Node, so make synth and make deploy will fail: "
                f"{library.name} has no binary for it, and npm compiled none that loads; Node 20 has one"
            )


def _npm_cache(folder: Path, variables: Mapping[str, str]) -> str:
    """Return the user's cache of npm, or one in the checkout where that cannot be written: npm would end there."""
    command = ("npm", "config", "get", "cache", *_NPM_OPTIONS)
    asked = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    cache = Path(folder, asked.stdout.strip() or os.devnull)
    return str(cache if writable(cache / "_cacache") else PROJECT_ROOT / ".cache" / "npm")


# --- the AWS provider ---------------------------------------------------------------------------------------------


def provider_directory(product: Product) -> Path:
    """Return the folder in which the provider is installed."""
    return PROJECT_ROOT / ".cache" / product.installed


def plugins(product: Product) -> Path:
    """Return the folder, a link unless it is the user's own, whose parent lies beside each stack as `terraform.d`."""
    return PROJECT_ROOT / product.plugins / "plugins"


def _provider_fault(product: Product, _: Path) -> str:
    place = plugins(product) / product.provider
    return "" if place.is_dir() else f"{place.relative_to(PROJECT_ROOT)} is missing"


def _install_provider(folder: Path, *, product: Product, variables: Mapping[str, str]) -> None:
    """Let Terraform install the provider once, checksums and all, for every stack to link to.

    It takes it from where the user's CLI configuration says, from Terraform's own mirror folders, from a mirror in
    one of the usual places, or from the registry. A folder of plugins of the user's own is taken as it is.

    The lock's checksums of packages (zh) are for every platform, those of unpacked ones (h1) for some. What Terraform
    has checked by the one it adds to the copy of the lock as the other, which each stack then gets: it links to what
    is unpacked here. The lock itself stays as it is, so nobody's platform changes it for others.
    """
    _require_provider(folder, product)
    place = plugins(product)
    vendored = place.is_dir() and not place.is_symlink()
    mirror = place if vendored else find_mirror(product)
    if mirror:
        (folder / "terraform.d").mkdir()
        (folder / "terraform.d" / "plugins").symlink_to(mirror, target_is_directory=True)
    run(
        (product.binary, "init", "-backend=false", "-input=false", "-no-color"),
        terraform_variables(variables),
        directory=folder,
        hint=partial(_provider_hint, product),
    )
    if vendored:
        return
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    installed = provider_directory(product) / ".terraform" / "providers"
    place.symlink_to(os.path.relpath(installed, place.parent), target_is_directory=True)


def _require_provider(directory: Path, product: Product) -> None:
    """Write the provider's requirement, and the lock, into an empty folder."""
    shutil.copyfile(PROJECT_ROOT / product.lock, directory / LOCK_BESIDE_A_STACK)
    required = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}}
    (directory / "provider.tf.json").write_text(json.dumps({"terraform": required}))


def _provider_hint(product: Product, said: str) -> str:
    if "doesn't match any of the checksums" in " ".join(said.split()):
        return (
            f"The package of {platform_name()} that was found is not one that {product.lock} knows. "
            f"Either it is not that of {product.registry}, and must not be used; or it comes from a mirror that is "
            "unpacked, and the lock has no h1 checksum of this platform yet. Then: "
            f"make lock-provider{product.argument}, where the registry can be reached, adds it; or make the mirror "
            f"anew with {product.binary} providers mirror, which leaves it packed."
        )
    return (
        f"{product.name} needs the provider hashicorp/aws {PROVIDER_VERSION}: from the registry, or from a filesystem "
        f"mirror that TF_CLI_CONFIG_FILE configures or that is a folder in {', '.join(map(str, MIRROR_PREFIXES))}."
    )


def lock_provider(variables: Mapping[str, str], product: Product) -> None:
    """Add the checksums of every platform's package to the product's lock. Raises SetupError without the registry."""
    hcl_lock = PROJECT_ROOT / product.lock
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        _require_provider(directory, product)
        platforms = [f"-platform={platform_}" for platform_ in PLATFORMS]
        run(
            (product.binary, "providers", "lock", "-no-color", *platforms),
            terraform_variables(variables),
            directory=directory,
            hint=lambda _: "This asks the registry itself, whatever mirror there is; nothing was changed.",
        )
        locked = (directory / LOCK_BESIDE_A_STACK).read_text()
    # Terraform begins the file with words of its own.
    begin = hcl_lock.read_text().split("provider ", 1)[0]
    hcl_lock.write_text(begin + "provider " + locked.split("provider ", 1)[1])


def platform_name() -> str:
    """Return this platform as Terraform names it, like linux_amd64."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine().lower())
    return f"{platform.system().lower()}_{architecture}"


def find_mirror(product: Product, prefixes: Iterable[Path] = MIRROR_PREFIXES) -> Path | None:
    """Return the first folder one level below the prefixes that mirrors this provider for this platform."""
    for prefix in prefixes:
        for folder in sorted(prefix.glob("*/")):
            package = folder / product.provider
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


def main() -> int:
    """Set the checkout up; return the exit status."""
    asked = sys.argv[1:]
    try:
        request = read_request()
        if "lock-provider" in asked:
            lock_provider(request.shell, request.product)
        else:
            set_up(request.shell, request.product, *asked)
    except (InvalidInputError, SetupError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # What was being installed is not complete, and is installed again the next time.
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
