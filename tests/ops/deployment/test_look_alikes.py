"""Look-alikes: which names in an account may be meant by ours, and what a reader can answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.environments import Environment
from ops.deployment import look_alikes
from ops.deployment.look_alikes import LookAlikes, Search, resembles
from ops.errors import CommandError
from ops.workspace import Workspace
from stacks.features import load_settings
from stacks.settings import Settings
from tests.ops.deployment.test_adoption import SETTINGS, Aws
from tests.settings_files import written_settings
from tests.workspaces import workspace_of

PROD = load_settings(Environment("prod"))
OTHERS = ("dev", "staging")
RESULTS = "careervp-prod-vpr-results-us-east-1-2d9368"
QUEUE, DLQ = "careervp-vpr-jobs-queue-prod", "careervp-vpr-jobs-dlq-prod"


@pytest.mark.parametrize(
    ("other", "is_like"),
    [
        # Another suffix, environment's place, region's absence.
        ("careervp-prod-vpr-results-us-east-1-0a1b2c", True),
        ("careervp-vpr-results-prod", True),
        ("careervp-prod-vpr-results-bucket", True),
        ("careervp-vpr-results", True),
        ("vpr-results-careervp-production", True),
        # The feature's prefix, the type's words and the environment, words run together as CDK generates them.
        ("careervp-prod-vpr-reports", True),
        ("old-results-prod", True),
        ("careervpservicestack-prod-vprresultsbucket0a1b2c3d-1x2y3z", True),
        # Nobody's, another environment's, or too little in common.
        ("states", False),
        ("old-results", False),
        ("careervp-vpr-archive-prod", False),
        ("careervp-vpr-results-staging", False),
        ("careervp-dev-vpr-results-us-east-1-f6121f", False),
        ("careervp-terraform-state-prod-333333333333", False),
        # Both environments' words: it may be ours.
        ("careervp-vpr-results-prod-from-staging", True),
    ],
)
def test_a_bucket_resembles_ours_by_prefix_or_words(
    other: str,
    is_like: bool,  # noqa: FBT001 - the table's
) -> None:
    found = resembles(other, RESULTS, prefix="careervp-prod-vpr-", settings=PROD, others=OTHERS)
    assert found is is_like


@pytest.mark.parametrize(
    ("other", "is_like"),
    [
        ("careervp-vpr-jobs-dead-letters-prod", True),
        ("jobs-queue-prod", True),
        ("VprJobsQueue-Prod", True),
        ("CareervpStack-prod-JobsQueue0A1B2C3D-aBcD", True),
        ("careervp-vpr-jobs-queue", True),
        ("orders-queue-prod", False),
        ("jobs-queue-production", False),
        ("careervp-vpr-jobs-queue-dev", False),
    ],
)
def test_a_queue_resembles_ours_by_prefix_or_words(
    other: str,
    is_like: bool,  # noqa: FBT001 - the table's
) -> None:
    found = resembles(other, QUEUE, prefix="careervp-vpr-", settings=PROD, others=OTHERS)
    assert found is is_like


def test_a_name_without_words_of_its_own_resembles_nothing_by_words() -> None:
    """Else every name would have all of its words."""
    assert not resembles("anything-prod", "x-prod", prefix="x-", settings=PROD, others=OTHERS)


# --- the search, told by what AWS answers ---------------------------------------------------------------------------


def arn(queue: str) -> str:
    return f"arn:aws:sqs:us-east-1:333333333333:{queue}"


def redriving_to(queue: str) -> str:
    return json.dumps({"deadLetterTargetArn": arn(queue), "maxReceiveCount": 3})


DECLARED: list[tuple[str, Mapping[str, Any]]] = [
    ("aws_sqs_queue", {"name": QUEUE, "redrive_policy": redriving_to(DLQ)}),
    ("aws_sqs_queue", {"name": DLQ, "redrive_policy": None}),
    ("aws_s3_bucket", {"bucket": RESULTS}),
]
ABSENT = "AWS.SimpleQueueService.NonExistentQueue"


def account(
    *, queues: tuple[str, ...] = (), buckets: tuple[str, ...] = (), redrive: str | None = None, **others: Any
) -> Aws:
    """Return an account with these queues and buckets, in two pages each, whose jobs queue has a redrive policy."""
    urls = [f"https://sqs.us-east-1.amazonaws.com/333333333333/{name}" for name in queues]
    named = [{"Name": name} for name in buckets]
    answers: dict[str, Any] = {
        "list_queues": [{"QueueUrls": urls[:1]}, {"QueueUrls": urls[1:]} if urls[1:] else {}],
        "list_buckets": [{"Buckets": named[:1]}, {"Buckets": named[1:]}],
        "get_queue_url": {"QueueUrl": "https://sqs/queue"},
        "get_queue_attributes": {"Attributes": {"RedrivePolicy": redrive} if redrive else {}},
    }
    return Aws(**{**answers, **others})


def search(aws: Aws, monkeypatch: pytest.MonkeyPatch, **others: Any) -> Search:
    monkeypatch.setattr(Workspace, "client", lambda *_: aws)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything
    return Search(workspace_of(**others), DECLARED, [("aws_sqs_queue", {"name": "careervp-vpr-renamed"})])


def test_the_queue_that_the_live_one_redrives_to_is_the_likeliest_whatever_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws = account(queues=(QUEUE, "careervp-vpr-dead-prod", "failures"), redrive=redriving_to("failures"))
    searched = search(aws, monkeypatch)
    found = searched.of(*DECLARED[1])
    assert found is not None
    assert found.question == (
        f"{DLQ}: is not there, but failures (in use in its place), careervp-vpr-dead-prod are; in "
        'environments/prod.toml, vpr_async.names.jobs_dlq = "failures" adopts the first, and '
        f'vpr_async.names.jobs_dlq = "{DLQ}" makes a new one'
    )
    jobs = searched.of(*DECLARED[0])
    assert jobs is not None
    assert jobs.found == ("careervp-vpr-dead-prod",)


@pytest.mark.parametrize(
    "aws",
    [
        account(queues=(QUEUE, DLQ), redrive=redriving_to(DLQ)),
        account(queues=(QUEUE,), redrive=redriving_to("gone")),
        account(queues=(QUEUE, "other")),
        account(queues=("other",), get_queue_url=ABSENT),
        account(queues=("careervp-vpr-renamed",), get_queue_url=ABSENT),
        account(queues=("careervp-vpr-jobs-dlq-staging", "careervp-vpr-jobs-dlq-dev"), get_queue_url=ABSENT),
    ],
)
def test_a_queue_that_is_declared_recorded_gone_or_another_environments_is_no_look_alike(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search(aws, monkeypatch).of(*DECLARED[1]) is None


def test_a_whole_name_of_another_environment_is_no_look_alike(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = '[vpr_async.names]\nresults_bucket = "careervp-vpr-results"\n'
    staging = written_settings(f"{SETTINGS}\n{names}", tmp_path, "staging")
    aws = account(buckets=("careervp-vpr-results", "careervp-vpr-results-old"))

    def others(_: Settings) -> Mapping[str, Settings | None]:
        return {"staging": staging, "qa": None}

    monkeypatch.setattr(look_alikes, "other_environments", others)
    found = search(aws, monkeypatch).of(*DECLARED[2])
    assert found is not None
    assert found.found == ("careervp-vpr-results-old",)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("", "vpr_async.names.results_bucket"),
        ('[vpr_async]\nname_suffix = "2d9368"\n', ""),
        (f'[vpr_async.names]\nresults_bucket = "{RESULTS}"\n', ""),
        ('[vpr_async.names]\njobs_dlq = "failures"\n', "vpr_async.names.results_bucket"),
    ],
)
def test_a_name_that_the_settings_pin_is_no_question(
    table: str, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = written_settings(f"{SETTINGS}{table}", tmp_path, "prod")
    found = search(account(buckets=("careervp-vpr-results-prod",)), monkeypatch, settings=settings).of(*DECLARED[2])
    assert found is not None
    assert found.key == key


def test_types_that_nobody_lists_and_names_of_no_feature_are_not_searched_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table is found by its name alone, and the state bucket's name stands in the settings."""
    assert search(Aws(), monkeypatch).of("aws_dynamodb_table", {"name": "careervp-jobs-table-prod"}) is None
    assert search(Aws(), monkeypatch).of("aws_of_another_kind", {"name": "it"}) is None


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"list_queues": "AccessDenied"}, "whether it is there by another name"),
        ({"get_queue_attributes": "AccessDenied"}, "what it refers to"),
    ],
)
def test_what_aws_does_not_answer_is_not_taken_for_none(
    answers: dict[str, Any], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=rf"^aws_sqs_queue: AWS cannot be asked {asked}: ") as unanswered:
        search(account(queues=(QUEUE,), **answers), monkeypatch).of(*DECLARED[1])
    assert unanswered.value.status == 2


def test_a_long_list_is_cut() -> None:
    names = tuple(f"results-{number}-prod" for number in range(12))
    note = LookAlikes(name="ours", found=names, in_use="", file="environments/prod.toml", key="").note
    assert note.startswith("ours: results-0-prod, results-1-prod, ")
    assert note.endswith("results-9-prod, 2 more exist beside it, and no settings file declares them")
