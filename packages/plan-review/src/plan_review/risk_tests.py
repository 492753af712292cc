"""Tests of one attribute's values: whether a value is worse than the one before."""

import re
from collections.abc import Callable
from typing import Any, cast

from plan_review.masking import as_list

Test = Callable[[Any, Any], bool]
"""Returns True if a value is worse than the one before. Values are as planned; None is one that is not set."""


def number(value: Any) -> float | None:
    """Return a value as a number; None if it is none."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def less(before: Any, after: Any) -> bool:
    """Return True if a number gets smaller, or is not set any more."""
    one, other = number(before), number(after)
    return one is not None and (other is None or other < one)


def more(before: Any, after: Any) -> bool:
    """Return True if a number gets greater."""
    one, other = number(before), number(after)
    return other is not None and other > (one or 0)


def shorter(before: Any, after: Any) -> bool:
    """Return True if a time gets shorter, where 0 and none mean for ever."""
    one, other = number(before), number(after)
    return bool(other) and (not one or (other or 0) < one)


_ON = frozenset({"true", "enabled", "enable", "on", "yes", "required", "require", "enforced", "active"})


def _is_on(value: Any) -> bool:
    return str(value).lower() in _ON


def off(before: Any, after: Any) -> bool:
    """Return True if something is switched off, or is not said to be on any more."""
    return _is_on(before) and not _is_on(after)


def on(before: Any, after: Any) -> bool:
    """Return True if something is switched on."""
    return _is_on(after) and not _is_on(before)


def gone(before: Any, after: Any) -> bool:
    """Return True if something is not set any more."""
    return bool(before) and not after


def other(before: Any, after: Any) -> bool:
    """Return True if something that is set is set to something else, or no more."""
    return bool(before) and before != after


def longer(before: Any, after: Any) -> bool:
    """Return True if a list gets something that was not in it."""
    return any(each not in as_list(before) for each in as_list(after))


def fewer(before: Any, after: Any) -> bool:
    """Return True if a list loses something that was in it."""
    return longer(after, before)


def lost(before: Any, after: Any) -> bool:
    """Return True if something that is set is not any more, or a list loses something that was in it."""
    return gone(before, after) or fewer(before, after)


def added(before: Any, after: Any) -> bool:
    """Return True if something is set that was not."""
    return bool(after) and not before


def added_or_other(before: Any, after: Any) -> bool:
    """Return True if something is set that was not, or is set to something else."""
    return bool(after) and before != after


def any_change(before: Any, after: Any) -> bool:
    """Return True if it is another value."""
    return before != after


def differs(default: str) -> Test:
    """Return the test whether it is another value, where one that is not set is the default."""
    return lambda before, after: (before or default) != (after or default)


def older(before: Any, after: Any) -> bool:
    """Return True if a version in a name gets lower, as in TLSv1.2_2021 and TLS1_0."""
    digits = ["".join(each for each in str(value or "") if each.isdigit())[:2] for value in (before, after)]
    return bool(before) and digits[1] < digits[0]


def leaves(*best: str) -> Test:
    """Return the test whether a value goes down in this order, best first; what is not in it comes last."""

    def rank(value: Any) -> int:
        return best.index(value) if value in best else len(best)

    return lambda before, after: rank(after) > rank(before)


def becomes(*bad: str) -> Test:
    """Return the test whether a value, or one in a list, becomes one of these."""
    return lambda before, after: any(each in bad and each not in _several(before) for each in _several(after))


def _several(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) and value else [value]


_STRENGTHS = (
    (re.compile(r"none|disab|off|plaintext|unencrypted|fatal"), 0),
    (re.compile(r"aes|sse_s3|aws_owned|error|critical"), 1),
    (re.compile(r"kms|tls|cmk|warn|info|debug|all"), 2),
)


def _strength(value: Any) -> int | None:
    """Return the rank of an algorithm of encryption, or of a level of logging; None if it has none."""
    if value is None or value == "":
        return 0
    found = (rank for pattern, rank in _STRENGTHS if pattern.search(value.lower())) if isinstance(value, str) else ()
    return next(iter(found), None)


def weaker(before: Any, after: Any) -> bool:
    """Return True if an algorithm of encryption gets weaker, or a level of logging lower."""
    one, two = _strength(before), _strength(after)
    return one is not None and two is not None and two < one


def older_tls(before: Any, after: Any) -> bool:
    """Return True if the version in the name of a protocol or policy of TLS gets lower, or none is named any more."""
    return bool(re.search(r"tls|ssl|^1[._][0-3]$", str(before or ""), re.IGNORECASE)) and older(before, after)


def version_lower(before: Any, after: Any) -> bool:
    """Return True if a version in a text gets lower, part by part: 3.9 comes before 3.13."""
    one, two = ([int(each) for each in re.findall(r"[0-9]{1,9}", str(value or ""))] for value in (before, after))
    return bool(one) and bool(two) and two < one


def stops(before: Any, after: Any) -> bool:
    """Return True if a number that was set becomes 0, or is not set any more."""
    return bool(number(before)) and not number(after)


def near_zero(before: Any, after: Any) -> bool:
    """Return True if a limit becomes 0 or 1: it was higher, or there was none."""
    one, two = number(before), number(after)
    return two is not None and 0 <= two <= 1 and (one is None or one < 0 or one > 1)


def less_or_limited(before: Any, after: Any) -> bool:
    """Return True if a limit gets lower, or there is one where there was none."""
    one, two = number(before), number(after)
    return two is not None and (one is None or two < one)


def lowered(before: Any, after: Any) -> bool:
    """Return True if a limit gets lower, and not as low as `near_zero` says."""
    return less(before, after) and not near_zero(before, after)
