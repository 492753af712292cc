"""Start jsii's kernel directly, and before jsii itself is imported: the two then happen at once."""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from cdktf_lean._folder import Folder, temporary_folder

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
    b"try{return(Z?extractViaCache:extractToOutDir)(e,p,m,...f)}": (
        b"try{try{return(Z?extractViaCache:extractToOutDir)(e,p,m,...f)}"
        b"catch(r){if(!(r instanceof PackageCacheError&&globalThis.cdktfLeanUncached?.(r)))throw r;"
        b"Z=!1;(0,B.rmSync)(p,{force:!0,recursive:!0});return extractToOutDir(e,p,m)}}"
    ),
    b'(0,ae.readFileSync)(se(this,V,"f"))': b'(globalThis.cdktfLeanParts??ae.readFileSync)(se(this,V,"f"))',
}
"""Where the kernel hashes, unpacks and loads, and how it asks `preload.js` there; any other text is left as it is."""


class KernelError(SystemExit):
    """The kernel cannot be started, or has ended; where nothing catches this, the program ends with its one line."""

    def __init__(self, message: str) -> None:
        super().__init__(f"cdktf_lean: {message}")


class Kernel:
    """A running kernel, and the connection to it."""

    def __init__(self, embedded: Path) -> None:
        self.owner = os.getpid()
        self.folder = Folder()
        library = self.folder.path / "lib"
        library.mkdir()
        for name in _FILES:
            (library / name).write_bytes(_hooked((embedded / f"lib__{name}").read_bytes()))
        # What Node deprecates in the code of jsii and cdktf is nothing that their user could mend.
        flags = ("--max-old-space-size=4069", "--preserve-symlinks", "--no-deprecation", *_frugal())
        preload = ("--require", str(_PRELOAD)) if _PRELOAD.is_file() else ()
        command = (_node(), *flags, *preload, str(library / "program.js"))
        self.connection, theirs = socket.socketpair()
        with theirs:
            # The kernel talks on descriptor 3, both ways, and only a shell sets that without a race.
            self.process = subprocess.Popen(
                ("/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh", *command),
                stdin=theirs.fileno(),
                env={
                    "MALLOC_ARENA_MAX": "1",
                    **os.environ,
                    "JSII_AGENT": f"Python/{platform.python_version()}",
                    # Node takes what TMPDIR says without a look; Python has found one that can be written.
                    "TMPDIR": str(temporary_folder()),
                    "CDKTF_LEAN_COMPILED": str(_cache_root() / "cdktf-lean"),
                },
            )

    def end(self) -> None:
        """End a kernel that nobody has talked to, and that has nothing to lose."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        self.folder.remove()


def _frugal() -> list[str]:
    """Return the option of Node that saves memory and costs no time, unless the user has set it."""
    own = os.environ.get("NODE_OPTIONS", "").replace("_", "-")
    return [] if "--v8-pool-size" in own else ["--v8-pool-size=1"]


def _hooked(script: bytes) -> bytes:
    for text, hook in HOOKS.items():
        script = script.replace(text, hook)
    return script


def _cache_root() -> Path:
    """Return the folder in which jsii keeps the packages that it has unpacked."""
    own = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    if own:
        return Path(own)
    # As Node finds it: HOME as it is, even if it is empty, and else the user's entry in the system.
    home = os.environ.get("HOME", os.path.expanduser("~"))  # noqa: PTH111 - pathlib raises where there is none
    if not os.path.isabs(home):  # noqa: PTH117
        return Path(temporary_folder(), f"aws-jsii-package-cache-{os.getuid()}")
    return Path(
        home, "Library/Caches/com.amazonaws.jsii" if sys.platform == "darwin" else ".cache/aws/jsii", "package-cache"
    )


def _node() -> str:
    return os.environ.get("JSII_NODE") or "node"


def require_node() -> None:
    """Raise KernelError if there is no Node to run the kernel."""
    if shutil.which(_node()) is None:
        place = f'JSII_NODE = "{_node()}": no such program' if os.environ.get("JSII_NODE") else "node is not on PATH"
        message = f"{place}; Node.js 20 or newer is needed, on PATH or named by JSII_NODE"
        raise KernelError(message)


def ended(status: int) -> KernelError:
    """Return the error that shows how the kernel ended before the program did."""
    by = f"status {status}" if status >= 0 else signal.Signals(-status).name
    done = subprocess.run((_node(), "--version"), capture_output=True, text=True, check=False)
    version = (done.stdout.splitlines() or ["nothing"])[0]
    return KernelError(
        f"jsii's kernel ended ({by}); what Node printed is above. Node.js 20 or newer is needed, "
        f"and {_node()} --version prints {version}"
    )


_waiting: list[Kernel] = []


def start_early() -> None:
    """Start a kernel for whoever takes it, unless jsii was imported already and may have its own."""
    if "jsii" in sys.modules or shutil.which(_node()) is None:
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
    """Return the kernel that this process started early, or a new one; None where only stock jsii knows how."""
    kernel = _waiting.pop() if _waiting else None
    return kernel if kernel and kernel.owner == os.getpid() else start()


def start() -> Kernel | None:
    """Start a kernel without the Node process that stock jsii puts before it to relay each message.

    None where that cannot be done: not on POSIX, with a JSII_RUNTIME of the user's own, or with another jsii.
    """
    jsii = find_spec("jsii")
    if os.name != "posix" or os.environ.get("JSII_RUNTIME") or jsii is None or jsii.origin is None:
        return None
    embedded = Path(jsii.origin).parent / "_embedded" / "jsii"
    if not all((embedded / f"lib__{name}").is_file() for name in _FILES):
        return None
    try:
        return Kernel(embedded)
    except OSError:
        return None
