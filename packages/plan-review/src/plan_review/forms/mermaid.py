"""The picture as a flowchart of Mermaid, which GitHub draws."""

import re
from collections.abc import Iterator

from plan_review.forms import wording
from plan_review.model import Action, Node, Picture

MOST_EDGES = 400
"""Mermaid draws 500 at most."""
_CLASSES = {
    Action.CREATE: "fill:#dafbe1,stroke:#1a7f37",
    Action.READ: "fill:#ddf4ff,stroke:#0969da",
    Action.UPDATE: "fill:#fff8c5,stroke:#9a6700",
    Action.REPLACE: "fill:#ffd8b5,stroke:#bc4c00,stroke-width:3px",
    Action.DELETE: "fill:#ffcecb,stroke:#cf222e,stroke-width:3px",
    Action.OTHER: "fill:#ffcecb,stroke:#cf222e,stroke-width:3px,stroke-dasharray:4",
    Action.FORGET: "fill:#eaeef2,stroke:#57606a,stroke-dasharray:4",
    Action.NONE: "fill:#ffffff,stroke:#57606a",
}


def flowchart(picture: Picture) -> Iterator[str]:
    """Yield the lines of a flowchart whose labels are inert; each action has a colour and a mark of its own."""
    yield "flowchart LR"
    numbers = {node.address: number for number, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        yield f'  n{numbers[node.address]}["{_label(node)}"]:::{_class(node.action)}'
    for edge in picture.edges[:MOST_EDGES]:
        if edge.source in numbers and edge.target in numbers:
            yield f'  n{numbers[edge.source]} -->|"{_inert(edge.label)}"| n{numbers[edge.target]}'
    for action in sorted({node.action for node in picture.nodes}):
        yield f"  classDef {_class(action)} {_CLASSES[action]},color:#1f2328"


def _class(action: Action) -> str:
    return action.name.lower()


def _label(node: Node) -> str:
    action = "" if node.action is Action.NONE else f"<br/>{_inert(f'[{wording.SIGNS[node.action]}] {node.action}')}"
    return f"{_inert(node.type)}<br/>{_inert(node.name)}{action}"


def _inert(content: str) -> str:
    """Return a label of which Mermaid, Markdown and HTML understand nothing: all but plain characters by number."""
    return re.sub(r"[^A-Za-z0-9 _.-]", lambda found: f"#{ord(found[0])};", wording.shown(content, 80))
