"""Set-up of a checkout: Python packages, cdktf's CLI and the AWS provider, all inside the checkout.

`python3 -S -m ops.setup tools` installs, besides, the tools that judge the project from outside, in an environment of
their own; `python3 -S -m ops.setup lock-provider` brings the provider's checksums up to date instead. Runs under the
system's Python, before anything is installed: the standard library alone, and nothing (`-S`) of what else is there.
Each part remembers what it was made from, so that set-up is repeated when that changes, and costs nothing otherwise.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

# The start-up hook is not installed yet.
sys.path.extend(map(str, (Path(__file__).resolve().parent.parent / "packages").glob("*/src")))

from check_report.errors import InvalidInputError
from config.products import LOCK_BESIDE_A_STACK, Product
from config.request import PROJECT_ROOT, read_request
from ops.installed import Part, SetupError, digest, install

PROVIDER_VERSION = "5.100.0"
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64")
MIRROR_PREFIXES = (Path("/opt"), Path("/usr/local/share"), Path("/usr/share"), Path("/usr/local/lib"), Path("/srv"))
ELSEWHERE = ("TARGET", "PREFIX", "ROOT", "USER", "PYTHON", "DRY_RUN", "CONSTRAINT", "REQUIREMENT", "EDITABLE")
"""Options of pip that decide what is installed, and where. Where it comes from is the user's to configure."""
HOOK = PROJECT_ROOT / "ops" / "interpreter.py"
LAUNCHER = PROJECT_ROOT / "ops" / "launcher.sh"
VENV = PROJECT_ROOT / ".venv"
TOOLS = PROJECT_ROOT / ".cache" / "tools"


def set_up(variables: Mapping[str, str], product: Product, *, tools: bool = False) -> None:
    """Install what is missing or out of date. Raises SetupError.

    product: the program whose provider is installed. tools: also what `make harden`, `make audit` and `make sbom` run.
    """
    variables = own_variables(variables)
    major = subprocess.run(("node", "--version"), env=variables, capture_output=True, text=True, check=True)
    parts = [
        python_part("Python packages", "python", VENV, PROJECT_ROOT / "Pipfile.lock", variables),
        Part(
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
        ),
        Part(
            name="AWS provider",
            key=product.installed,
            link=provider_directory(product),
            made_from={product.lock: digest(PROJECT_ROOT / product.lock)},
            duration="seconds from a mirror, minutes from the registry",
            fault=partial(_provider_fault, product),
            install=partial(_install_provider, product=product, variables=variables),
        ),
    ]
    if tools:
        parts.append(
            python_part(
                "tools of harden, audit and sbom", "tools", TOOLS, PROJECT_ROOT / "tools" / "Pipfile.lock", variables
            )
        )
    install(parts)


def own_variables(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return the process environment without what would send an installation elsewhere, or to another Python."""
    dropped = ("PYTHON", *(f"PIP_{option}" for option in ELSEWHERE))
    kept = {key: value for key, value in variables.items() if not key.startswith(dropped) and key != "ENV"}
    # Python has tried this folder; the others take what TMPDIR says as it is.
    return {**kept, "TMPDIR": str(Path(tempfile.gettempdir()).absolute())}


# --- Python -------------------------------------------------------------------------------------------------------


def python_part(name: str, key: str, link: Path, lock_file: Path, variables: Mapping[str, str]) -> Part:
    """Return an environment of what a Pipfile.lock names."""
    return Part(
        name=name,
        key=key,
        link=link,
        made_from={
            str(lock_file.relative_to(PROJECT_ROOT)): digest(lock_file),
            "ops/interpreter.py": digest(HOOK),
            "ops/launcher.sh": digest(LAUNCHER),
        },
        duration="about a minute",
        fault=partial(_python_fault, link=link, variables=variables),
        install=partial(_install_packages, lock_file=lock_file, variables=variables, warm=link == VENV),
    )


def _python_fault(folder: Path, *, link: Path, variables: Mapping[str, str]) -> str:
    python = f"the Python of {link.relative_to(PROJECT_ROOT)}"
    command = (str(folder / "bin" / "python"), "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return f"{python} does not start any more"
    version = done.stdout.strip()
    return "" if (folder / "lib" / f"python{version}").is_dir() else f"{python} is {version} now"


def _install_packages(folder: Path, *, lock_file: Path, variables: Mapping[str, str], warm: bool) -> None:
    """Install exactly what a Pipfile.lock names, by hash, as `pipenv sync --dev` would, which is not at hand yet."""
    hint = "On Debian and Ubuntu: install python3-venv."
    run((sys.executable, "-m", "venv", str(folder)), variables, hint=lambda _: hint)
    python = str(folder / "bin" / "python")
    lock = json.loads(lock_file.read_text())
    pins = folder / "requirements.txt"
    pins.write_text("\n".join(requirements(lock)))
    pip = (python, "-m", "pip", "install", "--no-input", "--no-user", "-qq", "--disable-pip-version-check")
    run((*pip, "--no-compile", "--no-deps", "--require-hashes", "--requirement", str(pins)), variables)
    (packages,) = folder.glob("lib/python*/site-packages")
    if missing := _missing(lock, packages):
        message = (
            f"pip ended without an error but did not install {missing[0]}; its configuration may have a target, prefix "
            "or root of its own: pip config list shows it"
        )
        raise SetupError(message)
    shutil.copyfile(HOOK, packages / "project_interpreter.py")
    shutil.copy(LAUNCHER, folder / "bin" / "ops")
    (packages / "project_interpreter.pth").write_text("import project_interpreter; project_interpreter.begin()\n")
    if warm:
        _warm(folder, variables)


def _missing(lock: Mapping[str, Mapping[str, Mapping[str, Any]]], packages: Path) -> Sequence[str]:
    """Return the pins that every platform and version of Python has, and that were not installed."""
    there = {_normal(folder.name.split("-")[0]) for folder in packages.glob("*.dist-info")}
    pins = {**lock["develop"], **lock["default"]}
    only_newer = r"(python_version >= '[0-9.]+')?"
    always = [name for name, entry in pins.items() if re.fullmatch(only_newer, entry.get("markers", ""))]
    return [name for name in always if _normal(name) not in there]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _warm(folder: Path, variables: Mapping[str, str]) -> None:
    """Compile what the commands import, and have jsii unpack its packages: here the time is expected."""
    python = str(folder / "bin" / "python")
    # Compiling the provider's 2,135 modules would take longer than all the rest; all but 40 are never imported.
    compile_all = (python, "-m", "compileall", "-q", "-j", "0", "-o", "0", "-o", "1")
    run((*compile_all, "-x", "cdktf_cdktf_provider_aws", str(folder / "lib")), variables, check=False)
    for optimized in ((), ("-O",)):
        with tempfile.TemporaryDirectory() as output:
            run((python, *optimized, "main.py"), {**variables, "CDKTF_OUTDIR": output}, check=False)


def requirements(lock: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterable[str]:
    """Say a Pipfile.lock in pip's words."""
    for name, entry in sorted({**lock["develop"], **lock["default"]}.items()):
        marker = f"; {entry['markers']}" if "markers" in entry else ""
        hashes = "".join(f" --hash={digest}" for digest in entry["hashes"])
        yield f"{name}{entry['version']}{marker}{hashes}"


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


def _npm_cache(folder: Path, variables: Mapping[str, str]) -> str:
    """Return the user's cache of npm, or one in the checkout where that cannot be written: npm would end there."""
    command = ("npm", "config", "get", "cache", *_NPM_OPTIONS)
    asked = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    content = Path(folder, asked.stdout.strip() or os.devnull, "_cacache")
    try:
        content.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=content):
            return str(content.parent)
    except OSError:
        return str(PROJECT_ROOT / ".cache" / "npm")


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


def run(
    command: tuple[str, ...],
    variables: Mapping[str, str],
    *,
    directory: Path = PROJECT_ROOT,
    hint: Callable[[str], str] = lambda _: "",
    check: bool = True,
) -> None:
    """Run a tool, which can ask nothing, to its end. Raises SetupError with its message, and a hint for it."""
    done = subprocess.run(
        command,
        cwd=directory,
        env=variables,
        # A question would wait for an answer that nobody is asked for.
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if check and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-4000:]
        message = f"{' '.join(command[:4])} failed:\n{said}\n{hint(said)}".strip()
        raise SetupError(message)


def main() -> int:
    """Set the checkout up; return the exit status."""
    asked = sys.argv[1:]
    try:
        request = read_request()
        if "lock-provider" in asked:
            lock_provider(request.shell, request.product)
        else:
            set_up(request.shell, request.product, tools="tools" in asked)
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
