"""The app's run, which may begin while a command's own modules are still being loaded: both take half a second."""

import subprocess
import sys
from collections.abc import Mapping

from config.request import PROJECT_ROOT, Request, Target
from ops import process

SYNTHESIZED = PROJECT_ROOT / "cdktf.out"
QUIET = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
"""Node 20 works; that jsii no longer supports it is said once, in the README."""

_begun: list[subprocess.Popen[str]] = []


def begin(request: Request) -> None:
    """Begin to synthesize the environment that was asked for, where nothing can be refused but its settings.

    On AWS it must be known first whose credentials these are.
    """
    if request.target is Target.EMULATOR:
        _begun.append(_start({**request.variables, "ENV": request.environment_or_dev}))


def is_begun() -> bool:
    """Whether the next run has begun already."""
    return bool(_begun)


def run(variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Return how the app ended; it is run with these variables unless it was begun already."""
    return process.finish(_begun.pop() if _begun else _start(variables))


def end() -> None:
    """Wait for what was begun, if the command has not asked for it: so that nothing is left half written."""
    while _begun:
        process.finish(_begun.pop())


def _start(variables: Mapping[str, str]) -> subprocess.Popen[str]:
    everything = {**variables, **QUIET, "CDKTF_OUTDIR": str(SYNTHESIZED)}
    return process.start((sys.executable, "-O", "main.py"), everything, PROJECT_ROOT, capture=True)
