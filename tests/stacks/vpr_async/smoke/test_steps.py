"""Steps as they are on AWS and cannot be on the emulator, against stand-ins."""

import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from config.environments import Environment
from ops.progress import say
from stacks.features import load_settings
from stacks.smoke import UnexpectedError
from stacks.vpr_async.names import names_of
from stacks.vpr_async.smoke.actors import Actor, Actors
from stacks.vpr_async.smoke.job import Job, Queue, Received
from stacks.vpr_async.smoke.steps import read_without_tls, redrive

QUEUE = Queue("jobs", "https://sqs/jobs", "arn:aws:sqs:us-east-1:111111111111:jobs")
DLQ = Queue("dlq", "https://sqs/dlq", "arn:aws:sqs:us-east-1:111111111111:dlq")


class _StandInQueues:
    """SQS with a number of messages in the dead-letter queue; it notes what it is told."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.told: list[tuple[str, dict[str, Any]]] = []

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.waiting)}}

    def change_message_visibility(self, **arguments: Any) -> None:
        self.told.append(("visibility", arguments))

    def start_message_move_task(self, **arguments: Any) -> None:
        self.told.append(("move", arguments))


def job_on_aws(sqs: _StandInQueues | None = None) -> Job:
    actor = Actor(sqs=sqs, jobs=None, s3=None)
    names = names_of(load_settings(Environment("dev")))
    actors = Actors(operator=actor, submit=actor, worker=actor, status=actor)
    held = {"handle": Received(DLQ, "{}", {}, 1, "handle")}
    return Job(names, actors, QUEUE, DLQ, emulated=False, say=say, _held=held)


def test_the_redrive_is_sqs_own_and_the_message_is_visible_for_it() -> None:
    sqs = _StandInQueues(waiting=1)
    redrive(job_on_aws(sqs))
    assert sqs.told == [
        ("visibility", {"QueueUrl": DLQ.url, "ReceiptHandle": "handle", "VisibilityTimeout": 0}),
        ("move", {"SourceArn": DLQ.arn}),
    ]


def test_another_programs_messages_are_not_redriven() -> None:
    sqs = _StandInQueues(waiting=2)
    with pytest.raises(UnexpectedError, match="found 2 messages; none was moved"):
        redrive(job_on_aws(sqs))
    assert [what for what, _ in sqs.told] == ["visibility"]


@pytest.fixture(params=[403, 200, 301])
def plain_http(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[int, str]]:
    """Serve one status over plain HTTP; return it with an https:// URL of the same place."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield request.param, f"https://127.0.0.1:{server.server_port}/results/a.json?X-Amz-Signature=1"
        server.shutdown()


def test_a_read_over_plain_http_has_to_be_refused(plain_http: tuple[int, str]) -> None:
    """A redirect to TLS is no refusal, and is not followed."""
    status, url = plain_http
    job = job_on_aws()
    job.url = url
    if status == 403:
        assert read_without_tls(job) == "a rightly signed read is refused (403)"
    else:
        with pytest.raises(UnexpectedError, match=f"found {status}"):
            read_without_tls(job)
