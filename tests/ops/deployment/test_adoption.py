"""Adoption, told by what AWS answers: what it finds in an account, and what it does not take."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from config.request import Target
from ops.deployment import adoption
from ops.deployment.existing import find
from ops.errors import CommandError
from ops.resource_types.interface import MismatchError
from ops.workspace import Workspace
from stacks.settings import Settings
from tests.settings_files import written_settings
from tests.workspaces import workspace_of

SETTINGS = """
account_id = "333333333333"
region = "us-east-1"
state_bucket = "states"
data_protection = "retain"
[vpr_async.worker]
timeout_seconds = 300
"""
TABLE: dict[str, Any] = {
    "name": "jobs",
    "hash_key": "job_id",
    "attribute": [{"name": "job_id", "type": "S"}, {"name": "key", "type": "S"}, {"name": "at", "type": "N"}],
    "global_secondary_index": [{"name": "by-key", "hash_key": "key", "range_key": "at"}],
}


def described(key: str = "job_id", index_key: str = "key", type_: str = "S", status: str = "ACTIVE") -> dict[str, Any]:
    """Return a table as DynamoDB describes it, its index with a sort key that comes first."""
    types = {key: type_, index_key: "S", "at": "N"}
    by_key = [{"AttributeName": "at", "KeyType": "RANGE"}, {"AttributeName": index_key, "KeyType": "HASH"}]
    return {
        "Table": {
            "TableStatus": status,
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
            "GlobalSecondaryIndexes": [{"IndexName": "by-key", "KeySchema": by_key}],
        }
    }


class Aws:
    """Answers each operation as told: with a value, an error's code, or an exception."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def __call__(self, _: str) -> "Aws":  # noqa: D102 - as boto3 has it
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answer(**_: Any) -> Any:
            told = self.answers[operation]
            if isinstance(told, str):
                raise ClientError({"Error": {"Code": told, "Message": "so it is"}}, operation)
            if isinstance(told, Exception):
                raise told
            return told

        return answer

    def get_paginator(self, operation: str) -> "Pages":  # noqa: D102 - as boto3 has it
        return Pages(getattr(self, operation))


class Pages:
    """A paginator of the pages given."""

    def __init__(self, answer: Callable[..., list[Any]]) -> None:
        self.paginate = answer


@pytest.fixture
def prod(tmp_path: Path) -> Settings:
    return written_settings(SETTINGS, tmp_path, "prod")


BUCKET = {"bucket": "results"}
THERE: list[tuple[str, Mapping[str, Any], Aws, str]] = [
    ("aws_sqs_queue", {"name": "q"}, Aws(get_queue_url={"QueueUrl": "https://sqs/1/q"}), "https://sqs/1/q"),
    ("aws_dynamodb_table", TABLE, Aws(describe_table=described()), "jobs"),
    ("aws_s3_bucket", BUCKET, Aws(head_bucket={}, get_bucket_location={"LocationConstraint": None}), "results"),
    ("aws_s3_bucket_policy", BUCKET, Aws(get_bucket_policy={"Policy": "{}"}), "results"),
    ("aws_s3_bucket_versioning", BUCKET, Aws(get_bucket_versioning={"Status": "Enabled"}), "results"),
    ("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}, Aws(describe_alarms={"MetricAlarms": [{}]}), "a"),
    (
        "aws_sns_topic",
        {"name": "t"},
        Aws(list_topics=[{"Topics": [{"TopicArn": "arn:1:not-t"}]}, {"Topics": [{"TopicArn": "arn:1:t"}]}]),
        "arn:1:t",
    ),
    (
        "aws_sns_topic_subscription",
        {"topic_arn": "t", "protocol": "email", "endpoint": "a@b"},
        Aws(
            list_topics=[{"Topics": [{"TopicArn": "arn:1:t"}]}],
            list_subscriptions_by_topic=[
                {
                    "Subscriptions": [
                        {"Protocol": "email", "Endpoint": "c@d", "SubscriptionArn": "arn:1:t:0"},
                        {"Protocol": "email", "Endpoint": "a@b", "SubscriptionArn": "arn:1:t:1"},
                    ]
                }
            ],
        ),
        "arn:1:t:1",
    ),
]
PENDING = {"Protocol": "email", "Endpoint": "a@b", "SubscriptionArn": "PendingConfirmation"}
UNSUBSCRIBED = {**PENDING, "SubscriptionArn": "Deleted"}
NOT_THERE: list[tuple[str, Mapping[str, Any], Aws]] = [
    ("aws_sqs_queue", {"name": "q"}, Aws(get_queue_url="AWS.SimpleQueueService.NonExistentQueue")),
    ("aws_dynamodb_table", TABLE, Aws(describe_table="ResourceNotFoundException")),
    ("aws_s3_bucket", BUCKET, Aws(head_bucket="404")),
    ("aws_s3_bucket_policy", BUCKET, Aws(get_bucket_policy="NoSuchBucketPolicy")),
    ("aws_s3_bucket_policy", BUCKET, Aws(get_bucket_policy="NoSuchBucket")),
    (
        "aws_s3_bucket_lifecycle_configuration",
        BUCKET,
        Aws(get_bucket_lifecycle_configuration="NoSuchLifecycleConfiguration"),
    ),
    ("aws_s3_bucket_versioning", BUCKET, Aws(get_bucket_versioning={})),
    ("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}, Aws(describe_alarms={"MetricAlarms": []})),
    ("aws_sns_topic", {"name": "t"}, Aws(list_topics=[{"Topics": []}])),
    (
        "aws_sns_topic_subscription",
        {"topic_arn": "t", "protocol": "email", "endpoint": "a@b"},
        Aws(
            list_topics=[{"Topics": [{"TopicArn": "arn:1:t"}]}],
            list_subscriptions_by_topic=[{"Subscriptions": [PENDING, UNSUBSCRIBED]}],
        ),
    ),
    ("aws_sns_topic_subscription", {"topic_arn": "t", "protocol": "email"}, Aws(list_topics=[{"Topics": []}])),
    ("aws_of_another_kind", {}, Aws()),
]
MISMATCHED: list[tuple[str, Mapping[str, Any], Aws, str]] = [
    (
        "aws_dynamodb_table",
        TABLE,
        Aws(describe_table=described(key="id")),
        "table jobs: its key is id (S), declared job_id (S); a key cannot be changed, only a new table has another",
    ),
    (
        "aws_dynamodb_table",
        TABLE,
        Aws(describe_table=described(type_="N")),
        "its key is job_id (N), declared job_id (S)",
    ),
    (
        "aws_dynamodb_table",
        TABLE,
        Aws(describe_table=described(key="id", index_key="user")),
        "its key is id (S), declared job_id (S); its index by-key's key is user (S) and at (N), declared key (S) and",
    ),
    (
        "aws_dynamodb_table",
        TABLE,
        Aws(describe_table=described(status="DELETING")),
        "table jobs: is DELETING; try again",
    ),
    (
        "aws_s3_bucket",
        BUCKET,
        Aws(head_bucket="403"),
        "bucket results: exists and is not open to account 333333333333: it is another account's, or ",
    ),
    (
        "aws_s3_bucket",
        BUCKET,
        Aws(head_bucket={}, get_bucket_location={"LocationConstraint": "eu-west-1"}),
        "bucket results: is in eu-west-1, declared in us-east-1 (environments/prod.toml); a bucket cannot be moved",
    ),
]


@pytest.mark.parametrize(("type_", "values", "aws", "import_id"), THERE, ids=[row[0] for row in THERE])
def test_what_is_there_is_found_with_the_id_that_imports_it(
    type_: str, values: Mapping[str, Any], aws: Aws, import_id: str, prod: Settings
) -> None:
    assert find(type_, values, prod, aws) == import_id


@pytest.mark.parametrize(("type_", "values", "aws"), NOT_THERE)
def test_what_is_not_there_is_not_found(type_: str, values: Mapping[str, Any], aws: Aws, prod: Settings) -> None:
    assert find(type_, values, prod, aws) is None


@pytest.mark.parametrize(("type_", "values", "aws", "difference"), MISMATCHED)
def test_what_is_something_else_is_refused_with_the_difference(
    type_: str, values: Mapping[str, Any], aws: Aws, difference: str, prod: Settings
) -> None:
    with pytest.raises(MismatchError) as refused:
        find(type_, values, prod, aws)
    assert difference in str(refused.value)


def test_an_index_that_is_missing_can_be_added_in_place(prod: Settings) -> None:
    found = described()
    del found["Table"]["GlobalSecondaryIndexes"]
    assert find("aws_dynamodb_table", TABLE, prod, Aws(describe_table=found)) == "jobs"


@pytest.mark.parametrize("failure", ["AccessDenied", EndpointConnectionError(endpoint_url="http://127.0.0.1:1")])
def test_an_account_that_does_not_answer_is_not_taken_for_an_empty_one(failure: Any, prod: Settings) -> None:
    with pytest.raises(CommandError, match=r"^aws_sqs_queue: AWS cannot be asked whether it is there: "):
        find("aws_sqs_queue", {"name": "q"}, prod, Aws(get_queue_url=failure))


# --- the whole of an adoption, with what it starts replaced ---------------------------------------------------------

STACK = {
    "resource": {
        "aws_s3_bucket": {"Results": {"bucket": "results"}},
        "aws_s3_bucket_policy": {"Policy": {"bucket": "${aws_s3_bucket.Results.bucket}"}},
        "aws_sns_topic": {"Topic": {"name": "t"}},
        "aws_sns_topic_subscription": {"Email": {"topic_arn": "${aws_sns_topic.Topic.arn}"}},
        "aws_sqs_queue": {"Queue": {"name": "q"}, "Other": {"name": "moved"}, "Known": {"name": "known"}},
    }
}
STATE: dict[str, Any] = {
    "resources": [
        {"mode": "data", "type": "aws_region", "name": "it", "instances": [{}]},
        *(
            {"mode": "managed", "type": "aws_sqs_queue", "name": name, "instances": [instance]}
            for name, instance in (
                ("Queue", {"status": "tainted", "attributes": {"id": "id of q"}}),
                ("Old", {"attributes": {"id": "id of moved"}}),
                ("Known", {"attributes": {"id": "id of known"}}),
            )
        ),
    ]
}


class Started:
    """A stand-in for AWS and Terraform that keeps what an adoption looked for, ran and planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, directory: Path, settings: Settings, plan: Any) -> None:
        self.looked_for: dict[str, Any] = {}
        self.ran: list[tuple[str, ...]] = []
        self.imports: Any = None
        self.is_refused = False
        self.refused: set[str] = set()
        self.absent = {"aws_sns_topic"}
        self.plan = plan
        (directory / "cdk.tf.json").write_text(json.dumps(STACK))
        self.workspace = workspace_of(settings=settings, target=Target.EMULATOR, stack_directory=directory)
        self.aws = Aws(list_buckets=[{"Buckets": []}], list_queues=[{}])
        monkeypatch.setattr(Workspace, "client", self.client)
        monkeypatch.setattr(adoption, "find", self.find)
        monkeypatch.setattr(adoption.terraform, "state", self.state)
        monkeypatch.setattr(adoption.terraform, "run", self.run)
        monkeypatch.setattr(adoption.saved_plan, "make", self.make)
        monkeypatch.setattr(adoption.saved_plan, "refuse", self.refuse)

    def client(self, *_: Any) -> Aws:
        """Return AWS, which has neither buckets nor queues."""
        return self.aws

    def state(self, _: Workspace) -> dict[str, Any]:
        """Return the state: one queue half made, one recorded at another address, one as it should be."""
        return STATE

    def run(self, _: Workspace, *arguments: str) -> None:
        """Note what Terraform is told to do."""
        self.ran.append(arguments)

    def find(self, type_: str, values: Mapping[str, Any], *_: Any) -> str | None:
        """Find everything but what is absent."""
        self.looked_for[type_] = values
        if type_ in self.refused:
            message = "another account's"
            raise MismatchError(message)
        return None if type_ in self.absent else f"id of {values.get('name') or values.get('bucket')}"

    def make(self, _: Workspace, imports: Any) -> Any:
        """Plan what is to be imported."""
        self.imports = imports
        if isinstance(self.plan, BaseException):
            raise self.plan
        return SimpleNamespace(json=self.plan)

    def refuse(self, _: Workspace) -> None:
        """Note that nothing to apply is left."""
        self.is_refused = True


REPLACING = {
    "resource_changes": [
        {
            "address": "aws_sqs_queue.Other",
            "mode": "managed",
            "type": "aws_sqs_queue",
            "action_reason": "replace_because_cannot_update",
            "change": {
                "actions": ["delete", "create"],
                "before": {"name": "moved", "fifo_queue": True},
                "after": {"name": "moved", "fifo_queue": False},
                "replace_paths": [["fifo_queue"]],
            },
        }
    ]
}


def test_an_adoption_imports_what_is_there_and_not_recorded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    """References are names by then; what is tainted is kept, what is recorded elsewhere is not taken twice."""
    started = Started(monkeypatch, tmp_path, prod, {"resource_changes": []})
    planned = adoption.adopt(started.workspace)
    assert planned is not None
    assert planned.json == {"resource_changes": []}
    assert started.looked_for["aws_s3_bucket_policy"] == {"bucket": "results"}
    assert started.looked_for["aws_sns_topic_subscription"] == {"topic_arn": "t"}
    assert started.imports == [
        {"to": "aws_s3_bucket.Results", "id": "id of results"},
        {"to": "aws_s3_bucket_policy.Policy", "id": "id of results"},
        {"to": "aws_sns_topic_subscription.Email", "id": "id of None"},
    ]
    assert started.ran == [("untaint", "aws_sqs_queue.Queue")]
    assert not started.is_refused


def test_an_adoption_that_would_replace_something_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    started = Started(monkeypatch, tmp_path, prod, REPLACING)
    with pytest.raises(CommandError) as refused:
        adoption.adopt(started.workspace)
    difference, conclusion = str(refused.value).splitlines()
    assert difference.startswith("moved (aws_sqs_queue.Other): would be replaced, for fifo_queue true -> false; undo ")
    assert conclusion == "an adoption deletes nothing: no plan was left"
    assert started.is_refused


@pytest.mark.parametrize("failure", [CommandError("no"), KeyboardInterrupt()])
def test_an_adoption_that_ends_early_leaves_nothing(
    failure: BaseException, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    started = Started(monkeypatch, tmp_path, prod, failure)
    with pytest.raises(type(failure)):
        adoption.adopt(started.workspace)
    assert started.imports
    assert started.is_refused


def test_a_bucket_that_is_not_ours_is_refused_without_a_look_into_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    started = Started(monkeypatch, tmp_path, prod, {})
    started.refused = {"aws_s3_bucket"}
    with pytest.raises(CommandError) as refused:
        adoption.adopt(started.workspace)
    assert str(refused.value).splitlines() == [
        "aws_s3_bucket.Results: another account's",
        "nothing was adopted, nothing was changed",
    ]
    assert "aws_s3_bucket_policy" not in started.looked_for
    assert started.ran == []


RESULTS = "careervp-prod-vpr-results-us-east-1-2d9368"
NAMED = {"resource": {"aws_s3_bucket": {"Results": {"bucket": RESULTS}}, "aws_s3_bucket_policy": {}}}


def beside(started: Started, directory: Path, *buckets: str) -> Started:
    """Let the stack declare the results bucket, and AWS have these buckets besides."""
    (directory / "cdk.tf.json").write_text(json.dumps(NAMED))
    started.aws.answers["list_buckets"] = [{"Buckets": [{"Name": name} for name in buckets]}]
    return started


def test_a_bucket_that_may_be_there_by_another_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    """A second, empty one beside it would leave its results behind, and nobody would notice."""
    started = beside(Started(monkeypatch, tmp_path, prod, {}), tmp_path, "states", "careervp-vpr-results-prod")
    started.absent = {"aws_s3_bucket"}
    with pytest.raises(CommandError) as refused:
        adoption.adopt(started.workspace)
    assert refused.value.status == 1
    assert str(refused.value).splitlines() == [
        (
            f"aws_s3_bucket.Results: {RESULTS}: is not there, but careervp-vpr-results-prod is; "
            'in environments/prod.toml, vpr_async.names.results_bucket = "careervp-vpr-results-prod" adopts '
            f'that one, and vpr_async.names.results_bucket = "{RESULTS}" makes a new one'
        ),
        "nothing was adopted, nothing was changed",
    ]
    assert started.imports is None


def test_a_bucket_that_is_there_is_adopted_with_a_note_on_another_like_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    names = (RESULTS, "careervp-vpr-results-prod")
    started = beside(Started(monkeypatch, tmp_path, prod, {}), tmp_path, *names)
    assert adoption.adopt(started.workspace) is not None
    assert started.imports == [{"to": "aws_s3_bucket.Results", "id": f"id of {RESULTS}"}]
    assert capsys.readouterr().out == (
        f"note: {RESULTS}: careervp-vpr-results-prod exists beside it, and no settings file declares it\n"
    )


def test_a_bucket_that_the_settings_name_is_made_new_with_a_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole name, ours too, is the answer to which one is meant."""
    named = written_settings(f'{SETTINGS}\n[vpr_async.names]\nresults_bucket = "{RESULTS}"\n', tmp_path, "prod")
    started = beside(Started(monkeypatch, tmp_path, named, {}), tmp_path, "careervp-vpr-results-prod")
    started.absent = {"aws_s3_bucket"}
    assert adoption.adopt(started.workspace) is None
    assert capsys.readouterr().out.startswith(f"note: {RESULTS}: careervp-vpr-results-prod exists beside it, ")


@pytest.mark.parametrize("failure", ["AccessDenied", EndpointConnectionError(endpoint_url="http://127.0.0.1:1")])
def test_an_account_that_cannot_be_listed_is_not_taken_for_one_without_look_alikes(
    failure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    started = beside(Started(monkeypatch, tmp_path, prod, {}), tmp_path)
    started.aws.answers["list_buckets"] = failure
    message = r"^aws_s3_bucket: AWS cannot be asked whether it is there by another name: "
    with pytest.raises(CommandError, match=message) as unanswered:
        adoption.adopt(started.workspace)
    assert unanswered.value.status == 2


def created(type_: str, key: str, name: str) -> dict[str, Any]:
    return {
        "address": f"{type_}.It",
        "mode": "managed",
        "type": type_,
        "change": {"actions": ["create"], "before": None, "after": {key: name}},
    }


def test_a_plan_names_what_looks_like_a_resource_that_it_would_create(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    """Not where the resource exists itself: of that the plan says so, and the adoption tells the rest."""
    started = beside(Started(monkeypatch, tmp_path, prod, {}), tmp_path, "careervp-prod-vpr-results-bucket")
    started.aws.answers["list_queues"] = [{"QueueUrls": ["https://sqs/1/jobs-queue-prod"]}]
    started.absent = {"aws_s3_bucket"}
    queue = created("aws_sqs_queue", "name", "careervp-vpr-jobs-queue-prod")
    plan = {"resource_changes": [created("aws_s3_bucket", "bucket", RESULTS), queue]}
    assert adoption.look_alikes(plan, started.workspace) == [
        (
            f"{RESULTS}: is not there, but careervp-prod-vpr-results-bucket is; in environments/prod.toml, "
            'vpr_async.names.results_bucket = "careervp-prod-vpr-results-bucket" adopts that one, and '
            f'vpr_async.names.results_bucket = "{RESULTS}" makes a new one'
        )
    ]


def test_a_plan_that_creates_nothing_lists_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    started = Started(monkeypatch, tmp_path, prod, {})
    started.aws = Aws()
    kept = {"actions": ["no-op"], "before": {"bucket": RESULTS}, "after": {"bucket": RESULTS}}
    plan = {"resource_changes": [{**created("aws_s3_bucket", "bucket", RESULTS), "change": kept}]}
    assert adoption.look_alikes(plan, started.workspace) == []


def test_a_plan_that_would_create_what_exists_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    """Tables, buckets and queues alone: what else exists is taken back by its creation, or is not this stack's."""
    started = Started(monkeypatch, tmp_path, prod, {})
    started.refused = {"aws_s3_bucket"}
    plan = {
        "resource_changes": [
            {
                "address": f"{type_}.It",
                "mode": "managed",
                "type": type_,
                "change": {"actions": actions, "before": None, "after": {"name": "it"}},
            }
            for type_, actions in (
                ("aws_sqs_queue", ["create"]),
                ("aws_dynamodb_table", ["no-op"]),
                ("aws_s3_bucket", ["create"]),
                ("aws_cloudwatch_metric_alarm", ["create"]),
            )
        ]
    }
    assert adoption.already_there(plan, started.workspace) == [
        "it: exists, but is not in Terraform's state; make adopt ENV=prod brings it in",
        "another account's",
    ]


def test_a_plan_that_took_for_gone_what_is_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prod: Settings
) -> None:
    """The provider takes a bucket that it may not list for one that is gone, and Terraform would create it again."""
    started = Started(monkeypatch, tmp_path, prod, {})
    started.refused = {"aws_s3_bucket"}
    bucket = {"address": "aws_s3_bucket.It", "mode": "managed", "type": "aws_s3_bucket"}
    plan = {
        "resource_changes": [{**bucket, "change": {"actions": ["create"], "before": None, "after": {"bucket": "it"}}}],
        "resource_drift": [{**bucket, "change": {"actions": ["delete"], "before": {"bucket": "it"}, "after": None}}],
    }
    refusal = "^another account's\nthe plan is wrong: .* could not see; do the credentials lack .* s3:ListBucket\\?$"
    with pytest.raises(CommandError, match=refusal):
        adoption.already_there(plan, started.workspace)
