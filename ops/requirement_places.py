"""Places in a requirement: properties of a resource and their parts, by what verify or a review calls them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, cast

from check_report.printable import shown_value
from ops.planned_properties import planned_properties
from plan_review.decisions import at_path, with_value
from plan_review.forms.wording import NOT_SET, path_in
from stacks.requirement import AtMost, DecidedPart, Document, Members, Noted, Requirement, Statements

_UNLIKELY = "\0probe\0"
"""A value that no requirement has: where it comes out again in a plan's words, both words mean the same."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A property of a resource, or a part of it, in a requirement."""

    type: str
    name: str
    look: str
    """Empty for an attribute that a plan alone shows."""
    key: str
    """The property, or the collection whose member it is."""
    member: str = ""
    aspect: str
    """As verify prints it: of a member with the word for it before."""
    path: tuple[str, ...] = ()
    required: Any

    @property
    def printed(self) -> str:
        """The property with the path."""
        return path_in(self.aspect, self.path)

    @property
    def allowed(self) -> str:
        """The values that can be decided on, in words."""
        example = shown_value(self.shown(self.required))
        match self.required:
            case bool() | "true" | "false":
                kind = "true or false"
            case int() | float():
                kind = "a number"
            case str():
                kind = "a number" if self.required.isdecimal() else "a text"
            case list() | tuple() | Statements():
                kind = "a list"
            case _:
                kind = "a table"
        return f'{kind}, as the required {example}; or "{NOT_SET}"'

    def fits(self, value: Any) -> bool:
        """Return True if a value is of the same form as the required one."""
        required = self.required.content if isinstance(self.required, Document) else self.required
        if value == NOT_SET or required is None:
            return True
        if isinstance(required, bool) or required in ("true", "false"):
            return isinstance(value, bool) or value in ("true", "false")
        if isinstance(required, int | float) or (isinstance(required, str) and required.isdecimal()):
            return not isinstance(value, bool) and (
                isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal())
            )
        if isinstance(required, Statements):
            return isinstance(value, list) and all(isinstance(each, dict) for each in cast("list[Any]", value))
        form = str if isinstance(required, str) else list if isinstance(required, list) else dict
        return isinstance(value, form)

    def value_of(self, given: Any) -> Any:
        """Return a value of the file as the requirement would have it."""
        if given == NOT_SET:
            return Statements(()) if isinstance(self.required, Statements) else None
        if isinstance(self.required, Statements):
            return Statements(tuple(given))
        if isinstance(self.required, Document):
            return Document(given)
        if isinstance(self.required, str) and not isinstance(given, str):
            return str(given).lower() if isinstance(given, bool) else str(given)
        if isinstance(self.required, int | float) and isinstance(given, str):
            return int(given) if given.isdecimal() else given
        return given

    @staticmethod
    def shown(value: Any) -> Any:
        """Return a value without the class that says how it is compared."""
        match value:
            case Statements(statements):
                return list(statements) or None
            case Document(content):
                return content
            case _:
                return value

    def put(self, requirement: Requirement, value: Any) -> Requirement:
        """Return a requirement with another value in this place."""
        if not self.look:
            in_plans = _with(requirement.in_plans, (self.type, self.name, self.key), value)
            return replace(requirement, in_plans=in_plans)
        wanted = requirement.resources[self.type][self.name][self.look][self.key]
        match wanted:
            case Members(kind, members):
                member = with_value(members.get(self.member), self.path, value)
                others = {name: each for name, each in members.items() if name != self.member}
                # In its place, so that it stands where it stood.
                kept = {**members, self.member: member} if member is not None else others
                new: Any = Members(kind, kept)
            case AtMost(kind, names):
                new = AtMost(kind, names | {self.member} if value is not None else names - {self.member})
            case Noted(_, note):
                new = Noted(value, note)
            case Document(content) if self.path:
                new = Document(with_value(content, self.path, value))
            case _:
                new = with_value(wanted, self.path, value)
        resources = _with(requirement.resources, (self.type, self.name, self.look, self.key), new)
        return replace(requirement, resources=resources)


def _with(mapping: Mapping[str, Any], keys: Sequence[str], value: Any) -> dict[str, Any]:
    """Return a copy of nested mappings with another value at the end of the keys."""
    key, *rest = keys
    return {**mapping, key: _with(mapping.get(key, {}), rest, value) if rest else value}


def find(requirement: Requirement, type_: str, name: str, property_: str, value: Any) -> Place | None:
    """Return the place of a property that may have a value; None if there is none.

    property_: in verify's words or a plan review's. Where one name means two things, the form of the value decides.
    """
    for place in named(requirement, type_, name, property_):
        if place.fits(value):
            return place
    for place in places(requirement, type_, name):
        probe = Statements(({"Sid": _UNLIKELY},)) if isinstance(place.required, Statements) else _UNLIKELY
        for part in planned(requirement, place, probe):
            if path_in(part.property, part.path) == property_ and place.fits(value):
                return place
    return None


def named(requirement: Requirement, type_: str, name: str, given: str) -> Iterator[Place]:
    """Yield the places that a name may mean in verify's words: there, or in a collection that may have more."""
    whole = sorted(_wholes(requirement, type_, name), key=lambda place: -len(place.aspect))
    for place in whole:
        rest = given.removeprefix(place.aspect)
        path = _steps(rest) if rest != given or not place.aspect else None
        if path is not None and (found := _inside(place, path)):
            yield found
            return
    for look, wanted in requirement.resources[type_][name].items():
        for key, value in wanted.items():
            if isinstance(value, Members | AtMost):
                # A plan review has all tags in one property.
                tag = f"tag {steps[0]}" if (steps := _steps(given.removeprefix("Tags"))) else given
                aspect = tag if value.kind == "tag" and given.startswith("Tags.") else given
                member = aspect.removeprefix(f"{value.kind} ")
                # One that begins like another is a part of that which is not there.
                known = value.members if isinstance(value, Members) else ()
                if member != aspect and not any(member.startswith((f"{each}.", f"{each}[")) for each in known):
                    yield Place(type=type_, name=name, look=look, key=key, member=member, aspect=aspect, required=None)


def _wholes(requirement: Requirement, type_: str, name: str) -> Iterator[Place]:
    """Yield each property of a resource as a whole, and each member of a collection."""
    for look, wanted in requirement.resources[type_][name].items():
        for key, value in wanted.items():
            match value:
                case Members(kind, members):
                    for member, required in members.items():
                        yield Place(
                            type=type_,
                            name=name,
                            look=look,
                            key=key,
                            member=member,
                            aspect=f"{kind} {member}",
                            required=required,
                        )
                case AtMost():
                    continue
                case Noted(required, _):
                    yield Place(type=type_, name=name, look=look, key=key, aspect=key, required=required)
                case _:
                    yield Place(type=type_, name=name, look=look, key=key, aspect=key, required=value)
    for key, value in requirement.in_plans.get(type_, {}).get(name, {}).items():
        yield Place(type=type_, name=name, look="", key=key, aspect=key, required=value)


def places(requirement: Requirement, type_: str, name: str) -> Iterator[Place]:
    """Yield each part of each property that has no parts itself."""
    for place in _wholes(requirement, type_, name):
        for path in _leaves(place.shown(place.required) if not isinstance(place.required, Statements) else None):
            if found := _inside(place, path):
                yield found


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping) and value:
        for key, each in cast("Mapping[str, Any]", value).items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, each in enumerate(cast("list[Any]", value)):
            yield from _leaves(each, (*path, str(number)))
    else:
        yield path


def _inside(place: Place, path: tuple[str, ...]) -> Place | None:
    """Return a part of a place; None if it has none of that name, and one that is nearly so."""
    if not path:
        return place
    content = place.shown(place.required)
    *before, last = path
    holder = at_path(content, before)
    if isinstance(place.required, Statements) or not isinstance(holder, dict | list):
        return None
    required = at_path(content, path)
    if required is None and last not in holder and (isinstance(holder, list) or get_close_matches(last, holder)):  # pyright: ignore[reportUnknownArgumentType] - JSON
        return None
    return replace(place, path=path, required=required)


_STEP = re.compile(r'\.([\w:/-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def _steps(given: str) -> tuple[str, ...] | None:
    """Return the steps of a path as the review prints it: .Expiration.Days, [0], ["a b"]; None if it is not one."""
    steps: list[str] = []
    end = 0
    for found in _STEP.finditer(given):
        if found.start() != end:
            return None
        plain, number, quoted = found.groups()
        steps.append(plain or number or json.loads(quoted))
        end = found.end()
    return tuple(steps) if end == len(given) else None


def planned(requirement: Requirement, place: Place, value: Any) -> Iterator[DecidedPart]:
    """Yield what differs in a plan's words if a place has another value; nothing for what no plan shows."""
    before = planned_properties(requirement, place.type, place.name)
    after = planned_properties(place.put(requirement, value), place.type, place.name)
    if before == after and place.aspect in before:
        yield DecidedPart(property=place.aspect, path=place.path, value=value, required=value)
    for property_ in {**before, **after}:
        old, new = before.get(property_), after.get(property_)
        if old != new:
            path = _common(old, new)
            yield DecidedPart(property=property_, path=path, value=at_path(new, path), required=at_path(old, path))


def _common(old: Any, new: Any) -> tuple[str, ...]:
    """Return the path to the smallest part that holds every difference of two values."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return ()
    one, other = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
    differing = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    return (differing[0], *_common(one.get(differing[0]), other.get(differing[0]))) if len(differing) == 1 else ()
