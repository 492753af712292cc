"""Start-up hook of the environments that set-up installs; it is copied into them and runs in each interpreter.

The interpreter stays in the folder that it began in when `.venv` becomes a link to another one, shows that the folder
is in use, and finds the project's packages, and the project itself where PYTHONSAFEPATH keeps the current folder out.
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
    if os.path.basename(linked) == ".venv":  # noqa: PTH119
        project = os.path.dirname(linked)  # noqa: PTH120
        if sys.flags.safe_path:
            sys.path.append(project)
        sys.path += _packages(os.path.join(project, "packages"))  # noqa: PTH118
    try:
        opened = os.open(os.path.join(folder, "in-use"), os.O_RDONLY)  # noqa: PTH118
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, NO_STREAM)
        os.close(opened)
    except OSError:
        # It then counts as not in use: where there is no such file, or the file system has no locks.
        return


def _packages(folder: str) -> list[str]:
    """Return where each of the project's packages has its source."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []
    return [os.path.join(folder, name, "src") for name in names]  # noqa: PTH118
