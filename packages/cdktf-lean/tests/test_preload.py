"""The kernel's memory between runs, also where it is damaged or cannot be kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from cdktf_lean import _kernel

from lean_programs import SOURCE, node_with
from test_lazy_import import LEAN, LOADED

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from lean_programs import Run

PRELOAD = SOURCE / "cdktf_lean" / "preload.js"
COMPILED_BY_OTHERS = """
const Module = require('module'); const compile = Module.prototype._compile; const seen = [];
Module.prototype._compile = function (content, filename) {
  seen.push(filename); return compile.apply(this, arguments);
};
process.on('exit', () => console.error('compiled', seen.filter((each) => each.endsWith('program.js')).length));
"""
ASSET = """
import cdktf_lean, sys
from cdktf import App, AssetType, TerraformAsset, TerraformStack
app = App(outdir=sys.argv[2])
asset = TerraformAsset(TerraformStack(app, "it"), "asset", path=sys.argv[1], type=AssetType.ARCHIVE)
app.synth()
"""
COUNT_LARGE_PARSES = """
const parse = JSON.parse; let times = 0;
JSON.parse = function (text) { if (text.length > 1e6) times += 1; return parse.apply(this, arguments); };
if (require('worker_threads').isMainThread) process.on('exit', () => console.error('large parses:', times));
"""
TELL_DEFINITIONS = """
const fs = require('fs'); const read = fs.readFileSync; let times = 0;
fs.readFileSync = function (file) {
  if (String(file).includes('runtime-defs')) times += 1;
  return read.apply(this, arguments);
};
process.on('exit', () => console.error('read whole:', times));
"""
HASH = """
let times = 0;
const compute = () => { times += 1; return Buffer.from(process.argv[1]); };
const hash = (comment) => globalThis.cdktfLeanDigest(compute, process.argv[2], [comment]).toString();
const found = ['a', 'a', 'b'].map(hash);
console.log(JSON.stringify([found, times]));
"""

REQUIRE = """
for (const script of process.argv.slice(1)) require(script);
console.log('[]');
"""
MOST_KEPT = 33_554_432
FIND = """
const names = process.argv[1].split(' '); const index = Buffer.from(`..${names.join('\\n')}more`);
const row = (name) => globalThis.cdktfLeanRow(index, 2, index.length - 6, name) ?? 'jsii looks';
console.log(JSON.stringify([...names, '', 'a', 'b.', 'b.bc', 'z', 'zmore'].map(row)));
"""


def kept(cache: Path) -> dict[str, int]:
    """Return when each file was written in which compiled scripts are kept."""
    folder = cache / "cdktf-lean"
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "digests.json"]
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in files}


def test_what_was_compiled_once_is_not_compiled_again(run: Run, tmp_path: Path) -> None:
    """The first run keeps it, and the second one finds nothing new to keep."""
    assert run("-c", LOADED, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path)).answer == LEAN
    first = kept(tmp_path)
    assert first
    assert run("-c", LOADED, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path)).answer == LEAN
    assert kept(tmp_path) == first


def test_what_is_damaged_is_made_anew(run: Run, tmp_path: Path) -> None:
    """Cut off, overwritten or empty: nothing is said, and nothing of it is used."""
    variables = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path)}
    assert run("-c", LOADED, **variables).answer == LEAN
    folder = tmp_path / "cdktf-lean"
    for damage in ("cut off", "overwritten", "empty"):
        for name in kept(tmp_path):
            content = (folder / name).read_bytes()
            left = {"cut off": content[:-100], "overwritten": bytes(len(content)), "empty": b""}
            (folder / name).write_bytes(left[damage])
        (folder / "digests.json").write_text('{"')
        result = run("-c", LOADED, **variables)
        assert result.answer == LEAN
        assert result.stderr == ""


def test_whoever_changes_how_modules_load_is_left_alone(run_fake: Run, tmp_path: Path) -> None:
    """A script of the user's own in NODE_OPTIONS sees the kernel being compiled."""
    script = tmp_path / "a script.js"
    script.write_text(COMPILED_BY_OTHERS)
    result = run_fake("-c", LOADED, NODE_OPTIONS=f'--require="{script}"')
    assert result.answer == LEAN
    assert "compiled 1" in result.stderr


def test_paths_may_have_spaces(fake_site: Path, tmp_path: Path) -> None:
    """Of the package itself, of the cache, of temporary files and of the home."""
    spaced = tmp_path / "a folder"
    shutil.copytree(SOURCE / "cdktf_lean", spaced / "cdktf_lean")
    (spaced / "tmp").mkdir()
    variables = {"TMPDIR": "tmp", "HOME": "home", "JSII_RUNTIME_PACKAGE_CACHE_ROOT": "cache"}
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={
            **os.environ,
            **{name: str(spaced / folder) for name, folder in variables.items()},
            "PYTHONPATH": os.pathsep.join([str(spaced), str(fake_site)]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == LEAN
    assert done.stderr == ""
    assert kept(spaced / "cache")


def test_an_archive_is_made_by_the_module_that_waited_for_it(run: Run, tmp_path: Path) -> None:
    source, output = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    (source / "handler.txt").write_text("what it does")
    done = run("-c", ASSET, str(source), str(output))
    assert done.exit_code == 0, done.stderr
    (archive,) = output.rglob("*.zip")
    with ZipFile(archive) as opened:
        assert opened.read("handler.txt") == b"what it does"


def test_the_first_run_parses_no_large_assembly_beside_the_thread_that_indexes_it(run: Run, tmp_path: Path) -> None:
    """And leaves in jsii's cache, byte for byte, what is there after a run without that."""
    counting = node_with(COUNT_LARGE_PARSES, tmp_path)
    caches: list[dict[str, bytes]] = []
    for name, options, parses in (("lean", "", 0), ("stock", f"--require={tmp_path / 'first.js'}", 1)):
        cache = tmp_path / name
        variables = {**counting, "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache), "NODE_OPTIONS": options}
        result = run("-c", LOADED, **variables)
        assert result.answer == LEAN
        assert f"large parses: {parses}" in result.stderr
        caches.append(unpacked(cache / "@cdktf"))
    lean, stock = caches
    assert len(lean) >= 8
    assert lean == stock


def test_of_the_definitions_of_a_packages_types_only_those_in_use_are_read(run: Run, tmp_path: Path) -> None:
    """Stock jsii reads all, of AWS 33 MB, in every run but the first."""
    telling = node_with(TELL_DEFINITIONS, tmp_path)
    assert run("-c", LOADED).answer == LEAN
    for options, told in (("", "read whole: 0\n"), (f"--require={tmp_path / 'first.js'}", "read whole: 1\n")):
        result = run("-c", LOADED, **telling, NODE_OPTIONS=options)
        assert result.answer == LEAN
        assert result.stderr.endswith(told)


def unpacked(folder: Path) -> dict[str, bytes]:
    """Return the files of a package cache."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_places_where_the_kernel_asks_are_those_of_the_installed_jsii() -> None:
    """Each is there once. In another jsii they may be missing: it then does what it always does."""
    spec = find_spec("jsii")
    assert spec is not None
    assert spec.origin is not None
    program = (Path(spec.origin).parent / "_embedded" / "jsii" / "lib__program.js").read_bytes()
    assert [program.count(text) for text in _kernel.HOOKS] == [1] * 7


def test_what_saves_memory_gives_way_to_the_users_own_options(run_fake: Run, tmp_path: Path) -> None:
    """Node takes the command line before NODE_OPTIONS, so an option that is set there is not given again."""
    node = tmp_path / "node"
    node.write_text('#!/bin/sh\necho "given:" "$@" "$MALLOC_ARENA_MAX" >&2\nexec node "$@"\n')
    node.chmod(0o755)
    usual = run_fake("-c", LOADED, JSII_NODE=str(node), NODE_OPTIONS="")
    own = {"NODE_OPTIONS": "--v8_pool_size=2", "MALLOC_ARENA_MAX": "4"}
    users = run_fake("-c", LOADED, JSII_NODE=str(node), **own)
    assert usual.answer == users.answer == LEAN
    assert "--v8-pool-size=1 " in usual.stderr
    assert usual.stderr.splitlines()[0].endswith(" 1")
    assert "--v8-pool-size" not in users.stderr
    assert users.stderr.splitlines()[0].endswith(" 4")


def test_a_large_archive_is_hashed_once_until_it_changes(tmp_path: Path) -> None:
    """For each thing that is hashed with it; a small one is hashed each time."""
    large, small = tmp_path / "large.tgz", tmp_path / "small.tgz"
    large.write_bytes(bytes(5_000_000))
    small.write_bytes(bytes(1_000))
    assert hashed(large, "first", tmp_path) == [["first", "first", "first"], 2]
    assert hashed(large, "second", tmp_path) == [["first", "first", "first"], 0]
    large.write_bytes(bytes(5_000_001))
    assert hashed(large, "third", tmp_path) == [["third", "third", "third"], 2]
    assert hashed(small, "fourth", tmp_path) == [["fourth", "fourth", "fourth"], 3]


def test_no_program_keeps_more_than_32_mib_of_compiled_scripts_for_all_others(tmp_path: Path) -> None:
    """One whose provider is loaded whole has 254 MB, which every later run of every program would read."""
    small, large = script(tmp_path, "small", 1_000), script(tmp_path, "large", MOST_KEPT)
    preloaded(REQUIRE, small, folder=tmp_path)
    (file,) = (tmp_path / "kept").iterdir()
    before = file.read_bytes()
    assert 1_000 < len(before) < 100_000
    preloaded(REQUIRE, small, large, folder=tmp_path)
    assert file.read_bytes() == before


def test_what_one_program_keeps_makes_place_for_another_below_32_mib(tmp_path: Path) -> None:
    """What the last one used is kept, and of the others as much as there is place for."""
    small = script(tmp_path, "small", 1_000)
    medium, other = (script(tmp_path, name, MOST_KEPT * 2 // 3) for name in ("medium", "other"))
    preloaded(REQUIRE, small, medium, folder=tmp_path)
    (file,) = (tmp_path / "kept").iterdir()
    assert MOST_KEPT * 2 // 3 < file.stat().st_size < MOST_KEPT
    preloaded(REQUIRE, other, folder=tmp_path)
    assert MOST_KEPT * 2 // 3 < file.stat().st_size < MOST_KEPT
    assert b"other" in file.read_bytes()
    before = file.stat().st_mtime_ns
    preloaded(REQUIRE, small, other, folder=tmp_path)
    assert file.stat().st_mtime_ns == before


def test_a_file_of_more_than_32_mib_is_not_used_and_a_small_one_takes_its_place(tmp_path: Path) -> None:
    """An earlier version of this left it, whole and valid."""
    small = script(tmp_path, "small", 1_000)
    preloaded(REQUIRE, small, folder=tmp_path)
    (file,) = (tmp_path / "kept").iterdir()
    rest = file.read_bytes()[32:] + bytes(MOST_KEPT)
    file.write_bytes(hashlib.sha256(rest).digest() + rest)
    preloaded(REQUIRE, small, folder=tmp_path)
    assert 1_000 < file.stat().st_size < 100_000


def test_what_a_killed_process_had_begun_to_write_is_removed(tmp_path: Path) -> None:
    """What another is writing at the moment is left alone."""
    small, another = script(tmp_path, "small", 1_000), script(tmp_path, "another", 1_000)
    preloaded(REQUIRE, small, folder=tmp_path)
    (file,) = (tmp_path / "kept").iterdir()
    with subprocess.Popen(("true",)) as ended:
        pass
    abandoned, written = (file.with_name(f"{file.name}.{pid}") for pid in (ended.pid, os.getpid()))
    abandoned.touch()
    written.touch()
    preloaded(REQUIRE, small, another, folder=tmp_path)
    assert set(file.parent.iterdir()) == {file, written}


def test_what_others_could_have_written_is_not_used_but_replaced(tmp_path: Path) -> None:
    """Compiled code is executed: jsii, too, refuses packages that others could have changed."""
    small = script(tmp_path, "small", 1_000)
    preloaded(REQUIRE, small, folder=tmp_path)
    (file,) = (tmp_path / "kept").iterdir()
    assert file.stat().st_mode & 0o777 == 0o644
    preloaded(REQUIRE, small, folder=tmp_path)
    before = file.stat().st_mtime_ns
    file.chmod(0o664)
    preloaded(REQUIRE, small, folder=tmp_path)
    assert file.stat().st_mode & 0o777 == 0o644
    assert file.stat().st_mtime_ns != before


def script(folder: Path, name: str, characters: int) -> str:
    """Return a script whose compiled form is a little larger than the text that it holds."""
    file = folder / f"{name}.js"
    file.write_text(f"module.exports = '{name * (characters // len(name))}';")
    return str(file)


def hashed(archive: Path, digest: str, folder: Path) -> list[object]:
    """Return what a process is told to be the archive's digest, and how often it was computed."""
    return preloaded(HASH, digest, str(archive), folder=folder)


def test_a_type_is_found_by_its_name_where_the_names_are_in_order(tmp_path: Path) -> None:
    """Each of them, and no other; jsii's own map is asked for all that is not found."""
    looks = "jsii looks"
    assert found("a.A b.B b.BB b.b", tmp_path) == [0, 1, 2, 3, *[looks] * 6]
    assert found("b.B", tmp_path) == [0, *[looks] * 6]
    assert found("b.B a.A", tmp_path) == [0, looks, *[looks] * 6]


def found(names: str, folder: Path) -> list[object]:
    """Return in which rows a process finds these names, and then some that are not there."""
    return preloaded(FIND, names, folder=folder)


def preloaded(script: str, *arguments: str, folder: Path) -> list[object]:
    """Return what a script prints, in a process that has `preload.js` and keeps in the folder what that keeps."""
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, "--require", str(PRELOAD), "-e", script, *arguments],
        env={**os.environ, "CDKTF_LEAN_COMPILED": str(folder / "kept")},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))
