"""A review as GitHub's Markdown, for one comment on a pull request."""

import re
import textwrap
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, starmap
from typing import TypeVar

from plan_review.forms import wording
from plan_review.forms.github_markup import cell, code, fence, fold, prose, tag
from plan_review.forms.mermaid import flowchart
from plan_review.forms.wording import Group
from plan_review.model import (
    Action,
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

MOST_BYTES = 64_000
"""GitHub takes 65,536 characters; the rest is room for lines of CI's own."""
MOST_DIFFERENCES = 50
"""Of one resource."""
FEW_DIFFERENCES = 5
"""Of one resource, once they are too many."""
MOST_NOTES = 10
MOST_SHORTENED = 50
"""Of each list, once the lists are shortened."""
_ALERTS = {
    Verdict.NOTHING: "TIP",
    Verdict.CREATES: "TIP",
    Verdict.CHANGES: "WARNING",
    Verdict.DANGER: "CAUTION",
}
_Item = TypeVar("_Item")
_MOST_NOISE = 80
_AGREES = {True: "yes", False: "**NO**", None: "known after apply"}


class Detail(StrEnum):
    """The parts that a review leaves out if it is too long, in this order."""

    SET = "what is set on created resources"
    NOISE = "the list of the differences folded away"
    PICTURE = "the picture"
    AGREEING = "the properties that are as required"
    MANY = f"all but the first {FEW_DIFFERENCES} changes of each resource without a finding"
    CHANGED = "what changes on resources without a finding"
    LISTS = f"all but the first {MOST_SHORTENED} of each list below the findings"
    FOUND = "what changes on resources with a finding"
    BELOW = "all that stands below the findings"


def markdown(review: Review) -> str:
    """Return the review in fewer than 65,536 characters and bytes, and what had to be left out."""
    whole = max(len(review.findings), len(review.blocks))
    for number in range(len(Detail) + 1):
        if fitting := _Comment(review, set(list(Detail)[:number]), whole).fitting():
            return fitting
    # Even the findings are too many: the most severe that there is room for.
    most = bisect_left(range(whole), x=True, key=lambda most: not _Comment(review, set(Detail), most).fitting()) - 1
    return _Comment(review, set(Detail), most).fitting()


def marker(title: str) -> str:
    """Return the first line, by which CI finds the comment of a stack to update it."""
    return f"<!-- plan-review: {re.sub('[^A-Za-z0-9_.]+', '-', wording.shown(title))} -->"


class _Comment:
    """A review without some of its details, and with so many findings and blocks at most."""

    def __init__(self, review: Review, left_out: set[Detail], most: int) -> None:
        self.review = review
        self.left_out = left_out
        self.most = most
        self.found = {finding.address for finding in review.findings}

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
        yield from self.blocks()
        yield from self.findings()
        if Detail.BELOW in self.left_out:
            return
        for group in (Group.CHANGED, Group.CREATED):
            yield from self.resources(group, [item for item in review.resources if wording.group(item) is group])
        yield from self.intent()
        yield from self.noise()
        yield from self.resources("Drift found while refreshing", review.drift)
        for group in (Group.KEPT, Group.READ, Group.DEFERRED):
            yield from self.resources(group, [item for item in review.resources if wording.group(item) is group])
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
        alert = "CAUTION" if review.blocked else _ALERTS[review.verdict]
        yield f"\n> [!{alert}]\n> **{review.verdict}**: {prose(wording.counts(review))}"
        judged = wording.judged(review.blocks)
        yield from [f">\n> **{judged}**"] * bool(judged)
        if review.incomplete:
            yield f">\n> **INCOMPLETE**: {prose(wording.shown(review.incomplete, wording.MOST_SENTENCE))}"
        for note in review.notes[:MOST_NOTES]:
            yield f">\n> **Note**: {prose(wording.shown(note, wording.MOST_SENTENCE))}"
        yield from _more(len(review.notes) - MOST_NOTES, ">\n> ")
        if self.left_out:
            told = {Detail.BELOW} if Detail.BELOW in self.left_out else self.left_out
            left_out = "; ".join(detail for detail in Detail if detail in told)
            yield f"\nToo long for a comment, so this is left out: {left_out}."
            yield "The whole is in `review.html` and `review.json`, among the artifacts of the run."

    def blocks(self) -> Iterator[str]:
        """Yield the rules that spoke; what would happen follows in the findings."""
        if self.review.blocks:
            yield "\n#### Rules\n"
        for block in wording.ranked(self.review.blocks)[: self.most]:
            yield _block(block)
        yield from _more(len(self.review.blocks) - self.most)

    def findings(self) -> Iterator[str]:
        findings = self.review.findings[: self.most]
        for kind in Kind:
            found = [finding for finding in findings if finding.kind is kind]
            yield from [f"\n#### {wording.TITLES[kind]}\n"] * bool(found)
            yield from map(_finding, found)
        yield from _more(len(self.review.findings) - self.most)

    def resources(self, title: str, resources: Sequence[Reviewed]) -> Iterator[str]:
        return self.listed(title, resources, self.resource, folded=title != Group.CHANGED)

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
        found = resource.address in self.found
        differences = wording.compared(resource)
        if differences and (Detail.FOUND if found else Detail.CHANGED) not in self.left_out:
            most = MOST_DIFFERENCES if found or Detail.MANY not in self.left_out else FEW_DIFFERENCES
            lines = [line for item in differences[:most] for line in _difference(item)]
            yield textwrap.indent(fence([*lines, *_more(len(differences) - most, "  ")], "diff"), "  ")

    def intent(self) -> Iterator[str]:
        """Yield the requirement beside the plan, in which it disagrees first; open only if it does."""
        order = (False, None) if Detail.AGREEING in self.left_out else (False, None, True)
        rows = [item for agrees in order for item in self.review.intent if item.agrees is agrees]
        if self.review.intent:
            summary = f"<b>Requirement</b>: {wording.agreement(self.review.intent)}"
            head = ["| Resource | Property | Required | Planned | As required |", "| --- | --- | --- | --- | --- |"]
            kept = self.kept(rows)
            more = _more(len(rows) - len(kept))
            agree = all(item.agrees is not False for item in rows)
            yield from fold(
                summary, [*(head if rows else []), *chain.from_iterable(map(_rows, kept)), "", *more], folded=agree
            )

    def noise(self) -> Iterator[str]:
        """Yield the folded differences, counted by reason."""
        resources = [*self.review.resources, *self.review.drift]
        if not (folded := wording.folded(resources)):
            return
        if Detail.NOISE in self.left_out:
            yield f"\n**Folded away**: {folded}\n"
            return
        items = ((resource, item) for resource in resources for item in resource.differences if item.noise)
        yield from fold(f"<b>Folded away</b>: {folded}", starmap(_noise, items))

    def picture(self) -> Iterator[str]:
        picture = self.review.picture
        if picture.nodes and Detail.PICTURE not in self.left_out:
            summary = f"<b>Picture</b> ({wording.plural(len(picture.nodes), 'resource')}"
            summary += f", {picture.left_out:,} more in the plan)" if picture.left_out else ")"
            yield from fold(summary, [fence(flowchart(picture), "mermaid")], folded=False)

    def listed(
        self, title: str, items: Sequence[_Item], lines: Callable[[_Item], Iterable[str]], *, folded: bool = True
    ) -> Iterator[str]:
        """Yield a part that folds and has the items; nothing if there are none."""
        if items:
            kept = self.kept(items)
            each = (line for item in kept for line in lines(item))
            yield from fold(
                f"<b>{title}</b> ({len(items):,})", chain(each, _more(len(items) - len(kept))), folded=folded
            )

    def kept(self, items: Sequence[_Item]) -> Sequence[_Item]:
        return items[:MOST_SHORTENED] if Detail.LISTS in self.left_out else items


def _block(block: Block) -> str:
    sign = "✅" if block.exception else "❌"
    head = f"- {sign} **{prose(wording.shown(block.rule))}**: {code(wording.excepted(block.finding))}"
    return "\n".join([head, *(f"  - {prose(ground)}" for ground in wording.grounds(block))])


def _finding(finding: Finding) -> str:
    called = " ".join(map(code, filter(None, wording.called(finding))))
    return f"- {called}: {prose(wording.shown(finding.sentence, wording.MOST_SENTENCE))}"


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
        yield f"| {cells} | {_AGREES[item.agrees]} |"


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
