"""A review as GitHub's Markdown, for one comment on a pull request."""

import re
import textwrap
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, starmap
from typing import TypeVar

from check_report.counts import plural
from plan_review.forms import wording
from plan_review.forms.github_markup import cell, code, fence, fold, prose, tag
from plan_review.forms.mermaid import flowchart
from plan_review.forms.wording import Group, Same, Told
from plan_review.model import (
    Action,
    Difference,
    FailedCheck,
    Intent,
    Invocation,
    OutputChange,
    Review,
    Reviewed,
    Verdict,
)

MOST_BYTES = 64_000
"""GitHub takes 65,536 characters; the rest is room for lines of CI's own."""
MOST_DIFFERENCES = 50
"""Of one resource."""
FEW_DIFFERENCES = 5
"""Of one resource, once they are too many."""
MOST_NOTES = 10
MOST_OPEN = 15
"""Findings and changes that a reviewer can take in at once; beyond it the changes are folded below the findings."""
MOST_SHORTENED = 50
"""Of each list, once the lists are shortened."""
_ALERTS = {
    **dict.fromkeys((Verdict.NOTHING, Verdict.SAFE), "TIP"),
    **dict.fromkeys((Verdict.CREATES, Verdict.STATE), "NOTE"),
    **dict.fromkeys((Verdict.DANGER, Verdict.STOPPED), "CAUTION"),
}
_USUAL = "WARNING"
_Item = TypeVar("_Item")
_MOST_NOISE = 80
_AGREES = {True: "yes", False: "**NO**", None: "known after apply"}
_STOPS, _PASSES = "❌", "✅"


class Detail(StrEnum):
    """The parts that a review leaves out if it is too long, in this order."""

    SET = "what is set on created resources"
    NOISE = "the list of what is formatting only"
    PICTURE = "the diagram"
    AGREEING = "the properties that are as required"
    MANY = f"all but the first {FEW_DIFFERENCES} changes of each resource without a finding"
    CHANGED = "what changes on resources without a finding"
    LISTS = f"all but the first {MOST_SHORTENED} of each list below the findings"
    FOUND = "what changes on resources with a finding"
    BELOW = "all that stands below the findings"


def markdown(review: Review) -> str:
    """Return the review in fewer than 65,536 characters and bytes, and what had to be left out."""
    whole, sorted_ = len(review.findings), _Sorted(review)
    for number in range(len(Detail) + 1):
        if fitting := _Comment(sorted_, set(list(Detail)[:number]), whole).fitting():
            return fitting
    # Even the findings are too many: the most severe that there is room for.
    most = bisect_left(range(whole), x=True, key=lambda most: not _Comment(sorted_, set(Detail), most).fitting()) - 1
    return _Comment(sorted_, set(Detail), most).fitting()


def marker(title: str) -> str:
    """Return the first line, by which CI finds the comment of a stack to update it."""
    return f"<!-- plan-review: {re.sub('[^A-Za-z0-9_.]+', '-', wording.shown(title))} -->"


class _Sorted:
    """A review with what every attempt at a comment of it asks for, found once."""

    def __init__(self, review: Review) -> None:
        self.review = review
        stopping, self.passing = wording.spoken_of(review)
        self.stopping = wording.stopping_alike(stopping)
        self.by_kind = wording.by_kind(self.passing)
        self.judged = wording.judged(review)
        self.changed = [item for item in review.resources if wording.group(item) is Group.CHANGED]
        self.same, self.others = wording.alike(self.changed)
        self.found = {finding.address for finding in review.findings}


class _Comment:
    """A review without some of its details, and with so many findings and blocks at most."""

    def __init__(self, sorted_: _Sorted, left_out: set[Detail], most: int) -> None:
        self.sorted = sorted_
        self.review = sorted_.review
        self.left_out = left_out
        self.most = most

    def fitting(self) -> str:
        """Return the comment; nothing if it is too long, for which it need not be made to its end."""
        parts: list[str] = []
        size = 0
        for part in self.parts():
            size += len(part.encode()) + 1
            if size > MOST_BYTES:
                return ""
            parts.append(part)
        return re.sub(r"\n{3,}", "\n\n", "\n".join([*parts, ""]))

    def parts(self) -> Iterator[str]:
        """Yield lines and blocks of lines in their order."""
        review = self.review
        yield from self.verdict()
        yield from self.stopping()
        yield from self.passing()
        if Detail.BELOW in self.left_out:
            return
        changed = self.sorted.changed
        yield from self.listed(
            Group.CHANGED,
            [*self.sorted.same, *self.sorted.others],
            self.changed,
            folded=len(review.findings) + len(changed) > MOST_OPEN,
            number=len(changed),
        )
        yield from self.resources(
            Group.CREATED, [item for item in review.resources if wording.group(item) is Group.CREATED]
        )
        yield from self.intent()
        yield from self.noise()
        yield from self.resources("Drift found while refreshing", review.drift)
        for group in (Group.KEPT, Group.READ, Group.DEFERRED):
            yield from self.resources(group, [item for item in review.resources if wording.group(item) is group])
        yield from self.listed("Actions that would run", review.invocations, _invocation, folded=False)
        yield from self.listed("Outputs", review.outputs, _output)
        yield from self.listed("Checks that do not hold, or are not known to", review.checks, _check)
        yield from self.picture()

    def verdict(self) -> Iterator[str]:
        review = self.review
        yield marker(review.title)
        yield f"### {code(wording.shown(review.title))}" + f" on {code(wording.shown(review.where))}" * bool(
            review.where
        )
        if outside := wording.outside_scope(review):
            yield f"\n> [!CAUTION]\n> {prose(wording.shown(outside, wording.MOST_SENTENCE))}"
        told = wording.verdict(review).removeprefix(f"{review.verdict}: ")
        yield f"\n> [!{_ALERTS.get(review.verdict, _USUAL)}]\n> **{review.verdict}**: {prose(told)}"
        yield from (f">\n> {prose(line)}" for line in wording.beside(review))
        asides = wording.asides(review)
        for lead, aside in asides[:MOST_NOTES]:
            yield f">\n> **{lead[:1].upper()}{lead[1:]}**: {prose(wording.shown(aside, wording.MOST_SENTENCE))}"
        yield from _more(len(asides) - MOST_NOTES, ">\n> ")
        if self.left_out:
            told = {Detail.BELOW} if Detail.BELOW in self.left_out else self.left_out
            left_out = "; ".join(detail for detail in Detail if detail in told)
            yield f"\nToo long for a comment, so this is left out: {left_out}."
            yield "The whole is in `review.html` and `review.json`, among the artifacts of the run."

    def stopping(self) -> Iterator[str]:
        """Yield the findings that stop the plan, with what to do and the exception to paste."""
        stopped, judged = self.sorted.stopping, self.sorted.judged
        yield from [f"\n#### {judged}\n"] * bool(judged)
        for told in stopped[: self.most]:
            blocks = told.blocks[: wording.MOST_STOPPING]
            yield _finding(told, _STOPS)
            if pasted := wording.pasted(blocks):
                paste = fold(wording.way_out(blocks), [fence(pasted, "toml")])
                yield textwrap.indent("\n".join(paste), "  ")
        yield from _more(len(stopped) - self.most)

    def passing(self) -> Iterator[str]:
        """Yield the other findings by kind."""
        passing = self.sorted.passing
        room = max(0, self.most - len(self.sorted.stopping))
        shown = self.sorted.by_kind if room >= len(passing) else wording.by_kind(passing[:room])
        for kind, of_kind in shown.items():
            yield f"\n#### {wording.TITLES[kind]}\n"
            yield from (_finding(told, _PASSES * bool(told.blocks)) for told in of_kind)
        yield from _more(len(passing) - room)

    def resources(self, title: str, resources: Sequence[Reviewed]) -> Iterator[str]:
        return self.listed(title, resources, self.resource)

    def changed(self, item: Same | Reviewed) -> Iterator[str]:
        """Yield a difference that many resources have, or a resource."""
        if isinstance(item, Reviewed):
            yield from self.resource(item)
            return
        sign, number = wording.sign(item.resources[0]), plural(len(item.resources), "resource")
        yield f"- **`{sign}`** in {number}: {prose(wording.names(item.resources))}"
        yield textwrap.indent(fence(_difference(item.difference), "diff"), "  ")

    def resource(self, resource: Reviewed) -> Iterator[str]:
        """Yield a line for a resource, and what changes or is set on it beside or below."""
        sign, kind, name = wording.sign(resource), wording.shown(resource.type), wording.shown(resource.name)
        notes = "".join(f" - {prose(note)}" for note in wording.notes(resource))
        told = wording.told(resource) if resource.action is Action.CREATE and Detail.SET not in self.left_out else []
        if told:
            lines = [f"+ {wording.path(item.path)}: {wording.words(item.after)}" for item in told[:MOST_DIFFERENCES]]
            below = fence([*lines, *_more(len(told) - MOST_DIFFERENCES, "  ")], "diff")
            yield from fold(f"{sign} {tag(kind)} {tag(name)}", [notes.removeprefix(" - "), "", below])
            return
        yield f"- **`{sign}`** {code(kind)} {code(name)}{notes}"
        found = resource.address in self.sorted.found
        differences = wording.compared(resource)
        if differences and (Detail.FOUND if found else Detail.CHANGED) not in self.left_out:
            most = MOST_DIFFERENCES if found or Detail.MANY not in self.left_out else FEW_DIFFERENCES
            lines = [line for item in differences[:most] for line in _difference(item)]
            yield textwrap.indent(fence([*lines, *_more(len(differences) - most, "  ")], "diff"), "  ")

    def intent(self) -> Iterator[str]:
        """Yield the number of properties that are as required, and, folded, those that are no finding."""
        review = self.review
        if not review.intent:
            return
        yield f"\n**Requirement**: {wording.agreement(review.intent)}\n"
        decided = self.kept(wording.decisions(review.intent))
        yield from (f"- {code(resource)} {code(name)}: {prose(sentence)}" for resource, name, sentence in decided)
        yield from [""] * bool(decided)
        order = (None,) if Detail.AGREEING in self.left_out else (None, True)
        rows = [item for agrees in order for item in review.intent if item.agrees is agrees]
        if rows:
            head = ["| Resource | Property | Required | Planned | As required |", "| --- | --- | --- | --- | --- |"]
            kept = self.kept(rows)
            table = [*head, *chain.from_iterable(map(_rows, kept)), "", *_more(len(rows) - len(kept))]
            yield from fold(f"The other {plural(len(rows), 'property', 'properties')}", table)

    def noise(self) -> Iterator[str]:
        """Yield the folded differences, counted by reason."""
        resources = [*self.review.resources, *self.review.drift]
        if not (folded := wording.folded(resources)):
            return
        if Detail.NOISE in self.left_out:
            yield f"\n**Formatting only**: {folded}\n"
            return
        items = ((resource, item) for resource in resources for item in resource.differences if item.noise)
        yield from fold(f"<b>Formatting only</b>: {folded}", starmap(_noise, items))

    def picture(self) -> Iterator[str]:
        picture = self.review.picture
        if picture.nodes and Detail.PICTURE not in self.left_out:
            summary = f"<b>Diagram</b> ({plural(len(picture.nodes), 'resource')}"
            summary += f", {picture.left_out:,} more in the plan)" if picture.left_out else ")"
            yield from fold(summary, [fence(flowchart(picture), "mermaid")])

    def listed(
        self,
        title: str,
        items: Sequence[_Item],
        lines: Callable[[_Item], Iterable[str]],
        *,
        folded: bool = True,
        number: int = 0,
    ) -> Iterator[str]:
        """Yield a part that folds and has the items, or nothing; number: what is counted, if not the items."""
        if items:
            kept = self.kept(items)
            each = (line for item in kept for line in lines(item))
            yield from fold(
                f"<b>{title}</b> ({number or len(items):,})", chain(each, _more(len(items) - len(kept))), folded=folded
            )

    def kept(self, items: Sequence[_Item]) -> Sequence[_Item]:
        return items[:MOST_SHORTENED] if Detail.LISTS in self.left_out else items


def _finding(told: Told, sign: str) -> str:
    called = " ".join(map(code, filter(None, told.called)))
    sentence = prose(wording.shown(told.finding.sentence, wording.MOST_SENTENCE))
    remedy = [f"do: {wording.shown(told.remedy, wording.MOST_SENTENCE)}"] if told.remedy else []
    below = [f"  - {prose(line)}" for line in [*wording.grounds_of(told.blocks), *remedy]]
    return "\n".join([f"- {sign}{' ' * bool(sign)}{called}: {sentence}", *below])


def _difference(difference: Difference) -> Iterator[str]:
    yield f"@@ {wording.path(difference.path)} @@" + " forces the replacement" * difference.forces_replacement
    before, after = wording.sides(difference)
    yield from wording.lines(difference) or [f"- {before}", f"+ {after}"]


def _noise(resource: Reviewed, item: Difference) -> str:
    where = f"{code(wording.shown(resource.name))} {code(wording.path(item.path))}"
    return f"- {where}: {_arrow(*wording.sides(item, _MOST_NOISE))} ({item.noise})"


def _rows(item: Intent) -> Iterator[str]:
    for told in wording.against(item):
        cells = " | ".join(map(cell, (wording.shown(item.resource), *told)))
        yield f"| {cells} | {'as decided' if wording.is_decided(item) else _AGREES[item.agrees]} |"


def _invocation(invocation: Invocation) -> Iterator[str]:
    yield f"- {prose(wording.invoked(invocation))}"
    lines = [f"+ {wording.path(item.path)}: {wording.words(item.after)}" for item in invocation.settings]
    if lines:
        yield textwrap.indent(
            fence([*lines[:MOST_DIFFERENCES], *_more(len(lines) - MOST_DIFFERENCES, "  ")], "diff"), "  "
        )


def _output(output: OutputChange) -> Iterator[str]:
    sign = wording.SIGNS.get(output.action, " ")
    yield f"- **`{sign}`** {code(wording.shown(output.name))}: {_arrow(*wording.values(output))}"


def _check(check: FailedCheck) -> Iterator[str]:
    yield f"- {code(wording.shown(check.address))}: {prose(wording.shown(check.status))}"
    for problem in check.problems:
        yield f"  - {prose(wording.shown(problem, wording.MOST_SENTENCE))}"


def _arrow(*sides: str) -> str:
    return " → ".join(map(code, sides))


def _more(number: int, lead: str = "- ") -> Iterator[str]:
    if number > 0:
        yield f"{lead}... and {number:,} more"
