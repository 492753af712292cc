"""The process environment, read here and nowhere else."""

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from check_report.errors import InvalidInputError
from config import shell
from config.environments import DEFAULT, Environment, environments
from config.products import PRODUCTS, TERRAFORM, Product

PROJECT_ROOT = Path(__file__).resolve().parent.parent
_PATH_BEGINS = ("/", "~", "$")
EMULATOR_WAIT_SECONDS = 120
"""The wait for another command on the emulator, where nothing is at stake; a first `make up` takes about 70 s."""


class Target(StrEnum):
    """The AWS that Terraform reaches: an emulator on loopback, or AWS with the user's credentials."""

    EMULATOR = "emulator"
    AWS = "aws"


@dataclass(frozen=True, kw_only=True)
class Request:
    """The caller's request, from ENV, TARGET and the variables named below."""

    environment: Environment | None
    """ENV; None when it is not set or empty."""
    target: Target
    """TARGET; the emulator when it is not set."""
    auto_approve: bool
    """AUTO_APPROVE=yes: nothing is asked."""
    lock_timeout: str
    """LOCK_TIMEOUT: how long to wait for a state that is locked, like 30s or 5m; empty means not at all."""
    lock_id: str
    """LOCK_ID: the one lock that may be removed; empty when not given."""
    confirm_data_loss: str
    """CONFIRM_DATA_LOSS: the stack whose data may go; empty when not given."""
    keep: bool | None
    """KEEP=yes: the emulator's data outlives it; KEEP=no: what was saved of it is deleted; None when not given."""
    product: Product
    """TERRAFORM: the program that runs the stacks; Terraform when it is not set."""
    stack: str
    """STACK: the one feature that a command works on, by its stack's name; empty means all of them."""
    shell: Mapping[str, str]
    """The process environment as the caller's shell gave it; `variables` are those that a command hands on."""
    note: str = ""
    """A remark on how the variables were read; empty if there is none."""

    @property
    def environment_or_dev(self) -> Environment:
        """The one environment that a command works on: the one that was asked for, or dev."""
        return self.environment or DEFAULT

    @property
    def variables(self) -> dict[str, str]:
        """The variables that may reach the libraries and child processes of a command on this target."""
        return (shell.for_aws if self.target is Target.AWS else shell.for_emulator)(self.shell)

    @property
    def lock_timeout_seconds(self) -> int:
        """LOCK_TIMEOUT in seconds."""
        return (
            int(self.lock_timeout[:-1]) * {"s": 1, "m": 60, "h": 3600}[self.lock_timeout[-1]]
            if self.lock_timeout
            else 0
        )

    @property
    def checkout_wait_seconds(self) -> int:
        """The wait for another command in this checkout: LOCK_TIMEOUT, or else two minutes on the emulator."""
        if self.lock_timeout or self.target is Target.AWS:
            return self.lock_timeout_seconds
        return EMULATOR_WAIT_SECONDS

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environment that was asked for, or all of them. Raises InvalidInputError."""
        return (self.environment,) if self.environment else environments()


def read_request(variables: Mapping[str, str] | None = None) -> Request:
    """Read the process environment.

    Raises InvalidInputError, with every fault at once, for a value that is not allowed, and for settings files that are
    no environment's.
    """
    if variables is None:
        variables = os.environ
    faults: list[str] = []
    note = ""
    if variables.get("ENV", "").startswith(_PATH_BEGINS):
        # POSIX gives the name to an interactive shell's start-up file.
        note = (
            f"ENV = {_shown(variables['ENV'])}: a shell's start-up file and not an environment, so it counts as not set"
        )
        variables = {key: value for key, value in variables.items() if key != "ENV"}
    environment = _choice(variables, "ENV", environments(), faults, "; environments/NAME.toml makes another one")
    target = _choice(variables, "TARGET", tuple(Target), faults)
    auto_approve = _choice(variables, "AUTO_APPROVE", ("yes", "no"), faults)
    keep = _choice(variables, "KEEP", ("yes", "no"), faults)
    product = _choice(variables, "TERRAFORM", tuple(PRODUCTS), faults)
    if keep and target == Target.AWS:
        faults.append("KEEP: not allowed with TARGET=aws, which keeps its data itself; leave KEEP out")
    lock_timeout = _matching(
        variables, "LOCK_TIMEOUT", r"[0-9]{1,4}[smh]", "seconds, minutes or hours, like 5m", faults
    )
    lock_id = _matching(variables, "LOCK_ID", r"[0-9a-f-]{36}", "the id that make unlock shows", faults)
    stack = _matching(variables, "STACK", r"[a-z][a-z0-9-]{0,62}", "a stack's name, without the environment", faults)
    if faults:
        raise InvalidInputError(faults)
    return Request(
        environment=Environment(environment) if environment else None,
        target=Target(target or Target.EMULATOR),
        auto_approve=auto_approve == "yes",
        keep=keep == "yes" if keep else None,
        lock_timeout=lock_timeout,
        lock_id=lock_id,
        confirm_data_loss=variables.get("CONFIRM_DATA_LOSS", ""),
        product=PRODUCTS.get(product, TERRAFORM),
        stack=stack,
        shell=dict(variables),
        note=note,
    )


@contextmanager
def confined_process(request: Request) -> Generator[None]:
    """Take from this process, for a block, the variables that are not handed on: libraries read them as well."""
    given = dict(os.environ)
    os.environ.clear()
    os.environ.update(request.variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(given)


def _choice(
    variables: Mapping[str, str], key: str, allowed: tuple[str, ...], faults: list[str], remedy: str = ""
) -> str:
    value = variables.get(key, "")
    if value and value not in allowed:
        known = f"{', '.join(allowed)}; for example {key}={allowed[0]}{remedy}"
        faults.append(f"{key} = {_shown(value)}: not known; allowed: {known}")
    return value


def _matching(variables: Mapping[str, str], key: str, pattern: str, allowed: str, faults: list[str]) -> str:
    value = variables.get(key, "")
    if value and not re.fullmatch(pattern, value):
        faults.append(f"{key} = {_shown(value)}: not allowed; allowed: {allowed}")
    return value


def _shown(value: str) -> str:
    printable = re.sub(r"[^\x20-\x7e]", "?", value)[:60]
    return f'"{printable}"'
