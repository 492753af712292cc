"""Recorded facts: each question is asked once, and answered again later without asking."""

import json
from typing import Any

from plan_review.facts import UNKNOWN_FACTS, Facts, RecordedFacts
from plan_review.masking import Secret


class Asked(Facts):
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def count_in(self, type_: str, values: Any) -> int:
        """Count, and answer."""
        self.asked += 1
        return {"one": 1, "two": 2}[values["name"]] + (type_ == "aws_sns_topic")

    def has_objects_older_than(self, bucket: str, days: float) -> bool:
        """Count, and answer."""
        self.asked += 1
        return (bucket, days) == ("results", 7)

    def has_old_versions(self, bucket: str, days: float) -> bool:
        """Count, and answer."""
        self.asked += 1
        return (bucket, days) == ("results", 30)

    def is_younger_than_a_day(self, table: str) -> bool | None:
        """Count, and answer."""
        self.asked += 1
        return None if table == "unknown" else table == "young"


def told(facts: Facts) -> list[Any]:
    """Ask each question, and each with another argument; twice."""
    return [
        *(facts.count_in("aws_sqs_queue", {"name": "one", "policy": Secret("hidden")}) for _ in range(2)),
        *(facts.count_in("aws_sqs_queue", {"name": "two"}) for _ in range(2)),
        facts.count_in("aws_sns_topic", {"name": "two"}),
        *(facts.has_objects_older_than("results", days) for days in (7, 7.0, 8)),
        facts.has_objects_older_than("others", 7),
        *(facts.has_old_versions("results", days) for days in (30, 31)),
        facts.has_old_versions("others", 30),
        *(facts.is_younger_than_a_day(table) for table in ("young", "old", "unknown", "unknown")),
    ]


TOLD = [1, 1, 2, 2, 3, True, True, False, False, True, False, False, True, False, None, None]


def test_each_question_is_asked_once_and_its_answers_outlive_the_asking() -> None:
    """Also what is unknown stays so; a hidden value is in no answer."""
    asked = Asked()
    first = RecordedFacts(asked)
    assert told(first) == TOLD
    assert asked.asked == 12
    kept = json.dumps(first.answers)
    assert "hidden" not in kept
    assert told(RecordedFacts(UNKNOWN_FACTS, json.loads(kept))) == TOLD
