"""Resources in Terraform's configuration, JSON or HCL, once it has been parsed; and what plans share with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from naming_validator.model import Hole, Name, Path, Place, Resource, Stack
from naming_validator.services import SERVICES
from naming_validator.tokens import foreign_expression

ReadName = Callable[[str], Name]
PlaceOf = Callable[[Path], Place]


def literal(text: str) -> Name:
    """Return the name as it stands: nothing in it is to be filled in."""
    return (text,)


def template(text: str) -> Name:
    """Return the name with each of Terraform's interpolations as a hole."""
    if "%{" in text:
        # A directive chooses between texts.
        return (_hole(text),)
    parts: list[str | Hole] = []
    known = start = 0
    while (start := text.find("${", start)) >= 0:
        if text[start - 1 : start] == "$":
            start += 2
            continue
        end = _end_of_interpolation(text, start + 2)
        parts += [text[known:start], _hole(text[start + 2 : end], is_open=end == len(text))]
        known = start = end + 1
    return tuple(part for part in (*parts, text[known:]) if part) or ("",)


def _hole(expression: str, *, is_open: bool = False) -> Hole:
    """Return the hole for an interpolation; one that Terraform cannot evaluate, or that never ends, is a token."""
    foreign = foreign_expression(expression)
    return Hole(foreign or expression, is_token=is_open or foreign is not None)


def _end_of_interpolation(text: str, at: int) -> int:
    depth = 1
    for index in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text)


def resources(document: Mapping[str, Any], stack: str, read_name: ReadName, place_of: PlaceOf) -> Iterator[Resource]:
    """Yield the named resources of a configuration's `resource` blocks, in the stack's account and region."""
    stacks = _stacks(document, stack)
    for path, by_type in objects(document.get("resource"), ("resource",)):
        for type_ in by_type:
            for labels_path, by_label in objects(by_type[type_], (*path, type_)):
                for label in by_label:
                    for body_path, body in objects(by_label[label], (*labels_path, label)):
                        alias = str(body.get("provider", "")).strip("${}").partition(".")[2]
                        # The provider of an alias may be in another file.
                        deployed = stacks.get(alias) or stack_of(stack, {}, alias)
                        found = Named(type_, f"{type_}.{label}", body, body_path, deployed)
                        yield from found.resources(read_name, place_of)


def objects(value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the objects of a block, which may be one or a list of them, without cdktf's comments."""
    match value:
        case dict():
            block = cast("dict[str, Any]", value)
            yield path, {key: inner for key, inner in block.items() if key != "//"}
        case [*inners]:
            for index, inner in enumerate(inners):
                yield from objects(inner, (*path, index))
        case _:
            pass


def _stacks(document: Mapping[str, Any], name: str) -> dict[str, Stack]:
    """Return the stack as each of its AWS providers, by alias, deploys to it; "" is the one without an alias."""
    stacks = {"": stack_of(name, {}, "")}
    for _, by_kind in objects(document.get("provider"), ()):
        for _, provider in objects(by_kind.get("aws"), ()):
            alias = str(provider.get("alias") or "")
            stacks[alias] = stack_of(name, provider, alias)
    return stacks


def stack_of(name: str, provider: Mapping[str, Any], alias: str) -> Stack:
    """Return the stack as a provider with these arguments deploys to it."""
    return Stack(
        name=name,
        account=sole(provider.get("allowed_account_ids")) or _account_of_role(provider),
        region=known(provider.get("region")),
        provider=alias,
    )


def _account_of_role(provider: Mapping[str, Any]) -> str | None:
    """Return the account of the role that a provider assumes, or None."""
    for _, role in objects(provider.get("assume_role"), ()):
        found = re.fullmatch(r"arn:[^:]*:iam::(\d{12}):role/.*", known(role.get("role_arn")) or "")
        if found:
            return found[1]
    return None


def known(value: Any) -> str | None:
    """Return the value if it is text without an interpolation, else None."""
    return value if isinstance(value, str) and "${" not in value else None


def sole(value: Any) -> str | None:
    """Return the only element of a list, if it is text without an interpolation, else None."""
    match value:
        case [only]:
            return known(only)
        case _:
            return None


class Named:
    """One resource's attributes, wherever they were read."""

    def __init__(self, type_: str, address: str, body: Mapping[str, Any], path: Path, stack: Stack) -> None:
        self.type, self.address, self.body, self.path = type_, address, body, path
        # From version 6 on, a resource may have a region of its own.
        self.stack = replace(stack, region=known(body["region"])) if body.get("region") else stack

    def resources(self, read_name: ReadName, place_of: PlaceOf) -> Iterator[Resource]:
        """Yield the resource, if its type has a name, and what is named within it."""
        service = SERVICES.get(self.type)
        if service is None:
            yield from self._of_another_type(read_name, place_of)
            return
        given = [key for key in (service.attribute, service.prefix_attribute) if self.body.get(key) not in (None, "")]
        key = given[0] if given else None
        fifo = self.body.get(service.fifo_attribute, False) if service.fifo_attribute else False
        yield Resource(
            type=self.type,
            address=self.address,
            place=place_of((*self.path, key) if key else self.path),
            stack=self.stack,
            name=read_name(_text(self.body[key])) if key else None,
            is_prefix=key == service.prefix_attribute,
            is_fifo=fifo if isinstance(fifo, bool) else None,
            parent=str(self.body.get(service.parent) or "") if service.parent else "",
        )
        for block, nested, path, body in self._blocks():
            address = f"{self.address}.{block}" + "".join(
                f"[{step}]" for step in path[len(self.path) :] if isinstance(step, int)
            )
            for resource in Named(nested, address, body, path, self.stack).resources(read_name, place_of):
                yield replace(resource, parent=self.address)

    def _blocks(self) -> Iterator[tuple[str, str, Path, Mapping[str, Any]]]:
        """Yield the blocks that have names of their own, each with its type, path and body."""
        found = [(block, (*self.path, block), self.body[block]) for block in self.body]
        for path, dynamic in objects(self.body.get("dynamic"), (*self.path, "dynamic")):
            for block in dynamic:
                for block_path, body in objects(dynamic[block], (*path, block)):
                    found.append((block, (*block_path, "content"), body.get("content")))
        for block, block_path, value in found:
            nested = f"{self.type}_{block}"
            if nested in SERVICES:
                yield from ((block, nested, path, body) for path, body in objects(value, block_path))

    def _of_another_type(self, read_name: ReadName, place_of: PlaceOf) -> Iterator[Resource]:
        """Yield the names of a type without rules of its own: they are still checked for tokens."""
        for key, value in self.body.items():
            if isinstance(value, str) and names_its_own(self.type, key):
                yield Resource(
                    type=self.type,
                    address=self.address,
                    place=place_of((*self.path, key)),
                    stack=self.stack,
                    name=read_name(value),
                )


def names_its_own(type_: str, key: str) -> bool:
    """Return True if the attribute is an AWS resource's own name, and not a reference to another's.

    `name` and `identifier` are, and so is `cluster_name` of an `aws_eks_cluster`; but a name in DNS or in a status may
    be a reference.
    """
    subject = re.sub(r"_?(name|identifier)$", "", key)
    is_own = subject != key and (not subject or type_.endswith(f"_{subject}"))
    return is_own and type_.startswith("aws_") and not re.search(r"_(record(_set)?|zone|dns_namespace|status)$", type_)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
