"""Decisions against the requirement: the file, its errors, and what becomes of a requirement by them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from check_report.errors import InvalidInputError
from config.environments import Environment
from ops import decisions
from ops.decisions import Decision, applied, load, require_known
from ops.planned_properties import planned_properties
from ops.requirement import required_resources, requirement_of
from plan_review.decisions import at_path, to_paste
from plan_review.forms.wording import path_in
from stacks.features import STATE_BACKEND, load_settings
from stacks.requirement import Document, Requirement
from stacks.vpr_async import FEATURE as VPR_ASYNC

PROD, DEV = (load_settings(Environment(name)) for name in ("prod", "dev"))
TODAY = date(2030, 1, 1)
BUCKET, QUEUE = "careervp-prod-vpr-results-us-east-1-2d9368", "careervp-vpr-jobs-queue-prod"
DAYS = "lifecycle rule DeleteOldResults.Expiration.Days"
ENTRY = {
    "resource": '"aws_s3_bucket careervp-*-vpr-results-*"',
    "property": f'"{DAYS}"',
    "value": "30",
    "reason": '"OPS-123"',
    "until": "2030-12-31",
}


def text(*changes: Mapping[str, str | None]) -> str:
    entries = ({key: value for key, value in {**ENTRY, **change}.items() if value is not None} for change in changes)
    return "\n".join("\n".join(["[[decision]]", *(f"{k} = {v}" for k, v in each.items())]) for each in entries)


def read(folder: Path, content: str) -> list[Decision]:
    (folder / "decisions.toml").write_text(content)
    return list(load(folder / "decisions.toml", today=TODAY))


def stated(feature: Any = VPR_ASYNC, settings: Any = PROD) -> Requirement:
    return feature.requirement(settings)


def errors(folder: Path, content: str) -> list[str]:
    with pytest.raises(InvalidInputError) as raised:
        require_known(read(folder, content), [stated()])
    return list(raised.value.faults)


def test_a_decision_on_an_environment_whose_settings_cannot_be_read_is_no_error_elsewhere(tmp_path: Path) -> None:
    """A typing error in staging.toml would otherwise stop dev, and call staging's resources misspelt."""
    decided = read(tmp_path, text({"resource": '"aws_s3_bucket careervp-staging-vpr-results-us-east-1-000000"'}))
    require_known(decided, [stated()], are_all=False)
    with pytest.raises(InvalidInputError, match="no environment's requirement has it"):
        require_known(decided, [stated()])
    misfit = read(tmp_path, text({"value": '"soon"'}))
    with pytest.raises(InvalidInputError, match="not allowed"):
        require_known(misfit, [stated()], are_all=False)


def test_the_projects_file_has_an_example_that_reads_and_no_decision(tmp_path: Path) -> None:
    content = decisions.DECISIONS.read_text()
    assert read(tmp_path, content) == []
    example = "\n".join(line[2:] for line in content.splitlines() if line.startswith("# [[") or " = " in line)
    assert [(each.property, each.value) for each in read(tmp_path, example)] == [(DAYS, 14)]


def test_every_error_of_the_file_is_named_in_one_pass(tmp_path: Path) -> None:
    content = text(
        {"resource": '"results"', "until": "2031-01-02", "reason": '" "'}, {"value": None, "valeu": "1", "until": '"x"'}
    )
    last = "a date without quotes, at most one year from today, so until 2031-01-01"
    resource = 'a Terraform type and a name, as review and verify show them, like "aws_s3_bucket reports-*"'
    assert sorted(errors(tmp_path, content)) == [
        'decisions.toml: decision 1: reason = " ": not allowed; allowed: a text that is not empty',
        f'decisions.toml: decision 1: resource = "results": not allowed; allowed: {resource}',
        f"decisions.toml: decision 1: until = 2031-01-02: not allowed; allowed: {last}",
        f'decisions.toml: decision 2: until = "x": not allowed; allowed: {last}',
        "decisions.toml: decision 2: valeu = 1: unknown key; allowed: property, reason, resource, until, value",
        (
            "decisions.toml: decision 2: value: missing; required: a text, a number, true, false, a list or a table; "
            '"(not set)" for nothing'
        ),
    ]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            {"resource": '"aws_s3_bucket careervp-prod-vpr-result"'},
            (
                'resource = "aws_s3_bucket careervp-prod-vpr-result": no environment\'s requirement has it; did you '
                f'mean "aws_s3_bucket {BUCKET}"?'
            ),
        ),
        ({"resource": '"aws_x y"'}, 'resource = "aws_x y": no environment\'s requirement has it; remove the decision'),
        (
            {"property": '"lifecycle rule DeleteOldResults.Expiration.Day"'},
            (
                f'property = "lifecycle rule DeleteOldResults.Expiration.Day": aws_s3_bucket {BUCKET} has no such '
                f'property in the requirement; did you mean "{DAYS}"?'
            ),
        ),
        (
            {"value": '"two weeks"'},
            'value = "two weeks": not allowed; allowed: a number, as the required ',
        ),
        (
            {"resource": f'"aws_sqs_queue {QUEUE}"', "property": '"SqsManagedSseEnabled"', "value": "1"},
            'value = 1: not allowed; allowed: true or false, as the required "true"; or "(not set)"',
        ),
    ],
)
def test_a_decision_on_nothing_names_what_is_close_and_what_is_allowed(
    change: dict[str, str], error: str, tmp_path: Path
) -> None:
    (found,) = errors(tmp_path, text(change))
    assert found.startswith(f"decisions.toml: decision 1: {error}")


def test_a_property_is_decided_once(tmp_path: Path) -> None:
    """Whatever each of the decisions calls it, and whichever names its resource covers."""
    twice = text(
        {"resource": f'"aws_s3_bucket {BUCKET}"', "property": '"BlockPublicAcls"', "value": "false"},
        {"resource": '"aws_s3_bucket *"', "property": '"PublicAccessBlock.BlockPublicAcls"', "value": "false"},
    )
    assert errors(tmp_path, twice) == [
        'decisions.toml: decision 2: "PublicAccessBlock.BlockPublicAcls" is decided by decision 1; allowed: one of them'
    ]


def test_a_decision_changes_the_requirement_of_each_resource_that_it_covers_and_nothing_else(tmp_path: Path) -> None:
    decided = read(tmp_path, text({}))
    for settings in (PROD, DEV):
        before, after = stated(settings=settings), applied(stated(settings=settings), decided, today=TODAY)
        (bucket,) = before.resources["aws_s3_bucket"]
        rule = after.resources["aws_s3_bucket"][bucket]["lifecycle rules"]["lifecycle rules"]
        assert rule.members["DeleteOldResults"]["Expiration"] == {"Days": 30}
        assert [(each.name, each.deployed.value) for each in after.decided] == [(bucket, 30)]
        assert {type_ for type_ in before.resources if before.resources[type_] != after.resources[type_]} == {
            "aws_s3_bucket"
        }
    assert applied(stated(STATE_BACKEND), decided, today=TODAY) == stated(STATE_BACKEND)


def test_a_decision_is_about_one_type_whatever_the_names(tmp_path: Path) -> None:
    (decision,) = read(tmp_path, text({"resource": '"aws_sqs_queue careervp-*"'}))
    assert decision.covers("aws_sqs_queue", QUEUE)
    assert not decision.covers("aws_s3_bucket", BUCKET)


def test_the_last_day_is_the_last_on_which_a_decision_applies(tmp_path: Path) -> None:
    decided = read(tmp_path, text({"until": "2030-01-31"}))
    on, after = (applied(stated(), decided, today=day) for day in (date(2030, 1, 31), date(2030, 2, 1)))
    assert (on.resources == stated().resources, after.resources == stated().resources) == (False, True)
    assert [(each.is_expired, each.deployed.value) for each in (*on.decided, *after.decided)] == [
        (False, 30),
        (True, 30),
    ]


def test_values_take_the_form_that_the_requirement_has(tmp_path: Path) -> None:
    """SQS has its numbers and switches as text."""
    queue = {"resource": f'"aws_sqs_queue {QUEUE}"'}
    found = applied(
        stated(),
        read(
            tmp_path,
            text(
                {**queue, "property": '"VisibilityTimeout"', "value": "900"},
                {**queue, "property": '"SqsManagedSseEnabled"', "value": "false"},
                {**queue, "property": '"RedrivePolicy.maxReceiveCount"', "value": "5"},
                {**queue, "property": '"RedriveAllowPolicy"', "value": '{ redrivePermission = "denyAll" }'},
                {**queue, "property": '"consumer another"', "value": '"consumes messages"'},
            ),
        ),
        today=TODAY,
    ).resources["aws_sqs_queue"][QUEUE]
    attributes = found["attributes"]
    assert (attributes["VisibilityTimeout"], attributes["SqsManagedSseEnabled"]) == ("900", "false")
    assert isinstance(attributes["RedrivePolicy"], Document)
    assert attributes["RedrivePolicy"].content["maxReceiveCount"] == 5
    assert attributes["RedriveAllowPolicy"] == {"redrivePermission": "denyAll"}
    assert "another" in found["consumers"]["consumers"].names


def other(value: Any) -> Any:
    """Return a value of the same form that is another one."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}-other"
        case list():
            return [{"Effect": "Allow", "Principal": "*", "Action": ["a:B"], "Resource": ["*"]}]
        case dict():
            return {"other": "other"}
        case _:
            return "set"


def parts(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict) and value:
        return [part for key in value for part in parts(value[key], (*path, key))]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [path]


def names(requirement: Requirement) -> set[tuple[str, str]]:
    return {(type_, name) for type_, named in requirement.resources.items() for name in named}


@pytest.mark.parametrize("feature", [VPR_ASYNC, STATE_BACKEND])
@pytest.mark.parametrize("settings", [PROD, DEV])
def test_whatever_a_review_offers_to_paste_makes_it_as_planned(feature: Any, settings: Any, tmp_path: Path) -> None:
    """Of every property that a review checks, each part changed and each part removed; no name is changed."""
    requirement = feature.requirement(settings)
    seen = 0
    for type_, name in ((type_, name) for type_, named in requirement.resources.items() for name in named):
        for property_, value in planned_properties(requirement, type_, name).items():
            for path in parts(value):
                required = at_path(value, path)
                for planned in (other(required), None):
                    if (planned or None) == (required or None):
                        continue
                    seen += 1
                    offered = to_paste(f"{type_} {name}", {path_in(property_, path): planned}, TODAY)
                    decided = read(tmp_path, offered.replace('""', '"why"'))
                    require_known(decided, [requirement])
                    after = applied(requirement, decided, today=TODAY)
                    (said,) = after.decided
                    assert said.planned, (name, property_, path)
                    found = at_path(planned_properties(after, type_, name).get(property_), path)
                    assert (found or None) == (planned or None), (name, property_, path)
                    assert names(after) == names(requirement)
    assert seen > (250 if feature is VPR_ASYNC else 25)


def test_every_command_has_the_requirement_as_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "DECISIONS", tmp_path / "decisions.toml")
    (tmp_path / "decisions.toml").write_text(text({}))
    monkeypatch.setattr(decisions, "_today", lambda: TODAY)
    rules = requirement_of(VPR_ASYNC, PROD).resources["aws_s3_bucket"][BUCKET]["lifecycle rules"]["lifecycle rules"]
    assert rules.members["DeleteOldResults"]["Expiration"] == {"Days": 30}
    (bucket,) = (each for each in required_resources(VPR_ASYNC, PROD) if each.type == "aws_s3_bucket")
    (said,) = bucket.decided["lifecycle rule DeleteOldResults"]
    assert (said.path, said.value, said.reason, said.until) == (
        ("Expiration", "Days"),
        30,
        "OPS-123",
        date(2030, 12, 31),
    )
    (tmp_path / "decisions.toml").write_text(text({"resource": '"aws_s3_bucket nobodys"'}))
    with pytest.raises(InvalidInputError, match="no environment's requirement has it"):
        requirement_of(VPR_ASYNC, PROD)
