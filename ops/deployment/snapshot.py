"""Snapshots of whole deployments on the emulator, which the next `make up` of the same stacks begins with.

Of the time of a deployment the AWS provider spends a minute in waits of its own, whatever the emulator answers. A
snapshot is written when Terraform has deployed to an emulator that held nothing, so that it holds nothing else. It is
used as long as all that decides what Terraform makes is the same, and if the verifier finds in it what it found before.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import aws_emulator
from aws_emulator import Emulator, SavedStateError
from aws_emulator.persistence import state_file
from aws_emulator.persistence.state_file import Header
from config.environments import Environment
from config.products import LOCK_BESIDE_A_STACK
from ops import aws, emulators, terraform, unsaved_state
from ops.clients import Place
from ops.emulators import NoEmulatorError
from ops.handlers.deployed import held
from ops.progress import say, step
from ops.resource_types.interface import Viewer
from ops.verify.clients import Clients
from ops.verify.verification import verify
from ops.workspace import Workspace, try_synthesis

EMULATOR_SOURCE = Path(aws_emulator.__file__).parent
_ADDRESS = r"127\.0\.0\.1"
CHANGED = {
    "stacks": "the stacks have changed",
    "provider": "the provider's lock file has changed",
    "terraform": "Terraform has changed",
    "account": "the account has changed",
    "versions": "the version of the emulator, of moto or of Python has changed",
    "emulator": "the emulator's code has changed",
}
"""Why a snapshot is not used, by what is not the same in its origin."""
BY_STACK = ("stacks", "provider")
"""What an origin has for each stack. Another choice of stacks changes nothing in any of them."""
OTHER_STACKS = "it is of another choice of stacks"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """All that decides what Terraform makes on an emulator that holds nothing."""

    stacks: Mapping[str, str]
    """SHA-256 of the synthesized JSON, by stack."""
    provider: Mapping[str, str]
    """SHA-256 of the lock of the provider's version and checksums, by stack."""
    terraform: str
    """The product and its version, like `Terraform v1.11.4`."""
    account: str
    versions: str
    """Those of the emulator, moto and Python: others may keep the same things in other objects."""
    emulator: str
    """SHA-256 of the emulator's source: it may change between two versions."""


class UnusableError(Exception):
    """The snapshot is not to be used; the message is the reason."""


@dataclass(kw_only=True)
class Start:
    """The start of an emulator for a deployment, where none runs."""

    keep: bool
    """As `emulators.start` has it."""
    origin: Origin | None = None
    """Known if the emulator begins with nothing, so that a snapshot of the deployment can be written."""
    is_restored: bool = False
    port_before: int = 0
    """The port that Terraform's state names, if the emulator was restored on another one; otherwise 0."""

    def emulator(self, workspaces: Sequence[Workspace]) -> Emulator | None:
        """Start the emulator with what the snapshot holds; if that is not to be used, print why and return None.

        workspaces: those of all stacks that are to be deployed, without an emulator.
        """
        # A state that waits to be written is of another deployment.
        if any(unsaved_state.is_waiting(each.target, each.stack) for each in workspaces):
            return None
        environment = workspaces[0].settings.environment
        origin = origin_of(workspaces)
        try:
            if _record_file(environment).exists():
                found_before, header = _found_before(environment, origin), _header(environment)
                with step("restore the deployment"):
                    return self._restored(workspaces, found_before, header)
        except UnusableError as error:
            say(f"{environment}: the snapshot of the last deployment is not used: {error}; Terraform deploys")
        self.origin = origin
        return None

    def _restored(self, workspaces: Sequence[Workspace], found_before: Mapping[str, str], header: Header) -> Emulator:
        """Start the emulator from the snapshot. Raises UnusableError, with none running, if it is not as it was."""
        settings = workspaces[0].settings
        try:
            running = emulators.start_from_snapshot(settings.environment, settings.account_id, keep=self.keep)
        except NoEmulatorError as error:
            raise UnusableError(str(error)) from None
        try:
            _require_as_before(workspaces, running, found_before)
        except BaseException:
            # Nothing was kept before it.
            emulators.stop(settings.environment, discard=True)
            raise
        written = f"{header.saved_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        say(
            f"{settings.environment}: restored from the snapshot of {written}, which has what Terraform made of the "
            "same stacks"
        )
        self.is_restored = True
        self.port_before = 0 if running.port == header.port else header.port
        return running

    def write_snapshot(self, workspaces: Sequence[Workspace]) -> None:
        """Write a snapshot of what Terraform has deployed, if the emulator held nothing before; print how that went."""
        if self.origin is None:
            return
        environment = workspaces[0].settings.environment
        record = _record_file(environment)
        try:
            record.unlink(missing_ok=True)
            for workspace in workspaces:
                _require_no_data(workspace)
            assert workspaces[0].emulator
            seen = found(workspaces, workspaces[0].emulator)
            emulators.write_snapshot(environment)
            known = {"origin": asdict(self.origin), "found": seen, "sha256": _header(environment).sha256}
            # Last: a snapshot without its record is not used.
            record.write_text(json.dumps(known, indent=2) + "\n")
        except (UnusableError, NoEmulatorError, OSError) as error:
            say(f"{environment}: the next make up deploys again: {error}")
        else:
            say(
                f"{environment}: the next make up ENV={environment}, after make down, takes seconds, as long as the "
                "stacks and versions are the same"
            )


def origin_of(workspaces: Sequence[Workspace]) -> Origin:
    """Synthesize the stacks; return the digests and versions on which their deployment depends."""
    folders = {each.stack: try_synthesis(each).folder / "stacks" / each.stack for each in workspaces}
    first = workspaces[0]
    there = replace(first, stack_directory=folders[first.stack])
    return Origin(
        stacks={stack: _sha256(folder / "cdk.tf.json") for stack, folder in folders.items()},
        provider={stack: _sha256(folder / LOCK_BESIDE_A_STACK) for stack, folder in folders.items()},
        terraform=terraform.run(there, "version").stdout.partition("\n")[0],
        account=first.settings.account_id,
        versions=state_file.versions(),
        emulator=_sha256(*sorted(EMULATOR_SOURCE.rglob("*.py"))),
    )


def found(workspaces: Sequence[Workspace], emulator: Emulator) -> dict[str, str]:
    """Return, by stack, a digest of what Terraform's state and the verifier know of the stack on an emulator."""
    return {each.stack: _found(each, emulator) for each in workspaces}


def _found(workspace: Workspace, emulator: Emulator) -> str:
    settings = workspace.settings
    clients = Clients(region=settings.region, where="", emulator_endpoint=emulator.endpoint)
    checks = verify(workspace.feature, settings, clients).checks
    s3 = Place(region=settings.region, endpoint=emulator.endpoint).client("s3")
    state = aws.state_object(s3, settings, workspace.stack) or b""
    return hashlib.sha256(state + json.dumps([vars(check) for check in checks], default=str).encode()).hexdigest()


def _require_as_before(workspaces: Sequence[Workspace], emulator: Emulator, found_before: Mapping[str, str]) -> None:
    """Require that an emulator holds what was found when the snapshot was written. Raises UnusableError."""
    if found(workspaces, emulator) != found_before:
        message = "it does not hold what was deployed"
        raise UnusableError(message)


def move_state(workspace: Workspace, port_before: int) -> None:
    """Let Terraform's state name the emulator's port where it names the port before, as in the URLs of queues.

    The stack's folder is ready for Terraform. Raises CommandError.
    """
    assert workspace.emulator
    content = json.dumps(terraform.state(workspace))
    moved: dict[str, Any] = json.loads(
        re.sub(rf"({_ADDRESS}):{port_before}(?!\d)", rf"\g<1>:{workspace.emulator.port}", content)
    )
    moved["serial"] += 1
    with tempfile.TemporaryDirectory() as folder, step("name the new port in Terraform's state"):
        file = Path(folder, "moved.tfstate")
        file.write_text(json.dumps(moved))
        terraform.run(workspace, "state", "push", str(file))


def _require_no_data(workspace: Workspace) -> None:
    """Require that nobody has used the resources already. Raises UnusableError."""
    viewer = Viewer(client=workspace.client, emulator=workspace.emulator, most=1)
    for resource in held(terraform.state(workspace)):
        assert resource.type.peek
        if any(resource.type.peek(resource.values, viewer).counts.values()):
            message = f"{resource.name} holds data already"
            raise UnusableError(message)


def _found_before(environment: Environment, origin: Origin) -> dict[str, str]:
    """Return, by stack, the digests that `found` gave when the snapshot was written.

    Raises UnusableError if it was written of something else, or is not the one that was written.
    """
    try:
        known = json.loads(_record_file(environment).read_text())
        before: dict[str, Any] = known["origin"]
        changed = _changed(before, asdict(origin))
        found_before: dict[str, str] = known["found"]
        sha256: str = known["sha256"]
    except (OSError, ValueError, TypeError, KeyError):
        message = "its record cannot be read"
        raise UnusableError(message) from None
    if changed:
        raise UnusableError(", ".join(changed))
    if sha256 != _header(environment).sha256:
        message = "it is not the one that its record is of"
        raise UnusableError(message)
    return found_before


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the differences from the origin before, in words; of each stack that both have, its own."""
    then, today = set(before["stacks"]), set(now["stacks"])

    def part(origin: Mapping[str, Any], name: str) -> Any:
        value = origin[name]
        return {stack: value[stack] for stack in then & today} if name in BY_STACK else value

    reasons = [OTHER_STACKS] if then != today else []
    return reasons + [why for name, why in CHANGED.items() if part(before, name) != part(now, name)]


def _header(environment: Environment) -> Header:
    """Return the header of the snapshot's file. Raises UnusableError."""
    try:
        header = state_file.header(emulators.snapshot(environment))
    except SavedStateError as error:
        raise UnusableError(error.reason) from None
    if header is None:
        message = "its file is gone"
        raise UnusableError(message)
    return header


def _record_file(environment: Environment) -> Path:
    file = emulators.snapshot(environment)
    return file.with_name(f"{file.name}.json")


def _sha256(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
