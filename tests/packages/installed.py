"""A package of packages/, installed with its tests' requirements in an empty environment of its own."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT

PACKAGES = PROJECT_ROOT / "packages"
NAMES = sorted(folder.name for folder in PACKAGES.iterdir())


def project_of(name: str) -> dict[str, Any]:
    """Return the table `project` of a package's pyproject.toml."""
    return tomllib.loads((PACKAGES / name / "pyproject.toml").read_text())["project"]


def cheapest() -> str:
    """Return the package that requires the fewest others, its tests' included."""

    def requirements(name: str) -> int:
        project = project_of(name)
        return len(project["dependencies"]) + len(project["optional-dependencies"]["test"])

    return min(NAMES, key=requirements)


@dataclass(frozen=True)
class Installed:
    """An environment with one package in it."""

    name: str
    folder: Path

    def run(self, program: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, with its folder first on PATH, where nothing of the project is."""
        programs = self.folder / "bin"
        return subprocess.run(
            (programs / program, *arguments),
            cwd=cwd or self.folder,
            env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )

    def run_tests(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run the package's tests in a copy, in which there is no source beside them."""
        without = shutil.ignore_patterns("__pycache__", "src")
        shutil.copytree(PACKAGES / self.name, folder, ignore=without, dirs_exist_ok=True)
        return self.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)


def install(name: str, folder: Path) -> Installed:
    """Make an empty environment in the folder, and install a package there as its README says, as it is now."""
    _succeed(sys.executable, "-m", "venv", "--without-pip", str(folder))
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "bin" / "python"),
        "install",
        "--quiet",
        "--no-cache-dir",
    )
    _succeed(*pip, f"{PACKAGES / name}[test]")
    return Installed(name, folder)


def _succeed(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
