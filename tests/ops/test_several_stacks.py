"""One run of the app serves every stack that a command works on; drift reads the state bucket once, and every stack."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest

from config.request import Target
from ops import synthesis, workspace
from ops.cli import main
from ops.drift import command as drift
from ops.errors import CommandError
from ops.workspace import Workspace, synthesize
from stacks.features import STATE_BACKEND
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.workspaces import workspace_of

NOT_DEPLOYED = -1


def two_workspaces(folder: Path) -> list[Workspace]:
    return [
        workspace_of(
            "dev",
            target=Target.EMULATOR,
            variables={"ENV": "dev"},
            feature=feature,
            stack_directory=folder / "work" / feature.stack,
        )
        for feature in (VPR_ASYNC, STATE_BACKEND)
    ]


@dataclass
class Counted:
    """Counts of the app's runs, and of looks at the state bucket."""

    runs: int = 0
    looks: int = 0
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    """The exit status of each stack's report, by the stack; or NOT_DEPLOYED."""


def test_two_stacks_take_one_run_of_the_app_and_each_shows_its_own_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = Counted()
    note = {"constructPath": "vpr-async-dev/Worker", "level": "@cdktf/info", "message": "AWS advises more"}
    manifest = {"stacks": {"vpr-async-dev": {"annotations": [note]}, "state-backend-dev": {}}}

    def start(_: Mapping[str, str]) -> None:
        counted.runs += 1
        for stack in ("vpr-async-dev", "state-backend-dev"):
            (tmp_path / "app" / "stacks" / stack).mkdir(parents=True)
            (tmp_path / "app" / "stacks" / stack / "cdk.tf.json").write_text(stack)
        (tmp_path / "app" / "manifest.json").write_text(json.dumps(manifest))

    monkeypatch.setattr(synthesis, "_start", start)
    monkeypatch.setattr(synthesis, "_folder", lambda _: tmp_path / "app")  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(synthesis.process, "finish", lambda _: CompletedProcess((), 0, "", ""))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(workspace.unsaved_state, "keep", lambda *_: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    both = two_workspaces(tmp_path)
    for each in both:
        synthesize(each)
    synthesis.end()
    assert counted.runs == 1
    assert [(each.stack_directory / "cdk.tf.json").read_text() for each in both] == [
        "vpr-async-dev",
        "state-backend-dev",
    ]
    assert not (tmp_path / "app").exists()
    assert capsys.readouterr().err.count("note: vpr-async-dev/Worker: AWS advises more\n") == 1


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Drift of two stacks, whose reports are one line each."""
    counted = Counted()

    @contextmanager
    def opened(*_: object, **__: object) -> Generator[list[Workspace]]:
        yield two_workspaces(tmp_path)

    def look(*_: object) -> list[str]:
        counted.looks += 1
        return ["checked"]

    def compared(of: Workspace, _: object, of_state_bucket: list[str]) -> Any:
        assert of_state_bucket == ["checked"]
        status = counted.statuses[of.stack]
        if status == NOT_DEPLOYED:
            message = f"{of.stack}: nothing is deployed"
            raise CommandError(message)
        return status

    def report_of(of: Workspace, status: int) -> Any:
        return SimpleNamespace(exit_status=status, stack=of.stack)

    def rendered(report: Any, _: str) -> str:
        return report.stack

    answers: dict[str, Any] = {
        "open_workspaces": opened,
        "verify_state_bucket": look,
        "_look": compared,
        "report_of": report_of,
        "rendered": rendered,
        "required_clients": lambda *_: SimpleNamespace(),  # pyright: ignore[reportUnknownLambdaType]
    }
    for name, answer in answers.items():
        monkeypatch.setattr(drift, name, answer)
    monkeypatch.setenv("ENV", "dev")
    return counted


def test_drift_of_two_stacks_looks_at_the_state_bucket_once(
    counted: Counted, capsys: pytest.CaptureFixture[str]
) -> None:
    counted.statuses = {"vpr-async-dev": 0, "state-backend-dev": 0}
    assert main(["drift"]) == 0
    assert capsys.readouterr().out == "vpr-async-dev\nstate-backend-dev\n"
    assert counted.looks == 1


@pytest.mark.parametrize(
    ("statuses", "status", "said"),
    [
        ((1, 0), 1, ("vpr-async-dev\nstate-backend-dev\n", "")),
        (
            (NOT_DEPLOYED, 1),
            2,
            ("state-backend-dev\n", "vpr-async-dev: nothing is deployed\n1 of 2 stacks failed\n"),
        ),
        (
            (1, NOT_DEPLOYED),
            2,
            ("vpr-async-dev\n", "state-backend-dev: nothing is deployed\n1 of 2 stacks failed\n"),
        ),
        (
            (NOT_DEPLOYED, NOT_DEPLOYED),
            2,
            (
                "",
                "vpr-async-dev: nothing is deployed\nstate-backend-dev: nothing is deployed\n2 of 2 stacks failed\n",
            ),
        ),
    ],
)
def test_drift_goes_on_after_a_stack_that_is_not_deployed(
    counted: Counted,
    capsys: pytest.CaptureFixture[str],
    statuses: tuple[int, int],
    status: int,
    said: tuple[str, str],
) -> None:
    """Each error is shown, and the gravest exit status is the command's: no answer is graver than drift."""
    counted.statuses = dict(zip(("vpr-async-dev", "state-backend-dev"), statuses, strict=True))
    assert main(["drift"]) == status
    assert capsys.readouterr() == said
