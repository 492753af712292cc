"""The state of a bootstrap that did not end: the next one goes on from it."""

import dataclasses
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.request import Request, read_request
from ops import aws, terraform, unsaved_state
from ops.deployment import bootstrap
from ops.errors import CommandError
from ops.workspace import Workspace
from stacks.features import STATE_BACKEND
from tests.workspaces import workspace_of


def test_a_state_that_a_killed_bootstrap_left_is_kept_before_its_folder_is_laid_out_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing else knows of the bucket that it made."""
    workspace = dataclasses.replace(workspace_of("dev", feature=STATE_BACKEND), stack_directory=tmp_path / "made")
    workspace.stack_directory.mkdir()

    @contextmanager
    def opened(*_: object, **__: object) -> Generator[Workspace]:
        yield workspace

    def stop(_: Workspace) -> None:
        message = "far enough"
        raise CommandError(message)

    def nothing(*_: object) -> None:
        pass

    for module, name, answer in (
        (bootstrap, "BOOTSTRAPS", tmp_path / "bootstrap"),
        (bootstrap, "open_workspace", opened),
        (bootstrap, "synthesize", nothing),
        (aws, "state_bucket_exists", nothing),
        (Workspace, "client", nothing),
        (terraform, "init", stop),
        (unsaved_state, "UNSAVED_STATES", tmp_path / "unsaved-state"),
    ):
        monkeypatch.setattr(module, name, answer)
    left = tmp_path / "bootstrap" / "aws" / "state-backend-dev" / "stack" / "errored.tfstate"
    left.parent.mkdir(parents=True)
    left.write_text("made")
    request: Request = read_request({"ENV": "dev"})
    with pytest.raises(CommandError, match="far enough"):
        bootstrap.bootstrap(request)
    assert (tmp_path / "unsaved-state" / "aws" / "state-backend-dev" / "errored.tfstate").read_text() == "made"
