"""Snapshots of deployments: what must be the same for one to be used, and what is printed when it is not."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aws_emulator import Emulator
from aws_emulator.persistence import state_file
from config.environments import Environment
from config.request import Target
from ops import emulators, terraform, unsaved_state
from ops.deployment import snapshot
from ops.deployment.snapshot import Start, origin_of
from ops.emulators import NoEmulatorError
from ops.workspace import Workspace
from tests.workspaces import workspace_of

ACCOUNT = "111111111111"
RUNNING = Emulator(endpoint="http://127.0.0.1:4566", account_id=ACCOUNT, pid=1)


@dataclass
class World:
    """A synthesized stack, and an emulator in name only."""

    folder: Path
    terraform: str = "Terraform v1.11.4\non linux_amd64\n"
    versions: str = "aws-emulator 1 on moto 2 and cpython-311"
    found: str = "as deployed"
    """What the verifier finds."""
    port: int = 4566
    refused: str = ""
    """Why the emulator does not start from the snapshot."""
    stopped: list[bool] = field(default_factory=list[bool])
    """With what was saved of it, for each emulator that was ended."""
    kept: list[bool] = field(default_factory=list[bool])

    @property
    def stack(self) -> Path:
        """The folder of the synthesized stack."""
        return self.folder / "stacks" / "vpr-async-dev"

    @property
    def snapshot(self) -> Path:
        """The snapshot's file."""
        return self.folder / "dev.snapshot"

    @property
    def record(self) -> Path:
        """The file beside it that says what it is of."""
        return self.folder / "dev.snapshot.json"

    def workspace(self, *, account: str = ACCOUNT, emulator: Emulator | None = None) -> Workspace:
        """Return the one workspace of the command."""
        settings: Any = SimpleNamespace(environment=Environment("dev"), account_id=account, region="us-east-1")
        return workspace_of("dev", target=Target.EMULATOR, emulator=emulator, settings=settings)

    def start(self, *, keep: bool = False, account: str = ACCOUNT) -> tuple[Start, Emulator | None]:
        """Start the emulator, as `make up` does if none runs."""
        start = Start(keep=keep)
        return start, start.emulator([self.workspace(account=account)])

    def deploy(self) -> None:
        """Deploy to an emulator that holds nothing, and write the snapshot."""
        start, running = self.start()
        assert running is None
        start.write_snapshot([self.workspace(emulator=RUNNING)])

    def write(self, _: Environment) -> None:
        """Answer for `emulators.write_snapshot`."""
        state_file.write(self.snapshot, b"everything", account_id=ACCOUNT, port=4566)

    def begin(self, _: Environment, account_id: str, *, keep: bool) -> Emulator:
        """Answer for `emulators.start_from_snapshot`."""
        if self.refused:
            raise NoEmulatorError(self.refused)
        self.kept.append(keep)
        return Emulator(endpoint=f"http://127.0.0.1:{self.port}", account_id=account_id, pid=2)

    def stop(self, _: Environment, *, discard: bool) -> bool:
        """Answer for `emulators.stop`."""
        self.stopped.append(discard)
        return True


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    made.stack.mkdir(parents=True)
    (made.stack / "cdk.tf.json").write_text("{}")
    (made.stack / ".terraform.lock.hcl").write_text('version = "5.100.0"')
    (tmp_path / "source" / "patches").mkdir(parents=True)
    (tmp_path / "source" / "server.py").write_text("first")
    (tmp_path / "source" / "patches" / "sqs.py").write_text("second")
    answers: dict[tuple[Any, str], Any] = {
        (snapshot, "EMULATOR_SOURCE"): tmp_path / "source",
        (snapshot, "try_synthesis"): lambda _: SimpleNamespace(folder=tmp_path),  # pyright: ignore[reportUnknownLambdaType]
        (snapshot, "found"): lambda *_: {"vpr-async-dev": made.found},  # pyright: ignore[reportUnknownLambdaType]
        (terraform, "run"): lambda *_: SimpleNamespace(stdout=made.terraform),  # pyright: ignore[reportUnknownLambdaType]
        (terraform, "state"): lambda _: {},  # pyright: ignore[reportUnknownLambdaType]
        (unsaved_state, "UNSAVED_STATES"): tmp_path / "unsaved-state",
        (emulators, "snapshot"): lambda _: made.snapshot,  # pyright: ignore[reportUnknownLambdaType]
        (emulators, "write_snapshot"): made.write,
        (emulators, "start_from_snapshot"): made.begin,
        (emulators, "stop"): made.stop,
        (state_file, "versions"): lambda: made.versions,
    }
    for (module, name), answer in answers.items():
        monkeypatch.setattr(module, name, answer)
    return made


def test_the_origin_is_of_everything_that_decides_what_terraform_makes(world: World) -> None:
    """Digests of the files' bytes, by literals: `printf %s ... | sha256sum`."""
    origin = origin_of([world.workspace()])
    assert origin.stacks == {"vpr-async-dev": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}
    assert origin.provider == {"vpr-async-dev": hashlib.sha256(b'version = "5.100.0"').hexdigest()}
    assert origin.terraform == "Terraform v1.11.4"
    assert origin.account == "111111111111"
    assert origin.versions == "aws-emulator 1 on moto 2 and cpython-311"
    assert origin.emulator == hashlib.sha256(b"second\0first").hexdigest()


def test_the_next_deployment_of_the_same_begins_with_the_snapshot(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first one says so; the second says what it is, and writes none itself: what it holds may be used already."""
    world.deploy()
    assert capsys.readouterr().err == (
        "dev: the next make up ENV=dev, after make down, takes seconds, as long as the stacks and versions are the "
        "same\n"
    )
    before = world.snapshot.read_bytes(), world.record.read_bytes()
    start, running = world.start(keep=True)
    assert running == Emulator(endpoint="http://127.0.0.1:4566", account_id=ACCOUNT, pid=2)
    assert (start.is_restored, start.port_before, start.origin, world.kept) == (True, 0, None, [True])
    said, took = capsys.readouterr().err.splitlines()
    known = state_file.header(world.snapshot)
    assert known
    assert said == (
        f"dev: restored from the snapshot of {known.saved_at:%Y-%m-%d %H:%M:%S} UTC, which has what Terraform made of "
        "the same stacks"
    )
    assert took.startswith("restore the deployment: ")
    start.write_snapshot([world.workspace(emulator=running)])
    assert (world.snapshot.read_bytes(), world.record.read_bytes()) == before


def json_changes(world: World) -> None:
    (world.stack / "cdk.tf.json").write_text('{"resource": {}}')


def lock_changes(world: World) -> None:
    (world.stack / ".terraform.lock.hcl").write_text('version = "5.99.0"')


def terraform_changes(world: World) -> None:
    world.terraform = "Terraform v1.12.0\non linux_amd64\n"


def product_changes(world: World) -> None:
    world.terraform = "OpenTofu v1.11.4\non linux_amd64\n"


def source_changes(world: World) -> None:
    (world.folder / "source" / "patches" / "sqs.py").write_text("another")


def versions_change(world: World) -> None:
    world.versions = "aws-emulator 1 on moto 3 and cpython-311"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (json_changes, "the stacks have changed"),
        (lock_changes, "the provider's lock file has changed"),
        (terraform_changes, "Terraform has changed"),
        (product_changes, "Terraform has changed"),
        (source_changes, "the emulator's code has changed"),
        (versions_change, "the version of the emulator, of moto or of Python has changed"),
    ],
)
def test_whatever_changes_terraform_deploys_and_the_snapshot_is_replaced(
    world: World, capsys: pytest.CaptureFixture[str], change: Callable[[World], None], reason: str
) -> None:
    world.deploy()
    capsys.readouterr()
    change(world)
    start, running = world.start()
    assert capsys.readouterr().err == (
        f"dev: the snapshot of the last deployment is not used: {reason}; Terraform deploys\n"
    )
    assert (running, start.is_restored) == (None, False)
    start.write_snapshot([world.workspace(emulator=RUNNING)])
    capsys.readouterr()
    assert world.start()[1]


def test_another_account_is_another_deployment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.deploy()
    capsys.readouterr()
    assert world.start(account="999999999999")[1] is None
    assert ": the account has changed; " in capsys.readouterr().err


@pytest.mark.parametrize("before", [("orders-dev",), ("orders-dev", "vpr-async-dev")])
def test_another_choice_of_stacks_is_another_deployment_in_which_nothing_has_changed(
    world: World, capsys: pytest.CaptureFixture[str], before: tuple[str, ...]
) -> None:
    """STACK= deploys one of them: a snapshot of it is none of all, nor of another. Their lock files are the same."""
    world.deploy()
    capsys.readouterr()
    known = json.loads(world.record.read_text())
    for by_stack in ("stacks", "provider"):
        (digest,) = known["origin"][by_stack].values()
        known["origin"][by_stack] = dict.fromkeys(before, digest)
    world.record.write_text(json.dumps(known))
    assert world.start()[1] is None
    assert capsys.readouterr().err == (
        "dev: the snapshot of the last deployment is not used: it is of another choice of stacks; Terraform deploys\n"
    )


def test_what_has_changed_in_a_stack_of_both_choices_is_said_beside(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.deploy()
    capsys.readouterr()
    known = json.loads(world.record.read_text())
    for by_stack in ("stacks", "provider"):
        known["origin"][by_stack]["orders-dev"] = known["origin"][by_stack]["vpr-async-dev"]
    world.record.write_text(json.dumps(known))
    lock_changes(world)
    assert world.start()[1] is None
    assert capsys.readouterr().err == (
        "dev: the snapshot of the last deployment is not used: it is of another choice of stacks, "
        "the provider's lock file has changed; Terraform deploys\n"
    )


def gone(world: World) -> None:
    world.snapshot.unlink()


def damaged(world: World) -> None:
    world.snapshot.write_bytes(b"else")


def another(world: World) -> None:
    state_file.write(world.snapshot, b"everything, and a message", account_id=ACCOUNT, port=4566)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (gone, "its file is gone"),
        (damaged, "damaged, or not the saved state of an emulator"),
        (another, "it is not the one that its record is of"),
    ],
)
def test_a_snapshot_that_is_not_the_one_that_was_written_is_not_used(
    world: World, capsys: pytest.CaptureFixture[str], happens: Callable[[World], None], reason: str
) -> None:
    """Before anything starts. Whoever reaches the emulator can have it write one."""
    world.deploy()
    capsys.readouterr()
    happens(world)
    start, running = world.start()
    assert (running, start.origin is None, world.kept) == (None, False, [])
    assert capsys.readouterr().err == (
        f"dev: the snapshot of the last deployment is not used: {reason}; Terraform deploys\n"
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"origin": {}}', '{"origin": [], "found": {}}', "\udcff"])
def test_a_record_that_cannot_be_read_is_said_in_a_line(
    world: World, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    world.deploy()
    capsys.readouterr()
    world.record.write_bytes(content.encode(errors="surrogateescape"))
    assert world.start()[1] is None
    assert capsys.readouterr().err == (
        "dev: the snapshot of the last deployment is not used: its record cannot be read; Terraform deploys\n"
    )


def test_a_snapshot_that_does_not_start_is_said_in_a_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.deploy()
    capsys.readouterr()
    world.refused = "damaged: it does not hold what was saved"
    start, running = world.start()
    assert (running, start.is_restored, start.origin is None) == (None, False, False)
    assert capsys.readouterr().err == (
        "restore the deployment failed\ndev: the snapshot of the last deployment is not used: damaged: it does not "
        "hold what was saved; Terraform deploys\n"
    )
    assert world.stopped == []


def test_an_emulator_that_does_not_hold_what_was_deployed_is_ended(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the verifier and Terraform's state. What it began to keep is deleted: Terraform begins with nothing."""
    world.deploy()
    capsys.readouterr()
    world.found = "less"
    start, running = world.start(keep=True)
    assert (running, start.is_restored, world.stopped) == (None, False, [True])
    assert capsys.readouterr().err == (
        "restore the deployment failed\ndev: the snapshot of the last deployment is not used: it does not hold what "
        "was deployed; Terraform deploys\n"
    )


def test_a_port_that_is_taken_is_remembered(world: World) -> None:
    """Terraform's state names it."""
    world.deploy()
    world.port = 4567
    start, running = world.start()
    assert running
    assert (running.port, start.is_restored, start.port_before) == (4567, True, 4566)


@pytest.mark.parametrize("of", ["emulator", "by-hand"])
def test_a_state_that_waits_to_be_written_is_of_another_deployment(world: World, of: str) -> None:
    """Neither is the snapshot used, nor one written of what that state adds."""
    world.deploy()
    waiting = world.folder / "unsaved-state" / of / "vpr-async-dev" / "errored.tfstate"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("{}")
    start, running = world.start()
    assert (running, start.origin) == (None, None)


def test_a_snapshot_that_cannot_be_written_is_said_and_the_one_before_is_not_used(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.deploy()
    json_changes(world)
    start, _ = world.start()
    capsys.readouterr()

    def refuse(_: Environment) -> None:
        message = "no snapshot: the state of batch cannot be saved"
        raise NoEmulatorError(message)

    monkeypatch.setattr(emulators, "write_snapshot", refuse)
    start.write_snapshot([world.workspace(emulator=RUNNING)])
    assert capsys.readouterr().err == (
        "dev: the next make up deploys again: no snapshot: the state of batch cannot be saved\n"
    )
    assert not world.record.exists()


def test_what_somebody_has_used_already_is_no_snapshot(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that came while Terraform was still deploying would be in every later deployment."""

    def peek(*_: object) -> Any:
        return SimpleNamespace(counts={"waiting": 0, "in_flight": 1})

    used: Any = SimpleNamespace(type=SimpleNamespace(peek=peek), name="jobs", values={})
    monkeypatch.setattr(snapshot, "held", lambda _: [used])  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    start, _ = world.start()
    start.write_snapshot([world.workspace(emulator=RUNNING)])
    assert capsys.readouterr().err == "dev: the next make up deploys again: jobs holds data already\n"
    assert not world.snapshot.exists()


def test_the_state_names_the_new_port_where_it_named_the_one_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is a newer one, without which Terraform does not take it. Ports that only begin alike stay."""
    state: dict[str, Any] = {
        "serial": 3,
        "lineage": "a",
        "outputs": {"url": {"value": "http://127.0.0.1:4566/111111111111/jobs"}, "other": {"value": "127.0.0.1:45661"}},
        "resources": [],
    }
    pushed: list[Any] = []

    def run(_: Workspace, *arguments: str) -> None:
        assert arguments[:2] == ("state", "push")
        pushed.append(json.loads(Path(arguments[2]).read_text()))

    monkeypatch.setattr(terraform, "state", lambda _: state)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(terraform, "run", run)
    moved = Emulator(endpoint="http://127.0.0.1:5000", account_id=ACCOUNT, pid=2)
    snapshot.move_state(world.workspace(emulator=moved), 4566)
    assert pushed == [
        {
            "serial": 4,
            "lineage": "a",
            "outputs": {
                "url": {"value": "http://127.0.0.1:5000/111111111111/jobs"},
                "other": {"value": "127.0.0.1:45661"},
            },
            "resources": [],
        }
    ]
