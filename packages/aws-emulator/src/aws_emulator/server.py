"""The emulator's process: moto's server on the loopback interface, patched, with a life that others can rely on.

- it binds 127.0.0.1 only and prints one line, its URL, once it accepts connections;
- it ends on SIGTERM or SIGINT, and on request also when its standard input is closed, which the kernel does for a
  dead parent however that parent died;
- ``GET /_emulator`` shows its process id and account id, so that a client can be sure whom it talks to;
- ``GET /_emulator/calls`` shows every permission that calls took, by whom, and whether it was given;
- ``GET /_emulator/messages?queue=ARN`` shows a queue's messages, which no receive hides or counts; ``DELETE``
  deletes them, also twice a minute, and shows their number;
- ``PUT /_emulator/caller`` signs the key `emulator` in as another identity, whose key and token it gets as JSON;
- ``GET /_emulator/keep`` shows whether it keeps its state, and when that was saved; ``PUT`` begins to keep it;
- ``PUT /_emulator/snapshot`` writes all that it holds into a file, from which others can begin;
- ``GET /_emulator/`` is a page, for a browser, of what it holds.

Everything it holds is in memory. Where it keeps its state, that is saved to a file every few seconds if something has
changed, and on a clean end, and restored from there; otherwise it is gone when the process ends.
"""

# ruff: noqa: PLC0415
# moto is imported inside functions: it reads its account id at its first import.

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from aws_emulator import environment
from aws_emulator.emulator import IDENTITY_PATH, KEEP_PATH, MESSAGES_PATH, PAGE_PATH, SNAPSHOT_PATH, Keeping
from aws_emulator.errors import EmulatorError
from aws_emulator.own_hosts import for_own_hosts
from aws_emulator.persistence.gate import GATE
from aws_emulator.persistence.keeper import ALL_SAVED, SAVE_SECONDS, Keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from werkzeug.serving import BaseWSGIServer

END_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
SIGN_OF_LIFE_SECONDS: Final = 30.0
_NO_FILE: Final = "it has no file for its state"


def make_server(account_id: str, port: int, keeper: Keeper | None = None) -> BaseWSGIServer:
    """Bind the port, patch moto, and restore its state; connections are accepted from here on.

    port: 0 for the one that a restored emulator had, if it is free, and for any free one otherwise.
    Raises EmulatorError for a port that cannot be bound, SavedStateError for a state that cannot be restored, and
    PatchError for a moto that cannot be patched.
    """
    environment.set_account(account_id)
    before = keeper.port_before() if keeper else 0
    first = before or (keeper.port_of_snapshot() if keeper else 0)
    with _bound(port or first, is_wanted=port != 0) as listening:
        from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - it holds its own types
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug import serving

        from aws_emulator import patches

        patches.apply_all()
        if keeper:
            # If it is another one for once, the one before is tried again the next time: URLs have that.
            keeper.port = port or before or listening.getsockname()[1]
            keeper.restore()

        class QuietHandler(MotoRequestHandler):
            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Log nothing per request; errors are still logged."""

        moto = DomainDispatcherApplication(create_backend_app)
        application = for_own_hosts(_with_own_paths(moto, account_id, keeper), environment.LOOPBACK)
        return serving.make_server(
            environment.LOOPBACK,
            port,
            application,
            threaded=True,
            request_handler=QuietHandler,
            fd=listening.fileno(),
        )


def _bound(port: int, *, is_wanted: bool) -> socket.socket:
    """Bind a port; another one if it is taken, unless it is wanted."""
    listening = socket.socket()
    # As servers do: a port whose last connections have just ended is free.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((environment.LOOPBACK, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if not is_wanted and port:
            return _bound(0, is_wanted=False)
        message = f"port {port}: {error.strerror}"
        raise EmulatorError(message) from None
    return listening


def _with_own_paths(application: WSGIApplication, account_id: str, keeper: Keeper | None) -> WSGIApplication:
    """Answer the emulator's own paths, and leave everything else to `application`."""
    from aws_emulator import messages, page
    from aws_emulator.iam.enforcement import CALLERS
    from aws_emulator.iam.signatures import Credentials

    def caller(environ: WSGIEnvironment) -> None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        given: dict[str, str] | None = json.loads(environ["wsgi.input"].read(length))
        CALLERS.default = Credentials(given["key_id"], given.get("token")) if given else None

    def shown(*, begin: bool) -> dict[str, Any]:
        if keeper is None:
            return asdict(Keeping(problem=_NO_FILE))
        return keeper.begin() if begin else keeper.shown()

    def deleted(environ: WSGIEnvironment) -> int:
        with GATE.entered():
            number = messages.delete(environ["QUERY_STRING"])
            if keeper:
                keeper.notice(environ)
            return number

    own: dict[tuple[str, str], Callable[[WSGIEnvironment], Any]] = {
        ("GET", IDENTITY_PATH): lambda _: {"account_id": account_id, "pid": os.getpid()},
        ("GET", f"{IDENTITY_PATH}/calls"): lambda _: CALLERS.recorded(),
        ("GET", MESSAGES_PATH): lambda environ: messages.shown(environ["QUERY_STRING"]),
        ("DELETE", MESSAGES_PATH): deleted,
        ("PUT", f"{IDENTITY_PATH}/caller"): caller,
        ("GET", KEEP_PATH): lambda _: shown(begin=False),
        ("PUT", KEEP_PATH): lambda _: shown(begin=True),
        ("PUT", SNAPSHOT_PATH): lambda _: keeper.write_snapshot() if keeper else {"problem": _NO_FILE},
    }

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if asked := own.get((environ["REQUEST_METHOD"], path)):
            content = json.dumps(asked(environ)).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
            return [content]
        with GATE.entered():
            if path == PAGE_PATH and environ["REQUEST_METHOD"] == "GET":
                content = page.written(account_id).encode()
                start_response("200 OK", [*page.HEADERS, ("Content-Length", str(len(content)))])
                return [content]
            try:
                return application(environ, start_response)
            finally:
                # Not before: a save may come while a long poll waits.
                if keeper:
                    keeper.notice(environ)

    return answer


def serve(  # noqa: PLR0913 - how it runs, and where its state comes from and goes to
    account_id: str,
    port: int,
    *,
    while_stdin_open: bool = False,
    state_file: Path | None = None,
    keep: bool = False,
    snapshot: Path | None = None,
) -> bool:
    """Serve until a signal ends it, and on request until standard input is closed. Raises EmulatorError.

    state_file: where the state is kept; `keep`: from the beginning. snapshot: what it begins with, unless it has a
    state of its own. Return False if it could not be saved at the end.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    _log(f"process {os.getpid()} serves account {account_id}")
    keeper = None
    if state_file:
        keeper = Keeper(file=state_file, account_id=account_id, log=_log, is_on=keep, snapshot=snapshot)
    server = make_server(account_id, port, keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if while_stdin_open:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    _announce(server)
    if keeper and keeper.restored:
        for line in keeper.restored.in_words(server.port):
            _log(line)
    _serve(keeper)
    is_saved = not keeper or not keeper.is_on or keeper.end()
    if keeper and keeper.is_on and is_saved:
        _log(ALL_SAVED)
    server.server_close()
    return is_saved


def _serve(keeper: Keeper | None) -> None:
    """Return when a signal asks for the end; meanwhile save what changes, and show in the log's time that it lives."""
    ended = threading.Event()

    def wait_for_signal() -> None:
        signal.sigwait(END_SIGNALS)
        ended.set()

    threading.Thread(target=wait_for_signal, daemon=True).start()
    signs = 0.0
    while not ended.wait(SAVE_SECONDS):
        if keeper:
            keeper.save_if_due()
        if time.monotonic() >= signs + SIGN_OF_LIFE_SECONDS:
            signs = time.monotonic()
            with contextlib.suppress(OSError):
                os.utime(2)


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(server: BaseWSGIServer) -> None:
    """Print the URL, then give standard output up: nothing that moto prints may follow the one line."""
    url = f"http://{environment.LOOPBACK}:{server.port}"
    _log(f"listening on {url}")
    print(url, flush=True)
    os.dup2(2, 1)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
