"""Draws the figures, as PNG and SVG, in the environment that has matplotlib."""

import subprocess
from pathlib import Path

from tests.bench.installed import BenchError, python_of

DRAWING = Path(__file__).with_name("peers") / "drawing.py"


def draw(figures: Path) -> None:
    """Draw what has been measured beside its figures. Raises BenchError."""
    done = subprocess.run((python_of("plot"), str(DRAWING), str(figures)), capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"the figures cannot be drawn: {done.stderr.strip().splitlines()[-1]}"
        raise BenchError(message)
