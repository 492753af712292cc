"""Users and roles of an emulator: their clients, and everything that calls took.

Try a program with just the permissions that it will have: make a role, grant it documents, and assume it.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - it has none

from aws_emulator.emulator import IDENTITY_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Identity:
    """Somebody's credentials on one emulator; the administrator's, unless given."""

    endpoint: str
    key_id: str = "test"
    secret: str = "test"  # noqa: S105 - no signature is checked
    token: str | None = None
    region: str = "us-east-1"

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
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
            config=config,
        )

    def make_role(self, name: str, account_id: str, policy_arns: Iterable[str] = ()) -> str:
        """Make a role that the account's identities may assume, with these managed policies; return its ARN."""
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

    def assume(self, role_arn: str) -> Identity:
        """Return the identity of an assumed role."""
        own = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return replace(self, key_id=own["AccessKeyId"], secret=own["SecretAccessKey"], token=own["SessionToken"])

    def sign_in(self) -> None:
        """Let programs whose key is `emulator`, as in the emulator's environment, act as this identity."""
        self._put_caller({"key_id": self.key_id, "token": self.token})

    def sign_out(self) -> None:
        """Let programs whose key is `emulator` be the administrator again."""
        self._put_caller(None)

    def calls(self) -> list[dict[str, Any]]:
        """Return every permission that calls took on this emulator, each once: caller, action, resource, allowed."""
        return json.loads(_open(urllib.request.Request(f"{self.endpoint}{IDENTITY_PATH}/calls")))  # noqa: S310 - the emulator's

    def _put_caller(self, caller: dict[str, str | None] | None) -> None:
        url, content = f"{self.endpoint}{IDENTITY_PATH}/caller", json.dumps(caller).encode()
        _open(urllib.request.Request(url, content, method="PUT"))  # noqa: S310 - the emulator's


def _open(request: urllib.request.Request) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_ANSWER_SECONDS) as answer:
        return answer.read()
