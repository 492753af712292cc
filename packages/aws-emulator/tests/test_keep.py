"""Emulators that keep their state: everything that was there is there again, after a clean end and after SIGKILL.

How a client sees it: nothing here reads moto's objects.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from aws_emulator import Emulator, EmulatorError, SavedStateError, background
from aws_emulator.identities import Identity

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS, REGION, attributes_of
from emulator_processes import connect, wait_until_gone

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for an emulator called dev, and end what a test left running in it."""
    yield tmp_path
    background.stop("dev", tmp_path, discard=True)


def start(folder: Path, *, keep: bool = True, port: int = 0) -> tuple[Emulator, list[str]]:
    """Start or restore the emulator; return it, with what a user would be told."""
    said: list[str] = []
    return background.start("dev", folder, account_id=ACCOUNT_ID, keep=keep, port=port, say=said.append), said


def kill(emulator: Emulator) -> None:
    """End an emulator as a crash would."""
    connection = connect(emulator)
    os.kill(emulator.pid, signal.SIGKILL)
    wait_until_gone(connection)


def wait_until_saved(emulator: Emulator) -> None:
    """Return when everything is saved; fail if that takes far longer than the few seconds it should."""
    deadline = time.monotonic() + HANG_SECONDS
    while not emulator.keeping(HANG_SECONDS).is_saved:
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def administrator(emulator: Emulator) -> Identity:
    return Identity(emulator.endpoint, region=REGION)


def filled(emulator: Emulator) -> dict[str, Any]:
    """Put something of each kind into an emulator; return what only the calls' answers know."""
    of = administrator(emulator).client
    sqs, s3, dynamodb, kms = of("sqs"), of("s3"), of("dynamodb"), of("kms")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": attributes_of(sqs, dead)["QueueArn"], "maxReceiveCount": 2}
    attributes = {"VisibilityTimeout": "600", "RedrivePolicy": json.dumps(redrive)}
    queue = sqs.create_queue(QueueName="jobs", Attributes=attributes)["QueueUrl"]
    for body in ("received", "waiting"):
        sqs.send_message(
            QueueUrl=queue, MessageBody=body, MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}}
        )
    receipt = sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]
    s3.create_bucket(Bucket="results", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="results", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="results", Key="a", Body=body)["VersionId"] for body in (b"1" * 20_000_000, b"2")]
    s3.put_object(Bucket="results", Key="gone", Body=b"", Metadata={"of": "me"})
    s3.delete_object(Bucket="results", Key="gone")
    rule: dict[str, Any] = {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"ObjectSizeLessThan": 9},
        "Expiration": {"Days": 7},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="results", LifecycleConfiguration={"Rules": [rule]})
    dynamodb.create_table(
        TableName="jobs",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        OnDemandThroughput={"MaxReadRequestUnits": 5},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    dynamodb.put_item(TableName="jobs", Item={"id": {"S": "1"}, "at": {"N": "1.5"}, "raw": {"B": b"\0"}})
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signed = kms.sign(KeyId=signing, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    topic = of("sns").create_topic(Name="alarms")["TopicArn"]
    of("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.org")
    of("cloudwatch").put_metric_alarm(
        AlarmName="high",
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1,
        Namespace="n",
        MetricName="m",
        Period=60,
        Statistic="Sum",
        AlarmActions=[topic],
    )
    of("cloudwatch").put_composite_alarm(AlarmName="any", AlarmRule='ALARM("high")')
    of("cloudwatch").set_alarm_state(AlarmName="high", StateValue="ALARM", StateReason="test")
    of("ssm").put_parameter(Name="p", Value="v", Type="String")
    of("secretsmanager").create_secret(Name="s", SecretString="v")
    of("logs").create_log_group(logGroupName="g")
    role = administrator(emulator).make_role("worker", ACCOUNT_ID)
    administrator(emulator).grant("worker", [POLICY])
    worker = administrator(emulator).assume(role)
    return {
        "queue": queue,
        "receipt": receipt,
        "versions": versions,
        "key": key,
        "signing": signing,
        "signed": signed,
        "ciphertext": kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"],
        "topic": topic,
        "worker": worker,
    }


def require_filled(emulator: Emulator, known: dict[str, Any]) -> None:
    """Require that everything that `filled` made is there, and in the state in which it was left."""
    of = administrator(emulator).client
    sqs, s3, dynamodb, kms = of("sqs"), of("s3"), of("dynamodb"), of("kms")
    queue = known["queue"]
    assert sqs.list_queues()["QueueUrls"] == [queue.replace("jobs", "dead"), queue]
    has = attributes_of(sqs, queue)
    waiting, in_flight = has["ApproximateNumberOfMessages"], has["ApproximateNumberOfMessagesNotVisible"]
    assert (waiting, in_flight, has["VisibilityTimeout"]) == ("1", "1", "600")
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]["n"]["StringValue"]) == ("waiting", "1")
    # The receipt of before still counts; the message is seen again at once, and its next receive is the last.
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=known["receipt"], VisibilityTimeout=0)
    (message,) = sqs.receive_message(QueueUrl=queue, AttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert (message["Body"], message["Attributes"]["ApproximateReceiveCount"]) == ("received", "2")
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    assert attributes_of(sqs, queue.replace("jobs", "dead"))["ApproximateNumberOfMessages"] == "1"

    bodies = [s3.get_object(Bucket="results", Key="a", VersionId=each)["Body"].read() for each in known["versions"]]
    assert bodies == [b"1" * 20_000_000, b"2"]
    assert s3.get_object(Bucket="results", Key="a")["Body"].read() == b"2"
    assert [each["Key"] for each in s3.list_object_versions(Bucket="results")["DeleteMarkers"]] == ["gone"]
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket="results")["Rules"]
    assert rule["Filter"] == {"ObjectSizeLessThan": 9}

    assert dynamodb.get_item(TableName="jobs", Key={"id": {"S": "1"}})["Item"] == {
        "id": {"S": "1"},
        "at": {"N": "1.5"},
        "raw": {"B": b"\0"},
    }
    table = dynamodb.describe_table(TableName="jobs")["Table"]
    assert (table["OnDemandThroughput"]["MaxReadRequestUnits"], table["StreamSpecification"]["StreamEnabled"]) == (
        5,
        True,
    )

    assert kms.get_key_rotation_status(KeyId=known["key"])["RotationPeriodInDays"] == 100
    assert kms.decrypt(CiphertextBlob=known["ciphertext"])["Plaintext"] == b"secret"
    verified = kms.verify(
        KeyId=known["signing"], Message=b"m", Signature=known["signed"], SigningAlgorithm="ECDSA_SHA_256"
    )
    assert verified["SignatureValid"] is True
    (subscription,) = of("sns").list_subscriptions_by_topic(TopicArn=known["topic"])["Subscriptions"]
    assert (subscription["Endpoint"], subscription["SubscriptionArn"]) == ("a@example.org", "PendingConfirmation")
    (alarm,) = of("cloudwatch").describe_alarms(AlarmNames=["high"])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["AlarmActions"]) == ("ALARM", [known["topic"]])
    composite = of("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [each["AlarmName"] for each in composite] == ["any"]
    assert of("ssm").get_parameter(Name="p")["Parameter"]["Value"] == "v"
    assert of("secretsmanager").get_secret_value(SecretId="s")["SecretString"] == "v"
    assert [each["logGroupName"] for each in of("logs").describe_log_groups()["logGroups"]] == ["g"]

    # The session of before is the role's, with its policies: it may send and nothing else.
    worker = known["worker"].client("sqs")
    assert worker.send_message(QueueUrl=queue, MessageBody="mine")["MessageId"]
    with pytest.raises(worker.exceptions.ClientError, match=r"assumed-role/worker/test is not authorized"):
        worker.receive_message(QueueUrl=queue)


@pytest.mark.parametrize("ending", ["stop", "SIGTERM", "SIGKILL"])
def test_everything_is_restored(folder: Path, ending: str) -> None:
    """On the same port, so that the URLs of queues stay right. What SIGKILL ends has what was saved by itself."""
    first, said = start(folder)
    assert said == []
    known = filled(first)
    if ending == "stop":
        assert background.stop("dev", folder) is True
    elif ending == "SIGTERM":
        connection = connect(first)
        os.kill(first.pid, signal.SIGTERM)
        wait_until_gone(connection)
    else:
        wait_until_saved(first)
        kill(first)
    again, said = start(folder, keep=False)
    header = background.saved("dev", folder)
    assert header is not None
    assert again.endpoint == first.endpoint
    assert again.pid != first.pid
    assert said[-1].startswith("dev: restored from what was saved at ")
    assert len(said) == (1 if ending == "stop" else 2)
    require_filled(again, known)


def test_an_emulator_that_keeps_nothing_writes_nothing_until_it_is_asked_to(folder: Path) -> None:
    """Asked while it runs, it keeps what it holds already."""
    first, _ = start(folder, keep=False)
    sqs = administrator(first).client("sqs")
    sqs.create_queue(QueueName="jobs")
    assert first.keeping(HANG_SECONDS).is_on is False
    assert background.saved("dev", folder) is None
    assert start(folder)[0] == first
    assert first.keeping(HANG_SECONDS).is_on is True
    kill(first)
    again, _ = start(folder)
    assert administrator(again).client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"].endswith("/jobs")


def test_its_data_are_gone_where_they_were_not_kept_or_are_discarded(folder: Path) -> None:
    for keep, discard in ((False, False), (True, True)):
        emulator, said = start(folder, keep=keep)
        assert said == []
        sqs = administrator(emulator).client("sqs")
        assert "QueueUrls" not in sqs.list_queues()
        sqs.create_queue(QueueName="jobs")
        background.stop("dev", folder, discard=discard)
        assert background.saved("dev", folder) is None


def test_another_port_is_said_with_what_it_puts_wrong(folder: Path) -> None:
    """It starts all the same; on a port that was asked for, it does not."""
    first, _ = start(folder)
    port = first.port
    queue = administrator(first).client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    background.stop("dev", folder)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(EmulatorError, match=f"port {port}: Address already in use"):
            start(folder, port=port)
        moved, said = start(folder)
        assert said[1] == (
            f"dev: it listens on port {moved.port}, because {port}, where it was, is taken: queue URLs from before, as "
            f"in Terraform's outputs and in shells with its export lines, lead to {port}; to get them right, free that "
            "port, stop the emulator and start it again"
        )
        # What it is called with is what follows the port, so that Terraform finds it by the URL in its state.
        assert attributes_of(administrator(moved).client("sqs"), queue)["QueueArn"].endswith(":jobs")
        administrator(moved).client("sqs").create_queue(QueueName="more")
        background.stop("dev", folder)
    assert start(folder)[0].port == port


def test_a_state_that_cannot_be_restored_is_refused_and_stays(folder: Path) -> None:
    """Of another account here. Discarding it, which is said by whoever starts it, makes the name free again."""
    start(folder)
    background.stop("dev", folder)
    before = background.state("dev", folder).read_bytes()
    with pytest.raises(SavedStateError, match=f"saved for account {ACCOUNT_ID} instead of 999999999999"):
        background.start("dev", folder, account_id="999999999999")
    assert background.find("dev", folder) is None
    assert background.state("dev", folder).read_bytes() == before
    assert background.stop("dev", folder, discard=True) is False
    background.start("dev", folder, account_id="999999999999")


def test_a_folder_that_takes_no_state_is_said_before_anything_is_lost(folder: Path) -> None:
    """At the start, when it is asked to keep it later, and at the end of one whose saves fail."""
    (folder / "dev.state.partial").mkdir()
    with pytest.raises(EmulatorError, match=r"dev\.state: cannot be written: .*partial"):
        start(folder)
    emulator, _ = start(folder, keep=False)
    with pytest.raises(EmulatorError, match=r"dev: its state cannot be saved: .*partial"):
        start(folder)
    (folder / "dev.state.partial").rmdir()
    start(folder)
    (folder / "dev.state.partial").mkdir()
    administrator(emulator).client("sqs").create_queue(QueueName="jobs")
    failed = r"^dev: ended, but its last changes could not be saved: .*partial.*; .*dev\.state has what it held at "
    with pytest.raises(EmulatorError, match=failed):
        background.stop("dev", folder)
    (folder / "dev.state.partial").rmdir()
    assert background.stop("dev", folder) is False


def test_a_long_poll_does_not_hinder_a_save_and_what_it_takes_is_saved(folder: Path) -> None:
    """A save comes while it waits; that it took a message is saved as well."""
    emulator, _ = start(folder)
    sqs = administrator(emulator).client("sqs")
    queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    taken: list[Any] = []
    consumer = administrator(emulator).client("sqs")
    poll = threading.Thread(target=lambda: taken.append(consumer.receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
    poll.start()
    wait_until_saved(emulator)
    assert poll.is_alive()
    sqs.send_message(QueueUrl=queue, MessageBody="late")
    poll.join(HANG_SECONDS)
    assert [each["Body"] for each in taken[0]["Messages"]] == ["late"]
    wait_until_saved(emulator)
    kill(emulator)
    again, _ = start(folder)
    attributes = attributes_of(administrator(again).client("sqs"), queue)
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_a_service_that_cannot_be_saved_is_left_out_and_named(folder: Path) -> None:
    """A job of AWS Batch is a thread. The others are saved as if it was not there."""
    emulator, _ = start(folder)
    of = administrator(emulator).client
    of("sqs").create_queue(QueueName="jobs")
    role = administrator(emulator).make_role("batch", ACCOUNT_ID)
    batch = of("batch")
    batch.create_compute_environment(computeEnvironmentName="ccc", type="UNMANAGED", state="ENABLED", serviceRole=role)
    (environment,) = batch.describe_compute_environments()["computeEnvironments"]
    order = [{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}]
    batch.create_job_queue(jobQueueName="qq", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    batch.register_job_definition(
        jobDefinitionName="dd", type="container", containerProperties={"image": "i", "vcpus": 1, "memory": 9}
    )
    batch.submit_job(jobName="jj", jobQueue="qq", jobDefinition="dd")
    wait_until_saved(emulator)
    assert emulator.keeping(HANG_SECONDS).left_out == ("batch",)
    with pytest.raises(EmulatorError, match=r"^no snapshot: the state of batch cannot be saved$"):
        background.write_snapshot("dev", folder)
    assert not background.snapshot("dev", folder).exists()
    kill(emulator)
    again, said = start(folder)
    assert said[1].endswith(" UTC, without batch, whose state cannot be saved")
    assert len(administrator(again).client("sqs").list_queues()["QueueUrls"]) == 1


def test_who_is_signed_in_stays_signed_in(folder: Path) -> None:
    """Otherwise programs with the emulator's own key would become the administrator with a restart."""
    emulator, _ = start(folder)
    role = administrator(emulator).make_role("worker", ACCOUNT_ID)
    administrator(emulator).assume(role).sign_in()
    background.stop("dev", folder)
    again, _ = start(folder)
    own = Identity(again.endpoint, key_id="emulator", region=REGION).client("sqs")
    with pytest.raises(own.exceptions.ClientError, match="assumed-role/worker/test is not authorized"):
        own.list_queues()


def test_a_request_from_another_site_cannot_read_it(folder: Path) -> None:
    """No answer of its own allows another origin, so that a page of the web learns nothing."""
    emulator, _ = start(folder)
    for path in ("/_emulator", "/_emulator/keep", "/_emulator/"):
        with urllib.request.urlopen(emulator.endpoint + path) as answer:  # noqa: S310 - the emulator's own
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_messages_that_were_deleted_are_not_there_again(folder: Path) -> None:
    """The emulator's own path changes what is to be saved, as a call does."""
    emulator, _ = start(folder)
    sqs = administrator(emulator).client("sqs")
    queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="deleted")
    wait_until_saved(emulator)
    assert emulator.delete_messages(attributes_of(sqs, queue)["QueueArn"]) == 1
    background.stop("dev", folder)
    restored, _ = start(folder)
    assert restored.messages(attributes_of(administrator(restored).client("sqs"), queue)["QueueArn"]) == []


def test_a_snapshot_is_of_one_moment_and_any_number_can_begin_with_it(folder: Path) -> None:
    """What comes after it is not in it; who begins with it keeps nothing, and finds the URLs of queues as they were."""
    first, _ = start(folder, keep=False)
    known = filled(first)
    background.write_snapshot("dev", folder)
    before = background.snapshot("dev", folder).read_bytes()
    administrator(first).client("sqs").create_queue(QueueName="later")
    background.stop("dev", folder)
    assert background.saved("dev", folder) is None
    for _ in range(2):
        again = background.start("dev", folder, account_id=ACCOUNT_ID, from_snapshot=True)
        assert (again.endpoint, again.keeping(HANG_SECONDS).is_on) == (first.endpoint, False)
        require_filled(again, known)
        background.stop("dev", folder)
    assert background.snapshot("dev", folder).read_bytes() == before


def test_a_state_of_its_own_goes_before_a_snapshot_and_what_begins_with_one_can_be_kept(folder: Path) -> None:
    first, _ = start(folder, keep=False)
    sqs = administrator(first).client("sqs")
    sqs.create_queue(QueueName="jobs")
    background.write_snapshot("dev", folder)
    background.stop("dev", folder)
    for names in (["jobs"], ["jobs", "more"]):
        kept = background.start("dev", folder, account_id=ACCOUNT_ID, keep=True, from_snapshot=True)
        sqs = administrator(kept).client("sqs")
        assert [url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]] == names
        sqs.create_queue(QueueName="more")
        kill_when_saved(kept)


def kill_when_saved(emulator: Emulator) -> None:
    wait_until_saved(emulator)
    kill(emulator)


def test_of_a_snapshot_whose_port_is_taken_the_own_state_has_the_new_port(folder: Path) -> None:
    """Whoever began there has put right what names the port: it is not to move back by itself."""
    first, _ = start(folder, keep=False)
    background.write_snapshot("dev", folder)
    background.stop("dev", folder)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first.port))
        taken.listen()
        moved = background.start("dev", folder, account_id=ACCOUNT_ID, keep=True, from_snapshot=True)
        background.stop("dev", folder)
    assert moved.port != first.port
    assert start(folder)[0].port == moved.port


def test_a_snapshot_that_cannot_be_begun_with_is_refused(folder: Path) -> None:
    """One that is not there, is damaged, or is of another account: no emulator runs after that."""
    start(folder, keep=False)
    background.write_snapshot("dev", folder)
    background.stop("dev", folder)
    file = background.snapshot("dev", folder)
    content = file.read_bytes()
    damaged = content[:-1] + bytes([content[-1] ^ 1])
    for account, held, reason in (
        ("999999999999", content, f"saved for account {ACCOUNT_ID} instead of 999999999999"),
        (ACCOUNT_ID, damaged, "damaged: it does not hold what was saved"),
        (ACCOUNT_ID, None, "No such file or directory"),
    ):
        file.unlink() if held is None else file.write_bytes(held)
        with pytest.raises(SavedStateError) as caught:
            background.start("dev", folder, account_id=account, from_snapshot=True)
        assert caught.value.reason == reason
        assert background.find("dev", folder) is None


def test_no_snapshot_is_written_that_is_not_whole(folder: Path) -> None:
    """Without an emulator, or to a place that takes none, there is an error; what was written before stays."""
    with pytest.raises(EmulatorError, match=r"^dev: no emulator runs, so there is nothing to write a snapshot of$"):
        background.write_snapshot("dev", folder)
    start(folder, keep=False)
    background.write_snapshot("dev", folder)
    before = background.snapshot("dev", folder).read_bytes()
    (folder / "dev.snapshot.partial").mkdir()
    with pytest.raises(EmulatorError, match=r"^no snapshot: .*dev\.snapshot\.partial"):
        background.write_snapshot("dev", folder)
    assert background.snapshot("dev", folder).read_bytes() == before
    (folder / "dev.snapshot.partial").rmdir()
