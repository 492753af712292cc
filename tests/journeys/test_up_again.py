"""`make up` after `make down`: the same resources without an apply, equal to what Terraform made, and still its own."""

import json
import re
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.checkout import Checkout, make_checkout, other_terraform
from tests.journeys.test_life import clients, remaining
from tests.required import VISIBILITY
from tests.review.golden.making import edited

pytestmark = pytest.mark.xdist_group("up again")

NO_APPLY = 'case "$1" in plan | apply) echo "asked to $1" >&2; exit 1;; esac'
RESTORED = re.compile(
    r"^dev: restored from the snapshot of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, which has what Terraform made of the "
    r"same stacks$",
    re.MULTILINE,
)
QUEUE = "careervp-vpr-jobs-queue-dev"
TABLE, BUCKET = "careervp-jobs-table-dev", "careervp-dev-vpr-results-us-east-1-f6121f"


def ops(checkout: Checkout, *command: str, **variables: str) -> tuple[str, str]:
    done = checkout.run("python", "-m", "ops", *command, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Checkout, str]]:
    """Return a checkout in which Terraform has deployed dev once, ended; and the export lines of that."""
    checkout = make_checkout(tmp_path_factory.mktemp("fresh"))
    try:
        lines, said = ops(checkout, "up")
        assert "Apply complete! Resources: 15 added, 0 changed, 0 destroyed." in said
        assert said.count("dev: the next make up ENV=dev, after make down, takes seconds, ") == 1
        # What comes after the deployment is not in the snapshot.
        sqs = clients(checkout, "dev")["sqs"]
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"], MessageBody="later")
        yield checkout, lines
    finally:
        ops(checkout, "down")


@pytest.fixture
def down(fresh: tuple[Checkout, str]) -> Generator[tuple[Checkout, str]]:
    """Let no emulator run, and nothing be kept, before a test and after it."""
    ops(fresh[0], "down", KEEP="no")
    yield fresh
    ops(fresh[0], "down", KEEP="no")


def port(checkout: Checkout) -> int:
    return int(json.loads((checkout.path / ".emulator" / "dev.json").read_text())["endpoint"].rpartition(":")[2])


@contextmanager
def taken(number: int) -> Generator[None]:
    """Listen on a port for a block."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", number))
        listening.listen()
        yield


def is_as_deployed(checkout: Checkout) -> None:
    """Require that the verifier, a plan, drift and a smoke run find what they find after a deployment."""
    assert re.search(r": 164 checks: 164 ok; ", ops(checkout, "verify")[0])
    assert re.search(r"^vpr-async-dev on .*:\s+nothing to do: no changes$", ops(checkout, "plan")[0], re.MULTILINE)
    assert ops(checkout, "drift")[0].endswith("\ndrift: none\n")
    assert " 0 failed" in ops(checkout, "smoke")[0]


def test_up_after_down_asks_terraform_nothing_and_has_the_same(down: tuple[Checkout, str], tmp_path: Path) -> None:
    """With the same export lines, port included, and no message. Terraform finds no change, and destroys all."""
    checkout, lines = down
    again, said = ops(checkout, "up", **other_terraform(checkout, tmp_path, NO_APPLY))
    assert RESTORED.search(said)
    assert "Apply complete" not in said
    assert again == lines
    assert ops(checkout, "peek")[0].count(": 0 waiting, 0 in flight, 0 delayed") == 2
    is_as_deployed(checkout)
    ops(checkout, "destroy", AUTO_APPROVE="yes")
    assert remaining(clients(checkout, "dev")) == {
        "queues": [],
        "tables": [],
        "buckets": ["careervp-terraform-state-dev-111111111111"],
        "alarms": [],
    }


def test_where_the_port_is_taken_everything_names_the_new_one(down: tuple[Checkout, str]) -> None:
    """Terraform's state as well, so that a plan has no changes; the next one has the first port again."""
    checkout, lines = down
    first = port_in(lines)
    with taken(first):
        again, said = ops(checkout, "up")
    moved = port(checkout)
    assert RESTORED.search(said)
    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in said
    assert moved != first
    assert again == lines.replace(f":{first}", f":{moved}")
    is_as_deployed(checkout)
    ops(checkout, "down")
    assert ops(checkout, "up")[0] == lines


def port_in(lines: str) -> int:
    (found,) = set(re.findall(r"127\.0\.0\.1:(\d+)", lines))
    return int(found)


def test_what_was_restored_can_be_kept(down: tuple[Checkout, str]) -> None:
    """KEEP=yes saves it as ever; what was saved goes before the snapshot."""
    checkout, lines = down
    assert RESTORED.search(ops(checkout, "up", KEEP="yes")[1])
    sqs = clients(checkout, "dev")["sqs"]
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    ops(checkout, "down")
    again, said = ops(checkout, "up")
    assert again == lines
    assert "dev: restored from what was saved at " in said
    assert not RESTORED.search(said)
    assert ops(checkout, "peek")[0].count("1 waiting") == 1


def test_another_stack_is_deployed_and_a_damaged_snapshot_is_not_restored(
    down: tuple[Checkout, str], tmp_path: Path
) -> None:
    """Each said in a line; here Terraform is asked, and refuses."""
    checkout, _ = down
    asked = other_terraform(checkout, tmp_path, NO_APPLY)
    snapshot = checkout.path / ".emulator" / "dev.snapshot"
    sound = snapshot.read_bytes()
    not_used = "dev: the snapshot of the last deployment is not used: "
    edits = {"stacks/vpr_async/stack.py": (("VISIBILITY_SECONDS = ", f"VISIBILITY_SECONDS = 1 + {VISIBILITY} or "),)}
    with edited(checkout, edits):
        other = checkout.run("python", "-m", "ops", "up", **asked)
    ops(checkout, "down")
    snapshot.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    damaged = checkout.run("python", "-m", "ops", "up", **asked)
    snapshot.write_bytes(sound)
    for done, reason in (
        (other, "the stacks have changed"),
        (damaged, "damaged: it does not hold what was saved"),
    ):
        assert f"{not_used}{reason}; Terraform deploys\n" in done.stderr
        assert (done.returncode, done.stdout) == (1, "")
        assert "asked to plan" in done.stderr
        assert "Traceback" not in done.stderr


def test_clean_removes_the_snapshot(down: tuple[Checkout, str]) -> None:
    checkout, _ = down
    ops(checkout, "clean")
    assert not (checkout.path / ".emulator").exists()
