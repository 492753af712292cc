"""Other surroundings: on Windows' paths, in several workers of pytest at once, and where a thread fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from cdktf_lean import _kernel

from lean_programs import SOURCE, node_with
from test_lazy_import import LEAN, LOADED

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    import pytest

    from lean_programs import Run

# Runs index.js as Node runs a package's main file on Windows, and prints what it stands in for and what it then loads.
ON_WINDOWS = r"""
const { readFileSync } = require('fs'); const { win32 } = require('path'); const vm = require('vm'); const seen = [];
class Module {}
const modules = { path: win32, module: Module, './package.json': { cdktfLean: { provider: '@cdktf/provider-aws' } } };
modules.fs = { existsSync: () => true, accessSync: () => { throw new Error('read only'); } };
function require_(name) { if (!modules[name]) seen.push(name); return modules[name] ?? { provider: {} }; }
require_.cache = {};
const index = vm.runInThisContext(require('module').wrap(readFileSync(process.argv[1], 'utf8')));
index({}, require_, {}, process.argv[2] + '\\index.js', process.argv[2]);
const [[eager, standIn]] = Object.entries(require_.cache);
console.log(JSON.stringify([eager, standIn.filename, typeof standIn.exports.provider, seen]));
"""
# Enters providers as the kernel does in a first run, and ends; threads index all but the last, and later the last one.
MANY_PROVIDERS = """
const fs = require('fs'); const path = require('path'); const { Worker } = require('worker_threads');
const [, modules, ...numbers] = process.argv;
const indexes = numbers.map((number) => path.join(modules, '@cdktf', `provider-${number}`, '.jsii.runtime.v1.json'));
process.on('exit', () => console.log(indexes.every((file) => fs.existsSync(file))));
for (const number of numbers) {
  require(path.join(modules, '@cdktf-lean', `provider-${number}`, 'index.js'));
  require(path.join(modules, '@cdktf', `provider-${number}`, 'lib', 'index.js'));
}
const last = indexes.pop();
for (const file of indexes) fs.writeFileSync(file, '');
const write = "const { workerData } = require('worker_threads'); require('fs').writeFileSync(workerData, '');";
new Worker(write, { eval: true, workerData: last }).unref();
"""
IN_EACH_WORKER = """
import json, os, subprocess, sys
import cdktf_lean
import pytest

@pytest.mark.parametrize("number", range(4))
def test_it(number, worker_id):
    from {package}.alpha_thing import AlphaThing
    assert AlphaThing().loaded == ["alpha-thing.js"]
    print(f"ran in {{worker_id}}")
"""
# Has the thread fail that indexes a package while it is unpacked; jsii's own, which comes later, is left alone.
FAILING_THREAD = """
const threads = require('worker_threads'); const { Worker } = threads; let times = 0;
threads.Worker = class extends Worker {
  constructor(code, options) {
    const { workerData } = options;
    times += workerData.script ? 1 : 0;
    super(code, workerData.script ? { ...options, workerData: { ...workerData, script: './absent.js' } } : options);
  }
};
if (threads.isMainThread) process.on('exit', () => console.error('failed:', times));
"""


def test_index_js_stands_in_for_the_right_file_on_windows() -> None:
    """Node names a loaded file by its whole path, and there with a drive, backslashes and maybe a space."""
    modules = r"C:\Users\A User\AppData\Local\Temp\jsii-kernel-x\node_modules"
    script = SOURCE / "cdktf_lean" / "index.js"
    command = ("node", "-e", ON_WINDOWS, str(script), rf"{modules}\@cdktf-lean\cdktf-provider-aws")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    library = rf"{modules}\@cdktf\provider-aws\lib"
    eager, lazy = rf"{library}\index.js", rf"{library}\lazy-index.js"
    assert json.loads(done.stdout) == [eager, eager, "object", [lazy]]


def test_a_program_with_many_new_providers_is_not_warned_of_their_number(tmp_path: Path) -> None:
    """Node warns of more than ten listeners for one event. The one that there is waits until all are indexed."""
    numbers, modules = [str(number) for number in range(12)], tmp_path / "node_modules"
    for number in numbers:
        entry, hook = tmp_path / "cache" / number, modules / "@cdktf-lean" / f"provider-{number}"
        (entry / "lib").mkdir(parents=True)
        for name in ("index.js", "lazy-index.js"):
            (entry / "lib" / name).write_text("exports.provider = {};")
        (modules / "@cdktf").mkdir(parents=True, exist_ok=True)
        (modules / "@cdktf" / f"provider-{number}").symlink_to(entry)
        hook.mkdir(parents=True)
        (hook / "index.js").write_text((SOURCE / "cdktf_lean" / "index.js").read_text())
        (hook / "package.json").write_text(json.dumps({"cdktfLean": {"provider": f"@cdktf/provider-{number}"}}))
    command = ("node", "--preserve-symlinks", "-e", MANY_PROVIDERS, str(modules), *numbers)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("true\n", "")


def test_on_windows_the_kernel_is_started_as_stock_jsii_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Descriptor 3 and a shell are POSIX's."""
    monkeypatch.setattr(_kernel, "os", SimpleNamespace(name="nt", environ=os.environ))
    assert _kernel.start() is None


def test_workers_of_pytest_may_fill_one_cache_at_once(fake_site: Path, tmp_path: Path) -> None:
    """Two of pytest-xdist's, each with a kernel of its own, begin with a cache in which nothing is."""
    (tmp_path / "test_it.py").write_text(IN_EACH_WORKER.format(package="cdktf_cdktf_provider_fake"))
    done = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-n", "2", "-rP", "-p", "no:cacheprovider", "test_it.py"),
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(SOURCE), str(fake_site)]),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert "ran in gw0" in done.stdout
    assert "ran in gw1" in done.stdout
    assert "cdktf_lean:" not in done.stdout + done.stderr


def test_where_the_thread_that_indexes_a_new_package_fails_jsii_does_what_it_always_does(
    run: Run, tmp_path: Path
) -> None:
    """It parses the package, and has it indexed by a thread of its own, for later runs."""
    variables = {**node_with(FAILING_THREAD, tmp_path), "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache")}
    first = run("-c", LOADED, **variables)
    assert first.answer == LEAN
    assert "failed: 1" in first.stderr
    (index,) = (tmp_path / "cache").glob("@cdktf/provider-fake/*/*/.jsii.runtime-index.v1")
    assert index.stat().st_size > 100_000
    again = run("-c", LOADED, **variables)
    assert again.answer == LEAN
    assert "failed: 0" in again.stderr
