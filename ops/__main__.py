"""`python -m ops`: the command line of ops/cli.py."""

import gc
import sys

# A tenth of a command's start was looking for garbage among the modules that it loads, where there is none.
gc.set_threshold(50_000)

from ops.cli import main  # noqa: E402 - loads the modules

if __name__ == "__main__":
    status = main()
    # The process ends: nothing of it need be taken apart.
    gc.freeze()
    sys.exit(status)
