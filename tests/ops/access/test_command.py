"""The command `access`: what it writes for whoever sets an account up, and whom the roles then trust."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from aws_emulator.iam.evaluation import Decision, decide, decide_trust, is_allowed
from config.environments import Environment
from ops.access import deployer
from ops.access.deployer import policy_document, trust_document
from ops.cli import main
from stacks.features import load_settings
from stacks.settings import DataProtection, Region
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.settings_files import written_settings

PROVIDER = "arn:aws:iam::333333333333:oidc-provider/token.actions.githubusercontent.com"
TABLE = "arn:aws:dynamodb:us-east-1:333333333333:table/careervp-jobs-table-prod"
RESULTS = "arn:aws:s3:::careervp-prod-vpr-results-us-east-1-2d9368"


def test_the_documents_are_written_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENV", "prod")
    assert main(["access", "--repository", "acme/reports", "--output", str(tmp_path / "new")]) == 0
    written = sorted((tmp_path / "new").iterdir())
    assert [file.name for file in written] == [
        "apply-policy.json",
        "apply-trust.json",
        "operate-policy.json",
        "plan-policy.json",
        "plan-trust.json",
        "verify-policy.json",
    ]
    assert sorted(capsys.readouterr().out.split()) == [str(file) for file in written]
    for file in written:
        assert json.loads(file.read_text())["Version"] == "2012-10-17"


QUEUE, DLQ = (f"arn:aws:sqs:us-east-1:333333333333:careervp-vpr-jobs-{each}-prod" for each in ("queue", "dlq"))


def test_people_on_call_move_messages_back_and_change_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes none from the queue of the jobs, and sends none to the dead-letter queue."""
    monkeypatch.setattr(deployer, "FEATURES", (VPR_ASYNC,))
    document = policy_document(load_settings(Environment("prod")), "operate")
    granted = {(each["Effect"], *each["Action"], *each["Resource"]) for each in document["Statement"]}
    assert granted == {
        ("Allow", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", QUEUE, DLQ),
        ("Allow", "sqs:DeleteMessage", "sqs:ReceiveMessage", DLQ),
        ("Allow", "sqs:SendMessage", QUEUE),
    }


def test_without_a_repository_there_is_nobody_to_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "prod")
    assert main(["access", "--output", str(tmp_path)]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "apply-policy.json",
        "operate-policy.json",
        "plan-policy.json",
        "verify-policy.json",
    ]


@pytest.mark.parametrize(
    "repository",
    [
        *("acme", "acme/reports:*", "acme/*", "*/reports", "acme/reports/more", "", "a b/c"),
        *("acme@123/reports", "acme/reports@456", "acme@*/reports@*", "acme@123/reports@0456", "acme@/reports@"),
        *("acme@x/reports@456", "acme@123/reports@456\n", "acme@123@4/reports@456", "repo:acme/reports"),
    ],
)
def test_a_repository_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repository: str
) -> None:
    """Above all one with a wildcard, which would trust strangers. The message says how to find the right name."""
    monkeypatch.setenv("ENV", "prod")
    arguments = ["access", "--repository", "acme/reports", "--repository", repository]
    assert main([*arguments, "--output", str(tmp_path / "new")]) == 2
    said = capsys.readouterr().err
    assert said.startswith('--repository "')
    assert said.endswith(
        ": not allowed; allowed: OWNER@ID/NAME@ID, like acme@123/reports@456, or OWNER/NAME if the repository's tokens "
        "have no ids; gh api repos/OWNER/NAME --jq '\"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)\"' prints it\n"
    )
    assert not (tmp_path / "new").exists()


WHOLE = """\
account_id = "333333333333"
region = "us-east-1"
state_bucket = "states"
data_protection = "destroy"
[vpr_async.worker]
timeout_seconds = 300
[vpr_async.names]
results_bucket = "legacy-results"
jobs_queue = "LegacyJobs"
jobs_dlq = "legacy_failures"
jobs_table = "legacy.jobs"
"""


def test_the_policies_are_for_the_names_that_the_settings_give_whole(tmp_path: Path) -> None:
    settings = written_settings(WHOLE, tmp_path, "prod")
    found = {
        policy: {each["Sid"]: each["Resource"] for each in policy_document(settings, policy)["Statement"]}
        for policy in ("plan", "apply", "verify")
    }
    for statements in found.values():
        assert statements["VprAsyncQueues"] == [
            "arn:aws:sqs:us-east-1:333333333333:LegacyJobs",
            "arn:aws:sqs:us-east-1:333333333333:legacy_failures",
        ]
        assert "arn:aws:dynamodb:us-east-1:333333333333:table/legacy.jobs" in statements["VprAsyncTables"]
        assert statements["VprAsyncBuckets"] == ["arn:aws:s3:::legacy-results"]
    assert found["apply"]["VprAsyncObjects"] == ["arn:aws:s3:::legacy-results/*"]


def test_who_plans_may_list_what_may_be_meant(tmp_path: Path) -> None:
    """An adoption looks for the buckets and queues of another name: neither list takes a name."""
    document = policy_document(written_settings(WHOLE, tmp_path, "prod"), "plan")
    for action in ("s3:ListAllMyBuckets", "sqs:ListQueues"):
        assert is_allowed([document], action, "*")


SUBJECTS = [
    (["acme@123/reports@456"], "repo:acme@123/reports@456:environment:prod"),
    (["acme/reports"], "repo:acme/reports:environment:prod"),
    (
        ["acme/reports", "acme@123/reports@456", "acme/reports"],
        ["repo:acme/reports:environment:prod", "repo:acme@123/reports@456:environment:prod"],
    ),
    (["octocat_acme@1/r.e-p_o@2"], "repo:octocat_acme@1/r.e-p_o@2:environment:prod"),
]


@pytest.mark.parametrize(("repositories", "subject"), SUBJECTS)
def test_a_repository_is_trusted_by_the_name_that_its_tokens_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repositories: list[str], subject: str | list[str]
) -> None:
    """With ids, as GitHub names those that were made since 15 July 2026, without, or in transition both."""
    monkeypatch.setenv("ENV", "prod")
    given = [word for each in repositories for word in ("--repository", each)]
    assert main(["access", *given, "--output", str(tmp_path)]) == 0
    (statement,) = json.loads((tmp_path / "apply-trust.json").read_text())["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": subject,
            "token.actions.githubusercontent.com:ref": "refs/heads/main",
        }
    }
    (planning,) = json.loads((tmp_path / "plan-trust.json").read_text())["Statement"]
    assert set(planning["Condition"]["StringEquals"]) == {
        "token.actions.githubusercontent.com:aud",
        "token.actions.githubusercontent.com:sub",
    }


@pytest.mark.parametrize(("repositories", "noted"), [(["acme/reports"], True), (["acme/reports", "a@1/b@2"], False)])
def test_who_gives_no_ids_reads_when_they_are_needed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    repositories: list[str],
    noted: bool,  # noqa: FBT001 - the table's
) -> None:
    monkeypatch.setenv("ENV", "prod")
    given = [word for each in repositories for word in ("--repository", each)]
    assert main(["access", *given, "--output", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert ("made, renamed or transferred since 15 July 2026" in said) is noted
    assert ("gh api repos/acme/reports --jq" in said) is noted


@pytest.mark.parametrize(
    ("region", "provider", "audience", "ref"),
    [
        ("eu-west-3", "arn:aws:iam::333333333333:oidc-provider/", "sts.amazonaws.com", "refs/heads/main"),
        ("cn-north-1", "arn:aws-cn:iam::333333333333:oidc-provider/", "sts.amazonaws.com.cn", None),
        ("us-gov-west-1", "arn:aws-us-gov:iam::333333333333:oidc-provider/", "sts.amazonaws.com", None),
    ],
)
def test_the_trust_is_of_the_partition(region: str, provider: str, audience: str, ref: str | None) -> None:
    """China's STS is another audience, and AWS evaluates a token's branch in its commercial regions alone."""
    settings = evolve(load_settings(Environment("prod")), region=Region(region))
    (statement,) = trust_document(settings, "apply", ["acme@1/reports@2"])["Statement"]
    assert statement["Principal"]["Federated"] == f"{provider}token.actions.githubusercontent.com"
    claims = statement["Condition"]["StringEquals"]
    assert claims["token.actions.githubusercontent.com:aud"] == audience
    assert claims.get("token.actions.githubusercontent.com:ref") == ref


def test_a_folder_that_cannot_be_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENV", "prod")
    (tmp_path / "file").write_text("")
    assert main(["access", "--output", str(tmp_path / "file")]) == 2
    assert "cannot be written to: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("policy", "changed", "trusted"),
    [
        ("plan", {}, True),
        ("plan", {"sub": "repo:acme@1/reports@2:environment:prod"}, False),
        ("plan", {"sub": "repo:acme@1/reports@2:environment:plan-prod-2"}, False),
        ("plan", {"sub": "repo:acme@1/reports@2:ref:refs/heads/main"}, False),
        ("plan", {"sub": "repo:acme@1/reports@2:pull_request"}, False),
        ("plan", {"sub": "repo:acme@1/reports-fork@2:environment:plan-prod"}, False),
        ("plan", {"sub": "repo:acme@1/reports@3:environment:plan-prod"}, False),
        ("plan", {"sub": "repo:acme@4/reports@2:environment:plan-prod"}, False),
        ("plan", {"sub": "repo:acme/reports:environment:plan-prod"}, False),
        ("plan", {"aud": "https://github.com/acme"}, False),
        ("plan", {"aud": None}, False),
        ("plan", {"sub": None}, False),
        ("apply", {"sub": "repo:acme@1/reports@2:environment:prod"}, False),
        ("apply", {"sub": "repo:acme@1/reports@2:environment:prod", "ref": "refs/heads/main"}, True),
        ("apply", {"sub": "repo:acme@1/reports@2:environment:prod", "ref": "refs/heads/other"}, False),
        ("apply", {"sub": "repo:acme@1/reports@2:environment:prod", "ref": "refs/pull/7/merge"}, False),
    ],
)
def test_a_role_trusts_one_environment_of_one_repository(
    policy: str,
    changed: dict[str, str | None],
    trusted: bool,  # noqa: FBT001 - the table's
) -> None:
    """And who applies is trusted on the branch alone that is deployed."""
    document = trust_document(load_settings(Environment("prod")), policy, ["acme@1/reports@2"])
    claims: dict[str, str | None] = {
        "aud": "sts.amazonaws.com",
        "sub": "repo:acme@1/reports@2:environment:plan-prod",
        **changed,
    }
    context = {f"token.actions.githubusercontent.com:{name}": value for name, value in claims.items() if value}
    decision = decide_trust(document, "sts:AssumeRoleWithWebIdentity", "Federated", {PROVIDER}, context)
    assert (decision is Decision.ALLOWED) is trusted


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:DeleteTable", TABLE),
        ("s3:DeleteBucket", RESULTS),
        ("s3:DeleteObjectVersion", f"{RESULTS}/results/1.json"),
        ("s3:DeleteObject", f"{RESULTS}/results/1.json"),
        ("s3:GetObject", f"{RESULTS}/results/1.json"),
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:333333333333:careervp-vpr-jobs-queue-prod"),
        ("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:333333333333:careervp-vpr-jobs-queue-prod"),
        ("s3:DeleteBucket", "arn:aws:s3:::careervp-terraform-state-prod-333333333333"),
        ("s3:DeleteObject", "arn:aws:s3:::careervp-terraform-state-prod-333333333333/vpr-async-prod/terraform.tfstate"),
        ("dynamodb:UpdateTable", "arn:aws:dynamodb:us-east-1:333333333333:table/careervp-users-table-prod"),
        ("sqs:SetQueueAttributes", "arn:aws:sqs:us-east-1:333333333333:careervp-vpr-jobs-queue-dev"),
        ("iam:AttachRolePolicy", "arn:aws:iam::333333333333:role/careervp-vpr-worker"),
        ("iam:CreatePolicyVersion", "arn:aws:iam::333333333333:policy/admin"),
        ("iam:PassRole", "*"),
    ],
)
def test_even_who_applies_may_not(action: str, resource: str) -> None:
    """In prod: delete data or state, read it, touch what is another's, or give anybody a right."""
    settings = load_settings(Environment("prod"))
    held: list[Any] = [policy_document(settings, policy) for policy in ("plan", "apply", "verify")]
    assert not is_allowed(held, action, resource)


STATE = "arn:aws:s3:::careervp-terraform-state-prod-333333333333"
DELETIONS = [
    ("dynamodb:DeleteTable", TABLE),
    ("s3:DeleteBucket", RESULTS),
    ("s3:DeleteObject", f"{RESULTS}/results/1.json"),
    ("s3:DeleteObjectVersion", f"{RESULTS}/results/1.json"),
    ("s3:DeleteBucket", STATE),
    ("s3:DeleteObject", f"{STATE}/vpr-async-prod/terraform.tfstate"),
    ("s3:DeleteObjectVersion", f"{STATE}/vpr-async-prod/terraform.tfstate"),
    ("s3:DeleteObjectVersion", f"{STATE}/state-backend-prod/terraform.tfstate"),
]


@pytest.mark.parametrize(("action", "resource"), DELETIONS)
def test_nothing_allows_who_applies_a_deletion_where_data_is_retained(action: str, resource: str) -> None:
    """Not a bucket's policy either, which it may write itself: a denial goes before every grant."""
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    settings = load_settings(Environment("prod"))
    assert decide([policy_document(settings, "apply"), everything], action, resource) is Decision.DENIED


def test_a_decommission_lifts_the_denial() -> None:
    settings = evolve(load_settings(Environment("prod")), data_protection=DataProtection.DESTROY)
    held = [policy_document(settings, policy) for policy in ("plan", "apply")]
    assert {action: is_allowed(held, action, resource) for action, resource in DELETIONS[:4]} == {
        "dynamodb:DeleteTable": True,
        "s3:DeleteBucket": True,
        "s3:DeleteObject": True,
        "s3:DeleteObjectVersion": True,
    }


def test_who_applies_writes_the_state_and_frees_its_lock_where_data_is_retained() -> None:
    settings, state = load_settings(Environment("prod")), f"{STATE}/vpr-async-prod/terraform.tfstate"
    held = [policy_document(settings, policy) for policy in ("plan", "apply")]
    assert is_allowed(held, "s3:PutObject", state)
    assert is_allowed(held, "s3:DeleteObject", f"{state}.tflock")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sns:GetTopicAttributes", "arn:aws:sns:us-east-1:111111111111:careervp-vpr-alarm-topic-dev"),
        ("sns:ListSubscriptionsByTopic", "arn:aws:sns:us-east-1:111111111111:careervp-vpr-alarm-topic-dev"),
        ("sns:ListTagsForResource", "arn:aws:sns:us-east-1:111111111111:careervp-vpr-alarm-topic-dev"),
        ("sns:GetSubscriptionAttributes", "*"),
    ],
)
def test_a_role_made_before_an_address_was_set_verifies_its_topic(action: str, resource: str) -> None:
    """Roles outlive settings: dev sets no email today."""
    settings = load_settings(Environment("dev"))
    assert is_allowed([policy_document(settings, "verify")], action, resource)


@pytest.mark.parametrize("policy", ["plan", "verify"])
def test_who_plans_or_verifies_sees_whether_a_topic_of_others_exists(tmp_path: Path, policy: str) -> None:
    topic = "arn:aws:sns:us-east-1:333333333333:operations"
    settings = written_settings(f'{WHOLE}[vpr_async.alarms]\ntopic_arns = ["{topic}"]\n', tmp_path, "prod")
    document = policy_document(settings, policy)
    assert is_allowed([document], "sns:GetTopicAttributes", topic)
    assert not is_allowed([document], "sns:GetTopicAttributes", f"{topic}-of-another")


def test_who_plans_changes_nothing_but_the_states_lock() -> None:
    settings = load_settings(Environment("prod"))
    reading = ("Get", "List", "Describe")
    for policy in ("plan", "verify"):
        changing = {
            (action, resource)
            for statement in policy_document(settings, policy)["Statement"]
            for action in statement["Action"]
            for resource in statement["Resource"]
            if not action.partition(":")[2].startswith(reading)
        }
        assert all(resource.endswith("/terraform.tfstate.tflock") for _, resource in changing)
        assert {action for action, _ in changing} == (
            {"s3:PutObject", "s3:DeleteObject"} if policy == "plan" else set()
        )
