"""cdktf's CLI: a run for each stack, what its failure says, and what installs it."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT, Target, read_request
from ops.deployment import cdktf_cli
from ops.errors import CommandError, NoAnswerError
from ops.workspace import Workspace
from stacks.feature import Feature
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.workspaces import workspace_of


@pytest.mark.parametrize("command", ["synth", "deploy"])
def test_a_command_by_hand_without_the_cli_says_what_installs_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `make plan` alone: nothing is begun."""
    monkeypatch.setattr(cdktf_cli, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(cdktf_cli, "CDKTF", str(tmp_path / "node_modules" / ".bin" / "cdktf"))
    message = f"^node_modules/.bin/cdktf is not installed; make {command} installs it, and runs it$"
    with pytest.raises(NoAnswerError, match=message):
        getattr(cdktf_cli, command)(read_request({"ENV": "dev"}))


@pytest.mark.parametrize(
    ("command", "named"),
    [("synth", ".venv/bin/python main.py"), ("deploy", ".venv/bin/python main.py or make plan ENV=prod TARGET=aws")],
)
def test_what_says_why_the_cli_failed_synthesizes_every_environment_as_the_cli_does(
    command: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan of one environment would succeed where the stack of another one fails."""
    failing = tmp_path / "cdktf"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    monkeypatch.setattr(cdktf_cli, "CDKTF", str(failing))
    message = f"^cdktf {command} failed with status 3; if it does not say why, {named} does$"
    with pytest.raises(CommandError, match=message):
        cdktf_cli._cdktf(workspace_of(), command)  # pyright: ignore[reportPrivateUsage]
    assert (PROJECT_ROOT / cdktf_cli.APP.split()[-1]).exists()


@pytest.fixture
def two_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have two stacks to deploy, and a CLI that notes its arguments and its folder of Terraform's data; return it."""

    def opened_workspace(feature: Feature) -> Workspace:
        data = {"TF_DATA_DIR": f"data of {feature.stack}"}
        return workspace_of("dev", target=Target.EMULATOR, feature=feature, variables=data)

    @contextmanager
    def opened(*_: object, **__: object) -> Generator[list[Workspace]]:
        other = Feature(
            key="orders", stack="orders", requirement=VPR_ASYNC.requirement, stack_class=VPR_ASYNC.stack_class
        )
        yield [opened_workspace(VPR_ASYNC), opened_workspace(other)]

    def unlocked(*_: object, **__: object) -> AbstractContextManager[None]:
        return nullcontext()

    def nothing(*_: object, **__: object) -> Any:
        return None

    cli = tmp_path / "cdktf"
    cli.write_text(f'#!/bin/sh\necho "$TF_DATA_DIR: $*" >> {tmp_path}/runs\n[ ! -e {tmp_path}/"fails $2" ]\n')
    cli.chmod(0o755)
    monkeypatch.setattr(cdktf_cli, "CDKTF", str(cli))
    monkeypatch.setattr(cdktf_cli, "CDKTF_OUT", tmp_path)
    monkeypatch.setattr(cdktf_cli, "at_work", unlocked)
    monkeypatch.setattr(cdktf_cli, "open_workspaces", opened)
    for module, name in ((cdktf_cli, "_require_deployable"), (cdktf_cli.saved_plan, "synthesized")):
        monkeypatch.setattr(module, name, nothing)
    monkeypatch.setattr(cdktf_cli.terraform, "state", nothing)
    monkeypatch.setattr(cdktf_cli, "expectation_of_creations", nothing)
    return tmp_path


FIRST, SECOND = (
    "data of vpr-async: deploy vpr-async-dev --skip-provider-lock --auto-approve",
    "data of orders: deploy orders-dev --skip-provider-lock --auto-approve",
)


def test_each_stack_is_deployed_with_the_variables_of_its_own(two_stacks: Path) -> None:
    """With the folder of another stack's data Terraform says that its backend has changed."""
    cdktf_cli.deploy(read_request({"ENV": "dev"}))
    assert (two_stacks / "runs").read_text().splitlines() == [FIRST, SECOND]


def test_a_stack_that_fails_is_named_and_ends_the_deployment(two_stacks: Path) -> None:
    (two_stacks / "fails vpr-async-dev").touch()
    with pytest.raises(CommandError, match=r"^cdktf deploy vpr-async-dev failed with status 1; ") as failed:
        cdktf_cli.deploy(read_request({"ENV": "dev"}))
    assert failed.value.status == 1
    assert (two_stacks / "runs").read_text().splitlines() == [FIRST]
