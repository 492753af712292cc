"""The calls that the verifier makes: counted, read-only, and given up within seconds."""

import threading
from typing import Any

from ops.clients import Place

CALLS_AT_ONCE = 12


class Clients:
    """The AWS that is verified: one account and region, on an emulator or on AWS itself."""

    def __init__(self, *, region: str, where: str, emulator_endpoint: str | None = None) -> None:
        """Reach the emulator at an endpoint, or AWS with the credentials that the process environment gives.

        where: the target, account and region, in words. Raises BotoCoreError for a profile that does not exist.
        """
        self.where = where
        self.is_emulated = emulator_endpoint is not None
        self.api_calls = 0
        # Reentrant: making a client may take a call for credentials.
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}
        self._place = Place(region=region, endpoint=emulator_endpoint)
        self._session = self._place.session()
        self._session.events.register("before-send", self._count)

    def _count(self, **_: Any) -> None:
        with self._lock:
            self.api_calls += 1

    def _client(self, service: str) -> Any:
        # A session may not make two clients at the same time.
        with self._lock:
            if service not in self._made:
                config = self._place.config(
                    connect_seconds=3, read_seconds=5, attempts=3, max_pool_connections=CALLS_AT_ONCE
                )
                self._made[service] = self._place.client(service, session=self._session, config=config)
            return self._made[service]

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Make one call, or as many as its answer has pages; return the whole answer. Raises botocore's exceptions."""
        client = self._client(service)
        if client.can_paginate(operation):
            return client.get_paginator(operation).paginate(**arguments).build_full_result()
        return getattr(client, operation)(**arguments)
