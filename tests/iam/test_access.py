"""The command `access`: what it writes for whoever sets an account up, and whom the roles then trust."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.request import Environment
from config.settings import load_settings
from ops.__main__ import main
from ops.iam.deployer import policy_document, trust_document
from ops.iam.evaluation import Decision, decide_trust, is_allowed

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
        "plan-policy.json",
        "plan-trust.json",
        "verify-policy.json",
    ]
    assert sorted(capsys.readouterr().out.split()) == [str(file) for file in written]
    for file in written:
        assert json.loads(file.read_text())["Version"] == "2012-10-17"


def test_without_a_repository_there_is_nobody_to_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "prod")
    assert main(["access", "--output", str(tmp_path)]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "apply-policy.json",
        "plan-policy.json",
        "verify-policy.json",
    ]


@pytest.mark.parametrize(
    "repository", ["acme", "acme/reports:*", "acme/*", "*/reports", "acme/reports/more", "", "a b/c"]
)
def test_a_repository_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repository: str
) -> None:
    """Above all one with a wildcard, which would trust strangers."""
    monkeypatch.setenv("ENV", "prod")
    assert main(["access", "--repository", repository, "--output", str(tmp_path / "new")]) == 2
    assert "not allowed; allowed: OWNER/NAME, as GitHub shows it" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENV", "prod")
    (tmp_path / "file").write_text("")
    assert main(["access", "--output", str(tmp_path / "file")]) == 2
    assert "cannot be written to: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "trusted"),
    [
        ({}, True),
        ({"sub": "repo:acme/reports:environment:prod"}, False),
        ({"sub": "repo:acme/reports:environment:plan-prod-2"}, False),
        ({"sub": "repo:acme/reports:ref:refs/heads/main"}, False),
        ({"sub": "repo:acme/reports:pull_request"}, False),
        ({"sub": "repo:acme/reports-fork:environment:plan-prod"}, False),
        ({"sub": "repo:mallory/reports:environment:plan-prod"}, False),
        ({"aud": "https://github.com/acme"}, False),
        ({"aud": None}, False),
        ({"sub": None}, False),
    ],
)
def test_a_role_trusts_one_environment_of_one_repository(
    changed: dict[str, str | None],
    trusted: bool,  # noqa: FBT001 - the table's
) -> None:
    document = trust_document(
        load_settings(Environment.PROD), repository="acme/reports", github_environment="plan-prod"
    )
    claims: dict[str, str | None] = {
        "aud": "sts.amazonaws.com",
        "sub": "repo:acme/reports:environment:plan-prod",
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
    settings = load_settings(Environment.PROD)
    held: list[Any] = [policy_document(settings, policy) for policy in ("plan", "apply", "verify")]
    assert not is_allowed(held, action, resource)


def test_who_plans_changes_nothing_but_the_states_lock() -> None:
    settings = load_settings(Environment.PROD)
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
