"""The command line: which exit status a situation has, whatever the command; and an answer that could not be had."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import NoCredentialsError

from aws_emulator import Emulator, SilentEmulatorError, background
from check_report.errors import InvalidInputError
from config.request import PROJECT_ROOT
from ops import aws, cli, decisions, emulators, review, terraform, work_lock, workspace
from ops.cli import MODULES, main
from ops.command import Command
from ops.errors import CommandError, NoAnswerError
from ops.resource_types import TYPES
from ops.resource_types.interface import Redrive
from ops.supply_chain import audit, harden
from tests.ops.test_aws import answering

from golden_plans import content

TABLE = PROJECT_ROOT / "docs" / "exit-statuses.md"
NOWHERE = "http://127.0.0.1:9"


def rows() -> Iterator[tuple[str, int, list[str]]]:
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[1].isdigit():
            yield cells[0], int(cells[1]), cells[2].split(", ")


@pytest.fixture
def situation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "_Situations":
    return _Situations(monkeypatch, tmp_path)


class _Situations:
    """The makers of the situations, by the words of the table; each returns further arguments of the command."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.patch, self.folder = patch, folder
        patch.setenv("ENV", "dev")
        patch.setattr(work_lock, "LOCKS", folder / "locks")
        patch.setattr(workspace, "BUSY_SECONDS", 0)
        patch.setattr(emulators, "FOLDER", folder / "emulators")
        self.find(lambda: None)

    def find(self, found: Callable[[], Emulator | None]) -> None:
        self.patch.setattr(background, "find", lambda *_, **__: found())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything

    def an_emulator(self, account: str = "111111111111") -> None:
        self.find(lambda: Emulator(endpoint=NOWHERE, account_id=account, pid=1))

    def on_aws(self) -> None:
        self.patch.setenv("TARGET", "aws")
        self.patch.setenv("AUTO_APPROVE", "yes")
        self.patch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def make(self, words: str, command: str) -> list[str]:
        made = getattr(
            self, "_".join(words.replace("=", " ").replace("'", "").replace(",", "").replace("-", " ").lower().split())
        )
        return made(command) or []

    def env_names_no_environment(self, _: str) -> None:
        self.patch.setenv("ENV", "production")

    def an_option_is_not_known(self, _: str) -> list[str]:
        return ["--no-such-option"]

    def stack_names_no_stack(self, _: str) -> None:
        self.patch.setenv("STACK", "no-such-stack")

    def the_environments_settings_have_errors(self, _: str) -> None:
        self.an_emulator()

        def refused(*_: Any, **__: Any) -> Any:
            raise InvalidInputError(["environments/dev.toml: region = 7: not allowed"])

        for name in MODULES.values():
            module = __import__(name, fromlist=["x"])
            if hasattr(module, "load_settings"):
                self.patch.setattr(module, "load_settings", refused)
        self.patch.setattr(workspace, "load_settings", refused)

    def a_variable_adds_options_to_terraform(self, _: str) -> None:
        self.an_emulator()
        self.patch.setenv("TF_CLI_ARGS_plan", "-target=aws_sqs_queue.jobs")

    def another_command_is_at_work_in_this_checkout(self, _: str) -> None:
        self.an_emulator()
        self.patch.setenv("LOCK_TIMEOUT", "0s")
        self.patch.setattr(work_lock, "_try_lock", lambda _: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything

    def no_emulator_is_running_and_the_command_needs_what_is_deployed(self, _: str) -> None:
        self.find(lambda: None)

    def no_emulator_is_running_so_there_is_nothing_to_end(self, _: str) -> None:
        self.patch.setattr(background, "stop", lambda *_, **__: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything

    def the_emulator_does_not_answer(self, _: str) -> None:
        def silent(*_: Any, **__: Any) -> Any:
            message = "the emulator (pid 1) does not answer"
            raise SilentEmulatorError(message)

        self.find(silent)
        self.patch.setattr(background, "stop", silent)

    def what_was_saved_of_the_emulator_is_unreadable(self, _: str) -> None:
        (self.folder / "emulators").mkdir()
        (self.folder / "emulators" / "dev.state").write_bytes(b"else")

    def the_emulator_is_another_accounts(self, _: str) -> None:
        self.an_emulator("999999999999")

    def target_aws_without_credentials(self, _: str) -> None:
        self.on_aws()
        self.patch.setenv("HOME", str(self.folder))

    def target_aws_with_another_accounts_credentials(self, _: str) -> None:
        self.on_aws()
        answering(self.patch, "", account="999999999999")

    def target_aws_while_the_shell_leads_elsewhere(self, _: str) -> None:
        self.on_aws()
        self.patch.setenv("AWS_ENDPOINT_URL", NOWHERE)

    def target_aws_in_a_shell_with_the_emulators_variables(self, _: str) -> None:
        self.on_aws()
        self.patch.setenv("AWS_ACCESS_KEY_ID", "emulator")
        self.patch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")

    def target_aws_and_the_command_is_the_emulators_alone(self, _: str) -> None:
        self.on_aws()

    def nothing_is_deployed_yet(self, _: str) -> None:
        self.an_emulator()
        self.patch.setattr(aws, "make_emulated_state_bucket", lambda *_: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything
        self.patch.setattr(terraform, "state", lambda _: {})  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything

    def target_aws_without_a_terminal_to_approve_on(self, _: str) -> None:
        self.on_aws()
        self.patch.delenv("AUTO_APPROVE")

    def the_state_bucket_cannot_be_seen(self, _: str) -> None:
        self.an_emulator()

        def refused(*_: Any, **__: Any) -> Any:
            message = "state bucket: another account's"
            raise NoAnswerError(message)

        self.patch.setattr(aws, "state_bucket_exists", refused)
        self.patch.setattr(aws, "make_emulated_state_bucket", refused)

    def no_plan_is_saved(self, _: str) -> None:
        self.an_emulator()
        self.patch.setattr(aws, "make_emulated_state_bucket", lambda *_: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything
        self.patch.setattr(workspace, "PLANS", self.folder)

    def the_plan_cannot_be_read(self, _: str) -> list[str]:
        file = self.folder / "plan.json"
        file.write_text("{")
        return [str(file)]

    def a_file_of_decisions_has_errors(self, command: str) -> list[str]:
        file = self.folder / "decisions.toml"
        file.write_text("[[decision")
        for module, name in ((audit, "DECISIONS"), (harden, "EXCEPTIONS"), (review, "RULES")):
            self.patch.setattr(module, name, file)
        return [self.plan("bucket-renamed")] if command == "review" else []

    def a_rule_stops_the_plan(self, _: str) -> list[str]:
        self.patch.delenv("ENV")
        return [self.plan("bucket-renamed")]

    def the_settings_retain_data(self, _: str) -> None:
        self.patch.setenv("ENV", "prod")

    def no_message_is_in_a_dead_letter_queue_so_there_is_nothing_to_move(self, _: str) -> None:
        self.dead_letters(0)

    def the_consumers_alarm_is_raised(self, _: str) -> None:
        self.dead_letters(1)

    def dead_letters(self, count: int) -> None:
        """Let a queue have this many dead letters, and its alarm be raised."""
        self.an_emulator()

        def never(*_: Any) -> Any:
            raise AssertionError

        def dead(queue: str, _: Any) -> str:
            return "dead" if "queue" in queue else ""

        redrive = Redrive(dead_letter_queue=dead, counts=lambda *_: (count, 0), shown=never, move=never)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything
        queues, alarms = TYPES["aws_sqs_queue"], TYPES["aws_cloudwatch_metric_alarm"]
        self.patch.setitem(cast("Any", TYPES), queues.name, replace(queues, redrive=redrive))
        self.patch.setitem(cast("Any", TYPES), alarms.name, replace(alarms, is_raised=lambda *_: True))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything

    def plan(self, name: str) -> str:
        file = self.folder / "plan.json"
        file.write_bytes(content(name))
        return str(file)


@pytest.mark.parametrize(
    ("words", "status", "command"),
    [
        pytest.param(words, status, command, id=f"{command}: {words}")
        for words, status, commands in rows()
        for command in commands
    ],
)
def test_a_situation_has_the_same_status_in_every_command(
    words: str, status: int, command: str, situation: _Situations, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it says why, in words."""
    further = situation.make(words, command)
    try:
        ended = main([command, *further])
    except SystemExit as end:
        ended = end.code
    said = "".join(capsys.readouterr())
    assert ended == status, said
    assert "Traceback" not in said
    assert said


@pytest.mark.parametrize("command", ["drift", "env", "peek", "redrive", "reset", "smoke", "verify"])
def test_without_an_emulator_each_command_says_the_same_and_what_to_type(
    command: str, situation: _Situations, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that AWS has as well names it there."""
    situation.find(lambda: None)
    monkeypatch.setenv("ENV", "staging")
    assert main([command, *(["--dry-run"] if command == "redrive" else [])]) == 2
    there = "" if command in {"env", "reset"} else f"; on AWS: make {command} ENV=staging TARGET=aws"
    assert capsys.readouterr().err == (
        f"staging: no emulator is running, so nothing is deployed; make up ENV=staging deploys{there}\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--env", "staging"),
            (
                "staging: no emulator is running, so nothing is deployed; make up ENV=staging deploys; "
                "on AWS: make verify ENV=staging TARGET=aws\n"
            ),
        ),
        (
            ("--mode", "prerequisites"),
            (
                "dev: no emulator is running, so there is nothing to look at; make bootstrap ENV=dev starts one that "
                'stays, with the state bucket; on AWS: make verify ENV=dev TARGET=aws ARGS="--mode prerequisites"\n'
            ),
        ),
    ],
)
def test_verify_without_an_emulator_names_what_to_type_for_its_own_options(
    situation: _Situations,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    message: str,
) -> None:
    """Who has not deployed yet, and asks what a first deployment needs, is not told to deploy."""
    situation.find(lambda: None)
    monkeypatch.setenv("ENV", "dev")
    assert main(["verify", *options]) == 2
    assert capsys.readouterr().err == message


@pytest.mark.parametrize("command", ["plan", "adopt"])
@pytest.mark.parametrize(
    "wrong",
    [
        (review, "RULES", '[[rule]]\nname = ""\nwhy = "w"\nkinds = ["loss"]\n', "rule 1: name = "),
        (
            decisions,
            "DECISIONS",
            '[[decision]]\nresource = "aws_s3_bucket a"\nproperty = "p"\nvalue = 1\nreason = ""\nuntil = 2020-01-01\n',
            'decision 1: reason = "": not allowed',
        ),
        (
            decisions,
            "DECISIONS",
            '[[decision]]\nresource = "aws_x a"\nproperty = "p"\nvalue = 1\nreason = "r"\nuntil = 2020-01-01\n',
            'decision 1: resource = "aws_x a": no environment',
        ),
    ],
)
def test_a_file_that_judges_a_plan_is_refused_before_one_is_made(
    command: str,
    wrong: tuple[Any, str, str, str],
    situation: _Situations,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And before an emulator is started."""
    module, name, text, error = wrong
    situation.an_emulator()

    def opened(*_: Any, **__: Any) -> Any:
        raise AssertionError

    situation.patch.setattr("ops.deployment.plan.open_workspaces", opened)
    file = situation.folder / "judging.toml"
    file.write_text(text)
    situation.patch.setattr(module, name, file)
    assert main([command]) == 2
    assert error in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "allowed", "error"),
    [
        (["redrive", "--dryrun"], "--dry-run", "--dryrun: not known; did you mean --dry-run?"),
        (["verify", "--fromat=json"], "--format", "--fromat=json: not known; did you mean --format?"),
        (["redrive", "everything"], "--at-most", "everything: not known"),
        (["status", "--json"], "ops status [-h]", "--json: not known"),
    ],
)
def test_an_unknown_option_is_refused_with_those_that_the_command_has(
    arguments: list[str], allowed: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert allowed in said.partition("error:")[0]
    assert said.endswith(f"error: {error}\n")


def test_the_table_has_every_command_and_ten_situations_at_least() -> None:
    assert {command for _, _, commands in rows() for command in commands} == set(MODULES)
    assert len(list(rows())) >= 10


def test_every_command_is_its_modules() -> None:
    for name in MODULES:
        assert cli.command_of(name).name == name


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


FAILURES: list[tuple[BaseException, str]] = [
    (CommandError("terraform failed"), "terraform failed"),
    (NoCredentialsError(), "AWS gave no answer that can be used: Unable to locate credentials"),
    (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    (KeyError("Table"), "asked: an error in the command itself, which answers nothing: KeyError: 'Table'"),
    (
        ValueError("two\nlines \x1b[2J"),
        "asked: an error in the command itself, which answers nothing: ValueError: two lines \\x1b[2J",
    ),
    (SystemExit(1), ""),
]


def ends(monkeypatch: pytest.MonkeyPatch, run: Callable[..., int], *, answers: bool) -> int:
    """Return the status of a command that does nothing else."""
    command = Command(name="asked", summary="", run=run, answers=answers)
    monkeypatch.setattr(cli, "MODULES", {"asked": "none"})
    monkeypatch.setattr(cli, "command_of", lambda _: command)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes a name
    return main(["asked"])


@pytest.mark.parametrize(("error", "said"), FAILURES)
def test_what_keeps_a_command_from_answering_is_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, said: str
) -> None:
    """1 would say that something differs. Its message is one line; a synthesis that failed has shown its own."""
    assert ends(monkeypatch, raising(error), answers=True) == 2
    assert capsys.readouterr().err == (f"{said}\n" if said else "")


@pytest.mark.parametrize(("error", "status"), [(CommandError("failed"), 1), (NoAnswerError("unreadable"), 2)])
def test_a_command_that_has_no_answer_fails_with_1_and_could_not_begin_with_2(
    monkeypatch: pytest.MonkeyPatch, error: CommandError, status: int
) -> None:
    assert ends(monkeypatch, raising(error), answers=False) == status


@pytest.mark.parametrize("status", [0, 1, 2])
def test_an_answer_is_what_it_is(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    def run(*_: argparse.Namespace) -> int:
        return status

    assert ends(monkeypatch, run, answers=True) == status


def test_a_reader_that_has_gone_and_ctrl_c_have_statuses_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ends(monkeypatch, raising(BrokenPipeError()), answers=True) == 141
    assert ends(monkeypatch, raising(KeyboardInterrupt()), answers=True) == 130
