"""A review as one HTML file that needs nothing else: no network, and no script to be read."""

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from check_report.printable import printable
from plan_review.forms.svg import drawing
from plan_review.forms.templates import TEMPLATES
from plan_review.forms.wording import (
    MOST_SENTENCE,
    SIGNS,
    TITLES,
    Group,
    against,
    agreement,
    alike,
    apart,
    asides,
    beside,
    by_kind,
    called,
    decisions,
    first,
    folded,
    grounds_of,
    group,
    invoked,
    is_decided,
    judged,
    lines,
    names,
    notes,
    outside_scope,
    pasted,
    path,
    settings,
    shown,
    sides,
    sign,
    spoken_of,
    stopping_alike,
    told,
    values,
    verdict,
    way_out,
    words,
)
from plan_review.model import Action, Difference, Intent, Known, Noise, Review, Reviewed, Verdict

MOST_IN_FULL = 300
"""Resources with what changes in them; the others follow by name alone."""
FEW_RESOURCES = 5
"""Resources among which nobody needs to search."""
MOST_BY_NAME = 5_000
MOST_LISTED = 500
"""Of any other list."""
MOST_DIFFERENCES = 100
"""Of one resource."""
MOST_CHARACTERS = 2_000
"""Of one value."""
SIGNS_OF_VERDICTS = {
    Verdict.NOTHING: "=",
    Verdict.SAFE: "+",
    Verdict.CREATES: "+",
    Verdict.STATE: ">",
    Verdict.ACTIONS: ">",
    Verdict.CHANGES: "~",
    Verdict.REPLACES: "~",
    Verdict.DELETES: "-",
    Verdict.INCOMPLETE: "?",
    Verdict.DANGER: "!",
    Verdict.STOPPED: "!",
}
STYLE, SCRIPT = (Markup((Path(__file__).parent / f"page.{kind}").read_text()) for kind in ("css", "js"))  # noqa: S704
FOLDED = {Action.CREATE, Action.READ, Action.DELETE, Action.FORGET, Action.NONE}
"""Actions of resources that are folded at first."""
ONE_SIDED = {Action.CREATE, Action.READ, Action.DELETE}
"""Of which there is nothing before, or nothing after."""


def html(review: Review) -> str:
    """Return the review as a page.

    Of a large review it lists what comes first, which is the most dangerous, and says how much it leaves out.
    """
    listed = review.resources[:MOST_IN_FULL]
    same, others = alike([resource for resource in listed if group(resource) is Group.CHANGED])
    left = {resource.address for resource in others}
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for finding in review.findings:
        kinds[finding.address].add(finding.kind)
    new, outputs = apart(review.outputs)
    found = list(_findings(review))
    drawn = {node.address: node.name for node in review.picture.nodes}
    return TEMPLATES.get_template("page.html.jinja").render(
        review=review,
        style=STYLE,
        script=SCRIPT,
        policy=f"default-src 'none'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        tone=review.verdict.name.lower(),
        sign=SIGNS_OF_VERDICTS[review.verdict],
        told=verdict(review).removeprefix(f"{review.verdict}: "),
        outside=outside_scope(review),
        beside=beside(review),
        judged=judged(review),
        asides=asides(review)[:MOST_LISTED],
        findings=found[:MOST_LISTED],
        all_findings=len(found),
        anchors={resource.address: f"resource-{number}" for number, resource in enumerate(listed, 1)},
        kinds={address: " ".join(sorted(found)) for address, found in kinds.items()},
        all_kinds=list(Counter(finding.kind for finding in review.findings).items()),
        all_actions=list(Counter(resource.action for resource in review.resources).items()),
        same=[(_difference(each.difference, in_lines=False), each.resources, names(each.resources)) for each in same],
        resources=[
            _resource(resource, is_open=group(resource) is not Group.CHANGED or resource.address in left)
            for resource in listed
        ],
        named=review.resources[MOST_IN_FULL : MOST_IN_FULL + MOST_BY_NAME],
        unlisted=max(0, len(review.resources) - MOST_IN_FULL - MOST_BY_NAME),
        to_see=_told_apart([item for item in review.intent if item.agrees is not True][:MOST_LISTED]),
        agreeing=_told_apart([item for item in review.intent if item.agrees][:MOST_LISTED]),
        agreed=sum(intent.agrees is True for intent in review.intent),
        agreement=agreement(review.intent),
        decisions=decisions(review.intent)[:MOST_LISTED],
        noise=list(_noise([*review.resources, *review.drift])),
        folded=folded([*review.resources, *review.drift]),
        drift=[_resource(resource, is_open=True) for resource in review.drift[:MOST_LISTED]],
        invocations=[
            (each, invoked(each), [(path(item.path), words(item.after)) for item in each.settings])
            for each in review.invocations[:MOST_LISTED]
        ],
        moved=[resource for resource in review.resources if resource.moved_from][:MOST_LISTED],
        imported=[resource for resource in review.resources if resource.imported_id][:MOST_LISTED],
        outputs=[(output, " -> ".join(values(output))) for output in outputs[:MOST_LISTED]],
        all_outputs=len(outputs),
        new_outputs=first([shown(output.name) for output in new], MOST_LISTED),
        other_parts=_other_parts(review),
        picture=drawing(review.picture),
        references=[(drawn[edge.source], drawn[edge.target], edge.label) for edge in review.picture.edges],
        signs=SIGNS,
        actions_drawn={node.action for node in review.picture.nodes},
        titles=TITLES,
        few=FEW_RESOURCES,
        most=MOST_LISTED,
        most_sentence=MOST_SENTENCE,
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _findings(review: Review) -> Iterator[dict[str, Any]]:
    """Yield the findings, those that stop the plan first, each with what is said of it and of its resource."""
    actions = {resource.address: resource.action for resource in review.resources}
    stopped, others = spoken_of(review)
    for stops, found in ((True, stopping_alike(stopped)), *((False, of_kind) for of_kind in by_kind(others).values())):
        for each in found:
            yield {
                "found": each.finding,
                "type": each.called[0],
                "name": each.called[1],
                "is_one": each.called == called(each.finding),
                "stops": stops,
                "grounds": grounds_of(each.blocks),
                "remedy": each.remedy,
                "pasted": pasted(each.blocks) if stops else [],
                "way_out": way_out(each.blocks),
                "action": actions.get(each.finding.address, ""),
            }


def _other_parts(review: Review) -> str:
    """Return the title of the part that has what is neither a finding nor a change of a resource: what there is."""
    there = {
        "drift": review.drift,
        "moves": [resource for resource in review.resources if resource.moved_from],
        "imports": [resource for resource in review.resources if resource.imported_id],
        "outputs": review.outputs,
        "checks": review.checks,
    }
    *most, last = [part for part, items in there.items() if items] or [""]
    return " and ".join(filter(None, (", ".join(most), last))).capitalize()


def _told_apart(intent: Sequence[Intent]) -> list[tuple[Intent, bool, str, str, str]]:
    """Return each property, or each part of it that is not as required: True if it is decided, and both values."""
    return [(item, is_decided(item), *told) for item in intent for told in against(item)]


def _resource(resource: Reviewed, *, is_open: bool) -> dict[str, Any]:
    differing = told(resource)
    return {
        "is": resource,
        "sign": sign(resource),
        "open": is_open and resource.action not in FOLDED,
        "one_sided": resource.action in ONE_SIDED,
        "notes": notes(resource),
        "settings": settings(resource) if resource.action is Action.CREATE else "",
        "count": len(differing),
        "differences": [_difference(each) for each in differing[:MOST_DIFFERENCES]],
    }


class _Shown(NamedTuple):
    """A difference as the page shows it: by its lines if it has any, else by its sides."""

    path: str
    forces: bool
    lines: Markup
    before: tuple[Known, str]
    after: tuple[Known, str]


def _difference(difference: Difference, *, in_lines: bool = True) -> _Shown:
    marked = _marked(tuple(lines(difference))) if in_lines else Markup()
    before, after = ("", "") if marked else sides(difference, MOST_CHARACTERS)
    return _Shown(
        path=path(difference.path),
        forces=difference.forces_replacement,
        lines=marked,
        before=(difference.before.known, before),
        after=(difference.after.known, after),
    )


@lru_cache(maxsize=64)
def _marked(told: tuple[str, ...]) -> Markup:
    """Return the lines of a difference as HTML; kept, because many resources have equal documents."""
    spans = (f'<span class="{_LINES.get(line[0], "same")}">{escape(printable(line))}</span>\n' for line in told)
    return Markup("".join(spans))  # noqa: S704 - escaped above


_LINES = {"-": "out", "+": "in"}
"""The class of a line by its first character."""


def _noise(resources: Sequence[Reviewed]) -> Iterator[tuple[str, int, list[tuple[Reviewed, str, str, str]]]]:
    """Yield each reason for which differences are folded away, how many they are, and the first of them."""
    found: defaultdict[Noise, list[tuple[Reviewed, Difference]]] = defaultdict(list)
    for resource in resources:
        for difference in resource.differences:
            if difference.noise is not None:
                found[difference.noise].append((resource, difference))
    for reason in Noise:
        if reason in found:
            first = found[reason][:MOST_LISTED]
            yield reason, len(found[reason]), [(one, path(each.path), *sides(each)) for one, each in first]
