#!/usr/bin/env python3
"""Naming validator: `scripts/validate_naming.py --path DIR [--strict]`; --help says the rest."""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.extend(map(str, Path(sys.path[0]).glob("packages/*/src")))

from ops.naming.command import main

if __name__ == "__main__":
    # Whoever reads only the first lines, as `head` does, wants no traceback.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
