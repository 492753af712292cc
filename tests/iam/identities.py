"""Roles on the emulator, what is signed with their credentials, and what calls took."""

import json
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from tests.surroundings import HANG_SECONDS

ADMINISTRATOR = "test"
REGION = "us-east-1"


@dataclass(frozen=True)
class Session:
    """Somebody's credentials on one emulator; the administrator's, unless given."""

    endpoint: str
    key_id: str = ADMINISTRATOR
    secret: str = "test"  # noqa: S105 - the emulator takes any
    token: str | None = None

    def client(self, service: str, *, s3_signature: str | None = "s3v4") -> Any:
        """Return a boto3 client that signs with these credentials, and tries once.

        s3_signature: `s3v4`, `s3` for Signature Version 2, or None for boto3's own choice.
        """
        make: Any = boto3.client  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        config = Config(
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            signature_version=s3_signature if service == "s3" else None,
        )
        return make(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
            config=config,
        )

    def make_role(self, name: str, account_id: str, policy_arns: Iterable[str] = ()) -> str:
        """Make a role that the account's identities may take on, with these managed policies; return its ARN."""
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
            "Action": "sts:AssumeRole",
        }
        iam = self.client("iam")
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        for policy in policy_arns:
            iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        return arn

    def grant(self, role: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Give a role these documents, as policies of its own, in place of those that it had."""
        iam = self.client("iam")
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        for number, document in enumerate(documents):
            iam.put_role_policy(RoleName=role, PolicyName=f"policy-{number}", PolicyDocument=json.dumps(document))

    def assume(self, role_arn: str) -> "Session":
        """Take on a role."""
        own = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return Session(self.endpoint, own["AccessKeyId"], own["SecretAccessKey"], own["SessionToken"])

    def sign_in(self) -> None:
        """Let the commands, whose key is the emulator's own, act with these credentials."""
        told = json.dumps({"key_id": self.key_id, "token": self.token}).encode()
        _open(urllib.request.Request(f"{self.endpoint}/_emulator/caller", told, method="PUT"))  # noqa: S310 - the emulator's

    def sign_out(self) -> None:
        """Let the commands be the administrator again."""
        _open(urllib.request.Request(f"{self.endpoint}/_emulator/caller", b"null", method="PUT"))  # noqa: S310 - the emulator's

    def calls(self) -> list[dict[str, Any]]:
        """Return every permission that was taken on this emulator, each once."""
        return json.loads(_open(urllib.request.Request(f"{self.endpoint}/_emulator/calls")))  # noqa: S310 - the emulator's


def _open(request: urllib.request.Request) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=HANG_SECONDS) as answer:
        return answer.read()


def statements(*granted: tuple[str, str]) -> dict[str, Any]:
    """Return a document that allows these actions, each on its resource."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in granted],
    }
