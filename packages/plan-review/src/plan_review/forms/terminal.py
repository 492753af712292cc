"""A review for a terminal: what a reviewer should see first is first, and what there is nothing to say of is not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from plan_review.forms import wording
from plan_review.forms.wording import Group
from plan_review.model import (
    Block,
    Difference,
    FailedCheck,
    Finding,
    Intent,
    Kind,
    OutputChange,
    Review,
    Reviewed,
    Verdict,
)

MOST = 30
"""Of each list; the page has all."""
MOST_DIFFERENCES = 12
"""Of one resource."""
_VERDICTS = {
    Verdict.NOTHING: "bold green",
    Verdict.CREATES: "bold green",
    Verdict.CHANGES: "bold yellow",
    Verdict.DANGER: "bold red",
}
_STYLES = {
    "+": "green",
    "~": "yellow",
    "!": "bold red",
    "-": "bold red",
    "=": "cyan",
    ">": "cyan",
    "<": "cyan",
    "?": "bold red",
}
_LINES = {"-": "red", "+": "green"}
_LOUD = "bold red"
_INDENT = Text("      ")
_LEAST_COLUMN = 16
_NAME = 63
"""Characters of a name for which there should be room beside its type: those of a bucket's."""

_Item = TypeVar("_Item")
_Paragraph = tuple[Text, Text]
"""The lead of the first line, whose width the others keep free, and the text wrapped beside it."""


def terminal(review: Review, *, width: int, colour: bool) -> str:
    """Return the review in lines of at most `width` columns (60 or more), without a last newline."""
    # What the environment says of a terminal is the caller's to judge: the same review always looks the same.
    console = Console(
        file=StringIO(),
        width=width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        for lead, body in _paragraphs(review, width):
            rest = " " * lead.cell_len
            for number, line in enumerate(body.wrap(console, width - lead.cell_len)):
                whole = (Text(rest) if number else lead) + line
                whole.rstrip()
                console.print(whole, soft_wrap=True)
    return captured.get().rstrip("\n")


def _paragraphs(review: Review, width: int) -> Iterator[_Paragraph]:
    yield from _verdict(review, width)
    yield from _section(
        wording.judged(review.blocks), wording.ranked(review.blocks), _block, _LOUD if review.blocked else "bold"
    )
    for kind in Kind:
        yield from _section(wording.TITLES[kind], [found for found in review.findings if found.kind is kind], _finding)
    yield from _resources(Group.CHANGED, review.resources, width)
    yield from _resources(Group.CREATED, review.resources, width)
    if review.intent:
        yield from _blank()
        disagreeing = [item for item in review.intent if item.agrees is False]
        yield from _plain(f"Requirement: {wording.agreement(review.intent)}", "bold red" if disagreeing else "")
        yield from _listed(disagreeing, _intent)
    if folded := wording.folded([*review.resources, *review.drift]):
        yield from _blank()
        yield from _plain(f"Folded away: {folded}", "dim")
    yield from _section("Drift found while refreshing", review.drift, _resource(review.drift, width))
    for group in (Group.KEPT, Group.READ, Group.DEFERRED):
        yield from _resources(group, review.resources, width)
    yield from _section("Outputs", review.outputs, _output)
    yield from _section("Checks that do not hold, or are not known to", review.checks, _check)


def _verdict(review: Review, width: int) -> Iterator[_Paragraph]:
    """Yield the verdict in one line, if there is room for it and for what it is about."""
    if outside := wording.outside_scope(review):
        yield from _plain(wording.shown(outside, wording.MOST_SENTENCE), _LOUD)
    headline, verdict = wording.headline(review), Text(wording.verdict(review), _VERDICTS[review.verdict])
    together = Text.assemble(f"{headline}: ", verdict)
    for line in [together] if together.cell_len <= width else [Text(f"{headline}:"), verdict]:
        yield Text(), line
    if review.incomplete:
        yield from _plain(f"INCOMPLETE: {wording.shown(review.incomplete, wording.MOST_SENTENCE)}", "bold yellow")
    for note in review.notes:
        yield from _plain(f"note: {wording.shown(note, wording.MOST_SENTENCE)}", "bold yellow")


def _section(
    title: str, items: Sequence[_Item], paragraphs: Callable[[_Item], Iterable[_Paragraph]], style: str = "bold"
) -> Iterator[_Paragraph]:
    """Yield a blank line, the title and the items; nothing if there are none."""
    if items:
        yield from _blank()
        yield from _plain(title, style)
        yield from _listed(items, paragraphs)


def _listed(items: Sequence[_Item], paragraphs: Callable[[_Item], Iterable[_Paragraph]]) -> Iterator[_Paragraph]:
    for item in items[:MOST]:
        yield from paragraphs(item)
    if len(items) > MOST:
        yield Text("  "), Text(f"... and {len(items) - MOST:,} more, all of them in review.html", "dim")


def _block(block: Block) -> Iterator[_Paragraph]:
    """Yield the rule, what it is about and why; what would happen follows in the findings."""
    sign = Text("  ok ", "green") if block.exception else Text("  x  ", _LOUD)
    yield sign, Text.assemble((wording.shown(block.rule), "bold"), f": {wording.excepted(block.finding)}")
    for note in wording.grounds(block):
        yield _INDENT, Text(note)


def _finding(found: Finding) -> Iterator[_Paragraph]:
    type_, name = wording.called(found)
    sentence = wording.shown(found.sentence, wording.MOST_SENTENCE)
    yield Text("  * ", _LOUD), Text.assemble(f"{type_} " * bool(type_), (name, "bold"), f": {sentence}")


def _resources(group: Group, resources: Sequence[Reviewed], width: int) -> Iterator[_Paragraph]:
    grouped = [resource for resource in resources if wording.group(resource) is group]
    yield from _section(group, grouped, _resource(grouped, width))


def _resource(resources: Sequence[Reviewed], width: int) -> Callable[[Reviewed], Iterator[_Paragraph]]:
    """Return what yields a line for a resource, and one for each of its changes; their types stand in one column."""
    column = max((len(resource.type) for resource in resources[:MOST]), default=0)
    name = max((min(len(resource.name), _NAME) for resource in resources[:MOST]), default=0)
    room = width - _INDENT.cell_len - name
    aligned = min(column, room) if room >= _LEAST_COLUMN else 0

    def paragraphs(resource: Reviewed) -> Iterator[_Paragraph]:
        sign = wording.sign(resource)
        lead = Text.assemble("  ", (f"{sign} ", _STYLES.get(sign, "")))
        yield (
            lead,
            Text.assemble(wording.shown(resource.type).ljust(aligned), "  ", (wording.shown(resource.name), "bold")),
        )
        for note in wording.notes(resource):
            yield _INDENT, Text(note, "dim")
        differences = wording.compared(resource)
        for difference in differences[:MOST_DIFFERENCES]:
            yield from _difference(difference, width)
        if len(differences) > MOST_DIFFERENCES:
            yield (
                _INDENT,
                Text(f"... and {len(differences) - MOST_DIFFERENCES:,} more, all of them in review.html", "dim"),
            )

    return paragraphs


def _difference(difference: Difference, width: int) -> Iterator[_Paragraph]:
    """Yield both sides in one line if there is room, else a line each; of a text of many lines, those that differ."""
    path, (before, after) = wording.path(difference.path), wording.sides(difference)
    forces = ("  (forces the replacement)" * difference.forces_replacement, _LOUD)
    together = Text.assemble(f"{path}: ", (before, "red"), " -> ", (after, "green"), forces)
    lines = wording.lines(difference)
    if not lines and together.cell_len <= width - _INDENT.cell_len:
        yield _INDENT, together
        return
    yield _INDENT, Text.assemble(f"{path}:", forces)
    for line in lines or [f"- {before}", f"+ {after}"]:
        yield Text(f"        {line[:2]}", _LINES.get(line[0], "")), Text(line[2:], _LINES.get(line[0], ""))


def _intent(item: Intent) -> Iterator[_Paragraph]:
    for name, required, planned in wording.against(item):
        told = f"{wording.shown(item.resource)} {name}: {required} is required, {planned} is planned"
        yield Text("  x ", _LOUD), Text(told)


def _output(output: OutputChange) -> Iterator[_Paragraph]:
    sign = wording.SIGNS.get(output.action, " ")
    name, values = wording.shown(output.name), " -> ".join(wording.values(output))
    yield Text(f"  {sign} ", _STYLES.get(sign, "")), Text(f"{name}: {values}")


def _check(check: FailedCheck) -> Iterator[_Paragraph]:
    yield Text("  x ", _LOUD), Text(f"{wording.shown(check.address)}: {wording.shown(check.status)}")
    for problem in check.problems:
        yield _INDENT, Text(wording.shown(problem, wording.MOST_SENTENCE))


def _plain(line: str, style: str = "") -> Iterator[_Paragraph]:
    yield Text(), Text(line, style)


def _blank() -> Iterator[_Paragraph]:
    yield Text(), Text()
