"""The command line, as `python -m aws_emulator`."""

import sys

from aws_emulator.cli import main

sys.exit(main())
