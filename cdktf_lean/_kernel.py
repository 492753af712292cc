"""Start jsii's kernel directly, and before jsii itself is imported: the two then happen at once."""

from __future__ import annotations

import atexit
import os
import platform
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from cdktf_lean._difference import notice

_FILES = ("program.js", "runtime-index-worker.js")
_PRELOAD = Path(__file__).with_name("preload.js")
HOOKS = {
    b"function digestFile(e,...p){return readFileChunks(e,()=>{},...p)}": (
        b"function digestFile(e,...p){const c=()=>readFileChunks(e,()=>{},...p);"
        b"return globalThis.cdktfLeanDigest?globalThis.cdktfLeanDigest(c,e,p):c()}"
    ),
    b"p.ASSEMBLY_SUPPORTED_FEATURES=[": b"p.ASSEMBLY_SUPPORTED_FEATURES=globalThis.cdktfLeanFeatures=[",
    b"const y=new K.UnpackSync(f);": b"const y=new K.UnpackSync(f);globalThis.cdktfLeanUnpack?.(y,f.cwd);",
    b"function loadRuntimeAssembly(e,m){": b"function loadRuntimeAssembly(e,m){globalThis.cdktfLeanIndex?.(e);",
    b"function _LazyTypes_rowOf(e){": (
        b"function _LazyTypes_rowOf(e){"
        b'const p=globalThis.cdktfLeanRow?.(se(this,g,"f"),se(this,_,"f"),se(this,F,"f"),e);if(p!==undefined)return p;'
    ),
    b'(0,ae.readFileSync)(se(this,V,"f"))': b'(globalThis.cdktfLeanParts??ae.readFileSync)(se(this,V,"f"))',
}
"""Where the kernel hashes, unpacks and loads, and how it asks `preload.js` there; any other text is left as it is."""


class Kernel:
    """A running kernel, and the connection to it."""

    def __init__(self, embedded: Path) -> None:
        self.directory = tempfile.TemporaryDirectory(prefix="cdktf-lean-", ignore_cleanup_errors=True)
        library = Path(self.directory.name, "lib")
        library.mkdir()
        for name in _FILES:
            (library / name).write_bytes(_hooked((embedded / f"lib__{name}").read_bytes()))
        # What Node deprecates in the code of jsii and cdktf is nothing that their user could mend.
        flags = ("--max-old-space-size=4069", "--preserve-symlinks", "--no-deprecation", *_frugal())
        preload = ("--require", str(_PRELOAD)) if _PRELOAD.is_file() else ()
        node = (os.environ.get("JSII_NODE", "node"), *flags, *preload)
        self.connection, theirs = socket.socketpair()
        with theirs:
            # The kernel talks on descriptor 3, both ways, and only a shell sets that without a race.
            self.process = subprocess.Popen(
                ("/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh", *node, str(library / "program.js")),
                stdin=theirs.fileno(),
                env={
                    "MALLOC_ARENA_MAX": "1",
                    **os.environ,
                    "JSII_AGENT": f"Python/{platform.python_version()}",
                    **_cached(),
                },
            )

    def end(self) -> None:
        """End a kernel that nobody has talked to, and that has nothing to lose."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        self.directory.cleanup()


def _frugal() -> list[str]:
    """Return the option of Node that saves memory and costs no time, unless the user has set it."""
    own = os.environ.get("NODE_OPTIONS", "").replace("_", "-")
    return [] if "--v8-pool-size" in own else ["--v8-pool-size=1"]


def _hooked(script: bytes) -> bytes:
    for text, hook in HOOKS.items():
        script = script.replace(text, hook)
    return script


def _cached() -> dict[str, str]:
    """Return what tells the kernel where to keep things: beside the packages that jsii has unpacked."""
    own = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    default = "Library/Caches/com.amazonaws.jsii" if sys.platform == "darwin" else ".cache/aws/jsii"
    # pathlib raises where there is no home; this cannot then be written, and that is all.
    root = Path(own) if own else Path(os.path.expanduser("~"), default, "package-cache")  # noqa: PTH111
    if own or os.environ.get("JSII_RUNTIME_PACKAGE_CACHE") == "disabled" or _can_be_written(root):
        return {"CDKTF_LEAN_COMPILED": str(root / "cdktf-lean")}
    notice(f"{root} cannot be written, so every run unpacks the packages anew")
    return {"JSII_RUNTIME_PACKAGE_CACHE": "disabled"}


def _can_be_written(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that is there, lets this user write."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return os.access(there, os.W_OK | os.X_OK)


_waiting: list[Kernel] = []


def start_early() -> None:
    """Start a kernel for whoever takes it, unless jsii was imported already and may have its own."""
    if "jsii" in sys.modules:
        return
    kernel = start()
    if kernel:
        _waiting.append(kernel)
        atexit.register(end_early)


def end_early() -> None:
    """End the kernel that was started early, if nobody has taken it."""
    while _waiting:
        _waiting.pop().end()


def take() -> Kernel | None:
    """Return the kernel that was started early, or a new one; None where only stock jsii knows how."""
    return _waiting.pop() if _waiting else start()


def start() -> Kernel | None:
    """Start a kernel without the Node process that stock jsii puts before it to relay each message.

    None where that cannot be done: not on POSIX, with a JSII_RUNTIME of the user's own, or with another jsii.
    """
    jsii = find_spec("jsii")
    if os.name != "posix" or "JSII_RUNTIME" in os.environ or jsii is None or jsii.origin is None:
        return None
    embedded = Path(jsii.origin).parent / "_embedded" / "jsii"
    if not all((embedded / f"lib__{name}").is_file() for name in _FILES):
        return None
    try:
        return Kernel(embedded)
    except OSError:
        return None
