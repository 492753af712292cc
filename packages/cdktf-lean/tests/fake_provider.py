"""Writes a provider package of two resources, laid out like a prebuilt one, where the tests want it.

CDK Terrain's is as jsii has generated it since 1.141: its Python imports submodules on demand, its Node does not.
"""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "cdktf_cdktf_provider_fake"
TERRAIN_PACKAGE = "cdktn_provider_fake"
_NPM = "@cdktf/provider-fake"
_TERRAIN_NPM = "@cdktn/provider-fake"
_LIST_OF_STRINGS = {"collection": {"elementtype": {"primitive": "string"}, "kind": "array"}}

_ROOT = """
from ._jsii import *

__all__ = [
    "alpha_thing",
    "beta_thing",
]

import publication
publication.publish()

from . import alpha_thing
from . import beta_thing
"""
_TERRAIN_ROOT = """
'Two resources.'
import importlib as _importlib
import typing

import publication

from ._jsii import *

__all__ = [
    "alpha_thing",
    "beta_thing",
]

if typing.TYPE_CHECKING:
    pass
    from . import alpha_thing as alpha_thing
    from . import beta_thing as beta_thing

publication.publish()

_SUBMODULES = {
    "alpha_thing",
    "beta_thing",
}

def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        mod = _importlib.import_module(f".{name}", __name__)
        globals()[name] = mod
        return mod
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

def __dir__() -> "list[str]":
    return [*__all__, *_SUBMODULES]

import sys as _sys
setattr(_sys.modules[__name__], "__getattr__", __getattr__)
setattr(_sys.modules[__name__], "__dir__", __dir__)
"""
_TERRAIN_MAP = f"""
_SUBMODULE_FQN_MAP = {{
    "{_NPM}.alphaThing": "{TERRAIN_PACKAGE}.alpha_thing",
    "{_NPM}.betaThing": "{TERRAIN_PACKAGE}.beta_thing",
}}
"""
_ASSEMBLY = f"""
import jsii
__jsii_assembly__ = jsii.JSIIAssembly.load("{_NPM}", "1.0.0", __name__[0:-6], "fake@1.0.0.jsii.tgz")
__all__ = ["__jsii_assembly__"]
"""
_ALPHA = f"""
import jsii
class AlphaThing(metaclass=jsii.JSIIMeta, jsii_type="{_NPM}.alphaThing.AlphaThing"):
    def __init__(self):
        jsii.create(self.__class__, self, [])
    @property
    @jsii.member(jsii_name="beta")
    def beta(self):
        return jsii.get(self, "beta")
    @property
    @jsii.member(jsii_name="loaded")
    def loaded(self):
        return jsii.get(self, "loaded")
"""
_BETA = f"""
import jsii
class BetaThing(metaclass=jsii.JSIIMeta, jsii_type="{_NPM}.betaThing.BetaThing"):
    pass
"""
_EAGER_JS = "exports.alphaThing = require('./alpha-thing'); exports.betaThing = require('./beta-thing');"
_LAZY_JS = """
Object.defineProperty(exports, 'alphaThing', { get: function () { return require('./alpha-thing'); } });
Object.defineProperty(exports, 'betaThing', { get: function () { return require('./beta-thing'); } });
"""
_ALPHA_JS = """
const path = require('path');
const tag = Symbol.for('jsii.rtti');
class AlphaThing {
  get beta() { const { BetaThing } = require('./beta-thing'); return new BetaThing(); }
  get loaded() {
    return Object.keys(require.cache).filter((file) => require.cache[file].exports && file.includes('-thing'))
      .map((file) => path.basename(file));
  }
}
AlphaThing[tag] = { fqn: '@cdktf/provider-fake.alphaThing.AlphaThing', version: '1.0.0' };
exports.AlphaThing = AlphaThing;
"""
_BETA_JS = """
class BetaThing {}
BetaThing[Symbol.for('jsii.rtti')] = { fqn: '@cdktf/provider-fake.betaThing.BetaThing', version: '1.0.0' };
exports.BetaThing = BetaThing;
"""


def write_fake_provider(site: Path, *, lazy_index: bool = True, terrain: bool = False) -> Path:
    """Write the package below `site`, CDK Terrain's if that is wanted, and return `site`."""
    package = site / (TERRAIN_PACKAGE if terrain else PACKAGE)
    sources = {
        "__init__": _TERRAIN_ROOT if terrain else _ROOT,
        "_jsii/__init__": _TERRAIN_MAP + _ASSEMBLY if terrain else _ASSEMBLY,
        "alpha_thing/__init__": _ALPHA,
        "beta_thing/__init__": _BETA,
    }
    scripts = {"index.js": _EAGER_JS, "alpha-thing.js": _ALPHA_JS, "beta-thing.js": _BETA_JS}
    if lazy_index:
        scripts["lazy-index.js"] = _LAZY_JS
    # The assembly is first, as in a real package.
    files = {".jsii": json.dumps(_assembly()), **{f"lib/{name}": text for name, text in scripts.items()}}
    files["package.json"] = json.dumps({"name": _NPM, "version": "1.0.0", "main": "lib/index.js"})
    if terrain:
        sources, files = (
            {name: text.replace(_NPM, _TERRAIN_NPM) for name, text in each.items()} for each in (sources, files)
        )
    for name, source in sources.items():
        file = package / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    with tarfile.open(package / "_jsii/fake@1.0.0.jsii.tgz", "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return site


def _assembly() -> dict[str, object]:
    properties: list[dict[str, object]] = [
        {"name": "beta", "immutable": True, "type": {"fqn": f"{_NPM}.betaThing.BetaThing"}},
        {"name": "loaded", "immutable": True, "type": _LIST_OF_STRINGS},
    ]
    types = [_class("alphaThing", "AlphaThing", properties), _class("betaThing", "BetaThing", [])]
    # Enough of them that jsii's indexing outlasts the program, as it does with a real provider.
    types += [_class("padding", f"Padding{number}", properties) for number in range(5_000)]
    return {
        "schema": "jsii/0.10.0",
        "name": _NPM,
        "version": "1.0.0",
        "jsiiVersion": "5.0.0",
        "types": {str(type_["fqn"]): type_ for type_ in types},
    }


def _class(namespace: str, name: str, properties: list[dict[str, object]]) -> dict[str, object]:
    return {
        "assembly": _NPM,
        "fqn": f"{_NPM}.{namespace}.{name}",
        "kind": "class",
        "name": name,
        "namespace": namespace,
        "initializer": {},
        "properties": properties,
    }
