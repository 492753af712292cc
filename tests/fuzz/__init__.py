"""Hostile input: each reader is given what nobody would write, must say so in a sentence, soon, and do no more."""

import sys
from pathlib import Path

# SARIF's schema is among that package's tests, which pytest alone finds by itself.
sys.path.append(str(Path(__file__).parents[2] / "packages" / "check-report" / "tests"))
