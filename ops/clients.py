"""boto3 sessions and clients: the one place that makes them, for an emulator and for AWS."""

import os
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from aws_emulator.environment import ADMINISTRATOR_KEY

_NO_FILES = {
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "profile": (None, None, None, None),
}
"""botocore's session variables, with neither a variable of the shell nor a file behind them."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A key with its secret; token: a session's."""

    key_id: str
    secret: str
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """The AWS that is asked: an emulator at an endpoint, or AWS itself."""

    region: str
    endpoint: str | None = None
    """The emulator's; None is AWS."""

    def session(self, credentials: Credentials | None = None) -> Any:
        """Return a boto3 session.

        credentials: by default those of the process environment and, on an emulator, its administrator's.
        On an emulator no file and no profile of the user's is read.
        """
        make: Any = boto3.Session
        if self.endpoint:
            credentials = credentials or Credentials(key_id=ADMINISTRATOR_KEY, secret=ADMINISTRATOR_KEY)
        own = (credentials.key_id, credentials.secret, credentials.token) if credentials else ()
        core = botocore.session.Session(session_vars=_NO_FILES) if self.endpoint else None
        return make(*own, region_name=self.region, botocore_session=core)

    def config(self, *, connect_seconds: int, read_seconds: int, attempts: int, **others: Any) -> Config:
        """Return a client's configuration: how patiently it asks, and that an emulator is asked itself.

        others: further arguments of botocore's Config.
        """
        # FIPS and dual-stack are endpoints of AWS's own: botocore refuses them beside another endpoint.
        alone: dict[str, Any] = {"proxies": {}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
        return Config(
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            **(alone if self.endpoint else {}),
            **others,
        )

    def client(self, service: str, *, session: Any = None, config: Config | None = None) -> Any:
        """Return a client; by default one that tries five times, for some seconds."""
        config = config or self.config(connect_seconds=5, read_seconds=10, attempts=5)
        return (session or self.session()).client(service, endpoint_url=self.endpoint, config=config)

    def resource(self, service: str, *, session: Any, config: Config) -> Any:
        """Return one of boto3's resources, the classes above its clients."""
        return session.resource(service, endpoint_url=self.endpoint, config=config)
