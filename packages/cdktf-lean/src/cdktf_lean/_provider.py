"""Fill a provider module with names that import their submodule when first used."""

from __future__ import annotations

import io
import json
import re
import tarfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import jsii
from jsii.errors import JSIIError

from cdktf_lean._difference import UnfamiliarPackageError, notice
from cdktf_lean._folder import Folder
from cdktf_lean._pipeline import excuse

if TYPE_CHECKING:
    from types import ModuleType

# The first release whose kernel reads single types from an index instead of the whole assembly.
_OLDEST_JSII = (1, 139)


# Its files are read when the kernel gets to them, which is later.
_FOLDER = Folder()


class _Layout(NamedTuple):
    npm_name: str
    submodules: list[str]
    is_lazy: bool
    """True if `__init__` itself imports its submodules on demand, as jsii has generated it since 1.141."""


def load_lazily(module: ModuleType) -> bool:
    """Give `module`, a provider package not executed yet, its submodules on demand.

    Return False if it does that itself and is to be executed; the kernel is prepared for it either way.
    Raises UnfamiliarPackageError, with nothing changed, when the package or jsii is not as expected.
    """
    layout = _read_layout(module)
    modules_by_fqn = _jsii_module_map()
    _load_hook(layout.npm_name)
    if layout.is_lazy:
        return False
    import_module(f"{module.__name__}._jsii")
    modules_by_fqn.update(
        (f"{layout.npm_name}.{camel_case(name)}", f"{module.__name__}.{name}") for name in layout.submodules
    )
    _publish(module, layout.submodules)
    return True


def _publish(module: ModuleType, submodules: list[str]) -> None:
    known = frozenset(submodules)

    def getattr_(name: str) -> ModuleType:
        if name not in known:
            message = f"module {module.__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        return import_module(f"{module.__name__}.{name}")

    def dir_() -> list[str]:
        return sorted(known.union(vars(module)))

    vars(module).update(__all__=submodules, __getattr__=getattr_, __dir__=dir_)


def _read_layout(module: ModuleType) -> _Layout:
    root = Path(str(module.__file__)).parent
    try:
        source = (root / "__init__.py").read_text("utf-8")
        assembly = re.search(r'JSIIAssembly\.load\(\s*"([^"]+)"', (root / "_jsii/__init__.py").read_text("utf-8"))
    except OSError as error:
        message = f"{module.__name__} lacks {error.filename}"
        raise UnfamiliarPackageError(message) from error
    public = re.search(r"^__all__ = \[\n(.*?)^\]", source, re.MULTILINE | re.DOTALL)
    submodules = re.findall(r'^    "(\w+)",$', public[1], re.MULTILINE) if public else []
    imported = re.findall(r"^from \. import (\w+)$", source, re.MULTILINE)
    is_lazy = "\n_SUBMODULES = {\n" in source and not imported
    is_list = bool(submodules) and (is_lazy or submodules == sorted(imported)) and "\nclass " not in source
    if assembly is None or not is_list:
        message = f"{module.__name__} is not the list of submodules that a prebuilt provider is"
        raise UnfamiliarPackageError(message)
    return _Layout(assembly[1], submodules, is_lazy)


def _jsii_module_map() -> dict[str, str]:
    """Return jsii's own table of submodules, which it imports when it meets an object of theirs."""
    if tuple(int(part) for part in jsii.__version__.split(".")[:2]) < _OLDEST_JSII:
        message = f"jsii {jsii.__version__} is older than {'.'.join(map(str, _OLDEST_JSII))}"
        raise UnfamiliarPackageError(message)
    table = getattr(import_module("jsii._reference_map"), "_submodule_fqn_map", None)
    if not isinstance(table, dict):
        message = f"jsii {jsii.__version__} has no table of submodules"
        raise UnfamiliarPackageError(message)
    return cast("dict[str, str]", table)


def camel_case(snake: str) -> str:
    """Return the jsii namespace that a Python submodule was generated from."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), snake)


def _load_hook(provider: str) -> None:
    """Have the kernel run `index.js`, as the main file of an assembly without types."""
    name = f"@cdktf-lean/{provider.lstrip('@').replace('/', '-')}"
    version = "1.0.0"
    package = {"name": name, "version": version, "main": "index.js", "cdktfLean": {"provider": provider}}
    assembly = {
        "schema": "jsii/0.10.0",
        "name": name,
        "version": version,
        "description": "Loads a CDKTF provider lazily",
        "license": "MIT",
        "homepage": "none",
        "repository": {"type": "none", "url": "none"},
        "author": {"name": "none", "roles": ["author"]},
        "fingerprint": "none",
        "jsiiVersion": "5.0.0",
        "types": {},
    }
    files = {
        "package.json": json.dumps(package).encode(),
        ".jsii": json.dumps(assembly).encode(),
        "index.js": Path(__file__).with_name("index.js").read_bytes(),
    }
    tarball = Path(_FOLDER.path, f"{provider.replace('/', '-')}.tar")
    with tarfile.open(tarball, "w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    excuse(name, lambda error: notice(f"the jsii kernel refused the lazy loader ({error})"))
    try:
        jsii.load(name, version, str(tarball))
    except (JSIIError, RuntimeError) as error:
        message = f"the jsii kernel refused the lazy loader ({error})"
        raise UnfamiliarPackageError(message) from error
