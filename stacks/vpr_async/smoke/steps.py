"""The steps of a smoke run, in their order: who does what, and what that shows."""

import http.client
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from check_report.printable import shown_value
from stacks.smoke import NotShownError, Step, UnexpectedError
from stacks.vpr_async.smoke.actors import Actor
from stacks.vpr_async.smoke.job import Job, Received

FAILURES = 3
"""How often a message may fail; the next receive finds it moved to the dead-letter queue."""
URL_SECONDS = 3600
ANSWER_SECONDS = 10
INDEX_SECONDS = 10
MOVE_SECONDS = 60
REFUSED = 403


def put_job(job: Job) -> str:
    """Put the item, on condition that there is none; then try once more."""
    table = job.actors.submit.jobs
    table.put_item(Item=job.item, ConditionExpression="attribute_not_exists(job_id)")
    try:
        table.put_item(Item=job.item, ConditionExpression="attribute_not_exists(job_id)")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
            raise
        return "PENDING; putting the same job again is refused"
    raise UnexpectedError(expected="the same job refused the second time", found="it was put again")


def find_by_idempotency_key(job: Job) -> str:
    """Find the job as a second request for the same report would: through the index, which lags behind the table."""
    started = time.monotonic()
    while True:
        found = job.actors.submit.jobs.query(
            IndexName="idempotency-key-index",
            KeyConditionExpression="idempotency_key = :key",
            ExpressionAttributeValues={":key": job.idempotency_key},
        )["Items"]
        seconds = time.monotonic() - started
        if [item["job_id"] for item in found] == [job.job_id]:
            return f"the index has it after {seconds:.2f} s, so a second request would start no second job"
        if seconds > INDEX_SECONDS:
            raise UnexpectedError(
                expected=f"job {job.job_id} under {job.idempotency_key}", found=f"{len(found)} items after 10 s"
            )
        time.sleep(0.2)


def fail_to_send(job: Job) -> str:
    """Mark the job, as the submit handler does when its message cannot be sent; and back, to go on with it."""
    for before, after in (("PENDING", "FAILED"), ("FAILED", "PENDING")):
        _update(job, job.actors.submit, before, {"status": after})
    return "PENDING to FAILED, as when its message cannot be sent, and back to go on, each on condition of the other"


def send_message(job: Job) -> str:
    """Send the message, to be handed out a second later: the poll that is to be shown waits for it."""
    job.send(job.actors.submit, delay_seconds=1)
    return f"accepted with the attributes {', '.join(job.attributes)}; it is handed out a second later"


def read_queue(job: Job) -> str:
    """Read the queue's settings, as Lambda's poller does with the worker's role before it receives anything."""
    answer = job.actors.worker.sqs.get_queue_attributes(
        QueueUrl=job.queue.url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
    )
    return f"visibility timeout {answer['Attributes']['VisibilityTimeout']} s, as Lambda's poller asks"


def receive_message(job: Job) -> str:
    """Receive before there is anything to receive: only a long poll still waits when the message comes."""
    started = time.monotonic()
    received = _received(job)
    seconds = time.monotonic() - started
    if received.body != job.body or received.attributes != job.attributes:
        raise UnexpectedError(
            expected=shown_value([job.body, job.attributes]), found=shown_value([received.body, received.attributes])
        )
    return f"the queue's own poll waited {seconds:.1f} s for it; body and attributes are what was sent"


def _received(job: Job) -> Received:
    received = job.receive(job.actors.worker, job.queue)
    if received is None:
        raise UnexpectedError(
            expected="the message, within the queue's long poll of 20 s",
            found=f"none came; if {job.names.worker_function} consumes the queue, it took the message",
        )
    return received


def start_job(job: Job) -> str:
    """Read the job and move its status on, as the worker does first."""
    found = _item(job, job.actors.worker)
    if found.get("status") != "PENDING":
        raise UnexpectedError(expected="a PENDING job", found=shown_value(found))
    _update(job, job.actors.worker, "PENDING", {"status": "PROCESSING", "started_at": _now()})
    return "PENDING to PROCESSING, on condition that it was PENDING"


def write_result(job: Job) -> str:
    """Write the result, as the worker does."""
    job.actors.worker.s3.put_object(
        Bucket=job.names.results_bucket, Key=job.result_key, Body=job.result, ContentType="application/json"
    )
    return f"{job.result_key}, {len(job.result)} bytes"


def complete_job(job: Job) -> str:
    """Move the status on, as the worker does last."""
    completed = {
        "status": "COMPLETED",
        "completed_at": _now(),
        "result_key": job.result_key,
        "token_usage": {"input": 0, "output": 0},
    }
    _update(job, job.actors.worker, "PROCESSING", completed)
    return "PROCESSING to COMPLETED, on condition that it was PROCESSING"


def delete_message(job: Job) -> str:
    """Delete the message, as the worker does when the job is completed."""
    job.delete(job.actors.worker, job.held(job.queue))
    return "accepted"


def _update(job: Job, actor: Actor, before: str, values: dict[str, Any]) -> None:
    actor.jobs.update_item(
        Key={"job_id": job.job_id},
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ConditionExpression="#status = :before",
        ExpressionAttributeNames={f"#{name}": name for name in values},
        ExpressionAttributeValues={":before": before, **{f":{name}": value for name, value in values.items()}},
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()


def read_job(job: Job) -> str:
    """Read the job, as the status handler does."""
    found = _item(job, job.actors.status)
    expected = {"status": "COMPLETED", "result_key": job.result_key}
    if {name: found.get(name) for name in expected} != expected:
        raise UnexpectedError(expected=shown_value(expected), found=shown_value(found))
    return "COMPLETED, with the result's key"


def read_ttl(job: Job) -> str:
    """Read the time at which the item may go."""
    expected, found = job.item["ttl"], _item(job, job.actors.status).get("ttl")
    if found != expected:
        raise UnexpectedError(expected=f"ttl = {expected}", found=f"ttl = {shown_value(found)}")
    return f"ttl is {job.expires_at:%Y-%m-%d %H:%M} UTC; that the item goes then is not waited for"


def _item(job: Job, reader: Actor) -> dict[str, Any]:
    return reader.jobs.get_item(Key={"job_id": job.job_id}, ConsistentRead=True).get("Item", {})


def read_presigned(job: Job) -> str:
    """Read the result as the client does, through the URL that the status handler signs for an hour."""
    job.url = job.actors.status.s3.generate_presigned_url(
        "get_object", Params={"Bucket": job.names.results_bucket, "Key": job.result_key}, ExpiresIn=URL_SECONDS
    )
    status, content = _get(job, job.url)
    if (status, content) != (http.client.OK, job.result):
        raise UnexpectedError(
            expected="200 and the result", found=f"{status} {shown_value(content.decode(errors='replace'))}"
        )
    return f"the {len(content)} bytes that the worker wrote, through a URL that lives an hour"


def read_unsigned(job: Job) -> str:
    """Try to read as the public: the result, and the list of all results."""
    result = job.url.partition("?")[0]
    for what, url in (("the result", result), ("the list of results", result.removesuffix(job.result_key))):
        status, _ = _get(job, url)
        if status != REFUSED:
            raise UnexpectedError(expected=f"{what} refused without a signature (403)", found=str(status))
    return "the result and the list of results are both refused (403)"


def read_without_tls(job: Job) -> str:
    """Try to read the result over plain HTTP with a signature that is right, so that nothing else can refuse it."""
    if job.emulated:
        message = "cannot be shown on the emulator, which speaks plain HTTP in place of TLS"
        raise NotShownError(message)
    status, _ = _get(job, urllib.parse.urlsplit(job.url)._replace(scheme="http").geturl())
    if status != REFUSED:
        raise UnexpectedError(expected="a rightly signed read refused without TLS (403)", found=str(status))
    return "a rightly signed read is refused (403)"


def _get(job: Job, url: str) -> tuple[int, bytes]:
    """Return the status and content of a URL that one of the clients made, without going where it may lead."""
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.ProxyHandler({} if job.emulated else None))
    opener.add_handler(urllib.request.HTTPHandler())
    opener.add_handler(urllib.request.HTTPSHandler())
    with opener.open(url, timeout=ANSWER_SECONDS) as response:
        return response.status, response.read()


def fail_message(job: Job) -> str:
    """Send the job's message again, and let the worker fail on it as often as it may."""
    job.send(job.actors.submit)
    for attempt in range(1, FAILURES + 1):
        received = _received(job)
        if received.count != attempt:
            raise UnexpectedError(expected=f"receive {attempt} of the message", found=f"receive {received.count}")
        job.release(job.actors.worker, received)
    return f"received {FAILURES} times, and each time visible again at once"


def find_in_dlq(job: Job) -> str:
    """Receive once more from the jobs queue, which moves the message; then look for it where it should be."""
    deadline = time.monotonic() + MOVE_SECONDS
    while time.monotonic() < deadline:
        again = job.receive(job.actors.worker, job.queue, wait_seconds=1)
        if again:
            raise UnexpectedError(
                expected=f"the message in {job.dlq.name} after {FAILURES} receives",
                found=f"receive {again.count} of it, from {job.queue.name}",
            )
        moved = job.receive(job.actors.operator, job.dlq, wait_seconds=1)
        if moved:
            return f"{job.dlq.name} holds it; no fourth worker got it"
    raise UnexpectedError(
        expected=f"the message in {job.dlq.name}", found=f"it in neither queue within {MOVE_SECONDS} s"
    )


def redrive(job: Job) -> str:
    """Move the message back, as the operator does when the cause is mended."""
    operator, dead = job.actors.operator, job.held(job.dlq)
    if job.emulated:
        job.send(operator)
        job.delete(operator, dead)
        return "sent again from what the DLQ holds, by hand: the emulator does not know StartMessageMoveTask"
    job.release(operator, dead)
    count = "ApproximateNumberOfMessages"
    waiting = operator.sqs.get_queue_attributes(QueueUrl=job.dlq.url, AttributeNames=[count])["Attributes"][count]
    if int(waiting) > 1:
        raise UnexpectedError(
            expected=f"smoke's message alone in {job.dlq.name}: a redrive moves all of them",
            found=f"{waiting} messages; none was moved",
        )
    operator.sqs.start_message_move_task(SourceArn=job.dlq.arn)
    return f"StartMessageMoveTask moves it from {job.dlq.name} back to where it came from"


def receive_redriven(job: Job) -> str:
    """Receive what came back, and be done with it."""
    deadline = time.monotonic() + MOVE_SECONDS
    received = None
    while received is None and time.monotonic() < deadline:
        received = job.receive(job.actors.worker, job.queue)
    if received is None:
        raise UnexpectedError(expected=f"the message in {job.queue.name}", found=f"none within {MOVE_SECONDS} s")
    if (received.body, received.count) != (job.body, 1):
        raise UnexpectedError(
            expected=f"its first receive, {shown_value(job.body)}",
            found=f"receive {received.count}, {shown_value(received.body)}",
        )
    job.delete(job.actors.worker, received)
    return "its receives are counted from 1 again; deleted"


STEPS: tuple[Step[Job], ...] = (
    Step("submit", "put a job", put_job),
    Step("submit", "find it by its idempotency key", find_by_idempotency_key, needs=(put_job,)),
    Step("submit", "mark it FAILED", fail_to_send, needs=(put_job,)),
    Step("submit", "send its message", send_message),
    Step("worker", "read the queue's settings", read_queue),
    Step("worker", "receive the message", receive_message, needs=(send_message,)),
    Step("worker", "start the job", start_job, needs=(put_job, receive_message)),
    Step("worker", "write the result", write_result),
    Step("worker", "complete the job", complete_job, needs=(start_job, write_result)),
    Step("worker", "delete the message", delete_message, needs=(receive_message,)),
    Step("status", "read the job", read_job, needs=(complete_job,)),
    Step("status", "read its time to live", read_ttl, needs=(put_job,)),
    Step("status", "read the result through a presigned URL", read_presigned, needs=(write_result,)),
    Step("public", "read the result without a signature", read_unsigned, needs=(read_presigned,)),
    Step("public", "read the result over plain HTTP", read_without_tls, needs=(read_presigned,)),
    Step("worker", "fail on the message three times", fail_message, needs=(delete_message,)),
    Step("operator", "find the message in the DLQ", find_in_dlq, needs=(fail_message,)),
    Step("operator", "redrive the message", redrive, needs=(find_in_dlq,)),
    Step("worker", "receive the redriven message", receive_redriven, needs=(redrive,)),
)
