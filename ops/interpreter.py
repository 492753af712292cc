"""Start-up hook of the environments that set-up installs; it is copied into them and runs in each interpreter.

The interpreter stays in the folder that it began in when `.venv` becomes a link to another one, shows that the folder
is in use, and finds the project where PYTHONSAFEPATH keeps the current folder out of its path.
"""

import fcntl
import os
import sys

NO_STREAM = 10
"""The least number of a descriptor that nothing takes for a standard stream which the caller closed."""


def begin() -> None:
    """Prepare the interpreter, before anything of the environment is imported."""
    linked, folder = sys.prefix, os.path.realpath(sys.prefix)
    sys.path[:] = [folder + each[len(linked) :] if each.startswith(linked + os.sep) else each for each in sys.path]
    # Without pathlib, which takes longer than all else here.
    if sys.flags.safe_path and os.path.basename(linked) == ".venv":  # noqa: PTH119
        sys.path.append(os.path.dirname(linked))  # noqa: PTH120
    try:
        opened = os.open(os.path.join(folder, "in-use"), os.O_RDONLY)  # noqa: PTH118
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, NO_STREAM)
        os.close(opened)
    except OSError:
        # It then counts as not in use: where there is no such file, or the file system has no locks.
        return
