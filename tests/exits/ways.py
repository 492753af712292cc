"""The ways out, and the synthesis of the unchanged project on each."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore

from config.request import PROJECT_ROOT
from tests.bench.installed import BenchError, python_of
from tests.exits.bindings import CACHE, kept_bindings
from tests.exits.comparison import Place

REDIRECTED = Path(__file__).with_name("redirected.py")
CORE: Place = ("//", "metadata", "version")
SOURCE: Place = ("terraform", "required_providers", "aws", "source")
PROVIDER: Place = ("terraform", "required_providers", "aws", "version")


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way out: what answers the imports, and all that may differ in what the project then makes."""

    name: str
    pins: str
    """Its environment, as the benchmark pins it."""
    others: Mapping[str, str]
    """The package that answers, by the name that is imported."""
    is_generated: bool = False
    """True if the provider's bindings are generated ones."""
    stack: Mapping[Place, tuple[str, str]]
    """Each place at which a stack differs, with today's value and the other one."""
    manifest: Mapping[Place, tuple[str, str]]

    @property
    def listed(self) -> Mapping[str, Mapping[Place, tuple[Any, Any]]]:
        """What must differ, by the name of the file."""
        return {"cdk.tf.json": self.stack, "manifest.json": self.manifest}

    def command(self, program: str) -> list[str]:
        """Return the command that runs a program of the project on this way."""
        redirections = ",".join(f"{name}={other}" for name, other in self.others.items())
        return [python_of(self.pins), str(REDIRECTED), redirections, program]

    def variables(self, root: Path) -> dict[str, str]:
        """Return the variables of that command, for a checkout."""
        bindings = [kept_bindings()] if self.is_generated else []
        folders = (root, *sorted((root / "packages").glob("*/src")), _shared(), *bindings)
        return {
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(CACHE / "jsii"),
        }


CDKTN = Way(
    name="cdktn 0.24.0, generated bindings of provider 5.100.0",
    pins="cdktn",
    others={"cdktf": "cdktn", "cdktf_cdktf_provider_aws": "imports.aws"},
    is_generated=True,
    stack={CORE: ("0.21.0", "0.24.0"), SOURCE: ("aws", "hashicorp/aws")},
    manifest={("version",): ("0.21.0", "0.24.0")},
)
"""The one whose provider the project has, so that its plans can be made."""
WAYS = (
    CDKTN,
    Way(
        name="cdktn 0.24.0, its provider package 25.8.1 (6.69.1)",
        pins="cdktn",
        others={"cdktf": "cdktn", "cdktf_cdktf_provider_aws": "cdktn_provider_aws"},
        stack={CORE: ("0.21.0", "0.24.0"), SOURCE: ("aws", "hashicorp/aws"), PROVIDER: ("5.100.0", "6.69.1")},
        manifest={("version",): ("0.21.0", "0.24.0")},
    ),
    Way(
        name="cdktf 0.21.0, its provider package 21.22.1 (6.25.0)",
        pins="cdktf",
        others={},
        stack={PROVIDER: ("5.100.0", "6.25.0")},
        manifest={},
    ),
)


class NotSynthesizedError(Exception):
    """The project does not synthesize on a way out; the message is what it printed."""


def _shared() -> Path:
    """Return a folder with the project's own botocore, whose list of regions the app reads: no exit changes that."""
    folder = CACHE / "shared"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "botocore"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(botocore.__file__).parent, target_is_directory=True)
    return folder


def synthesize_today(output: Path) -> None:
    """Synthesize every environment as cdktf.json has it. Raises BenchError."""
    done = _run([sys.executable, "-O", "main.py"], {}, output)
    if done.returncode:
        message = f"the project itself does not synthesize: {done.stderr.strip()}"
        raise BenchError(message)


def synthesize(way: Way, output: Path) -> None:
    """Synthesize every environment on a way out, with the checks of types that -O leaves out.

    Raises BenchError if it cannot be installed, NotSynthesizedError if the project fails there.
    """
    done = _run(way.command("main.py"), way.variables(PROJECT_ROOT), output)
    if done.returncode:
        raise NotSynthesizedError(done.stderr.strip()[-2000:])


def _run(command: list[str], variables: Mapping[str, str], output: Path) -> subprocess.CompletedProcess[str]:
    everything = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "LANG": "C.UTF-8",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "CDKTF_OUTDIR": str(output),
        **variables,
    }
    return subprocess.run(command, cwd=PROJECT_ROOT, env=everything, capture_output=True, text=True, check=False)
