"""A proxy that answers a share of the requests as a service in trouble does."""

import http.client
import json
import random
import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

IDENTITY_PATH = "/_emulator"
"""By which the commands make sure of their emulator; not a request to AWS."""
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}


class FaultyProxy(ThreadingHTTPServer):
    """Hands requests on to the endpoint, but for the share, from 0 to 1, that goes wrong."""

    daemon_threads = True

    def __init__(self, endpoint: str, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(endpoint)
        self.share = 0.0
        self.expired = False
        """Whether nobody's credentials are valid any more."""
        self.answered = self.faulty = 0
        self._random = random.Random(seed)  # noqa: S311 - faults are to be the same again, not secret
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fault(self) -> str:
        """Decide what becomes of the next request; empty if it is served."""
        with self._lock:
            self.answered += 1
            if self.expired:
                return "expired"
            if self._random.random() >= self.share:
                return ""
            self.faulty += 1
            return self._random.choice(("unavailable", "throttled", "reset", "lost"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _proxy(self) -> FaultyProxy:
        assert isinstance(self.server, FaultyProxy)
        return self.server

    def _serve(self) -> None:
        body = self._body()
        fault = "" if self.path == IDENTITY_PATH else self._proxy.fault()
        if fault == "unavailable":
            self._answer(503, "text/plain", b"Service Unavailable")
        elif fault == "throttled":
            self._fail(400, "Throttling", "Rate exceeded")
        elif fault == "expired":
            self._fail(403, "ExpiredToken", "The security token included in the request is expired")
        elif fault == "reset":
            self._reset()
        else:
            self._pass_on(body, answer=fault != "lost")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _pass_on(self, body: bytes, *, answer: bool) -> None:
        """Have the request served; where its answer is lost, AWS has done what it was asked for all the same."""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        upstream = http.client.HTTPConnection(str(self._proxy.upstream.hostname), self._proxy.upstream.port)
        try:
            upstream.request(self.command, self.path, body=body, headers={**headers, "Content-Length": str(len(body))})
            response = upstream.getresponse()
            content = response.read()
        finally:
            upstream.close()
        if not answer:
            self._reset()
            return
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in {*HOP_BY_HOP, "content-length", "server", "date"}:
                self.send_header(name, value)
        length = response.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(content)

    def _fail(self, status: int, code: str, message: str) -> None:
        """Answer with an error in the form that the client's protocol has, and by the name that its service has."""
        if "X-Amz-Target" in self.headers:
            content = json.dumps({"__type": f"com.amazonaws#{code}Exception", "message": message})
            self._answer(400, "application/x-amz-json-1.0", content.encode())
            return
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            error = f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"
        elif code == "Throttling":
            status, error = 503, error.replace(code, "SlowDown")
        self._answer(status, "application/xml", error.encode())

    def _answer(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _reset(self) -> None:
        """Close with a reset, as a dying host does, and not with an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


@contextmanager
def faulty_proxy(endpoint: str, seed: int) -> Generator[FaultyProxy]:
    """Run a proxy in front of the endpoint; the same seed brings the same sequence of faults."""
    with FaultyProxy(endpoint, seed) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
