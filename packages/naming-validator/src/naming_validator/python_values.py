"""Texts of Python's expressions, as far as they are made of literals of their module."""

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from string import Formatter
from typing import TypeAlias

from naming_validator.model import Hole, Name
from naming_validator.python_definitions import (
    MOST_ALTERNATIVES,
    MOST_STEPS,
    Definitions,
    Located,
    TooManyPartsError,
    integer,
)
from naming_validator.python_module import Choices, Spot, merged_choices
from naming_validator.python_tokens import Tokens

_EVERYWHERE: Mapping[str, Callable[[str], str]] = {"casefold": str.casefold, "lower": str.lower, "upper": str.upper}
"""Methods that do to a text what they do to each of its parts."""
_WHOLE = {
    *("capitalize", "lstrip", "removeprefix", "removesuffix", "replace", "rstrip", "strip", "swapcase", "title"),
    "zfill",
}
"""Methods of which nothing is known unless the whole text is."""
_PERCENT = re.compile(r"%(?:\((\w+)\))?([#0 +-]*\d*)([sdi%])")
_STR, _UNCHANGED = ord("s"), -1


Text: TypeAlias = tuple[Name, Choices]
"""A text that an expression can be, with what is chosen then."""


class Values:
    """The texts of one module's expressions."""

    def __init__(self, definitions: Definitions, tokens: Tokens) -> None:
        self._definitions, self._tokens = definitions, tokens

    def names(self, expression: ast.expr, spot: Spot) -> list[Name]:
        """Return each text that an expression can be, with holes for what is not known.

        Variables are not followed if it can be very many texts, and it is one hole if it has very many parts. That a
        resource may go without a name is no fault of the name that it has otherwise.
        """
        found: list[Text] = []
        for steps in (MOST_STEPS, 0):
            read = partial(self._texts, expression, spot, steps)
            found = found or self._definitions.within_budget(read, [])
        names = dict.fromkeys(tuple(part for part in text if part != "") for text, _ in found)
        return [name for name in names if name] or ([("",)] if names else [(self._tokens.hole(expression, spot),)])

    def _texts(self, expression: ast.expr, spot: Spot, steps: int) -> list[Text]:
        self._definitions.spend()
        found: list[Text] | None = None
        match expression:
            case ast.Constant(value=str() | int() as value):
                found = [((str(value),), spot.choices)]
            case ast.JoinedStr(values=values):
                found = _joined([self._texts(value, spot, steps) for value in values])
            case ast.FormattedValue(value=value):
                found = self._formatted_value(expression, self._texts(value, spot, steps), spot)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = _joined([self._texts(left, spot, steps), self._texts(right, spot, steps)])
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                found = self._percent(_literal(self._texts(left, spot, steps)), right, spot, steps)
            case ast.BoolOp(op=ast.Or(), values=[*first, last]):
                found = self._any([(value, spot) for value in first], expression, spot, steps)
                # Only the last may be empty, and nothing comes after what never is.
                is_whole = len(found) == 1 and bool(_literal(found))
                found = [text for text in found if _literal([text]) != ""]
                found += [] if is_whole else self._any([(last, spot)], expression, spot, steps)
            case ast.Subscript(value=value, slice=ast.Slice() as bounds):
                found = _sliced(self._texts(value, spot, steps), bounds)
            case ast.Call():
                found = self._called(expression, spot, steps)
            case _:
                pass
        if found is None and steps:
            found = self._any(self._definitions.of(expression, spot), expression, spot, steps - 1)
        return found or self._hole(expression, spot)

    def _any(self, alternatives: Iterable[Located | None], expression: ast.expr, spot: Spot, steps: int) -> list[Text]:
        """Return the texts of the alternatives of an expression, which itself is the hole for what is not known."""
        found: list[Text] = []
        for alternative in alternatives:
            if alternative is None:
                found += self._hole(expression, spot)
                continue
            for name, choices in [] if _is_nothing(alternative[0]) else self._texts(*alternative, steps):
                is_hole = len(name) == 1 and isinstance(name[0], Hole) and not name[0].is_token
                found.append(((self._tokens.hole(expression, spot),) if is_hole else name, choices))
        if len(found) > MOST_ALTERNATIVES:
            raise TooManyPartsError
        return found

    def _hole(self, expression: ast.expr, spot: Spot) -> list[Text]:
        return [((self._tokens.hole(expression, spot),), spot.choices)]

    def _formatted_value(self, part: ast.FormattedValue, texts: list[Text], spot: Spot) -> list[Text]:
        if part.conversion not in {_STR, _UNCHANGED}:
            return self._hole(part.value, spot)
        match part.format_spec:
            case None:
                return texts
            case ast.JoinedStr(values=[ast.Constant(value=str(spec))]):
                return [_padded(text, spec) for text in texts]
            case _:
                return self._hole(part.value, spot)

    def _called(self, call: ast.Call, spot: Spot, steps: int) -> list[Text] | None:
        """Return the texts that a method of a text returns; None for any other call."""
        match call:
            case ast.Call(func=ast.Name(id="str"), args=[only], keywords=[]):
                found = self._texts(only, spot, steps)
            case ast.Call(func=ast.Attribute(value=separator, attr="join"), args=[parts], keywords=[]):
                found = self._join(_literal(self._texts(separator, spot, steps)), parts, spot, steps)
            case ast.Call(func=ast.Attribute(value=pattern, attr="format")):
                found = self._format(_literal(self._texts(pattern, spot, steps)), call, spot, steps)
            case ast.Call(func=ast.Attribute(value=text, attr=method), args=[], keywords=[]) if method in _EVERYWHERE:
                change = _EVERYWHERE[method]
                found = [
                    (tuple(change(part) if isinstance(part, str) else part for part in each), choices)
                    for each, choices in self._texts(text, spot, steps)
                ]
            case ast.Call(func=ast.Attribute(value=text, attr=method), args=given, keywords=[]) if method in _WHOLE:
                found = _changed(self._texts(text, spot, steps), method, given)
            case _:
                found = None
        return found

    def _join(self, separator: str | None, parts: ast.expr, spot: Spot, steps: int) -> list[Text] | None:
        elements = self._definitions.elements(parts, spot) if separator is not None else None
        if elements is None:
            return None
        between: list[Text] = [((separator or "",), ())]
        joined = [each for element in elements for each in (between, self._texts(*element, steps))]
        return _joined(joined[1:])

    def _format(self, pattern: str | None, call: ast.Call, spot: Spot, steps: int) -> list[Text] | None:
        """Return what `str.format` makes of a pattern; None if the pattern or an argument is not known."""
        joined: list[list[Text]] = []
        try:
            fields = list(Formatter().parse(pattern or ""))
        except ValueError:
            return None
        numbered = iter(range(len(fields)))
        for text, field, spec, conversion in fields:
            joined.append([((text,), ())])
            if field is None:
                continue
            name = field or str(next(numbered))
            if name.isdecimal():
                argument = (call.args[int(name)], spot) if int(name) < len(call.args) else None
            else:
                argument, _ = self._definitions.argument(call, name, spot)
            if argument is None or conversion not in {None, "s"}:
                return None
            joined.append([_padded(each, spec or "") for each in self._texts(*argument, steps)])
        return None if pattern is None else _joined(joined)

    def _percent(self, pattern: str | None, right: ast.expr, spot: Spot, steps: int) -> list[Text] | None:
        """Return what `%` makes of a pattern; None if the pattern or a value is not known."""
        if pattern is None:
            return None
        values: list[Located] = [(right, spot)]
        if isinstance(right, ast.Tuple):
            values = [(each, spot) for each in right.elts]
        items = self._definitions.items(right, spot)
        joined: list[list[Text]] = []
        end = 0
        for found in _PERCENT.finditer(pattern):
            joined.append([((pattern[end : found.start()],), ())])
            end = found.end()
            name, padding, conversion = found.groups()
            if conversion == "%":
                joined.append([(("%",), ())])
                continue
            value = items.get(name) if name else (values.pop(0) if values else None)
            if value is None:
                return None
            spec = padding.replace("-", "<") if conversion == "s" else padding
            joined.append([_padded(each, spec) for each in self._texts(*value, steps)])
        return _joined([*joined, [((pattern[end:],), ())]])


def _is_nothing(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def _literal(texts: Sequence[Text]) -> str | None:
    """Return the only text if all of it is known, else None."""
    if len(texts) == 1 and all(isinstance(part, str) for part in texts[0][0]):
        return "".join(part for part in texts[0][0] if isinstance(part, str))
    return None


def _padded(text: Text, spec: str) -> Text:
    """Return a text in the width and the form that a format asks for; what is not known stays as it is."""
    known = _literal([text])
    if known is None or not spec:
        return text
    try:
        return (format(int(known) if known.isdecimal() else known, spec),), text[1]
    except ValueError:
        return text


def _changed(texts: Sequence[Text], method: str, given: Sequence[ast.expr]) -> list[Text] | None:
    """Return what a method makes of each of the texts; None if one of them or an argument is not known."""
    arguments = [each.value for each in given if isinstance(each, ast.Constant)]
    known = [_literal([text]) for text in texts]
    if len(arguments) < len(given) or None in known:
        return None
    try:
        changed = [getattr(each, method)(*arguments) for each in known]
    except (TypeError, ValueError):
        return None
    return [((each,), choices) for each, (_, choices) in zip(changed, texts, strict=True)]


def _sliced(texts: Sequence[Text], bounds: ast.Slice) -> list[Text] | None:
    """Return a slice of each of the texts; None if one of them or a bound is not known."""
    given = (bounds.lower, bounds.upper, bounds.step)
    limits = [integer(each) if each else None for each in given]
    known = [_literal([text]) for text in texts]
    if None in known or any(each and limit is None for each, limit in zip(given, limits, strict=True)):
        return None
    return [(((each or "")[slice(*limits)],), choices) for each, (_, choices) in zip(known, texts, strict=True)]


def _joined(parts: Sequence[Sequence[Text]]) -> list[Text]:
    """Return each text of which the parts are, one text of each part, if their choices agree.

    Raises TooManyPartsError.
    """
    joined: list[Text] = [((), ())]
    for part in parts:
        pairs = ((before, after, merged_choices(before[1], after[1])) for before, after in product(joined, part))
        joined = [((*before[0], *after[0]), choices) for before, after, choices in pairs if choices is not None]
        if len(joined) > MOST_ALTERNATIVES:
            raise TooManyPartsError
    return joined
