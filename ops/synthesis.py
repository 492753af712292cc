"""The app's run, into a folder of this process alone.

It may begin while a command's own modules are still being loaded: both take half a second.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.environments import environments
from config.request import PROJECT_ROOT, Request, Target
from ops import process
from ops.progress import say
from ops.work_lock import CDKTF_FOLDER, at_work

CDKTF_OUT = PROJECT_ROOT / "cdktf.out"
"""The folder of cdktf's own CLI."""
QUIET = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
"""Node 20 works; that jsii no longer supports it is said once, in the README."""
_FOLDERS = PROJECT_ROOT / ".cache" / "synthesis"

_begun: list[subprocess.Popen[str]] = []
_ended: dict[str, "Synthesis"] = {}
"""This command's run, by its environment: it makes all stacks of the environment."""


@dataclass(frozen=True)
class Synthesis:
    """An ended run of the app."""

    done: subprocess.CompletedProcess[str]
    folder: Path
    """What it wrote, until `end`."""

    def notes(self, stack: str) -> list[str]:
        """Return what the constructs of a stack note for a reader, each with the construct's path."""
        manifest = json.loads((self.folder / "manifest.json").read_text())
        annotations = manifest["stacks"][stack].get("annotations", [])
        return [f"{each['constructPath']}: {each['message']}" for each in annotations]


def begin(request: Request) -> None:
    """Begin to synthesize the environment that was asked for, where nothing can be refused but its settings.

    On AWS it must be known first whose credentials these are.
    """
    if request.target is Target.EMULATOR:
        _begun.append(_start({**request.variables, "ENV": request.environment_or_dev}))


def is_begun() -> bool:
    """Return True if the next run has begun already."""
    return bool(_begun)


def ended(variables: Mapping[str, str]) -> Synthesis | None:
    """Return the run that this command has made for the environment already; None if there is none."""
    return _ended.get(variables["ENV"])


def run(variables: Mapping[str, str]) -> Synthesis:
    """Return the ended run of the app, which a command makes once; with these variables unless it was begun already."""
    found = ended(variables)
    if found is None:
        found = Synthesis(process.finish(_begun.pop() if _begun else _start(variables)), _folder(os.getpid()))
        _ended[variables["ENV"]] = found
    return found


def end() -> None:
    """Wait for what was begun, if the command has not asked for it, and remove what the app wrote."""
    while _begun:
        process.finish(_begun.pop())
    _ended.clear()
    shutil.rmtree(_folder(os.getpid()), ignore_errors=True)


@dataclass(frozen=True)
class Everything:
    """The stacks of every environment, synthesized into cdktf's own folder."""

    stacks: tuple[Path, ...]
    """The folder of each stack that could be synthesized."""
    missing: tuple[str, ...]
    """The stacks that could not: nothing that is said of the others is said of these."""


@contextmanager
def synthesize_everything(request: Request, command: str) -> Generator[Everything]:
    """Synthesize every environment, say what is wrong with those that are faulty, and keep the folder for a block."""
    # Not at the top: the app of `make plan` begins before a stack is loaded here.
    from stacks.features import stack_names  # noqa: PLC0415

    with at_work(CDKTF_FOLDER, f"make {command}", wait_seconds=request.checkout_wait_seconds):
        variables = {key: value for key, value in request.variables.items() if key != "ENV"}
        done = process.finish(_start(variables, CDKTF_OUT))
        if done.stderr:
            say(done.stderr.strip())
        folders = [CDKTF_OUT / "stacks" / name for environment in environments() for name in stack_names(environment)]
        made = tuple(folder for folder in folders if not done.returncode and (folder / "cdk.tf.json").is_file())
        missing = tuple(folder.name for folder in folders if folder not in made)
        if missing:
            say(f"not synthesized, so not checked: {', '.join(missing)}")
        yield Everything(made, missing)


def _start(variables: Mapping[str, str], folder: Path | None = None) -> subprocess.Popen[str]:
    _remove_abandoned()
    _FOLDERS.mkdir(parents=True, exist_ok=True)
    everything = {**variables, **QUIET, "CDKTF_OUTDIR": str(folder or _folder(os.getpid()))}
    return process.start((sys.executable, "-O", "main.py"), everything, PROJECT_ROOT, capture=True)


def _folder(pid: int) -> Path:
    return _FOLDERS / str(pid)


def _remove_abandoned() -> None:
    """Remove the folders of processes that were killed."""
    for folder in _FOLDERS.glob("[0-9]*"):
        if not _is_alive(int(folder.name)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
