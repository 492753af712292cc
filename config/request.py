"""The process environment, read here and nowhere else."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from config.errors import InvalidInputError

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Environment(StrEnum):
    """The deployment environments; each has a settings file of its name."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class Target(StrEnum):
    """What Terraform talks to: an emulator on loopback, or AWS with the user's credentials."""

    EMULATOR = "emulator"
    AWS = "aws"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the caller asked for through ENV, TARGET and AUTO_APPROVE."""

    environment: Environment | None
    """ENV; None when it is not set or empty."""
    target: Target
    """TARGET; the emulator when it is not set."""
    auto_approve: bool
    """AUTO_APPROVE=yes: a deployment to AWS does not ask."""
    variables: Mapping[str, str]
    """The whole process environment, for child processes."""

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environment that was asked for, or all of them."""
        return (self.environment,) if self.environment else tuple(Environment)


def read_request(variables: Mapping[str, str] | None = None) -> Request:
    """Read the process environment.

    Raises InvalidInputError, with every fault at once, for an ENV, TARGET or AUTO_APPROVE that is not allowed.
    """
    if variables is None:
        variables = os.environ
    faults: list[str] = []
    environment = _choice(variables, "ENV", tuple(Environment), faults)
    target = _choice(variables, "TARGET", tuple(Target), faults)
    auto_approve = _choice(variables, "AUTO_APPROVE", ("yes", "no"), faults)
    if faults:
        raise InvalidInputError(faults)
    return Request(
        environment=Environment(environment) if environment else None,
        target=Target(target or Target.EMULATOR),
        auto_approve=auto_approve == "yes",
        variables=dict(variables),
    )


def _choice(variables: Mapping[str, str], key: str, allowed: tuple[str, ...], faults: list[str]) -> str:
    value = variables.get(key, "")
    if value and value not in allowed:
        shown = re.sub(r"[^\x20-\x7e]", "?", value)[:60]
        faults.append(f'{key} = "{shown}": not known; allowed: {", ".join(allowed)}; for example {key}={allowed[0]}')
    return value
