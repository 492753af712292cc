"""Places of a picture's boxes and lines: layers from left to right, from what refers to what is referred to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from plan_review.model import Edge, Node, Picture

BOX_WIDTH = 262
"""In pixels, as all lengths here."""
BOX_HEIGHT = 62
COLUMN = 394
"""From one layer to the next."""
ROW_GAP = 14
BEND_HEIGHT = 10
"""The height for a line that passes between the boxes of a layer."""
PART_GAP = 24
MARGIN = 8
LOOSE_COLUMNS = 3
SWEEPS = 4

Spot = tuple[str, int]
"""An address and a layer: a box, or in other layers than its own a bend of a line."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A resource; x and y are those of its upper left corner."""

    node: Node
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """A reference, from one box's side through its bends to another's."""

    edge: Edge
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A whole picture."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def layout(picture: Picture) -> Layout:
    """Lay a picture out: what hangs together below one another, then what refers to nothing in rows."""
    nodes = {node.address: node for node in picture.nodes}
    edges = [edge for edge in picture.edges if edge.source in nodes and edge.target in nodes]
    parts = _parts(nodes, edges)
    boxes: list[Box] = []
    lines: list[Line] = []
    top = MARGIN
    for part in parts:
        if len(part) > 1:
            inner = [edge for edge in edges if edge.source in part]
            placed, drawn = _placed({address: nodes[address] for address in part}, inner, top)
            boxes += placed
            lines += drawn
            ends = [*(box.y + BOX_HEIGHT for box in placed), *(y for line in drawn for _, y in line.points)]
            top = max(ends) + PART_GAP
    for number, address in enumerate(part[0] for part in parts if len(part) == 1):
        row, column = divmod(number, LOOSE_COLUMNS)
        x = MARGIN + column * (BOX_WIDTH + ROW_GAP)
        boxes.append(Box(node=nodes[address], x=x, y=top + row * (BOX_HEIGHT + ROW_GAP)))
    corners = [(box.x + BOX_WIDTH, box.y + BOX_HEIGHT) for box in boxes]
    points = [*corners, *(point for line in lines for point in line.points)]
    return Layout(
        width=max((x for x, _ in points), default=0) + MARGIN,
        height=max((y for _, y in points), default=0) + MARGIN,
        boxes=tuple(boxes),
        lines=tuple(lines),
    )


def _parts(addresses: Iterable[str], edges: Iterable[Edge]) -> list[list[str]]:
    """Return what hangs together, in the order of the first of each."""
    part_of = {address: [address] for address in addresses}
    for edge in edges:
        one, other = part_of[edge.source], part_of[edge.target]
        if one is not other:
            one += other
            part_of.update(dict.fromkeys(other, one))
    return list({id(part): part for part in part_of.values()}.values())


def _placed(nodes: Mapping[str, Node], edges: Sequence[Edge], top: int) -> tuple[list[Box], list[Line]]:
    layers = _layers(nodes, edges)
    courses = {edge: _course(edge, layers) for edge in edges}
    columns = _ordered(layers, courses.values())
    tallest = max(_height(column, layers) for column in columns)
    middle: dict[Spot, int] = {}
    for column in columns:
        y = top + (tallest - _height(column, layers)) // 2
        for spot in column:
            middle[spot] = y + _spot_height(spot, layers) // 2
            y += _spot_height(spot, layers) + ROW_GAP
    boxes = [
        Box(node=node, x=_x(layers[address]), y=middle[address, layers[address]] - BOX_HEIGHT // 2)
        for address, node in nodes.items()
    ]
    return boxes, list(_lines(courses, middle))


def _layers(addresses: Iterable[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Return each resource's layer: as far from the last one as its longest way to what refers to nothing."""
    targets: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        targets[edge.source].append(edge.target)
    heights: dict[str, int] = {}
    under_way: set[str] = set()

    def height(address: str) -> int:
        if address in under_way:
            return -1  # A cycle: this reference is drawn backwards.
        if address not in heights:
            under_way.add(address)
            heights[address] = 1 + max(map(height, targets[address]), default=-1)
            under_way.remove(address)
        return heights[address]

    most = max(map(height, addresses))
    return {address: most - each for address, each in heights.items()}


def _course(edge: Edge, layers: Mapping[str, int]) -> list[Spot]:
    """Return where a line passes, from left to right, whichever of its ends that is."""
    first, last = sorted(((end, layers[end]) for end in (edge.source, edge.target)), key=lambda spot: spot[1])
    bends = [(f"{edge.source} {edge.target}", layer) for layer in range(first[1] + 1, last[1])]
    return [first, *bends, last]


def _ordered(layers: Mapping[str, int], courses: Collection[Sequence[Spot]]) -> list[list[Spot]]:
    """Return the spots of each layer, from top to bottom, so that few lines cross: each near those it is joined to."""
    columns: list[list[Spot]] = [[] for _ in range(max(layers.values()) + 1)]
    joined: defaultdict[tuple[Spot, int], list[Spot]] = defaultdict(list)
    for spot in dict.fromkeys([*layers.items(), *(spot for course in courses for spot in course)]):
        columns[spot[1]].append(spot)
    for one, other in (pair for course in courses for pair in pairwise(course)):
        joined[one, other[1]].append(other)
        joined[other, one[1]].append(one)
    rightward, leftward = list(pairwise(range(len(columns)))), list(pairwise(reversed(range(len(columns)))))
    for here, there in (rightward + leftward) * SWEEPS:
        place = {spot: number for number, spot in enumerate(columns[here])}
        own = {spot: number for number, spot in enumerate(columns[there])}
        means = {spot: _mean([place[each] for each in joined[spot, here]] or [own[spot]]) for spot in columns[there]}
        columns[there].sort(key=lambda spot: means[spot])
    return columns


def _lines(courses: Mapping[Edge, Sequence[Spot]], middle: Mapping[Spot, int]) -> Iterator[Line]:
    """Yield the lines; those at one side of a box share its height, in the order of where they come from."""
    starts: defaultdict[Spot, list[Edge]] = defaultdict(list)
    ends: defaultdict[Spot, list[Edge]] = defaultdict(list)
    for edge in sorted(courses, key=lambda edge: middle[courses[edge][1]]):
        starts[courses[edge][0]].append(edge)
    for edge in sorted(courses, key=lambda edge: middle[courses[edge][-2]]):
        ends[courses[edge][-1]].append(edge)

    def port(spot: Spot, edge: Edge, side: Sequence[Edge]) -> int:
        return middle[spot] - BOX_HEIGHT // 2 + BOX_HEIGHT * (side.index(edge) + 1) // (len(side) + 1)

    for edge, (first, *bends, last) in courses.items():
        points = [(_x(first[1]) + BOX_WIDTH, port(first, edge, starts[first]))]
        for bend in bends:
            points += [(_x(bend[1]), middle[bend]), (_x(bend[1]) + BOX_WIDTH, middle[bend])]
        points.append((_x(last[1]), port(last, edge, ends[last])))
        yield Line(edge=edge, points=tuple(points if first[0] == edge.source else reversed(points)))


def _x(layer: int) -> int:
    return MARGIN + layer * COLUMN


def _height(column: Sequence[Spot], layers: Mapping[str, int]) -> int:
    return sum(_spot_height(spot, layers) + ROW_GAP for spot in column) - ROW_GAP


def _spot_height(spot: Spot, layers: Mapping[str, int]) -> int:
    return BOX_HEIGHT if spot[0] in layers else BEND_HEIGHT


def _mean(numbers: Sequence[float]) -> float:
    # The module `statistics` takes longer to load than a layout.
    return fsum(numbers) / len(numbers)
