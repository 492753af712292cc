# ruff: noqa: INP001 - a folder of programs, not of modules
"""Verify what is deployed: `verify_aws_state.py --mode {deployed|clean|prerequisites} [--env ENV]`, from anywhere."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ops.__main__ import main
from ops.verify import add_options

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, mode_required=True)
    parser.parse_args()
    sys.exit(main(["verify", *sys.argv[1:]]))
