"""Security groups' ingress: what opens to everyone, or gets wider for a source that is let in already."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from plan_review.masking import as_list, as_object
from plan_review.model import Kind, Remark
from plan_review.policy_documents import canonical
from plan_review.risk_tests import number
from plan_review.values import is_hidden, words

_SOURCES = (
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "security_groups",
    "cidr_ipv4",
    "cidr_ipv6",
    "prefix_list_id",
    "referenced_security_group_id",
    "source_security_group_id",
)
"""Attributes of a rule that name whom it lets in."""
_ANYWHERE = ("0.0.0.0/0", "::/0")
_NUMBERED = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
"""Protocols by another name."""
_ALL_PROTOCOLS = "-1"
_LAST_PORT = 65535


class _Door(NamedTuple):
    """A way in for one source."""

    source: str
    protocol: Any
    from_port: Any
    to_port: Any

    @property
    def ports(self) -> str:
        return f"{words(self.from_port)} to {words(self.to_port)}"

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest port; -1 stands for every type or code of ICMP."""
        first, last = number(self.from_port), number(self.to_port)
        return (-1 if first is None else first), (_LAST_PORT if last is None or last < 0 else last)

    @property
    def canonical_protocol(self) -> str:
        name = str(self.protocol).lower()
        return _NUMBERED.get(name, name)

    def covers(self, other: "_Door") -> bool:
        """Return True if it has every protocol and port of another; in doubt it has not."""
        if self[1:] == other[1:]:
            return True
        if any(map(is_hidden, (*self, *other))):
            return False
        if self.canonical_protocol == _ALL_PROTOCOLS:
            return True
        (first, last), (lowest, highest) = self.range, other.range
        return self.canonical_protocol == other.canonical_protocol and first <= lowest and highest <= last


def group_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    """Yield what a security group would let in that it does not now."""
    yield from _opened(before.get("ingress"), after.get("ingress"))


def rule_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Remark]:
    """Yield what a rule of a security group would let in that it does not now."""
    yield from _opened(*([dict(side)] if side.get("type", "ingress") == "ingress" else [] for side in (before, after)))


def _opened(before: Any, after: Any) -> Iterator[Remark]:
    old, new = ({canonical(door): door for door in _doors(side)} for side in (before, after))
    was, becomes = _by_source(old), _by_source(new)
    remarks: set[Remark] = set()
    for door in (door for key, door in new.items() if key not in old):
        everyone = _ANYWHERE[":" in door.source]
        is_open = door.source == everyone
        wider = [*was[door.source], *was[everyone], *([] if is_open else becomes[everyone])]
        gone = [each for each in was[door.source] if canonical(each) not in new]
        if any(each.covers(door) for each in wider):
            continue
        if is_open:
            protocol = f"protocol {words(door.protocol)}, ports {door.ports}"
            remarks.add(Remark(Kind.EXPOSURE, f"ingress {protocol}, from {door.source}: open to everyone"))
        elif gone:
            remarks.add(Remark(Kind.EXPOSURE, f"ingress {_widened(gone, door)}: more would be reachable"))
    yield from sorted(remarks)


def _by_source(doors: Mapping[str, _Door]) -> defaultdict[str, list[_Door]]:
    found: defaultdict[str, list[_Door]] = defaultdict(list)
    for door in doors.values():
        found[door.source].append(door)
    return found


def _widened(gone: Sequence[_Door], door: _Door) -> str:
    """Return the difference to the way in of the same source that is most like it, in words."""
    old = min(gone, key=lambda each: (not door.covers(each), each.protocol != door.protocol, each.ports))
    changes = [f"protocol {words(old.protocol)} -> {words(door.protocol)}"] if old.protocol != door.protocol else []
    return ", ".join([*changes, *([f"ports {old.ports} -> {door.ports}"] if old.ports != door.ports else [])])


def _doors(rules: Any) -> Iterator[_Door]:
    for rule in map(as_object, as_list(rules)):
        whom = [each for key in _SOURCES for each in as_list(rule.get(key)) or [rule.get(key)]]
        whom += ["itself"] if rule.get("self") is True else []
        what = rule.get("protocol", rule.get("ip_protocol")), rule.get("from_port"), rule.get("to_port")
        yield from (_Door(each, *what) for each in whom if isinstance(each, str) and each)
