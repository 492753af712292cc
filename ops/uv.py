"""uv, which installs Python packages: fetched by its hash, and configured as pip is.

A Pipfile.lock says which packages there are, and their hashes. Where they come from, through which proxy and with
which certificates, users configure for pip, as companies do with a mirror. uv does not read it: it is translated here.
"""

import ast
import json
import subprocess
import sys
import sysconfig
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from ops.installed import SetupError, own_cache, run, user_cache, writable

LOCK = PROJECT_ROOT / "Pipfile.lock"
_KEPT = ("UV_CACHE_DIR", "UV_LINK_MODE")
"""Of the variables of uv those that say nothing of what is installed, or where it comes from."""
_CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The variables that pip reads where its configuration names no certificates."""
_TRUE = ("1", "on", "t", "true", "y", "yes")
_one_at_a_time = threading.Lock()


def install_pins(python: Path, pins: Path, variables: Mapping[str, str]) -> None:
    """Install what a file of requirements pins by hash, from uv's cache if all of it is there. Raises SetupError."""
    # Each starts pip, which takes a second.
    with ThreadPoolExecutor() as pool:
        fetched = pool.submit(fetched_uv, variables)
        settings = pip_settings(variables)
        uv = fetched.result()
    cache = Path(variables.get("UV_CACHE_DIR") or user_cache(variables) / "uv")
    if not writable(cache):
        cache = PROJECT_ROOT / ".cache" / "uv"
    command = (
        *(str(uv), "pip", "install", "--quiet", "--python", str(python), "--cache-dir", str(cache)),
        *("--no-deps", "--require-hashes", "--requirement", str(pins)),
        *(("--no-index",) if settings.get("no-index", "").lower() in _TRUE else ()),
    )
    own = uv_variables(settings, variables)
    from_cache = run((*command, "--offline"), own, check=False)
    if from_cache.returncode < 0:
        message = "the installation of Python packages was interrupted"
        raise SetupError(message)
    if from_cache.returncode:
        run(command, own)


def requirements(*groups: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Return groups of a Pipfile.lock as lines of a requirements file; a package that is in two of them once."""
    packages = {name: entry for group in groups for name, entry in group.items()}
    for name, entry in sorted(packages.items()):
        marker = f"; {entry['markers']}" if "markers" in entry else ""
        hashes = "".join(f" --hash={digest}" for digest in entry["hashes"])
        yield f"{name}{entry['version']}{marker}{hashes}"


def fetched_uv(variables: Mapping[str, str]) -> Path:
    """Return the uv that the lock names, out of the user's cache or else from pip's index. Raises SetupError."""
    packages = json.loads(LOCK.read_text())["installer"]
    version = packages["uv"]["version"].removeprefix("==")
    program = own_cache(variables) / f"uv-{version}-{sysconfig.get_platform()}"
    # The tools, in their own environment, need it in the same moment.
    with _one_at_a_time:
        if not _starts(program, variables):
            _fetch(program, packages, variables)
    return program


def _starts(program: Path, variables: Mapping[str, str]) -> bool:
    try:
        return not subprocess.run(
            (str(program), "--version"), env=variables, capture_output=True, check=False
        ).returncode
    except OSError:
        return False


def _fetch(program: Path, packages: Mapping[str, Mapping[str, Any]], variables: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=program.parent) as name:
        pins = Path(name, "requirements.txt")
        pins.write_text("\n".join(requirements(packages)))
        # Unlike pip install, pip download follows no target, prefix or root of a configuration.
        command = (*_pip(), "download", "--no-input", "-qq", "--disable-pip-version-check", "--no-deps")
        exactly = ("--only-binary", ":all:", "--require-hashes", "--requirement", str(pins), "--dest", name)
        run(
            (*command, *exactly),
            {**variables, "PIP_REQUIRE_VIRTUALENV": "0"},
            hint=lambda _: "uv installs the Python packages; it comes from the index that pip is configured for.",
        )
        (wheel,) = Path(name).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (member,) = (each for each in archive.namelist() if each.endswith(".data/scripts/uv"))
            unpacked = Path(archive.extract(member, name))
        unpacked.chmod(0o755)
        unpacked.replace(program)


def _pip() -> tuple[str, ...]:
    """Return the command that runs the pip which comes with Python, out of its wheel. Raises SetupError without one."""
    folders = (sysconfig.get_config_var("WHEEL_PKG_DIR"), Path(sysconfig.get_path("stdlib"), "ensurepip", "_bundled"))
    wheels = [wheel for folder in folders if folder for wheel in Path(folder).glob("pip-*.whl")]
    if not wheels:
        message = f"{sys.executable} has no ensurepip, which brings pip. On Debian and Ubuntu: install python3-venv."
        raise SetupError(message)
    return (sys.executable, "-I", "-S", str(wheels[0] / "pip"))


# --- pip's configuration ------------------------------------------------------------------------------------------


def pip_settings(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return pip's options for an installation by name, of its files and its variables. Raises SetupError."""
    listed = run((*_pip(), "config", "list"), {**variables, "PIP_QUIET": "0", "PIP_VERBOSE": "0"}).stdout
    settings: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for line in listed.splitlines():
            name, found, value = line.partition("=")
            if found and name.startswith(section):
                settings[name.removeprefix(section)] = str(ast.literal_eval(value))
    return settings


def uv_variables(settings: Mapping[str, str], variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return the process environment in which uv takes packages from where pip would, in the way that pip would."""
    kept = {key: value for key, value in variables.items() if not key.startswith("UV_") or key in _KEPT}
    # Which index has the file does not matter: its hash decides.
    own = {"UV_NO_CONFIG": "1", "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "1"}
    links = [each for each in settings.get("find-links", "").split() if ":" in each or Path(each).exists()]
    proxy = settings.get("proxy", "")
    given = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(settings.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(links),
        "UV_INSECURE_HOST": " ".join(settings.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": settings.get("timeout", settings.get("default-timeout", "")),
        "UV_KEYRING_PROVIDER": "subprocess" if settings.get("keyring-provider") == "subprocess" else "",
        "SSL_CLIENT_CERT": settings.get("client-cert", ""),
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy),
    }
    bundles = (settings.get("cert", ""), *(variables.get(name, "") for name in _CA_BUNDLES))
    if bundle := next(filter(None, bundles), ""):
        given["SSL_CERT_DIR" if Path(bundle).is_dir() else "SSL_CERT_FILE"] = bundle
    return {**kept, **own, **{key: value for key, value in given.items() if value}}
