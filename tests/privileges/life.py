"""A deployment's whole life under the deployer's policies, and the record of what it took.

Everything that changes a deployment or looks at it is in it once, so that every call is made that deploying can make.
"""

import json
import subprocess
from pathlib import Path

from tests.privileges.deployment import CHANGES, RESULTS_BUCKET, Deployment, deployment

RECORD = Path(__file__).with_name("recorded.json")
"""Each action with each resource that the life took, in dev; written by `python -m tests.privileges record`."""
PLAN, APPLY, VERIFY, OPERATE = ("plan",), ("plan", "apply"), ("plan", "verify"), ("verify", "operate")


def succeeded(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def redriven(dev: Deployment) -> None:
    """Move a message back, as somebody on call does."""
    sqs = dev.administrator.client("sqs")
    queue, dead = (
        sqs.get_queue_url(QueueName=f"careervp-vpr-jobs-{each}-dev")["QueueUrl"] for each in ("queue", "dlq")
    )
    sqs.send_message(QueueUrl=dead, MessageBody="{}")
    succeeded(dev.run(OPERATE, "redrive", "--dry-run"))
    succeeded(dev.run(OPERATE, "redrive"))
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def live(dev: Deployment) -> None:
    """Go through everything that changes a deployment or looks at it."""
    succeeded(dev.run(APPLY, "bootstrap"))
    succeeded(dev.run(("verify",), "verify", "--mode", "prerequisites"))
    succeeded(dev.run(PLAN, "adopt"))
    succeeded(dev.run(PLAN, "plan"))
    succeeded(dev.run(APPLY, "apply"))
    with dev.handler():
        succeeded(dev.run(("verify",), "verify"))
    redriven(dev)
    for change in CHANGES:
        dev.edit(*change)
    succeeded(dev.run(APPLY, "bootstrap"))
    succeeded(dev.run(PLAN, "plan"))
    succeeded(dev.run(APPLY, "apply"))
    assert dev.run(("verify",), "verify").returncode == 1
    assert dev.run(VERIFY, "drift").returncode == 1
    for file, text, replacement in CHANGES:
        dev.edit(file, replacement, text)
    dev.edit("environments/dev.toml", "# emails = ", "emails = ")
    succeeded(dev.run(PLAN, "plan"))
    succeeded(dev.run(APPLY, "apply"))
    dev.forget_state()
    succeeded(dev.run(APPLY, "bootstrap"))
    succeeded(dev.run(PLAN, "adopt"))
    succeeded(dev.run(APPLY, "apply"))
    dev.administrator.client("s3").put_object(Bucket=RESULTS_BUCKET, Key="results/1.json", Body=b"{}")
    succeeded(dev.run(APPLY, "destroy"))


def record(path: Path) -> list[list[str]]:
    """Live in a checkout at the path, and return what was taken; AssertionError if anything was denied."""
    with deployment(path) as dev:
        live(dev)
        assert dev.denied() == set()
        return sorted([action, resource] for action, resource in dev.taken())


def recorded() -> list[tuple[str, str]]:
    """Return what the last life took."""
    return [(action, resource) for action, resource in json.loads(RECORD.read_text())]
