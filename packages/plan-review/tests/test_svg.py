"""The drawing shows each resource of a picture once, apart from the others, and can be read without its colours."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_review.forms.graph_layout import BOX_HEIGHT, BOX_WIDTH, layout
from plan_review.forms.svg import drawing
from plan_review.model import Action, Edge, Node, Picture

from review_sample import HOSTILE, REVIEW

SVG = "{http://www.w3.org/2000/svg}"


def pictured(number: int, *wires: tuple[int, int]) -> Picture:
    """Return a picture of so many resources, wired by their numbers."""
    return Picture(
        nodes=tuple(
            Node(address=f"a_x.y{one}", type="aws_sqs_queue", name=f"name-{one}", action=Action.CREATE)
            for one in range(number)
        ),
        edges=tuple(Edge(source=f"a_x.y{one}", target=f"a_x.y{other}", label="it") for one, other in wires),
        left_out=0,
    )


def texts(svg: str, kind: str) -> list[str]:
    return [str(found.text) for found in ET.fromstring(svg).iter(f"{SVG}{kind}")]  # noqa: S314 - our own


def places(picture: Picture) -> dict[str, tuple[int, int]]:
    return {box.node.name: (box.x, box.y) for box in layout(picture).boxes}


WIRES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda wire: wire[0] != wire[1]), max_size=30)


@given(WIRES)
def test_no_box_lies_upon_another_nor_outside(wires: list[tuple[int, int]]) -> None:
    laid = layout(pictured(12, *dict.fromkeys(wires)))
    assert len(laid.boxes) == 12
    for one, other in combinations(laid.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    for box in laid.boxes:
        assert 0 <= box.x <= laid.width - BOX_WIDTH
        assert 0 <= box.y <= laid.height - BOX_HEIGHT


@given(WIRES)
def test_every_line_joins_the_sides_of_its_boxes(wires: list[tuple[int, int]]) -> None:
    laid = layout(pictured(12, *dict.fromkeys(wires)))
    boxes = {box.node.address: box for box in laid.boxes}
    assert len(laid.lines) == len(set(wires))
    for line in laid.lines:
        for end, (x, y) in ((line.edge.source, line.points[0]), (line.edge.target, line.points[-1])):
            assert x in (boxes[end].x, boxes[end].x + BOX_WIDTH)
            assert boxes[end].y < y < boxes[end].y + BOX_HEIGHT


@given(WIRES)
def test_no_line_crosses_a_box(wires: list[tuple[int, int]]) -> None:
    """Where a line passes a layer, it is level, and between the boxes."""
    laid = layout(pictured(12, *dict.fromkeys(wires)))
    for line in laid.lines:
        for x, y in line.points[1:-1]:
            passed = [box for box in laid.boxes if box.x <= x <= box.x + BOX_WIDTH]
            assert not any(box.y <= y <= box.y + BOX_HEIGHT for box in passed)


def test_what_refers_is_left_of_what_it_refers_to() -> None:
    at = places(pictured(4, (0, 1), (1, 2), (0, 2), (3, 2)))
    assert at["name-0"][0] < at["name-1"][0] < at["name-2"][0]
    assert at["name-3"][0] == at["name-1"][0]


def test_resources_that_refer_to_one_another_are_drawn_beside_each_other() -> None:
    laid = layout(pictured(2, (0, 1), (1, 0)))
    assert {box.x for box in laid.boxes} == {8, 402}
    assert sorted(line.points[0][0] < line.points[-1][0] for line in laid.lines) == [False, True]


def test_what_stands_alone_is_below_in_rows() -> None:
    at = places(pictured(6, (0, 1)))
    assert at["name-2"][1] == at["name-3"][1] == at["name-4"][1] > at["name-0"][1]
    assert at["name-5"][1] > at["name-4"][1]


def test_nothing_is_a_picture_too() -> None:
    assert texts(drawing(pictured(0)), "desc") == [
        "0 resources, 0 of them changing, and 0 references between them; the list below has the same in words."
    ]


def test_a_reader_is_told_what_it_is() -> None:
    svg = ET.fromstring(drawing(pictured(2, (0, 1))))  # noqa: S314 - our own
    assert svg.get("role") == "img"
    named = [found.get("id") for found in svg if found.tag in (f"{SVG}title", f"{SVG}desc")]
    assert svg.get("aria-labelledby") == " ".join(map(str, named)) == "picture-title picture-desc"


def test_each_action_has_a_class_and_a_sign_and_a_title_of_its_own() -> None:
    svg = ET.fromstring(drawing(REVIEW.picture))  # noqa: S314 - our own
    boxes = [found for found in svg.iter(f"{SVG}svg") if "box" in found.get("class", "")]
    told = {
        (str(box.get("class")), text.text or "", str(title.text).split(":")[0])
        for box in boxes
        for text in box.iter(f"{SVG}text")
        for title in box.iter(f"{SVG}title")
        if text.get("class") == "sign"
    }
    assert told == {
        ("box replace", "!", "replace"),
        ("box update", "~", "update"),
        ("box delete", "-", "delete"),
        ("box create", "+", "create"),
        ("box no-op", "", "no-op"),
        ("box other", "?", "other"),
        ("box forget", ".", "forget"),
        ("box read", "<", "read"),
    }


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("acmecorp-app-jobs-dlq-prod", ["acmecorp-app-jobs-dlq-prod"]),
        ("acmecorp-app-worker-errors-alarm-staging", ["acmecorp-app-worker-errors-", "alarm-staging"]),
        ("acmecorp-prod-app-results-us-east-1-2d9368", ["acmecorp-prod-app-results-", "us-east-1-2d9368"]),
        ('module.queues["orders"].aws_sqs_queue.this', ['module.queues["orders"].aws_', "sqs_queue.this"]),
        ("a-" + "b" * 40, ["a-", "bbbbbbbbbbbbb…bbbbbbbbbbbbb"]),
        ("b" * 40, ["bbbbbbbbbbbbb…bbbbbbbbbbbbb"]),
    ],
)
def test_a_long_name_has_two_lines_and_is_told_in_full_in_the_title(name: str, lines: list[str]) -> None:
    """Only what fits into none is cut: names differ as often in their middle as at their ends."""
    node = Node(address="aws_s3_bucket.b", type="aws_s3_bucket", name=name, action=Action.DELETE)
    svg = drawing(Picture(nodes=(node,), edges=(), left_out=0))
    assert texts(svg, "text")[1:-1] == lines
    assert f"delete: {name} (aws_s3_bucket.b)" in texts(svg, "title")


def test_wide_letters_take_the_room_of_two() -> None:
    node = Node(address="a_x.y", type="a_x", name="日本語" * 20, action=Action.CREATE)
    shown = texts(drawing(Picture(nodes=(node,), edges=(), left_out=0)), "text")[1]
    assert shown == "日本語日本語…日本語日本語"


def test_nothing_that_a_plan_says_is_markup() -> None:
    node = Node(address=HOSTILE, type=HOSTILE, name=HOSTILE, action=Action.CREATE)
    other = Node(address="a_x.y", type="a_x", name="y", action=Action.CREATE)
    edge = Edge(source=HOSTILE, target="a_x.y", label=HOSTILE)
    svg = drawing(Picture(nodes=(node, other), edges=(edge,), left_out=0))
    tags = {found.tag.removeprefix(SVG) for found in ET.fromstring(svg).iter()}  # noqa: S314 - our own
    assert tags == {"svg", "title", "desc", "defs", "marker", "path", "g", "rect", "text"}
    assert "\u202e" not in svg
    assert "\x1b" not in svg
