"""The command line of the naming validator."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from check_report.counts import plural
from check_report.errors import InvalidInputError
from check_report.forms import add_format, rendered
from check_report.lines import line, place_line
from check_report.model import Level, Report
from check_report.printable import printable_ascii
from naming_validator.checks import check, stated_whole
from naming_validator.convention import FILE_NAME, Convention, find_convention, load_convention
from naming_validator.inputs import read
from naming_validator.json_reader import line_numbers
from naming_validator.model import Environments, Finding, Place, Read, Unreadable, shown
from naming_validator.model import Path as JsonPath
from naming_validator.report import place_of, report

_STATUSES = """\
Exit status:
  0  no error; or nothing that was read names a resource, which a note on stderr reports
  1  errors
  2  something could not be read, none of the names could, a path holds no file of a type that is read, or the
     convention is missing or has errors
"""
_NO_NAME = "nothing was checked: of {} none can be read in source; check the synthesized JSON"


def main(arguments: Sequence[str] | None = None) -> int:
    """Validate the paths and print the findings.

    Return the exit status: 0 no error, 1 errors, 2 something could not be read.
    """
    parsed = _parser().parse_args(arguments)
    paths = parsed.path or [Path()]
    try:
        convention = load_convention(parsed.convention or find_convention(paths))
    except InvalidInputError as error:
        print(error, file=sys.stderr)
        return 2
    if parsed.verbose:
        print(f"reading {', '.join(printable_ascii(str(path)) for path in paths)}", file=sys.stderr)
    result, notes = validate(paths, convention, strict=parsed.strict, show=_show if parsed.verbose else None)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    for each in result.checks:
        if each.level is Level.UNREADABLE:
            print(line(each), file=sys.stderr)
    print(rendered(result, parsed.format))
    return result.exit_status


def _show(each: Read) -> None:
    """Print a file that was read, and each name in it."""
    if each.source is None:
        return
    print(f"{printable_ascii(each.file)}: {plural(len(each.source.resources), 'name')}", file=sys.stderr)
    for resource in each.source.resources:
        where, name = place_line(place_of(resource.place)), shown(resource.text) if resource.name else "no name"
        print(f"  {where}: {printable_ascii(resource.address)}: {name}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Check the names of AWS resources in Terraform JSON, HCL, plans and Python source.",
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
    parser.add_argument(
        "--convention",
        type=_path,
        metavar="FILE",
        help=f"the naming convention (default: {FILE_NAME} in the paths' folder, or the nearest folder above)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="what only the convention forbids is an error, not a warning"
    )
    add_format(parser)
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print each file and name as it is read, on stderr"
    )
    return parser


def _path(given: str) -> Path:
    """Return the path; refuse an empty one, which comes of a variable that is not set and would mean this folder."""
    if not given:
        message = "is empty; name a file or folder, and this folder as ."
        raise argparse.ArgumentTypeError(message)
    return Path(given)


def validate(
    paths: Iterable[Path], convention: Convention, *, strict: bool, show: Callable[[Read], None] | None = None
) -> tuple[Report, list[str]]:
    """Read and check everything under the paths; show each file as it is read.

    Return the report, and notes on what was not read or not checked.
    """
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
    generated = [printable_ascii(each.file) for each in everything if each.is_generated]
    notes = [f"{folder} is generated, so it is not read; to read it, add --path {folder}" for folder in generated]
    if not failed and not resources:
        notes.append(f"nothing was checked: no resource that has a name is in {plural(len(sources), 'file')}")
    elif not failed and not any(resource.is_judged for resource in resources):
        failed.append(Unreadable(place=Place(file="--path"), message=_NO_NAME.format(plural(len(resources), "name"))))
    notes += dict.fromkeys(
        f"{printable_ascii(each.address)}: {shown(each.text)} breaks the convention, and is accepted because the "
        f"settings file of {convention.environment_of(each.stack.name)} states it whole"
        for each in stated_whole(resources, convention)
    )
    findings = sorted(_with_lines(list(check(resources, convention))), key=_order)
    return report(findings, failed, resources, strict=strict), notes


def _order(finding: Finding) -> tuple[str, int]:
    return finding.resource.place.file, finding.resource.place.line or 0


def _with_lines(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Add the lines to findings in JSON, which are looked up only then."""
    wanted: dict[str, set[JsonPath]] = {}
    for finding in findings:
        wanted.setdefault(finding.resource.place.file, set()).add(finding.resource.place.path)
    lines = {
        file: line_numbers(Path(file).read_text("utf-8-sig"), paths) if any(paths) else {}
        for file, paths in wanted.items()
    }
    for finding in findings:
        place = finding.resource.place
        at = place.line or lines[place.file].get(place.path)
        yield replace(finding, resource=replace(finding.resource, place=replace(place, line=at)))
