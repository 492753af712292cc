"""The command line of the naming validator."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ops.naming.checks import check
from ops.naming.formats import FORMATS, as_read, safe, unreadable
from ops.naming.inputs import read
from ops.naming.json_reader import line_numbers
from ops.naming.model import Environments, Finding, Place, Read, Report, Unreadable, counted
from ops.naming.model import Path as JsonPath

_STATUSES = """\
Exit status:
  0  no error; or nothing that was read names a resource, which a note on stderr reports
  1  errors
  2  something could not be read, none of the names could, or a path holds no file of a type that is read
"""
_NO_NAME = "nothing was checked: of {} none can be read in source; check the synthesized JSON"


def main(arguments: Sequence[str] | None = None) -> int:
    """Validate what --path names and print the findings.

    Return the exit status: 0 no error, 1 errors, 2 something could not be read.
    """
    parsed = _parser().parse_args(arguments)
    paths = parsed.path or [Path()]
    if parsed.verbose:
        print(f"reading {', '.join(map(safe, map(str, paths)))}", file=sys.stderr)
    report = validate(paths, strict=parsed.strict, show=_show if parsed.verbose else None)
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    for found in report.unreadable:
        print(unreadable(found), file=sys.stderr)
    print(FORMATS[parsed.format](report))
    return report.status


def _show(each: Read) -> None:
    print("\n".join(as_read(each)), file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="validate_naming.py",
        description="Judge the names of AWS resources in Terraform JSON, HCL, plans and Python source.",
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--path",
        action="append",
        type=_path,
        metavar="PATH",
        help="a file or folder; may be repeated (default: this folder). In a folder, hidden and generated ones (build, "
        "cdk.out, dist, bindings) are not read; name one to read it.",
    )
    parser.add_argument("--strict", action="store_true", help="faults of convention are errors, not warnings")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="how the findings are printed")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print each file and name as it is read, on stderr"
    )
    return parser


def _path(given: str) -> Path:
    """Return the path; an empty one is refused, for it comes of a variable that is not set, and would mean here."""
    if not given:
        message = "is empty; name a file or folder, and this folder as ."
        raise argparse.ArgumentTypeError(message)
    return Path(given)


def validate(paths: Iterable[Path], *, strict: bool, show: Callable[[Read], None] | None = None) -> Report:
    """Read and judge everything under the paths; show what was read, file by file."""
    everything: list[Read] = []
    environments = Environments()
    for each in read(paths):
        everything.append(each)
        if show:
            show(each)
        if each.source:
            environments.add(each.source.environments)
    sources = [each.source for each in everything if each.source]
    resources = [environments.settle(resource) for source in sources for resource in source.resources]
    failed = [each.unreadable for each in everything if each.unreadable]
    notes = [
        f"{safe(each.file)} is generated, so it is not read; to read it, add --path {safe(each.file)}"
        for each in everything
        if each.is_generated
    ]
    if not failed and not resources:
        notes.append(f"nothing was checked: no resource that has a name is in {counted(len(sources), 'file')}")
    elif not failed and not any(resource.is_judged for resource in resources):
        failed.append(Unreadable(place=Place(file="--path"), message=_NO_NAME.format(counted(len(resources), "name"))))
    return Report(
        findings=tuple(sorted(_with_lines(list(check(resources))), key=_order)),
        unreadable=tuple(failed),
        resources=tuple(resources),
        notes=tuple(notes),
        files=len({resource.place.file for resource in resources}),
        strict=strict,
    )


def _order(finding: Finding) -> tuple[str, int]:
    return finding.resource.place.file, finding.resource.place.line or 0


def _with_lines(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Add the lines to findings in JSON, which only then are looked for."""
    wanted: dict[str, set[JsonPath]] = {}
    for finding in findings:
        wanted.setdefault(finding.resource.place.file, set()).add(finding.resource.place.path)
    lines = {
        file: line_numbers(Path(file).read_text("utf-8-sig"), paths) if any(paths) else {}
        for file, paths in wanted.items()
    }
    for finding in findings:
        place = finding.resource.place
        line = place.line or lines[place.file].get(place.path)
        yield replace(finding, resource=replace(finding.resource, place=replace(place, line=line)))
