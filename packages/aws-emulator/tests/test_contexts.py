"""Condition keys that a service's resources fill: a role may do with its own what it may not do with others'."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from aws_emulator.identities import Identity

from emulator_helpers import ACCOUNT_ID, REGION

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_emulator import Emulator


def assumed(emulator: Emulator, name: str, *statements: dict[str, Any]) -> Identity:
    """Return a role's identity with these statements."""
    administrator = Identity(emulator.endpoint, region=REGION)
    role = administrator.make_role(name, ACCOUNT_ID)
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    administrator.grant(name, [{"Version": "2012-10-17", "Statement": allowed}])
    return administrator.assume(role)


def test_a_mapping_is_for_the_function_that_the_policy_names(
    emulator: Emulator, client: Callable[[str], Any], unique: str
) -> None:
    """Also one that is known by its id alone; what is not allowed is refused before anything else is checked."""
    arns = {name: f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{unique}-{name}" for name in ("own", "other")}
    condition = {"ArnEquals": {"lambda:FunctionArn": arns["own"]}}
    role = assumed(
        emulator,
        unique,
        {"Action": ["lambda:CreateEventSourceMapping"], "Resource": "*", "Condition": condition},
        {
            "Action": "lambda:DeleteEventSourceMapping",
            "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:event-source-mapping:*",
            "Condition": condition,
        },
    ).client("lambda")
    stream = client("kinesis")
    stream.create_stream(StreamName=unique, ShardCount=1)
    source = stream.describe_stream(StreamName=unique)["StreamDescription"]["StreamARN"]
    uuids: dict[str, str] = {}
    for name in arns:
        client("iam").create_role(RoleName=f"{unique}-{name}", AssumeRolePolicyDocument=TRUST)
        client("lambda").create_function(
            FunctionName=f"{unique}-{name}",
            Runtime="python3.11",
            Role=f"arn:aws:iam::{ACCOUNT_ID}:role/{unique}-{name}",
            Handler="a.b",
            Code={"ZipFile": b"it"},
        )
        made = client("lambda").create_event_source_mapping(EventSourceArn=source, FunctionName=f"{unique}-{name}")
        uuids[name] = made["UUID"]
    with pytest.raises(ClientError, match="not authorized to perform: lambda:DeleteEventSourceMapping"):
        role.delete_event_source_mapping(UUID=uuids["other"])
    role.delete_event_source_mapping(UUID=uuids["own"])
    with pytest.raises(ClientError, match="not authorized to perform: lambda:CreateEventSourceMapping"):
        role.create_event_source_mapping(EventSourceArn=source, FunctionName=f"{unique}-other")
    with pytest.raises(ClientError, match="not authorized to perform: lambda:CreateEventSourceMapping"):
        role.create_event_source_mapping(EventSourceArn=source, FunctionName=f"{unique}-absent")
    assert role.create_event_source_mapping(EventSourceArn=source, FunctionName=f"{unique}-own")["UUID"]


def test_a_key_is_the_one_whose_tags_the_policy_names(
    emulator: Emulator, client: Callable[[str], Any], unique: str
) -> None:
    role = assumed(
        emulator,
        unique,
        {
            "Action": "kms:ScheduleKeyDeletion",
            "Resource": f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Project": unique}},
        },
    ).client("kms")
    own, other = (
        client("kms").create_key(Tags=[{"TagKey": "Project", "TagValue": project}])["KeyMetadata"]["Arn"]
        for project in (unique, "other")
    )
    with pytest.raises(ClientError, match="not authorized to perform: kms:ScheduleKeyDeletion"):
        role.schedule_key_deletion(KeyId=other)
    assert role.schedule_key_deletion(KeyId=own)["KeyId"]


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
