#!/usr/bin/env python3
"""Verify what is deployed: `verify_aws_state.py --mode {deployed|clean|prerequisites} [--env ENV]`, from anywhere."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    from check_report.errors import InvalidInputError
    from ops.cli import main
    from ops.verify import add_options
except ModuleNotFoundError as error:
    print(f"{error}: run it with .venv/bin/python, which make setup makes", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    try:
        add_options(parser, mode_required=True)
    except InvalidInputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    parser.parse_args()
    sys.exit(main(["verify", *sys.argv[1:]]))
