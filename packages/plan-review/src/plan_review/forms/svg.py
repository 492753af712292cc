"""A picture as SVG; its colours are the page's, by the class of each action."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from check_report.counts import plural
from plan_review.forms.graph_layout import BOX_HEIGHT, BOX_WIDTH, Box, Line, layout
from plan_review.forms.templates import TEMPLATES
from plan_review.forms.wording import SIGNS, shown
from plan_review.model import Action, Picture

NAME_CHARACTERS = 28
"""Letters that fit into a line of a box."""
TYPE_CHARACTERS = 36
LABEL_CHARACTERS = 20
MOST_LABELLED = 3
"""Lines from one side of a box, each with its label: those of more would lie upon one another."""
LABEL_GAP = 6


def drawing(picture: Picture) -> Markup:
    """Return the picture as one SVG element; titles have the full text of what is cut to fit."""
    laid = layout(picture)
    names = {node.address: node.name for node in picture.nodes}
    crowd = Counter((line.edge.source, _leftward(line)) for line in laid.lines)
    changing = sum(node.action is not Action.NONE for node in picture.nodes)
    drawn = TEMPLATES.get_template("drawing.svg.jinja").render(
        description=f"{plural(len(laid.boxes), 'resource')}, {changing} of them changing, and "
        f"{plural(len(laid.lines), 'reference')} between them; the list below has the same in words.",
        width=laid.width,
        height=laid.height,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        boxes=[_box(box) for box in laid.boxes],
        lines=[
            _line(line, names, labelled=crowd[line.edge.source, _leftward(line)] <= MOST_LABELLED)
            for line in laid.lines
        ],
    )
    return Markup(drawn)  # noqa: S704 - the template has escaped it


def _box(box: Box) -> dict[str, Any]:
    node = box.node
    # As they stand, most types would not fit; what they begin with says least.
    kind = node.type.removeprefix("aws_").replace("_", " ")
    return {
        "x": box.x,
        "y": box.y,
        "action": node.action,
        "sign": SIGNS.get(node.action, ""),
        "name": _in_two(shown(node.name)),
        "type": _cut(shown(kind), TYPE_CHARACTERS),
        "told": f"{node.action}: {shown(node.name)} ({shown(node.address)})",
    }


def _line(line: Line, names: Mapping[str, str], *, labelled: bool) -> dict[str, Any]:
    edge, (start, *others) = line.edge, line.points
    path = f"M{start[0]} {start[1]}"
    (x, y), bending = start, True
    for to_x, to_y in others:
        halfway = (x + to_x) // 2
        path += f"C{halfway} {y} {halfway} {to_y} {to_x} {to_y}" if bending else f"H{to_x}"
        (x, y), bending = (to_x, to_y), not bending
    return {
        "path": path,
        "label": _cut(shown(edge.label), LABEL_CHARACTERS) if labelled else "",
        "x": start[0] - LABEL_GAP if _leftward(line) else start[0] + LABEL_GAP,
        "y": start[1] - LABEL_GAP,
        "anchor": "end" if _leftward(line) else "start",
        "told": f"{shown(names[edge.source])} refers to {shown(names[edge.target])}: {shown(edge.label)}",
    }


def _leftward(line: Line) -> bool:
    return line.points[-1][0] < line.points[0][0]


def _in_two(name: str) -> list[str]:
    """Return a name in one line or two, which begins a new word if there is one."""
    if _width(name) <= NAME_CHARACTERS:
        return [name]
    ends = [place for place, mark in enumerate(name, 1) if mark in "-_./" and _width(name[:place]) <= NAME_CHARACTERS]
    if not ends:
        return [_cut(name, NAME_CHARACTERS)]
    return [name[: ends[-1]], _cut(name[ends[-1] :], NAME_CHARACTERS)]


def _cut(text: str, most: int) -> str:
    """Return a text that takes no more than the width of so many letters, without its middle if need be."""
    if _width(text) <= most:
        return text
    kept = 1
    while _width(text[: kept + 1] + text[-kept - 1 :]) < most:
        kept += 1
    return f"{text[:kept]}…{text[-kept:]}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)
