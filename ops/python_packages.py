"""Python environments of what a Pipfile.lock names."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from ops.installed import Part, digest, made_from, run

Group = Mapping[str, Mapping[str, Any]]
COMMANDS = ("default",)
"""The group of packages that the commands import."""
DEVELOPMENT = ("default", "develop")
"""The groups of packages that checks and tests import."""
HOOK = PROJECT_ROOT / "ops" / "interpreter.py"
LAUNCHER = PROJECT_ROOT / "ops" / "launcher.sh"
VENV = PROJECT_ROOT / ".venv"


def locked_groups(lock_file: Path, wanted: Sequence[str], link: Path) -> Mapping[str, Group]:
    """Return groups of a Pipfile.lock by the names that messages give them: those wanted, and those there already.

    So an environment grows and never shrinks: who has run a test finds pytest in it after the next `make plan`.
    """
    lock = json.loads(lock_file.read_text())
    there = made_from(link)
    named = {f"{group} of {lock_file.relative_to(PROJECT_ROOT)}": group for group in DEVELOPMENT}
    return {name: lock[group] for name, group in named.items() if group in wanted or name in there}


def python_part(name: str, key: str, link: Path, groups: Mapping[str, Group], variables: Mapping[str, str]) -> Part:
    """Return an environment of groups of locked packages."""
    return Part(
        name=name,
        key=key,
        link=link,
        made_from={
            **{name: _digest_of(group) for name, group in groups.items()},
            "ops/interpreter.py": digest(HOOK),
            "ops/launcher.sh": digest(LAUNCHER),
        },
        duration="about half a minute",
        fault=partial(_fault, link=link, variables=variables),
        install=partial(_install, groups=list(groups.values()), variables=variables, warm=link == VENV),
    )


def _digest_of(group: Group) -> str:
    return hashlib.sha256(json.dumps(group, sort_keys=True).encode()).hexdigest()


def _fault(folder: Path, *, link: Path, variables: Mapping[str, str]) -> str:
    python = f"the Python of {link.relative_to(PROJECT_ROOT)}"
    if os.path.realpath(os.path.dirname(sys.executable)) == str(folder / "bin"):  # noqa: PTH120
        # Set-up runs in it, so it starts.
        return _version_fault(folder, python, f"{sys.version_info.major}.{sys.version_info.minor}")
    command = (str(folder / "bin" / "python"), "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return f"{python} does not start any more"
    return _version_fault(folder, python, done.stdout.strip())


def _version_fault(folder: Path, python: str, version: str) -> str:
    return "" if (folder / "lib" / f"python{version}").is_dir() else f"{python} is {version} now"


def _install(folder: Path, *, groups: Sequence[Group], variables: Mapping[str, str], warm: bool) -> None:
    """Install exactly what the lock names, by hash, as `pipenv sync` would, which is not at hand yet."""
    # Not at the top: every command looks whether an environment is due, and nearly always none is.
    from ops.uv import install_pins, requirements  # noqa: PLC0415

    run((sys.executable, "-m", "venv", "--without-pip", str(folder)), variables)
    file = folder / "requirements.txt"
    file.write_text("\n".join(requirements(*groups)))
    install_pins(folder / "bin" / "python", file, variables)
    (packages,) = folder.glob("lib/python*/site-packages")
    shutil.copyfile(HOOK, packages / "project_interpreter.py")
    shutil.copy(LAUNCHER, folder / "bin" / "ops")
    (packages / "project_interpreter.pth").write_text("import project_interpreter; project_interpreter.begin()\n")
    if warm:
        _warm(folder, variables)


def _warm(folder: Path, variables: Mapping[str, str]) -> None:
    """Have jsii unpack its packages, and Python compile what the stacks import: here the time is expected.

    What else a command imports it compiles in its first run. Nobody waits for the provider's 2,135 modules, of which
    all but 40 are never imported.
    """
    # The hook finds these for an environment in its place, which this one has still to be put into.
    packages = os.pathsep.join(map(str, sorted(PROJECT_ROOT.glob("packages/*/src"))))
    with tempfile.TemporaryDirectory() as output:
        command = (str(folder / "bin" / "python"), "-O", "main.py")
        run(command, {**variables, "PYTHONPATH": packages, "CDKTF_OUTDIR": output}, check=False)
