"""A review for a terminal: what a reviewer should see first is first, and what there is nothing to say of is not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from check_report.counts import plural
from plan_review.forms import wording
from plan_review.forms.wording import Group, Same, Told
from plan_review.model import (
    Action,
    Difference,
    FailedCheck,
    Finding,
    Invocation,
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
    **dict.fromkeys((Verdict.NOTHING, Verdict.SAFE), "bold green"),
    **dict.fromkeys((Verdict.DANGER, Verdict.STOPPED), "bold red"),
}
_USUAL = "bold yellow"
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
    stopping, passing = wording.spoken_of(review)
    stopped = wording.stopping_alike(stopping)
    yield from _section(wording.judged(review), stopped, _stopping, _LOUD if review.blocked else "bold")
    for kind, found in wording.by_kind(passing).items():
        yield from _section(wording.TITLES[kind], found, _finding)
    changed = [resource for resource in review.resources if wording.group(resource) is Group.CHANGED]
    same, others = wording.alike(changed)
    yield from _section(Group.CHANGED, [*same, *others], _changed(others, width))
    yield from _resources(Group.CREATED, review.resources, width)
    if review.intent:
        yield from _blank()
        leaves = any(item.agrees is False for item in review.intent)
        yield from _plain(f"Requirement: {wording.agreement(review.intent)}", _LOUD if leaves else "")
        yield from _listed(wording.decisions(review.intent), _decision)
    if folded := wording.folded([*review.resources, *review.drift]):
        yield from _blank()
        yield from _plain(f"Formatting only: {folded}", "dim")
    yield from _section("Drift found while refreshing", review.drift, _resource(review.drift, width))
    for group in (Group.KEPT, Group.READ, Group.DEFERRED):
        yield from _resources(group, review.resources, width)
    yield from _section("Actions that would run", review.invocations, _invocation)
    yield from _outputs(review.outputs)
    yield from _section("Checks that do not hold, or are not known to", review.checks, _check)


def _verdict(review: Review, width: int) -> Iterator[_Paragraph]:
    """Yield the verdict in one line, if there is room for it and for what it is about, then the counts and the plan."""
    if outside := wording.outside_scope(review):
        yield from _plain(wording.shown(outside, wording.MOST_SENTENCE), _LOUD)
    headline, verdict = wording.headline(review), Text(wording.verdict(review), _VERDICTS.get(review.verdict, _USUAL))
    together = Text.assemble(f"{headline}: ", verdict)
    for line in [together] if together.cell_len <= width else [Text(f"{headline}:"), verdict]:
        yield Text(), line
    for line in wording.beside(review):
        yield from _plain(line)
    for lead, aside in wording.asides(review):
        yield from _plain(f"{lead}: {wording.shown(aside, wording.MOST_SENTENCE)}", _USUAL)


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


def _stopping(stopped: Told) -> Iterator[_Paragraph]:
    """Yield a finding, the rules that do not let it pass, what to do, and the exception to paste; of many the first."""
    finding = stopped.finding
    blocks = [block for block in stopped.blocks if block.finding is finding]
    more = len({block.finding.address for block in stopped.blocks}) - 1
    yield Text("  x ", _LOUD), _sentence(finding, stopped.called)
    for ground in wording.grounds_of(stopped.blocks):
        yield _INDENT, Text(ground)
    if finding.remedy:
        yield _INDENT, Text(f"do: {wording.shown(finding.remedy, wording.MOST_SENTENCE)}")
    if pasted := wording.pasted(blocks):
        yield _INDENT, Text(f"{wording.way_out(blocks)}:", "dim")
        for line in pasted:
            yield Text("        "), Text(line, "dim")
        if more > 0:
            yield Text("        "), Text(f"... and {more} more such entries, all of them in review.html", "dim")


def _finding(told: Told) -> Iterator[_Paragraph]:
    """Yield a finding, what it is excepted from, and what to do about it and those above it."""
    yield Text("  ok ", "green") if told.blocks else Text("  * ", _LOUD), _sentence(told.finding, told.called)
    for ground in wording.grounds_of(told.blocks):
        yield _INDENT, Text(ground, "green")
    if told.remedy:
        yield _INDENT, Text(f"do: {wording.shown(told.remedy, wording.MOST_SENTENCE)}")


def _sentence(finding: Finding, called: tuple[str, str]) -> Text:
    type_, name = called
    sentence = wording.shown(finding.sentence, wording.MOST_SENTENCE)
    return Text.assemble(f"{type_} " * bool(type_), (name, "bold"), f": {sentence}")


def _changed(resources: Sequence[Reviewed], width: int) -> Callable[[Same | Reviewed], Iterator[_Paragraph]]:
    """Return the function that yields a difference of many resources, or a resource."""
    of_resource = _resource(resources, width)

    def paragraphs(item: Same | Reviewed) -> Iterator[_Paragraph]:
        if isinstance(item, Reviewed):
            yield from of_resource(item)
            return
        sign = wording.sign(item.resources[0])
        yield Text(f"  {sign} ", _STYLES.get(sign, "")), Text(f"in {plural(len(item.resources), 'resource')}:")
        yield from _difference(item.difference, width)
        yield _INDENT, Text(wording.names(item.resources), "dim")

    return paragraphs


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
        if resource.action is Action.CREATE and (settings := wording.settings(resource)):
            yield _INDENT, Text(settings)
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


def _decision(decision: tuple[str, str, str]) -> Iterator[_Paragraph]:
    resource, property_, sentence = decision
    yield Text("  . "), Text.assemble((resource, "bold"), f": {property_}: {sentence}")


def _invocation(invocation: Invocation) -> Iterator[_Paragraph]:
    yield Text("  > ", "yellow"), Text(wording.invoked(invocation))
    for setting in invocation.settings[:MOST_DIFFERENCES]:
        yield _INDENT, Text(f"{wording.path(setting.path)}: {wording.words(setting.after)}")


def _outputs(outputs: Sequence[OutputChange]) -> Iterator[_Paragraph]:
    """Yield the outputs; those that are new and not known yet by name alone."""
    new, others = wording.apart(outputs)
    yield from _section("Outputs", others, _output)
    if new:
        names = wording.first([wording.shown(each.name) for each in new], MOST)
        yield from _blank()
        yield from _plain(f"New outputs, known after apply: {names}", "dim")


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
