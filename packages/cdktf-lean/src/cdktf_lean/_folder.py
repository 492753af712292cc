"""A temporary folder that the process which made it removes at its exit; a fork of it leaves the folder alone."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def temporary_folder() -> Path:
    """Return the folder for temporary files, from the folder that was the current one at the first call."""
    return Path(tempfile.gettempdir()).absolute()


class Folder:
    """A folder of this process."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="cdktf-lean-", dir=temporary_folder()))
        self._owner = os.getpid()
        atexit.register(self.remove)

    def remove(self) -> None:
        """Delete the folder and all in it, unless this process is a fork of the one that made it."""
        if os.getpid() == self._owner:
            atexit.unregister(self.remove)
            shutil.rmtree(self.path, ignore_errors=True)
