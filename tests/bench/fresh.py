"""What setting up a fresh checkout takes, by level: seconds, and megabytes by what was installed."""

import tempfile
from pathlib import Path
from typing import Any

from ops.progress import say
from ops.setup import LEVELS
from tests.bench.measure import measure
from tests.checkout import INSTALLED, make_checkout

FOLDERS = (".venv", "node_modules", ".cache/provider", ".cache/tools")
JSII = "jsii's cache"


def measure_set_up() -> dict[str, Any]:
    """Return what each level of set-up took where nothing is installed, and what it installed. Raises BenchError.

    What uv and npm have in their own caches stays there, as on a machine that sets up a second checkout.
    """
    # All are removed at the end, as for the synthesis.
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        return {level: _level(Path(directory, level), level) for level in LEVELS}


def _level(folder: Path, level: str) -> dict[str, Any]:
    checkout = make_checkout(folder / "checkout", checks_provider=True)
    for name in INSTALLED:
        (checkout.path / name).unlink()
    # jsii's cache is the machine's, not the checkout's.
    cache = folder / "jsii"
    variables = {**checkout.variables, "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache)}
    say(f"set-up: make {level} in a fresh checkout")
    took = measure(("make", level), variables, checkout.path)
    return {
        "wall_seconds": round(took.wall_seconds, 1),
        "cpu_seconds": round(took.cpu_seconds, 1),
        "megabytes": {**{name: _megabytes(checkout.path / name) for name in FOLDERS}, JSII: _megabytes(cache)},
    }


def _megabytes(folder: Path) -> int:
    """Return what the files of a folder hold; what is linked to is not its own."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return round(sum(file.stat().st_size for file in files) / 1e6)
