"""SARIF's own schema.

sarif-2.1.0-rtm.5.json is the OASIS schema of SARIF 2.1.0 as published in the npm package @microsoft/jest-sarif
1.0.0-beta.0 (MIT License, copyright Microsoft Corporation), unchanged.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator


@cache
def _validator() -> Any:
    return Draft4Validator(json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text()))


def assert_valid_sarif(text: str) -> dict[str, Any]:
    """Assert that the text is SARIF 2.1.0; return its only run."""
    document = json.loads(text)
    assert [error.message for error in _validator().iter_errors(document)] == []
    (run,) = document["runs"]
    return run
