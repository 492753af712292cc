"""Golden plans: what the real Terraform and provider planned, kept as compressed JSON."""

import gzip
import json
from pathlib import Path
from typing import Any

PLANS = Path(__file__).parent / "golden"


def content(name: str) -> bytes:
    """Return one of the plans as Terraform wrote it."""
    return gzip.decompress((PLANS / f"{name}.json.gz").read_bytes())


def load(name: str) -> dict[str, Any]:
    """Return one of the plans, parsed."""
    return json.loads(content(name))
