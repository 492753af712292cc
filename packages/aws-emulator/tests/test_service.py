"""Promises of the emulated AWS to those who use it, beside the mended gaps."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS, REGION

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_emulator import Emulator


def test_account_id_is_the_one_asked_for(client: Callable[[str], Any], sqs: Any, unique: str) -> None:
    """STS and the ARNs of new resources tell the account that the emulator was started for."""
    assert client("sts").get_caller_identity()["Account"] == ACCOUNT_ID
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert arn == f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{unique}"
    assert client("sns").create_topic(Name=unique)["TopicArn"] == f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{unique}"


def test_identity_is_told(emulator: Emulator) -> None:
    """The identity path tells which process answers, for which account."""
    with urllib.request.urlopen(f"{emulator.endpoint}/_emulator") as answer:  # noqa: S310 - the emulator's own
        assert json.load(answer) == {"account_id": ACCOUNT_ID, "pid": emulator.pid}


def test_only_one_loopback_address_is_bound(emulator: Emulator) -> None:
    """The port answers on 127.0.0.1 and on no other address, not even another one of the loopback interface."""
    address = urllib.parse.urlsplit(emulator.endpoint)
    assert address.hostname == "127.0.0.1"
    assert address.port is not None
    socket.create_connection(("127.0.0.1", address.port), timeout=5).close()
    for other in ("127.0.0.2", "::1"):
        with pytest.raises(OSError, match=r"refused|assign|unreachable|timed out"):
            socket.create_connection((other, address.port), timeout=1)


def test_fourth_receive_moves_a_message_to_the_dead_letter_queue(sqs: Any, unique: str) -> None:
    """With three receives allowed, a message that nobody deletes comes three times, then lies in the DLQ."""
    dlq = sqs.create_queue(QueueName=f"{unique}-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    queue = sqs.create_queue(QueueName=unique, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="poison")

    def receive(url: str) -> list[str]:
        answer = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, WaitTimeSeconds=0)
        return [each["Body"] for each in answer.get("Messages", [])]

    assert [receive(queue) for _ in range(3)] == [["poison"]] * 3
    assert receive(dlq) == []
    assert receive(queue) == []
    assert receive(dlq) == ["poison"]


def test_long_poll_lets_a_message_in(sqs: Any, unique: str) -> None:
    """A consumer that waits gets a message that is sent meanwhile, long before its time is up."""
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    with ThreadPoolExecutor(1) as consumer:
        polling = consumer.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=20)
        sqs.send_message(QueueUrl=url, MessageBody="late")
        assert [each["Body"] for each in polling.result(timeout=HANG_SECONDS)["Messages"]] == ["late"]


def test_environment_leads_boto3_to_the_emulator_only(emulator: Emulator) -> None:
    """A child reaches the emulator whatever the user's variables say: profile, endpoints, token, proxy."""
    nowhere = "http://127.0.0.1:1"
    hostile = {
        "AWS_PROFILE": "somebody",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ENDPOINT_URL_STS": nowhere,
        "AWS_ENDPOINT_URL_S3": nowhere,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/somebody",
        "HTTP_PROXY": nowhere,
        "http_proxy": nowhere,
    }
    program = (
        "import boto3; s3 = boto3.client('s3'); s3.list_buckets(); "
        "print(boto3.client('sts').get_caller_identity()['Account'], s3.meta.region_name)"
    )
    child = subprocess.run(
        [sys.executable, "-c", program],
        env=emulator.child_environment({**os.environ, **hostile}, "eu-west-3"),
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )
    assert (child.stdout, child.stderr) == (f"{ACCOUNT_ID} eu-west-3\n", "")


def test_child_environment_keeps_what_is_not_of_aws(emulator: Emulator) -> None:
    """Other variables pass, hosts without proxy stay without, and no variable of AWS or moto passes."""
    base = {"PATH": "/bin", "NO_PROXY": "mirror.internal", "AWS_PROFILE": "somebody", "MOTO_PORT": "1"}
    child = emulator.child_environment(base, REGION)
    assert child["PATH"] == "/bin"
    assert child["NO_PROXY"] == "mirror.internal,127.0.0.1"
    assert child["no_proxy"] == "mirror.internal,127.0.0.1"
    assert child["AWS_ENDPOINT_URL"] == emulator.endpoint
    assert {name for name in child if name.startswith(("AWS_", "MOTO_"))} == {
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    }


def test_terraform_asks_the_emulator_for_the_accounts_host_and_nobody_else_does(emulator: Emulator) -> None:
    """Only its own environment names the emulator as a proxy: of plain HTTP, and not for the emulator's own address."""
    terraform = emulator.terraform_environment(
        {"HTTPS_PROXY": "http://proxy:3128", "http_proxy": "http://proxy"}, REGION
    )
    other = emulator.child_environment({}, REGION)
    assert {name: terraform[name] for name in sorted(set(terraform) - set(other))} == {
        "HTTPS_PROXY": "http://proxy:3128",
        "HTTP_PROXY": emulator.endpoint,
        "http_proxy": emulator.endpoint,
    }
    assert terraform["NO_PROXY"] == "127.0.0.1"
    assert not [name for name in emulator.environment(REGION) if name.upper() == "HTTP_PROXY"]


ACCOUNTS_HOST = f"{ACCOUNT_ID}.127.0.0.1"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://127.0.0.1:{port}/_emulator", 200),
        (f"http://{ACCOUNTS_HOST}:{{port}}/_emulator", 200),
        ("http://registry.terraform.io/.well-known/terraform.json", 403),
        ("http://169.254.169.254/latest/meta-data/", 403),
        ("http://sqs.eu-central-1.amazonaws.com/", 403),
        (f"http://{ACCOUNTS_HOST}.example.com:{{port}}/_emulator", 403),
        ("http://127.0.0.1:1/_emulator", 403),
    ],
)
def test_as_a_proxy_it_answers_for_itself_and_reaches_nobody(emulator: Emulator, target: str, status: int) -> None:
    """A request for another host is refused by name: it is neither handed on, nor answered as if that host had."""
    asked = target.format(port=emulator.port)
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=HANG_SECONDS)
    with contextlib.closing(connection):
        connection.putrequest("GET", asked, skip_host=True)
        connection.putheader("Host", urllib.parse.urlsplit(asked).netloc)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode()
    assert answer.status == status
    if status == 403:
        own = f"127.0.0.1:{emulator.port}"
        host = urllib.parse.urlsplit(asked).netloc
        assert body == f"{host}: refused: the emulator answers for {own}, and is nobody else's proxy\n"


def test_it_opens_no_tunnel(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=HANG_SECONDS)
    with contextlib.closing(connection):
        connection.request("CONNECT", "registry.terraform.io:443", headers={"Host": "registry.terraform.io:443"})
        assert connection.getresponse().status == 403
