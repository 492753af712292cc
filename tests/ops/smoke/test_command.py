"""The engine of smoke runs, on features made for it: it knows neither what they show nor where."""

from argparse import Namespace
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from aws_emulator import Emulator
from check_report.errors import InvalidInputError
from config.environments import Environment
from config.request import Request, Target, read_request
from ops.errors import CommandError
from ops.smoke import command
from ops.workspace import Workspace, features_of
from stacks.feature import Feature
from stacks.requirement import Requirement
from stacks.settings import Settings
from stacks.smoke import NotReadyError, NotShownError, Scene, Smoke, Step, UnexpectedError
from tests.workspaces import workspace_of

NOBODY = Namespace(yes_prod=False, packer_role=None)


class Parcel:
    """A run that makes nothing."""

    title = "parcel 7"

    def removals(self) -> Mapping[str, Callable[[], object]]:
        """Return nothing to take away."""
        return {}


class Stuck(Parcel):
    """A run of which something cannot be taken away."""

    def removals(self) -> Mapping[str, Callable[[], object]]:
        """Return a removal that finds nothing, and one that works."""
        return {"parcel 7": lose, "its label": lambda: None}


def lose() -> None:
    raise UnexpectedError(expected="the parcel", found="nothing")


def pack(_: Parcel) -> str:
    return "packed"


def drop(_: Parcel) -> str:
    raise UnexpectedError(expected="a whole parcel", found="shards")


def fly(_: Parcel) -> str:
    message = "there are no planes"
    raise NotShownError(message)


def unready(_: Scene) -> Parcel:
    message = "no depot"
    raise NotReadyError(message)


def no_stack() -> Any:
    """Return nothing that makes a stack."""


def writes(settings: Settings) -> str:
    return f"a parcel to {settings.environment}'s depot"


def feature(
    stack: str, *steps: Step[Parcel], begin: Callable[[Scene], Parcel] | None = None, has_smoke: bool = True
) -> Feature:
    smoke = Smoke(
        writes=writes,
        roles=("packer",),
        role_example="arn:aws:iam::111111111111:role/packer",
        answer_seconds=1,
        begin=begin or (lambda _: Parcel()),
        steps=steps,
    )
    return Feature(
        key=stack,
        stack=stack,
        requirement=lambda _: Requirement(resources={}, prefixes={}),
        stack_class=no_stack,
        smoke=(lambda: smoke) if has_smoke else None,
    )


def smoke(monkeypatch: pytest.MonkeyPatch, *features: Feature, options: Namespace = NOBODY, **variables: str) -> int:
    """Run the command on these features, which are deployed to an emulator that nothing asks."""
    emulator = Emulator("http://127.0.0.1:9", "111111111111", 1)

    @contextmanager
    def opened(request: Request, **_: Any) -> Generator[Sequence[Workspace]]:
        yield [
            workspace_of("dev", target=Target.EMULATOR, emulator=emulator, feature=each)
            for each in features_of(request)
        ]

    def found(_: Environment) -> Emulator:
        return emulator

    monkeypatch.setattr(command, "FEATURES", features)
    monkeypatch.setattr("ops.workspace.FEATURES", features)
    monkeypatch.setattr(command, "open_workspaces", opened)
    monkeypatch.setattr("ops.workspace.find_emulator", found)
    return command.run(read_request(variables), options)


PACK = Step("packer", "pack it", pack)


def test_each_feature_is_shown_and_one_without_a_run_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert smoke(monkeypatch, feature("post", PACK), feature("silent", has_smoke=False), feature("mail", PACK)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(("post", "silent", "mail"))] == [
        "post-dev on the emulator at http://127.0.0.1:9 (account 111111111111, us-east-1): parcel 7",
        "silent-dev: has no smoke run, so nothing is shown of it",
        "mail-dev on the emulator at http://127.0.0.1:9 (account 111111111111, us-east-1): parcel 7",
    ]
    assert lines.count("cleaned up: nothing is left") == 2


def test_the_one_that_stack_names_has_to_have_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    features = (feature("post", PACK), feature("silent", has_smoke=False))
    with pytest.raises(InvalidInputError) as refused:
        smoke(monkeypatch, *features, STACK="silent")
    assert refused.value.faults == ('STACK = "silent": has no smoke run; allowed: post',)
    assert smoke(monkeypatch, *features, STACK="post") == 0


def test_a_step_whose_needs_failed_is_skipped_and_a_failure_is_a_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (PACK, Step("mailman", "drop it", drop, needs=(pack,)), Step("pilot", "fly it", fly))
    assert smoke(monkeypatch, feature("post", *steps, Step("packer", "sign", pack, needs=(drop,)))) == 1
    text = capsys.readouterr().out
    outcomes = [line.split("  ")[0].strip() for line in text.splitlines() if " s - " in line]
    assert outcomes == ["ok", "FAILED", "not shown", "skipped"]
    assert "expected: a whole parcel\n  found: shards" in text


def test_what_cannot_be_taken_away_is_left_behind_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert smoke(monkeypatch, feature("post", PACK, begin=lambda _: Stuck())) == 1
    assert "LEFT BEHIND: parcel 7: expected the parcel; found nothing\n" in capsys.readouterr().out


def test_one_that_cannot_begin_does_not_keep_the_next_from_its_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="1 of 2 stacks failed"):
        smoke(monkeypatch, feature("post", PACK, begin=unready), feature("mail", PACK))
    shown = capsys.readouterr()
    assert "no depot" in shown.err
    assert "mail-dev on " in shown.out


def test_a_role_is_of_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    role = Namespace(yes_prod=False, packer_role="packer")
    with pytest.raises(InvalidInputError) as refused:
        smoke(monkeypatch, feature("post", PACK), feature("mail", PACK), options=role)
    assert refused.value.faults == ('--packer-role "packer": is a role of post and mail; STACK names the one stack',)
    with pytest.raises(InvalidInputError) as invalid:
        smoke(monkeypatch, feature("post", PACK), options=role)
    assert str(invalid.value) == (
        '--packer-role "packer": not allowed; allowed: the ARN of an IAM role, '
        'like "arn:aws:iam::111111111111:role/packer"'
    )


def test_where_customers_are_served_each_run_wants_a_word_more_on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInputError) as refused:
        smoke(monkeypatch, feature("post", PACK), feature("mail", PACK), ENV="prod", TARGET="aws")
    sentence = "TARGET=aws ENV=prod: smoke writes a parcel to prod's depot; --yes-prod goes on all the same"
    assert refused.value.faults == (sentence, sentence)
    for environment in ("dev", "staging"):
        assert smoke(monkeypatch, feature("post", PACK), ENV=environment, TARGET="aws") == 0
