"""One run of the app serves every stack that a command works on, and drift looks at the state bucket once."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest

from config.request import Target, read_request
from ops import synthesis, workspace
from ops.drift import command as drift
from ops.workspace import Workspace, synthesize
from stacks.features import STATE_BACKEND
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.workspaces import workspace_of


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
    reports: list[str] = field(default_factory=list[str])


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


def test_drift_of_two_stacks_looks_at_the_state_bucket_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = Counted()

    @contextmanager
    def opened(*_: object, **__: object) -> Generator[list[Workspace]]:
        yield two_workspaces(tmp_path)

    def look(*_: object) -> list[str]:
        counted.looks += 1
        return ["checked"]

    def compared(of: Workspace, _: object, of_state_bucket: list[str]) -> Any:
        assert of_state_bucket == ["checked"]
        return of.stack

    def report_of(_: Workspace, stack: str) -> Any:
        return SimpleNamespace(exit_status=0, stack=stack)

    def rendered(report: Any, _: str) -> str:
        return report.stack

    answers: dict[str, Any] = {
        "open_workspaces": opened,
        "verify_state_bucket": look,
        "_look": compared,
        "report_of": report_of,
        "rendered": rendered,
    }
    for name, answer in answers.items():
        monkeypatch.setattr(drift, name, answer)
    monkeypatch.setattr(drift, "required_clients", lambda *_: SimpleNamespace())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    assert drift.run(read_request({"ENV": "dev"}), SimpleNamespace(format="text")) == 0  # pyright: ignore[reportArgumentType]
    assert capsys.readouterr().out == "vpr-async-dev\nstate-backend-dev\n"
    assert counted.looks == 1
