"""What the benchmark alone needs: peers and the plotter, each in an environment of its own, by hash."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from config.request import PROJECT_ROOT
from ops.progress import step

PINS = PROJECT_ROOT / "tests" / "bench" / "peers"
CACHE = PROJECT_ROOT / ".cache" / "bench"


class BenchError(Exception):
    """The benchmark cannot be run, or what it ran failed; the message says why, in one line."""


def python_of(name: str) -> str:
    """Return the interpreter of the environment that `<name>.txt` pins, made when missing or out of date.

    pip compiles what it installs, as it does for any user. Raises BenchError when it cannot install that.
    """
    listed = PINS / f"{name}.txt"
    environment = CACHE / name
    python = environment / "bin" / "python"
    stamp = environment / "made-from.sha256"
    wanted = hashlib.sha256(listed.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return str(python)
    shutil.rmtree(environment, ignore_errors=True)
    with step(f"install {name}, which takes minutes and is done once"):
        # The project's pip serves them all; one of its own would take seconds to put in.
        _run(name, sys.executable, "-m", "venv", "--without-pip", str(environment))
        pip = (sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check")
        _run(name, *pip, "install", "--no-deps", "--require-hashes", "--requirement", str(listed))
    stamp.write_text(wanted)
    return str(python)


def folder_of(name: str, *, pins: Path = PINS, cache: Path | None = None) -> Path:
    """Return the folder with the packages that `<name>/package-lock.json` pins, made when missing or out of date.

    Node looks for packages beside a program, so programs run from this folder. Raises BenchError when npm cannot
    install them.

    pins: the folder of the pins. cache: that of the environments; the benchmark's own if left out.
    """
    lock = pins / name / "package-lock.json"
    folder = (cache or CACHE) / name
    stamp = folder / "made-from.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    with step(f"install {name}, which takes minutes and is done once"):
        folder.mkdir(parents=True)
        for file in (lock, lock.with_name("package.json")):
            shutil.copyfile(file, folder / file.name)
        _run(name, "npm", "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund")
    stamp.write_text(wanted)
    return folder


def version_of(name: str, package: str) -> str:
    """Return the version of a package that `<name>.txt` or `<name>/package-lock.json` pins."""
    lock = PINS / name / "package-lock.json"
    if lock.is_file():
        return json.loads(lock.read_text())["packages"][f"node_modules/{package}"]["version"]
    lines = (PINS / f"{name}.txt").read_text().splitlines()
    (version,) = (line.split("==")[1].split()[0] for line in lines if line.startswith(f"{package}=="))
    return version


def _run(name: str, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        message = f"{name}: cannot be installed: {reason}"
        raise BenchError(message)
