"""Everything that moto holds, as bytes, and back.

moto keeps each service in a `BackendDict`, a global of its module: account -> region -> backend, made when first asked
for. The backends are pickled together, because one service's objects refer to another's.
"""

from __future__ import annotations

import copyreg
import functools
import importlib
import io
import marshal
import pickle
import sys
import threading
import weakref
from collections import ChainMap
from collections.abc import Callable
from types import CellType, FunctionType, ModuleType
from typing import Any, ClassVar, Final, cast

from cryptography.hazmat.primitives import serialization
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.constants import MISSING

from aws_emulator.iam.enforcement import CALLERS

_State = dict[str, dict[str, dict[str, Any]]]
"""Backends by the global that holds them, account and region."""
_BACKENDS: Final = cast("Any", BackendDict)
_OF_AN_ACCOUNT: Final = cast("Any", AccountSpecificBackend)
_DICT: Final = cast("Any", dict)
_OWN_ATTRIBUTES: Final = frozenset[str](_BACKENDS(object, "").__dict__)
"""What a BackendDict has besides its accounts; its subclasses have indexes of what is in them, such as buckets."""


def dumps() -> tuple[bytes, tuple[str, ...]]:
    """Return everything that moto holds, and the services that cannot be saved. No request may be under way."""
    state, left_out = _held(), list[str]()
    try:
        return _pickled(state), ()
    except Exception:  # noqa: BLE001 - whatever an object raises that cannot be saved
        for place in list(state):
            try:
                _pickled({place: state[place]})
            except Exception:  # noqa: BLE001 - as above
                left_out.append(place.partition(":")[0].split(".")[1])
                del state[place]
    return _pickled(state), tuple(sorted(left_out))


def loads(content: bytes) -> None:
    """Let moto hold what was saved, in place of what it holds of these services."""
    state: _State
    indexes: dict[str, dict[str, Any]]
    state, indexes, callers = pickle.loads(content)  # noqa: S301 - what only this user can have written
    for place, accounts in state.items():
        held = _global(place)
        for name, value in indexes[place].items():
            setattr(held, name, value)
        for account, regions in accounts.items():
            for region, backend in regions.items():
                held[account][region] = backend
    CALLERS.restore(*callers)


def _held() -> _State:
    return {_place(each): {account: dict(regions) for account, regions in each.items()} for each in _in_use()}


def _in_use() -> list[dict[str, Any]]:
    return list(_BACKENDS._instances)  # noqa: SLF001 - moto's own


def _pickled(state: _State) -> bytes:
    indexes: dict[str, dict[str, Any]] = {
        place: {name: value for name, value in _global(place).__dict__.items() if name not in _OWN_ATTRIBUTES}
        for place in state
    }
    out = io.BytesIO()
    _Pickler(out, protocol=pickle.HIGHEST_PROTOCOL).dump((state, indexes, (CALLERS.default, CALLERS.seen())))
    return out.getvalue()


def _place(held: object) -> str:
    """Return the module and name of the global that is this BackendDict."""
    return _places(id(held))


@functools.cache
def _places(identity: int) -> str:
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and name.endswith("models"):
            for attribute, value in vars(module).items():
                if id(value) == identity:
                    return f"{name}:{attribute}"
    message = "a BackendDict of moto that is no global"
    raise pickle.PicklingError(message)


def _global(place: str, account: str = "") -> Any:
    """Return the BackendDict of a place, or what it holds for an account."""
    module, _, name = place.partition(":")
    held = getattr(importlib.import_module(module), name)
    return held[account] if account else held


def _new(make: Callable[[], object]) -> Callable[[object], tuple[Callable[[], object], tuple[()]]]:
    """Return the reduction of what no request holds between two calls: a new one is as good."""
    return lambda _: (make, ())


_REDUCTIONS: Final[dict[type, Callable[[Any], Any]]] = {
    **{type(make()): _new(make) for make in (threading.Lock, threading.RLock, threading.Condition)},
    type(MISSING): lambda _: "MISSING",
    CellType: lambda cell: (CellType, (cell.cell_contents,)),
    ModuleType: lambda module: (importlib.import_module, (module.__name__,)),
    weakref.ref: lambda reference: (weakref.ref, (reference(),)),
    weakref.WeakValueDictionary: lambda refs: (weakref.WeakValueDictionary, (), None, None, iter(list(refs.items()))),
}
"""Of types that pickle cannot reduce."""


class _Pickler(pickle.Pickler):
    """Reduces what pickle cannot: references to moto's globals, locks, keys, and functions without a name."""

    dispatch_table: ClassVar[Any] = ChainMap(_REDUCTIONS, copyreg.dispatch_table)

    def reducer_override(self, obj: Any) -> Any:
        kind: Any = cast("Any", type(obj))
        if issubclass(kind, _BACKENDS):
            return _global, (_place(obj),)
        if kind is _OF_AN_ACCOUNT:
            (held,) = (each for each in _in_use() if each.get(obj.account_id) is obj)
            return _global, (_place(held), obj.account_id)
        if kind is FunctionType and "<" in obj.__qualname__:
            # A lambda, or a function inside another one: it has no name by which it could be found.
            cells = obj.__closure__ or ()
            return _function, (marshal.dumps(obj.__code__), obj.__module__, obj.__name__, obj.__defaults__, cells)
        if hasattr(kind, "private_bytes"):
            form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            return _private_key, (obj.private_bytes(serialization.Encoding.DER, form, plain),)
        if issubclass(kind, dict) and kind.__module__.startswith("moto."):
            return _bare(obj)
        return NotImplemented


def _function(
    code: bytes, module: str, name: str, defaults: tuple[Any, ...] | None, cells: tuple[CellType, ...]
) -> Any:
    return FunctionType(marshal.loads(code), vars(importlib.import_module(module)), name, defaults, cells)  # noqa: S302 - this package's own


def _bare(held: Any) -> Any:
    """Return the reduction of a dict of moto's own class to what it has by itself.

    Some of these classes show only the last of several versions of an item, others take arguments when called.
    """
    items = list(_DICT.items(held))
    state = (held.__dict__, items, getattr(held, "default_factory", None))
    return type(held).__new__, (type(held),), state, None, None, _fill


def _fill(made: Any, state: tuple[dict[str, Any], list[tuple[Any, Any]], Any]) -> None:
    attributes, items, factory = state
    made.__dict__.update(attributes)
    if factory is not None:
        made.default_factory = factory
    _DICT.update(made, items)


def _private_key(der: bytes) -> Any:
    return serialization.load_der_private_key(der, None)
