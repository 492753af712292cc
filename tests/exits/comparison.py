"""Two synthesized folders, compared strictly: order, types and values, but for a list of differences."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Place = tuple[str, ...]
"""The keys and positions that lead to a value in a file of JSON."""


class _Absent:
    """Stands for a value that one of the two does not have."""

    def __repr__(self) -> str:
        return "(not there)"


ABSENT = _Absent()


@dataclass(frozen=True)
class Difference:
    """A place at which two files differ, with what either has there."""

    place: Place
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        return f"{address(self.place)}: {_shown(self.ours)} -> {_shown(self.theirs)}"


def address(place: Place) -> str:
    """Return a place in Terraform's words: a resource's begins with its address."""
    return ".".join(place[1:] if place[:1] == ("resource",) and len(place) > 1 else place) or "(the whole file)"


def differences(ours: Any, theirs: Any, place: Place = ()) -> Iterator[Difference]:
    """Yield each place at which two values of JSON differ: 1, 1.0 and true differ, and so does another order."""
    if _both(dict, ours, theirs):
        yield from _of_objects(ours, theirs, place)
    elif _both(list, ours, theirs) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, (*place, str(number)))
    elif type(ours) is not type(theirs) or ours != theirs:
        yield Difference(place, ours, theirs)


def _both(kind: type, ours: Any, theirs: Any) -> bool:
    return isinstance(ours, kind) and isinstance(theirs, kind)


def _of_objects(ours: Mapping[str, Any], theirs: Mapping[str, Any], place: Place) -> Iterator[Difference]:
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        yield from differences(ours.get(key, ABSENT), theirs.get(key, ABSENT), (*place, key))
    common, others = [key for key in ours if key in theirs], [key for key in theirs if key in ours]
    if common != others:
        yield Difference((*place, "(order)"), common, others)


def addresses(document: Mapping[str, Any]) -> list[str]:
    """Return the addresses of a stack's resources."""
    return [f"{type_}.{name}" for type_, named in document.get("resource", {}).items() for name in named]


def compare(ours: Path, theirs: Path, listed: Mapping[str, Mapping[Place, tuple[Any, Any]]]) -> list[str]:
    """Return what is wrong with the files of a folder beside those of another; nothing if they are as they must be.

    listed: what must differ, and how, by the name of the file in its folder. A listed difference that is not there is
    wrong as well: the list says what an exit changes.
    """
    files, others = _files(ours), _files(theirs)
    wrong = [f"{name}: only today's has it" for name in sorted(files.keys() - others.keys())]
    wrong += [f"{name}: today's does not have it" for name in sorted(others.keys() - files.keys())]
    for name in sorted(files.keys() & others.keys()):
        one, other = files[name].read_bytes(), others[name].read_bytes()
        if files[name].suffix != ".json":
            wrong += [f"{name}: its bytes differ"] if one != other else []
            continue
        expected = listed.get(files[name].name, {})
        found = {each.place: each for each in differences(json.loads(one), json.loads(other))}
        wrong += [f"{name}: {each}" for each in found.values() if expected.get(each.place) != (each.ours, each.theirs)]
        wrong += [
            f"{name}: {address(place)}: listed as different, but equal" for place in expected if place not in found
        ]
    return wrong


def _files(folder: Path) -> dict[str, Path]:
    """Return the files by their names in the folder; what is linked to is not the folder's own."""
    return {str(file.relative_to(folder)): file for file in sorted(folder.rglob("*")) if file.is_file()}


def _shown(value: Any) -> str:
    return repr(value) if value is ABSENT else json.dumps(value, ensure_ascii=False)
