"""Runs the validator within the test's own process, with the convention beside this file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from naming_validator import command

CONVENTION = Path(__file__).with_name("naming.toml")


def main(arguments: Sequence[str]) -> int:
    """Run the command line with the convention beside this file; return the exit status."""
    return command.main([f"--convention={CONVENTION}", *arguments])


def write(folder: Path, files: Mapping[str, str | bytes | dict[str, Any]]) -> None:
    """Write files by their paths within the folder; a dict as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=1) if isinstance(content, dict) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def sarif_run(text: str) -> dict[str, Any]:
    """Return the only run of a SARIF text."""
    document = json.loads(text)
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return run


def report(folder: Path, capsys: Any, *options: str) -> dict[str, Any]:
    """Validate the folder strictly; return the whole report."""
    main(["--path", str(folder), "--strict", "--format", "json", *options])
    return json.loads(capsys.readouterr().out)


def findings(folder: Path, capsys: Any, *options: str) -> list[tuple[str, int | None, str, str]]:
    """Validate the folder strictly; return each finding's file, line, rule and address."""
    found = report(folder, capsys, *options)["findings"]
    return [
        (str(Path(each["file"]).relative_to(folder)), each["line"], each["rule"], each["address"]) for each in found
    ]
