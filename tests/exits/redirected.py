"""Runs a program with its imports answered by other packages: `redirected.py NAME=OTHER,... PROGRAM ARGUMENT...`.

It stands alone, because the interpreter of an exit's own environment runs it. The lean import is off: an exit is to
work without it.
"""

import importlib
import runpy
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Redirection(MetaPathFinder, Loader):
    """An import hook that answers a package, and every module in it, with the module of that place in another one."""

    def __init__(self, others: Mapping[str, str]) -> None:
        """others: the package that answers, by the name that is imported."""
        self._others = others
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a module of a package that another one answers, None for any other module."""
        del path, target
        package = fullname.partition(".")[0]
        return ModuleSpec(fullname, self) if package in self._others else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that answers."""
        package, dot, rest = spec.name.partition(".")
        module = importlib.import_module(f"{self._others[package]}{dot}{rest}")
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back, which the import has just replaced; its code has run already."""
        spec = module.__spec__
        assert spec
        module.__spec__ = self._specs[spec.name]


def main() -> None:
    """Run the program that the command line names."""
    others = dict(pair.split("=") for pair in sys.argv[1].split(",") if pair)
    sys.meta_path.insert(0, Redirection(others))
    sys.modules["cdktf_lean"] = ModuleType("cdktf_lean")
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
