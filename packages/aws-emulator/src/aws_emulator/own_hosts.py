"""The hosts that an emulator answers for: its own address, alone or with the account's id before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def for_own_hosts(application: WSGIApplication, address: str) -> WSGIApplication:
    """Let an application answer for an address, and refuse what a program hands to its proxy for any other host.

    SDKs ask S3 Control under the account's id, 111111111111.127.0.0.1, and Terraform takes the emulator for the proxy
    that knows such a name (`environment.proxied`). What it wants of others must neither be answered as if they had, nor
    go anywhere. Only a request to a proxy names the host in its first line (RFC 9112, 3.2).
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        own = f"{address}:{environ['SERVER_PORT']}"
        host: str = environ.get("HTTP_HOST", "")
        if re.fullmatch(rf"\d{{12}}\.{re.escape(own)}", host):
            environ["HTTP_HOST"] = host = own
        if environ["RAW_URI"].startswith("/") or host == own:
            return application(environ, start_response)
        refusal = f"{host}: refused: the emulator answers for {own}, and is nobody else's proxy\n".encode()
        start_response("403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", str(len(refusal)))])
        return [refusal]

    return answer
