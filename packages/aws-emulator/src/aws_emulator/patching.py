"""Patches of moto: each finds what stood there before, or the emulator does not start."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from moto import __version__

from aws_emulator.errors import PatchError

if TYPE_CHECKING:
    from collections.abc import Callable


def require_attribute(owner: type, name: str) -> Any:
    """Return the attribute `name` of `owner`. Raises PatchError if this moto does not have it."""
    try:
        return vars(owner)[name]
    except KeyError:
        place = f"{owner.__module__}.{owner.__qualname__}"
        message = (
            f"cannot patch moto {__version__}: {place} has no {name!r}; install the moto that aws-emulator requires"
        )
        raise PatchError(message) from None


def wrap_method(owner: type, name: str, wrapper: Callable[..., Any]) -> None:
    """Replace a method by `wrapper`, which gets the original as its first argument."""
    method = require_attribute(owner, name)

    @functools.wraps(method)
    def patched(*args: Any, **kwargs: Any) -> Any:
        return wrapper(method, *args, **kwargs)

    setattr(owner, name, patched)


def compact(document: Any) -> str:
    """Return a document as AWS writes it, without spaces."""
    return json.dumps(document, separators=(",", ":"))
