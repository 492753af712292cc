"""The readers, each from a file's bytes to all that a command writes of it, held to what holds for every input."""

import argparse
import gc
import http.client
import io
import json
import shutil
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import check_report
import naming_validator
import plan_review
from check_report.errors import InvalidInputError
from check_report.forms import FORMS, rendered
from check_report.model import Level, Report
from config.environments import Environment, environments
from config.request import PROJECT_ROOT, Target, read_request
from naming_validator import command as naming
from naming_validator import hcl_reader, python_reader
from naming_validator.services import SERVICES
from ops import decisions, emulators
from ops import review as review_command
from ops.deployment import saved_plan
from ops.drift.output import report_of
from ops.drift.report import merge
from ops.errors import CommandError
from ops.lock import held_lock, reported_lock
from ops.requirement import required_resources, stated_requirements
from ops.verify.report import Check, Outcome, Verification
from plan_review.forms.html import html
from plan_review.forms.json_form import as_json
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from plan_review.model import Review
from plan_review.plan_file import read_plan
from plan_review.review import review
from plan_review.rules import Rules, load_rules
from stacks.features import load_settings
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from stacks.vpr_async.names import names_of
from tests.fuzz.inert import (
    require_coloured,
    require_github,
    require_html,
    require_json,
    require_junit,
    require_markdown,
    require_message,
    require_plain,
    require_sarif,
)
from tests.fuzz.watch import watched
from tests.settings_files import read_vpr_settings
from tests.workspaces import workspace_of

TODAY = date(2030, 1, 1)
NOW = datetime(2030, 1, 1, tzinfo=UTC)
REFUSALS = (InvalidInputError, CommandError)
"""How a command refuses what it was given: with a message, and without a traceback."""
DEV = load_settings(Environment("dev"))
WORKSPACE = workspace_of("dev")
REQUEST = read_request({})
CONVENTION = PROJECT_ROOT / "packages" / "naming-validator" / "tests" / "naming.toml"
NAMED = dict.fromkeys(("name", "bucket", "alarm_name", "function_name"), "shop-Orders_${queue}-dev")


def _entry(type_: str, actions: list[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    change: dict[str, Any] = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    marks: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {}}
    address = f"{type_}.this"
    return {"address": address, "mode": "managed", "type": type_, "name": "this", "change": {**change, **marks, **more}}


_QUEUE: dict[str, Any] = {"name": names_of(DEV).jobs_queue, "visibility_timeout_seconds": 660, "tags_all": {"a": "b"}}
_BUCKET = {"bucket": names_of(DEV).results_bucket, "force_destroy": True}
PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "resource_changes": [
        _entry("aws_sqs_queue", ["update"], _QUEUE, {**_QUEUE, "visibility_timeout_seconds": 30}),
        _entry("aws_s3_bucket", ["delete"], _BUCKET, None),
        _entry("aws_dynamodb_table", ["delete", "create"], {"name": "t"}, {"name": "u"}, replace_paths=[["name"]]),
        _entry("aws_cloudwatch_metric_alarm", ["create"], None, {"alarm_name": "a", "alarm_actions": []}),
        _entry("aws_lambda_function", ["update"], {"memory_size": 1}, {"memory_size": 2}),
        _entry("aws_iam_role", ["update"], {"policy": "{}"}, {"policy": '{"Statement": {"Effect": "Allow"}}'}),
    ],
}
"""A plan with a finding of each kind, for rules and settings that are read."""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def _refused() -> Generator[None]:
    """Take a refusal for what it is, if it is a message."""
    try:
        yield
    except REFUSALS as error:
        require_message(str(error))


def require_forms(found: Review) -> None:
    """Assert that all forms of a review are inert."""
    require_plain(terminal(found, width=60, colour=False))
    require_coloured(terminal(found, width=60, colour=True))
    require_markdown(markdown(found))
    require_html(html(found))
    require_json(as_json(found))


def _reviewed(plan: Mapping[str, Any], settings: Settings, rules: Rules) -> Review:
    return review(
        plan,
        title=VPR_ASYNC.stack_name(settings.environment),
        environment=settings.environment,
        requirement=list(required_resources(VPR_ASYNC, settings)),
        rules=rules,
        today=TODAY,
    )


def require_report(found: Report, folder: Path) -> None:
    """Assert that all forms of a report are inert."""
    with watched(folder):
        forms = {form: rendered(found, form) for form in FORMS}
    require_plain(forms["text"])
    require_json(forms["json"])
    require_junit(forms["junit"])
    require_sarif(forms["sarif"])
    require_github(forms["github"], sum(check.level is not Level.OK for check in found.checks))


def read_settings(content: bytes, folder: Path) -> None:
    """Read settings, and what commands make of valid ones."""
    (folder / "dev.toml").write_bytes(content)
    with watched(folder), _refused():
        _use(read_vpr_settings("dev", folder))


def _use(settings: Settings) -> None:
    requirement = VPR_ASYNC.requirement(settings)
    for type_, resources in requirement.resources.items():
        for name in resources:
            require_plain(f"{type_} {name}")
    require_json(json.dumps(requirement.resources, default=str))
    require_forms(_reviewed(PLAN, settings, Rules()))


def read_rules(content: bytes, folder: Path) -> None:
    """Read rules, and hold a plan against them."""
    path = folder / "review.toml"
    path.write_bytes(content)
    with watched(folder), _refused():
        require_forms(_reviewed(PLAN, DEV, load_rules(path, TODAY, environments())))


def read_decisions(content: bytes, folder: Path) -> None:
    """Read decisions against the requirement, and review a plan by what is required then."""
    path = folder / "decisions.toml"
    path.write_bytes(content)
    with (
        mock.patch.object(decisions, "DECISIONS", path),
        mock.patch.object(decisions, "_today", return_value=TODAY),
        watched(folder),
        _refused(),
    ):
        require_forms(_reviewed(PLAN, DEV, Rules()))


def review_plan(content: bytes, folder: Path) -> None:
    """Review a plan by the command, and look at all that it prints and leaves."""
    path, output = folder / "plan.json", folder / "out"
    path.write_bytes(content)
    printed = _Terminal()
    options = argparse.Namespace(plan=str(path), output=str(output), json=False)
    with watched(folder):
        try:
            with redirect_stdout(printed):
                review_command.run(REQUEST, options)
        except InvalidInputError as error:
            require_message(str(error))
            assert not output.exists(), "half a review was left"
            return
        finally:
            gc.enable()
    require_coloured(printed.getvalue())
    assert sorted(file.name for file in output.iterdir()) == ["review.html", "review.json", "review.md"]
    require_html((output / "review.html").read_text())
    require_markdown((output / "review.md").read_text())
    require_json((output / "review.json").read_text())


def _names(content: bytes, folder: Path, *files: str) -> None:
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    written = {each: io.StringIO() for each in FORMS}
    said = io.StringIO()
    for form, printed in written.items():
        with (
            watched(folder, source=str(folder / files[0])),
            redirect_stdout(printed),
            redirect_stderr(said),
        ):
            strict = ["--strict"] * (form != "text")
            status = naming.main(["--path", str(folder), f"--convention={CONVENTION}", "--format", form, *strict])
        assert status in {0, 1, 2}
    require_plain(said.getvalue())
    require_plain(written["text"].getvalue())
    found = require_json(written["json"].getvalue())
    require_junit(written["junit"].getvalue())
    require_sarif(written["sarif"].getvalue())
    require_github(written["github"].getvalue(), len(found["findings"]) + len(found["unreadable"]))


def name_in_json(content: bytes, folder: Path) -> None:
    """Read synthesized JSON, Terraform's own, and a plan, all of the same bytes."""
    _names(content, folder, "stack-dev/cdk.tf.json", "main.tf.json", "plan.json")


def name_in_hcl(content: bytes, folder: Path) -> None:
    """Read HCL."""
    _names(content, folder, "main.tf")


def name_in_python(content: bytes, folder: Path) -> None:
    """Read Python source, which is parsed and never run."""
    _names(content, folder, "main.py")


def read_convention(content: bytes, folder: Path) -> None:
    """Read a naming convention, and check names of every type against a valid one."""
    path, stack = folder / "naming.toml", folder / "stack-dev" / "cdk.tf.json"
    path.write_bytes(content)
    stack.parent.mkdir()
    stack.write_text(json.dumps({"resource": {type_: {"a": NAMED} for type_ in SERVICES}}))
    printed, said = io.StringIO(), io.StringIO()
    with watched(folder), redirect_stdout(printed), redirect_stderr(said):
        assert naming.main(["--path", str(folder), "--strict"]) in {1, 2}
    require_plain(printed.getvalue())
    if said.getvalue():
        require_message(said.getvalue().rstrip("\n"))


def read_lock(content: bytes, folder: Path) -> None:
    """Read a lock, as the state bucket has it and as Terraform says it."""
    s3 = SimpleNamespace(get_object=lambda **_: {"Body": io.BytesIO(content)})  # pyright: ignore[reportUnknownLambdaType]
    said = "Error acquiring the state lock\n" + content.decode(errors="replace")
    with watched(folder), _refused():
        held, reported = held_lock(s3, DEV, VPR_ASYNC.stack_name(DEV.environment)), reported_lock(said)
        assert held
        for lock in filter(None, (held, reported)):
            sentence = lock.sentence(NOW)
            require_plain(sentence)
            assert "\n" not in sentence


def load_saved_plan(content: bytes, folder: Path) -> None:
    """Read the record of a saved plan."""
    stack = folder / "stack"
    directory = folder / Target.AWS / WORKSPACE.stack
    private = folder / "private"
    for each in (stack, directory, private):
        each.mkdir(parents=True)
    (directory / "tfplan").write_bytes(content)
    (directory / "plan.json").write_bytes(content)
    (directory / "plan-record.json").write_bytes(content)
    (stack / "cdk.tf.json").write_bytes(content)
    workspace = replace(WORKSPACE, stack_directory=stack)
    with (
        mock.patch("ops.workspace.PLANS", folder),
        mock.patch("ops.terraform.version", return_value="1.11.4"),
        mock.patch("tempfile.TemporaryDirectory", return_value=nullcontext(str(private))),
        watched(folder),
        _refused(),
        saved_plan.opened(workspace),
    ):
        message = "a record that is no record was taken for one"
        raise AssertionError(message)


def _connect(connection: http.client.HTTPConnection) -> None:
    assert connection.host == "127.0.0.1", f"would connect to {connection.host!r}"
    raise ConnectionRefusedError


def find_emulator(content: bytes, folder: Path) -> None:
    """Read the record and the log of an emulator that runs, and of one that does not; nothing is ended or reached."""
    with (
        mock.patch.object(http.client.HTTPConnection, "connect", _connect),
        mock.patch("aws_emulator.background._ANSWER_SECONDS", 0),
        mock.patch("ops.emulators.FOLDER", folder),
        watched(folder),
    ):
        for alive in (False, True):
            (folder / "dev.json").write_bytes(content)
            (folder / "dev.log").write_bytes(content)
            with mock.patch("aws_emulator.background._try_lock", return_value=not alive), _refused():
                assert emulators.find(Environment("dev")) is None
                assert not alive


def compare_drift(content: bytes, folder: Path) -> None:
    """Compare plans that Terraform wrote of whatever it found."""
    path = folder / "plan.json"
    path.write_bytes(content)
    found: list[Report] = []
    with watched(folder), _refused():
        plan = read_plan(str(path))
        found.append(report_of(WORKSPACE, merge(plan, plan, ())))
    for report in found:
        require_report(report, folder)


def report_verification(content: bytes, folder: Path) -> None:
    """Report what AWS answered, in each form of the verifier's."""
    try:
        told: Any = json.loads(content, parse_constant=str, parse_float=str)
    except (ValueError, RecursionError):
        return
    answers = cast("list[Any]", told) if isinstance(told, list) else [told]
    outcomes = list(Outcome)
    checks = tuple(
        Check("aws_sqs_queue", str(answer)[:500], str(answer)[:60], outcome, answer, told, str(answer)[:500])
        for number, answer in enumerate(answers[:20])
        for outcome in (outcomes[number % len(outcomes)],)
    )
    require_report(Verification("deployed", "vpr-async-dev", "dev", "AWS", checks, 1, 1.0).report, folder)


def warm() -> None:
    """Load what is loaded late, so that it does not look as if the input had loaded it."""
    hcl_reader.read_hcl(b"", "main.tf")
    python_reader.read_python(b"", "main.py")
    for package in (check_report, naming_validator, plan_review):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                import_module(module.name)
    datetime.strptime("2030", "%Y").replace(tzinfo=UTC)
    stated_requirements(DEV)
    for each in (PLAN, {}):
        require_forms(_reviewed(each, DEV, Rules()))


Read = Callable[[bytes, Path], None]
READERS: Mapping[str, Read] = {
    "settings": read_settings,
    "rules": read_rules,
    "decisions": read_decisions,
    "plan": review_plan,
    "convention": read_convention,
    "names-json": name_in_json,
    "names-hcl": name_in_hcl,
    "names-python": name_in_python,
    "lock": read_lock,
    "saved-plan": load_saved_plan,
    "emulator": find_emulator,
    "drift": compare_drift,
    "verification": report_verification,
}
"""Each reader by its name, which is its corpus's too."""


def read(name: str, content: bytes, folder: Path) -> None:
    """Give a reader the bytes, in a folder of its own that is emptied before. Raises whatever should not be."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    READERS[name](content, folder)
    sys.stdout.flush()
