#!/usr/bin/env python3
"""Naming validator with this project's convention: `scripts/validate_naming.py --path DIR [--strict]`, from anywhere.

Any Python 3.11 runs it; --help has the rest.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packages" / "check-report" / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packages" / "naming-validator" / "src"))

from naming_validator.__main__ import run

if __name__ == "__main__":
    run([f"--convention={Path(__file__).resolve().parents[1] / 'naming.toml'}", *sys.argv[1:]])
