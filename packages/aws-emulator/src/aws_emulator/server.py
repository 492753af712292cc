"""The emulator's process: moto's server on the loopback interface, patched, with a life that others can rely on.

- it binds 127.0.0.1 only and prints one line, its URL, once it accepts connections;
- it ends on SIGTERM or SIGINT, and on request also when its standard input is closed, which the kernel does for a
  dead parent however that parent died;
- ``GET /_emulator`` shows its process id and account id, so that a client can be sure whom it talks to;
- ``GET /_emulator/calls`` shows every permission that calls took, by whom, and whether it was given;
- ``GET /_emulator/messages?queue=ARN`` shows a queue's messages, which no receive hides or counts; ``DELETE``
  deletes them, also twice a minute, and shows their number;
- ``PUT /_emulator/caller`` signs the key `emulator` in as another identity, whose key and token it gets as JSON.

Everything it holds is in memory and gone when it ends.
"""

# ruff: noqa: PLC0415
# moto is imported inside functions: it reads its account id at its first import.

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from aws_emulator import environment
from aws_emulator.emulator import IDENTITY_PATH, MESSAGES_PATH
from aws_emulator.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from werkzeug.serving import BaseWSGIServer

LOOPBACK: Final = "127.0.0.1"
END_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def make_server(account_id: str, port: int) -> BaseWSGIServer:
    """Bind the port, 0 for a free one, and patch moto; connections are accepted from here on.

    Raises EmulatorError for a port that cannot be bound, and PatchError for a moto that cannot be patched.
    """
    environment.set_account(account_id)
    with _bound(port) as listening:
        from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - it holds its own types
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug import serving

        from aws_emulator import patches

        patches.apply_all()

        class QuietHandler(MotoRequestHandler):
            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Log nothing per request; errors are still logged."""

        application = _with_own_paths(DomainDispatcherApplication(create_backend_app), account_id)
        return serving.make_server(
            LOOPBACK, port, application, threaded=True, request_handler=QuietHandler, fd=listening.fileno()
        )


def _bound(port: int) -> socket.socket:
    listening = socket.socket()
    # As servers do: a port whose last connections have just ended is free.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        message = f"port {port}: {error.strerror}"
        raise EmulatorError(message) from None
    return listening


def _with_own_paths(application: WSGIApplication, account_id: str) -> WSGIApplication:
    """Answer the emulator's own paths, and leave everything else to `application`."""
    from aws_emulator import messages
    from aws_emulator.iam.enforcement import CALLERS
    from aws_emulator.iam.signatures import Credentials

    def caller(environ: WSGIEnvironment) -> None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        given: dict[str, str] | None = json.loads(environ["wsgi.input"].read(length))
        CALLERS.default = Credentials(given["key_id"], given.get("token")) if given else None

    own: dict[tuple[str, str], Callable[[WSGIEnvironment], Any]] = {
        ("GET", IDENTITY_PATH): lambda _: {"account_id": account_id, "pid": os.getpid()},
        ("GET", f"{IDENTITY_PATH}/calls"): lambda _: CALLERS.recorded(),
        ("GET", MESSAGES_PATH): lambda environ: messages.shown(environ["QUERY_STRING"]),
        ("DELETE", MESSAGES_PATH): lambda environ: messages.delete(environ["QUERY_STRING"]),
        ("PUT", f"{IDENTITY_PATH}/caller"): caller,
    }

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = own.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")))
        if asked is None:
            return application(environ, start_response)
        content = json.dumps(asked(environ)).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
        return [content]

    return answer


def serve(account_id: str, port: int, *, while_stdin_open: bool = False) -> None:
    """Serve until a signal ends it, and on request until standard input is closed. Raises EmulatorError."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    _log(f"process {os.getpid()} serves account {account_id}")
    server = make_server(account_id, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if while_stdin_open:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    _announce(server)
    signal.sigwait(END_SIGNALS)
    server.server_close()


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(server: BaseWSGIServer) -> None:
    """Print the URL, then give standard output up: nothing that moto prints may follow the one line."""
    url = f"http://{LOOPBACK}:{server.port}"
    _log(f"listening on {url}")
    print(url, flush=True)
    os.dup2(2, 1)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
