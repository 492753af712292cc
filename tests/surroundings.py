"""The surroundings that the tests set for themselves, so that they pass in any shell and on any machine."""

import os
import signal

HANG_SECONDS = 900
"""After so long, what a test waits for hangs: no machine is so slow."""
_KEPT_PREFIXES = ("LD_", "NODE_EXTRA_CA_CERTS", "PIP_", "PYTEST_XDIST_", "SSL_", "XDG_", "npm_config_")
_KEPT = frozenset({"HOME", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "REQUESTS_CA_BUNDLE"})


def settle() -> None:
    """Give this process, and what it starts, the signals, variables, locale, mask and standard input of a plain shell.

    A runner's own differ: nohup ignores SIGHUP, a shell's background job SIGINT, and a user's profile exports what
    steers AWS's tools, Python, make or git.
    """
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGTERM, signal.SIG_DFL),
        (signal.SIGHUP, signal.SIG_DFL),
        (signal.SIGPIPE, signal.SIG_IGN),  # as Python has it from its start
    ):
        signal.signal(number, handler)
    os.umask(0o022)
    try:
        os.fstat(0)
    except OSError:
        # The lowest descriptor that is free: whatever is opened first would be taken for the standard input.
        os.open(os.devnull, os.O_RDONLY)
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    os.environ.clear()
    os.environ.update({**kept, "LANG": "C.UTF-8", "PYTHONUTF8": "1", "TERM": "dumb"})
