"""Answer the import of a provider package with a lazy one, or with the stock one and a notice."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, module_from_spec
from threading import RLock
from typing import TYPE_CHECKING, Any

from cdktf_lean import _kernel
from cdktf_lean._difference import UnfamiliarPackageError, notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_PREFIXES = ("cdktf_cdktf_provider_", "cdktn_provider_")


def install() -> None:
    """Make provider packages imported from now on load lazily; further calls do nothing."""
    if any(isinstance(finder, ProviderFinder) for finder in sys.meta_path):
        return
    early = sorted(name for name in sys.modules if _is_provider(name))
    if early:
        notice(f"{', '.join(early)} was imported before cdktf_lean; move `import cdktf_lean` above it")
    sys.meta_path.insert(0, ProviderFinder())
    _postpone("typeguard")
    _kernel.start_early()
    # Not at the top: it imports jsii, during which the kernel starts.
    from cdktf_lean import _pipeline  # noqa: PLC0415

    unfamiliar = _pipeline.install()
    if unfamiliar:
        _kernel.end_early()
        notice(unfamiliar)


def _postpone(name: str) -> None:
    """Have a module executed when something of it is first used.

    The generated bindings import typeguard, and unittest and asyncio with it, for checks that `python -O` leaves out.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    module, pending, one_at_a_time = module_from_spec(spec), [spec.loader.exec_module], RLock()

    def getattr_(attribute: str) -> Any:
        with one_at_a_time:
            while pending:
                pending.pop()(module)
        if attribute not in vars(module):
            message = f"module {name!r} has no attribute {attribute!r}"
            raise AttributeError(message)
        return vars(module)[attribute]

    vars(module)["__getattr__"] = getattr_
    sys.modules[name] = module


class ProviderFinder:
    """Finds provider packages where the other finders find them, and swaps the loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a provider package with a lazy loader, None for anything else."""
        if not _is_provider(fullname):
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = ProviderLoader(spec.loader.name, spec.loader.path)
        elif spec is not None:
            notice(f"{fullname} is not installed as plain source files")
        return spec


class ProviderLoader(SourceFileLoader):
    """Replaces the execution of a provider's `__init__` where that would import every submodule."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module lazily; execute it as it stands if it is lazy itself, or not the kind we know."""
        # Not at the top: it imports jsii, which a program that never imports a provider can do without.
        from cdktf_lean._provider import load_lazily  # noqa: PLC0415

        reason = ""
        try:
            if load_lazily(module):
                return
        except UnfamiliarPackageError as difference:
            reason = str(difference)
        # Outside the handler and before the notice: if the stock import fails too, its error stands alone.
        super().exec_module(module)
        if reason:
            notice(reason)


def _is_provider(fullname: str) -> bool:
    return fullname.startswith(_PREFIXES) and "." not in fullname
