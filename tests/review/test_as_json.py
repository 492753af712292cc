"""The JSON of a review is what `ops/review/schema.json` says, to the byte, and holds nothing sensitive."""

import json
from dataclasses import fields
from enum import StrEnum
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.request import PROJECT_ROOT
from ops.review import model
from ops.review.as_json import as_json
from ops.review.model import Review
from tests.review.sample import CANARY, CREATES, HOSTILE, NOTHING, REVIEW, large

SCHEMA: dict[str, Any] = json.loads((PROJECT_ROOT / "ops/review/schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
OBJECTS: dict[str, type] = {
    "value": model.Value,
    "difference": model.Difference,
    "resource": model.Reviewed,
    "finding": model.Finding,
    "intent": model.Intent,
    "output": model.OutputChange,
    "check": model.FailedCheck,
    "node": model.Node,
    "edge": model.Edge,
    "block": model.Block,
}
ENUMS: tuple[tuple[tuple[str, ...], type[StrEnum]], ...] = (
    (("properties", "verdict"), model.Verdict),
    (("$defs", "action"), model.Action),
    (("$defs", "finding", "properties", "kind"), model.Kind),
    (("$defs", "value", "properties", "known"), model.Known),
    (("$defs", "difference", "properties", "noise"), model.Noise),
)


def faults(document: Any) -> list[str]:
    """Return where the document is not as the schema says."""
    errors = VALIDATOR.iter_errors(document)  # pyright: ignore[reportUnknownMemberType] - jsonschema's
    return [error.json_path for error in errors]


def test_the_schema_is_one_and_every_part_of_it_is_described_and_closed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    objects = [SCHEMA, SCHEMA["properties"]["counts"], SCHEMA["properties"]["picture"]]
    objects += [SCHEMA["$defs"][name] for name in OBJECTS]
    assert all(item["additionalProperties"] is False for item in objects)
    assert all(list(item["properties"]) == item["required"] for item in objects)
    described = [*objects, *(member for item in objects for member in item["properties"].values())]
    assert all("description" in item or "$ref" in item for item in described)
    assert all("description" in item for item in SCHEMA["$defs"].values())


def test_the_schema_has_the_fields_and_the_words_of_the_model() -> None:
    for name, kind in OBJECTS.items():
        assert SCHEMA["$defs"][name]["required"] == [field.name for field in fields(kind)]
    for path, kind in ENUMS:
        part: Any = SCHEMA
        for step in path:
            part = part[step]
        assert [word for word in part["enum"] if word] == [str(word) for word in kind]


@pytest.mark.parametrize("review", [REVIEW, NOTHING, CREATES, large(10, 2, 5)], ids=lambda review: review.title)
def test_every_review_is_valid_against_the_schema(review: Review) -> None:
    assert faults(json.loads(as_json(review))) == []


def test_the_schema_refuses_what_is_no_review() -> None:
    def refused(**changed: Any) -> list[str]:
        return faults(json.loads(as_json(REVIEW)) | changed)

    output = json.loads(as_json(REVIEW))["outputs"][1]
    assert refused(version=2) == ["$.version"]
    assert refused(verdict="fine") == ["$.verdict"]
    assert refused(more=1) == ["$"]
    assert refused(counts={"create": 1}) == ["$.counts"] * 11
    assert refused(outputs=[output | {"after": {"known": "sensitive", "value": "told"}}]) == [
        "$.outputs[0].after.value"
    ]
    assert refused() == []


def test_the_head_says_what_a_program_asks_first() -> None:
    assert as_json(REVIEW).splitlines()[:9] == [
        "{",
        '"version": 1,',
        '"exit_status": 1,',
        '"blocked": true,',
        '"title": "vpr-async-prod",',
        '"where": "AWS (account 333333333333, us-east-1)",',
        '"environment": "prod",',
        '"terraform_version": "1.11.4",',
        '"verdict": "DANGER: would delete or replace data",',
    ]
    assert as_json(NOTHING).splitlines()[2:4] == ['"exit_status": 0,', '"blocked": false,']


def test_an_item_of_a_list_is_a_line_of_its_own() -> None:
    assert (
        '{"kind":"loss","address":"aws_s3_bucket.Results","type":"aws_s3_bucket",'
        '"name":"careervp-prod-vpr-results","sentence":"would be deleted, with every object in it"},'
    ) in as_json(REVIEW).splitlines()


def test_the_json_is_ascii_and_the_same_whenever_it_is_made() -> None:
    text = as_json(REVIEW)
    assert text.isascii()
    assert as_json(REVIEW) == text
    assert json.loads(text)["resources"][3]["name"] == HOSTILE


def test_a_sensitive_value_is_not_in_the_json_even_if_it_is_in_the_review() -> None:
    assert CANARY in str(REVIEW)
    assert CANARY not in as_json(REVIEW)
