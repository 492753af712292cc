"""Hostile input: each reader is given what nobody would write, must say so in a sentence, soon, and do no more."""

import sys
from pathlib import Path

# SARIF's schema and plans' builders are among packages' tests, which pytest alone finds by itself.
PACKAGES = Path(__file__).parents[2] / "packages"
sys.path += [str(PACKAGES / name / "tests") for name in ("check-report", "plan-review")]
