"""The JSON of a review is what its schema says, to the byte, and holds nothing sensitive."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_review.forms.json_form import as_json
from plan_review.model import VERSION, Review
from plan_review.schema import schema

from review_sample import CANARY, CREATES, HOSTILE, NOTHING, REVIEW, large

SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(document: Any) -> list[str]:
    """Return where the document is not as the schema says."""
    errors = VALIDATOR.iter_errors(document)  # pyright: ignore[reportUnknownMemberType] - jsonschema's
    return [error.json_path for error in errors]


def test_the_schema_is_one_and_every_part_of_it_is_described_and_closed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    parts: list[Any] = [SCHEMA, *SCHEMA["$defs"].values()]
    assert len(parts) == 15
    assert all(part["additionalProperties"] is False for part in parts)
    assert all(list(part["properties"]) == part["required"] for part in parts)
    assert all(part["description"] for part in parts)


def test_the_schema_says_what_a_field_may_be_and_what_it_means() -> None:
    parts = SCHEMA["$defs"]
    assert parts["Finding"]["properties"]["kind"] == {
        "enum": [
            "loss",
            "exposure",
            "exfiltration",
            "privilege",
            "execution",
            "security",
            "protection",
            "clients",
            "requirement",
            "replacement",
            "availability",
            "alarms",
            "cost",
        ]
    }
    assert parts["Difference"]["properties"]["before"] == {"$ref": "#/$defs/Value"}
    assert parts["Difference"]["properties"]["noise"]["enum"][-1] is None
    assert parts["Intent"]["properties"]["agrees"]["type"] == ["boolean", "null"]
    assert parts["Edge"]["properties"]["label"] == {"description": "The attribute that refers.", "type": "string"}
    assert SCHEMA["properties"]["notes"]["items"] == {"type": "string"}
    assert SCHEMA["required"][:4] == ["version", "exit_status", "blocked", "title"]


def test_the_published_schema_is_that_of_the_model() -> None:
    """`python -m plan_review.schema` prints it."""
    published = Path(__file__).parents[1] / "schema" / f"review-{VERSION}.schema.json"
    assert published.name == "review-2.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize("review", [REVIEW, NOTHING, CREATES, large(10, 2, 5)], ids=lambda review: review.title)
def test_every_review_is_valid_against_the_schema(review: Review) -> None:
    assert faults(json.loads(as_json(review))) == []


def test_the_schema_refuses_what_is_no_review() -> None:
    def refused(**changed: Any) -> list[str]:
        return faults(json.loads(as_json(REVIEW)) | changed)

    output = json.loads(as_json(REVIEW))["outputs"][1]
    assert refused(version=1) == ["$.version"]
    assert refused(verdict="fine") == ["$.verdict"]
    assert refused(more=1) == ["$"]
    assert refused(counts={"create": 1}) == ["$.counts"] * 14
    assert refused(outputs=[output | {"after": {"known": "sensitive", "value": "told"}}]) == [
        "$.outputs[0].after.value"
    ]
    assert refused() == []


def test_the_head_says_what_a_program_asks_first() -> None:
    assert as_json(REVIEW).splitlines()[:11] == [
        "{",
        '"version": 2,',
        '"exit_status": 1,',
        '"blocked": true,',
        '"title": "app-async-prod",',
        '"where": "AWS (account 333333333333, us-east-1)",',
        '"environment": "prod",',
        '"terraform_version": "1.11.4",',
        f'"plan_sha256": "{"5f3c" * 16}",',
        '"verdict": "STOPPED",',
        '"answer": "acmecorp-prod-app-results: would be deleted, with every object in it",',
    ]
    assert as_json(NOTHING).splitlines()[2:4] == ['"exit_status": 0,', '"blocked": false,']


def test_an_item_of_a_list_is_a_line_of_its_own() -> None:
    assert (
        '{"kind":"loss","address":"aws_s3_bucket.Results","type":"aws_s3_bucket",'
        '"name":"acmecorp-prod-app-results","sentence":"would be deleted, with every object in it",'
        '"brief":"","remedy":"copy what it holds first","refusal":"","to_paste":""},'
    ) in as_json(REVIEW).splitlines()


def test_the_json_is_ascii_and_the_same_whenever_it_is_made() -> None:
    text = as_json(REVIEW)
    assert text.isascii()
    assert as_json(REVIEW) == text
    assert json.loads(text)["resources"][3]["name"] == HOSTILE


def test_a_sensitive_value_is_not_in_the_json_even_if_it_is_in_the_review() -> None:
    assert CANARY in str(REVIEW)
    assert CANARY not in as_json(REVIEW)
