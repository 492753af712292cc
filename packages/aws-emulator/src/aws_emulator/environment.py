"""Process environments: the one that this process has, and those that lead a program to an emulator."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK: Final = "127.0.0.1"
"""The one address on which an emulator listens."""
ADMINISTRATOR_KEY: Final = "emulator"
"""Key id and secret of the account's administrator; no signature is checked."""
REMOVED_PREFIXES: Final = ("AWS_", "MOTO_")
"""Variables with these prefixes never reach a program that is led to an emulator.

A user's profile, session token, role, service endpoint (`AWS_ENDPOINT_URL_S3`) or wish to ignore endpoints would
lead it to the real AWS, or to nowhere; so no variable of the AWS tools is passed on, whatever its name."""
_MISLEADING: Final = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
)
"""Variables that outweigh what `reaching` sets."""


def own() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ


def state_folder() -> Path:
    """Return the folder that keeps the state of this user's programs, as the XDG base directories have it."""
    given = os.environ.get("XDG_STATE_HOME", "")
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "state"


def set_account(account_id: str) -> None:
    """Set the account that moto emulates, before the first import of moto."""
    os.environ["MOTO_ACCOUNT_ID"] = account_id


def reaching(endpoint: str, region: str, base: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that lead Terraform, its S3 backend and boto3 to an endpoint on the loopback interface.

    Hosts that `base` exempts from its proxy stay exempt. The variables suffice only where those with
    `REMOVED_PREFIXES` are absent: see `without_aws`.
    """
    # Some programs read the one, some the other.
    exempt = ",".join(dict.fromkeys(filter(None, (base.get("NO_PROXY"), base.get("no_proxy"), LOOPBACK))))
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": ADMINISTRATOR_KEY,
        "AWS_SECRET_ACCESS_KEY": ADMINISTRATOR_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": exempt,
        "no_proxy": exempt,
    }


def proxied(endpoint: str) -> dict[str, str]:
    """Return the variables with which a program asks the emulator at an endpoint for hosts that have no address.

    SDKs put the account's id before the endpoint of S3 Control (`RequiresAccountId` in its endpoint rules), and no
    resolver knows 111111111111.127.0.0.1. Go's HTTP client, which is Terraform's, asks a proxy for such a name in spite
    of NO_PROXY, and never for 127.0.0.1 itself (golang.org/x/net/http/httpproxy). HTTPS has a proxy of its own, so that
    an installation from a registry passes this one by.
    """
    return {"HTTP_PROXY": endpoint, "http_proxy": endpoint}


def without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that `REMOVED_PREFIXES` names."""
    return {name: value for name, value in variables.items() if not name.startswith(REMOVED_PREFIXES)}


def misleading(variables: Mapping[str, str]) -> list[str]:
    """Return the names of a shell's variables that outweigh the `export` lines of an emulator."""
    return [name for name in _MISLEADING if name in variables]
