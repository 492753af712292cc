"""Lambda functions on an emulator, as another project deploys them."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.clients import client

RECEIVING = "receive"
"""The name of the role's own policy."""


def make_worker(endpoint: str, name: str, *, queue_arn: str) -> None:
    """Make a function with a timeout of 30 s, and a role of its name that may take a queue's messages."""
    make_worker_with({service: client(service, endpoint) for service in ("iam", "lambda")}, name, queue_arn=queue_arn)


def make_worker_with(clients: Mapping[str, Any], name: str, *, queue_arn: str) -> None:
    """Make the same with clients by service."""
    iam = clients["iam"]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]
    actions = [f"sqs:{action}" for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
    receive = {"Effect": "Allow", "Action": actions, "Resource": queue_arn}
    iam.put_role_policy(
        RoleName=name,
        PolicyName=RECEIVING,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [receive]}),
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("worker.py", "def handler(event, context): return {}")
    clients["lambda"].create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role["Arn"],
        Handler="worker.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=30,
    )
