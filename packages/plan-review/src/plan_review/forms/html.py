"""A review as one HTML file that needs nothing else: no network, and no script to be read."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from plan_review.forms.svg import drawing
from plan_review.forms.templates import TEMPLATES
from plan_review.forms.wording import (
    MOST_SENTENCE,
    SIGNS,
    TITLES,
    against,
    agreement,
    counts,
    folded,
    grounds,
    judged,
    lines,
    notes,
    path,
    sides,
    sign,
    told,
    values,
)
from plan_review.model import Action, Block, Difference, Finding, Intent, Noise, Review, Reviewed, Verdict

MOST_IN_FULL = 300
"""Resources with what changes in them; the others follow by name alone."""
MOST_BY_NAME = 5_000
MOST_LISTED = 500
"""Of any other list."""
MOST_DIFFERENCES = 100
"""Of one resource."""
MOST_CHARACTERS = 2_000
"""Of one value."""
SIGNS_OF_VERDICTS = {Verdict.NOTHING: "=", Verdict.CREATES: "+", Verdict.CHANGES: "~", Verdict.DANGER: "!"}
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
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for finding in review.findings:
        kinds[finding.address].add(finding.kind)
    names = {node.address: node.name for node in review.picture.nodes}
    return TEMPLATES.get_template("page.html.jinja").render(
        review=review,
        style=STYLE,
        script=SCRIPT,
        policy=f"default-src 'none'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        tone=review.verdict.name.lower(),
        sign=SIGNS_OF_VERDICTS[review.verdict],
        counts=counts(review),
        notes=review.notes[:MOST_LISTED],
        judged=judged(review.blocks),
        findings=list(_findings(review))[:MOST_LISTED],
        anchors={resource.address: f"resource-{number}" for number, resource in enumerate(listed, 1)},
        kinds={address: " ".join(sorted(found)) for address, found in kinds.items()},
        all_kinds=[kind for kind in TITLES if any(kind in found for found in kinds.values())],
        all_actions=list(dict.fromkeys(resource.action for resource in review.resources)),
        resources=[_resource(resource) for resource in listed],
        named=review.resources[MOST_IN_FULL : MOST_IN_FULL + MOST_BY_NAME],
        unlisted=max(0, len(review.resources) - MOST_IN_FULL - MOST_BY_NAME),
        to_see=_told_apart([item for item in review.intent if item.agrees is not True][:MOST_LISTED]),
        agreeing=_told_apart([item for item in review.intent if item.agrees][:MOST_LISTED]),
        agreed=sum(intent.agrees is True for intent in review.intent),
        agreement=agreement(review.intent),
        noise=list(_noise([*review.resources, *review.drift])),
        folded=folded([*review.resources, *review.drift]),
        drift=[_resource(resource) for resource in review.drift[:MOST_LISTED]],
        moved=[resource for resource in review.resources if resource.moved_from][:MOST_LISTED],
        imported=[resource for resource in review.resources if resource.imported_id][:MOST_LISTED],
        outputs=[(output, " → ".join(values(output))) for output in review.outputs[:MOST_LISTED]],
        picture=drawing(review.picture),
        references=[(names[edge.source], names[edge.target], edge.label) for edge in review.picture.edges],
        signs=SIGNS,
        actions_drawn={node.action for node in review.picture.nodes},
        titles=TITLES,
        most=MOST_LISTED,
        most_sentence=MOST_SENTENCE,
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _findings(review: Review) -> Iterator[dict[str, Any]]:
    """Yield the findings, each with the rules that speak of it and what becomes of its resource."""
    rules: defaultdict[Finding, list[Block]] = defaultdict(list)
    for block in review.blocks:
        rules[block.finding].append(block)
    actions = {resource.address: resource.action for resource in review.resources}
    for finding in review.findings:
        blocks = [(block, grounds(block)) for block in rules[finding]]
        yield {"found": finding, "blocks": blocks, "action": actions.get(finding.address, "")}


def _told_apart(intent: Sequence[Intent]) -> list[tuple[Intent, str, str, str]]:
    """Return each property, or each part of it that is not as required, with what is required and planned."""
    return [(item, *told) for item in intent for told in against(item)]


def _resource(resource: Reviewed) -> dict[str, Any]:
    differing = told(resource)
    return {
        "is": resource,
        "sign": sign(resource),
        "open": resource.action not in FOLDED,
        "one_sided": resource.action in ONE_SIDED,
        "notes": notes(resource),
        "count": len(differing),
        "differences": [_difference(each) for each in differing[:MOST_DIFFERENCES]],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    before, after = sides(difference, MOST_CHARACTERS)
    return {
        "path": path(difference.path),
        "forces": difference.forces_replacement,
        "lines": lines(difference),
        "before": (difference.before.known, before),
        "after": (difference.after.known, after),
    }


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
