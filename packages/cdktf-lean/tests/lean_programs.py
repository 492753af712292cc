"""What running a program in a fresh interpreter takes and gives."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

_FOUND = find_spec("cdktf_lean")
assert _FOUND
SOURCE = Path(str(_FOUND.origin)).parents[1]
"""The folder that has the package, in a checkout or installed; it is not imported here."""


@dataclass(frozen=True)
class Result:
    """What a program left behind."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def notices(self) -> list[str]:
        """The lines on stderr that cdktf_lean wrote."""
        return [line for line in self.stderr.splitlines() if line.startswith("cdktf_lean: ")]

    @property
    def answer(self) -> Any:
        """The JSON that a program printed, which therefore has succeeded."""
        assert self.exit_code == 0, self.stderr
        return json.loads(self.stdout)


class Run(Protocol):
    """Runs the interpreter with these arguments and additions to the environment."""

    def __call__(self, *arguments: str, **environment: str) -> Result:
        """Return when the program has ended."""
        ...


def node_with(script: str, folder: Path) -> dict[str, str]:
    """Return the variable that has the kernel run by a Node that runs a script first; both are put into the folder."""
    required, node = folder / "first.js", folder / "node"
    required.write_text(script)
    node.write_text(f'#!/bin/sh\nexec node --require "{required}" "$@"\n')
    node.chmod(0o755)
    return {"JSII_NODE": str(node)}
