"""The review in the project: the command, the rules, the requirement, and the golden plans."""

import sys
from pathlib import Path

# The plans are among the package's tests, which pytest alone finds by itself.
sys.path.append(str(Path(__file__).parents[2] / "packages" / "plan-review" / "tests"))
