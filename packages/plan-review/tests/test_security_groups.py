"""Security groups: what is opened to everyone or gets wider is said once, and what gets narrower is not."""

from typing import Any

import pytest

from plan_builder import entry, reviewed, told

GROUP = ["sg-1"]


def rule(ports: tuple[int | None, int | None] = (22, 22), protocol: str = "tcp", **sources: Any) -> dict[str, Any]:
    return {"from_port": ports[0], "to_port": ports[1], "protocol": protocol, **(sources or {"security_groups": GROUP})}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"name": "g", "ingress": list(rules)}


def found(before: Any, after: Any, type_: str = "aws_security_group") -> list[tuple[str, str]]:
    return told(reviewed(entry(type_, "update", before, after)))


WIDER: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (rule(), rule((0, 65535)), "ports 22 to 22 -> 0 to 65535"),
    (rule((20, 30)), rule((10, 30)), "ports 20 to 30 -> 10 to 30"),
    (rule((20, 30)), rule((20, 31)), "ports 20 to 30 -> 20 to 31"),
    (rule(), rule(protocol="udp"), 'protocol "tcp" -> "udp"'),
    (rule(), rule((0, 0), "-1"), 'protocol "tcp" -> "-1", ports 22 to 22 -> 0 to 0'),
    (rule((8, 0), "icmp"), rule((-1, -1), "icmp"), "ports 8 to 0 -> -1 to -1"),
    (rule(self=True), rule((22, 23), self=True), "ports 22 to 22 -> 22 to 23"),
    (rule(prefix_list_ids=["pl-1"]), rule((22, 23), prefix_list_ids=["pl-1"]), "ports 22 to 22 -> 22 to 23"),
    (rule(cidr_blocks=["10.0.0.0/8"]), rule((22, 23), cidr_blocks=["10.0.0.0/8"]), "ports 22 to 22 -> 22 to 23"),
]


@pytest.mark.parametrize(("before", "after", "change"), WIDER)
def test_a_rule_that_gets_wider_for_the_same_source_is_an_exposure_and_the_way_back_is_not(
    before: dict[str, Any], after: dict[str, Any], change: str
) -> None:
    expected = [("exposure", f"ingress {change}: more would be reachable")]
    assert found(group(before), group(after)) == expected
    assert found(group(before), group(after), "aws_default_security_group") == expected
    assert [kind for kind, _ in found(group(after), group(before))] == ["exposure"] * (
        change == 'protocol "tcp" -> "udp"'
    )


def test_the_rule_that_is_a_resource_of_its_own_is_judged_as_one_within_a_group() -> None:
    more: dict[str, Any] = {"type": "ingress", "source_security_group_id": "sg-1"}
    assert found(rule(**more), rule((22, 80), **more), "aws_security_group_rule") == [
        ("exposure", "ingress ports 22 to 22 -> 22 to 80: more would be reachable")
    ]
    one, other = (
        {"ip_protocol": "tcp", "from_port": 22, "to_port": port, "referenced_security_group_id": "sg-1"}
        for port in (22, 80)
    )
    assert found(one, other, "aws_vpc_security_group_ingress_rule") == [
        ("exposure", "ingress ports 22 to 22 -> 22 to 80: more would be reachable")
    ]
    assert [
        kind
        for kind, _ in told(reviewed(entry("aws_security_group_rule", "replace", rule(**more), rule((22, 80), **more))))
    ] == ["exposure", "replacement"]


SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (group(rule(protocol="6")), group(rule(protocol="tcp"))),
    (group(rule((0, 0), "-1")), group(rule((0, 0), "all"))),
    (group(rule(), rule((443, 443))), group(rule((443, 443)), rule())),
    (group(rule((0, 100)), rule((50, 60))), group(rule((0, 100)))),
    (group(rule(cidr_blocks=["0.0.0.0/0"])), group(rule(cidr_blocks=["10.0.0.0/8"]))),
    (group(rule((0, 100), cidr_blocks=["0.0.0.0/0"])), group(rule(cidr_blocks=["0.0.0.0/0"]))),
    ({"egress": [rule()]}, {"egress": [rule((0, 65535))]}),
    (group(), group(rule())),
    (group(rule()), group(rule(), rule((443, 443)))),
    (group(rule(), rule(cidr_blocks=["10.0.0.0/8"])), group(rule(), rule((443, 443), cidr_blocks=["10.1.0.0/16"]))),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_where_no_rule_gets_wider_there_is_no_finding(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A rule that is added, or is for another source, is a change like others: no rule gets wider."""
    assert found(before, after) == []


def test_a_rule_that_lets_something_out_is_no_finding() -> None:
    more: dict[str, Any] = {"type": "egress", "source_security_group_id": "sg-1"}
    assert found(rule(**more), rule((0, 65535), **more), "aws_security_group_rule") == []


def test_ports_that_open_to_everyone_are_said_once() -> None:
    blocks = ["10.0.0.0/8", "0.0.0.0/0"]
    assert found(group(rule(cidr_blocks=blocks[:1])), group(rule((0, 65535), cidr_blocks=blocks))) == [
        ("exposure", 'ingress protocol "tcp", ports 0 to 65535, from 0.0.0.0/0: open to everyone')
    ]
    ours = rule(ipv6_cidr_blocks=["fd00::/8"], cidr_blocks=["10.0.0.0/8"])
    theirs = rule((22, 23), ipv6_cidr_blocks=["fd00::/8", "::/0"], cidr_blocks=["10.0.0.0/8"])
    assert found(group(ours), group(theirs)) == [
        ("exposure", "ingress ports 22 to 22 -> 22 to 23: more would be reachable"),
        ("exposure", 'ingress protocol "tcp", ports 22 to 23, from ::/0: open to everyone'),
    ]


def test_a_port_that_is_known_only_after_the_apply_may_be_any() -> None:
    more: dict[str, Any] = {"type": "ingress", "source_security_group_id": "sg-1"}
    changed = entry(
        "aws_security_group_rule", "update", rule(**more), rule((22, None), **more), after_unknown={"to_port": True}
    )
    assert told(reviewed(changed)) == [
        ("exposure", "ingress ports 22 to 22 -> 22 to (known after apply): more would be reachable")
    ]
