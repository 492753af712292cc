"""How long an apply and a destroy take, of this stack and of one that is wired as the modules of the registry wire it.

Both have the same resources and run at once, each on an emulator of its own: what they take is the provider's waits,
which are the same on AWS.
"""

import copy
import json
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aws_emulator import temporary
from config.request import PROJECT_ROOT
from ops.progress import say
from tests.bench.measure import Measured, measure
from tests.bench.programs import app, base_variables, run
from tests.bench.synthesis import figures

ACCOUNT_ID = "111111111111"
REGION = "us-east-1"
OURS, APART = "ours", "module style"
CREATE, DESTROY = "apply", "destroy"
TAKEN_APART = {
    "policy": "aws_sqs_queue_policy",
    "redrive_policy": "aws_sqs_queue_redrive_policy",
    "redrive_allow_policy": "aws_sqs_queue_redrive_allow_policy",
}
"""Arguments of a queue that terraform-aws-modules/sqs makes a resource each."""


def measure_apply() -> dict[str, Any]:
    """Return what the apply and the destroy of each took. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, ThreadPoolExecutor() as pool:
        run(app("dev"), output=Path(directory, "out"))
        stack = Path(directory, "out", "stacks", "vpr-async-dev")
        ours = json.loads((stack / "cdk.tf.json").read_text())
        say("apply and destroy: two stacks at once, two minutes")
        started = {
            name: pool.submit(_apply, Path(directory, name), document)
            for name, document in ((OURS, ours), (APART, taken_apart(ours)))
        }
        return {
            name: {what: figures([measured]) for what, measured in each.result().items()}
            for name, each in started.items()
        }


def taken_apart(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stack with each queue's policies as resources of their own, which refer to the queue."""
    made = copy.deepcopy(dict(document))
    resources = made["resource"]
    for name, queue in resources["aws_sqs_queue"].items():
        # With the policies gone from it, nothing in the queue needs the other one first.
        queue.pop("depends_on", None)
        for argument, type_ in TAKEN_APART.items():
            if argument in queue:
                arguments = {"queue_url": f"${{aws_sqs_queue.{name}.url}}", argument: queue.pop(argument)}
                if argument == "redrive_policy":
                    others = [f"aws_sqs_queue.{each}" for each in resources["aws_sqs_queue"] if each != name]
                    arguments["depends_on"] = others
                resources.setdefault(type_, {})[name] = arguments
    return made


def _apply(directory: Path, document: Mapping[str, Any]) -> dict[str, Measured]:
    directory.mkdir()
    (directory / "cdk.tf.json").write_text(json.dumps(document))
    (directory / "backend_override.tf.json").write_text(json.dumps({"terraform": {"backend": {"local": {}}}}))
    shutil.copyfile(PROJECT_ROOT / ".terraform.lock.hcl", directory / ".terraform.lock.hcl")
    (directory / "terraform.d").symlink_to(PROJECT_ROOT / "terraform.d", target_is_directory=True)
    with temporary(ACCOUNT_ID) as running:
        variables = running.terraform_environment({**base_variables(), "TF_IN_AUTOMATION": "1", "GOGC": "400"}, REGION)
        measure(("terraform", "init", "-input=false", "-lockfile=readonly"), variables, directory)
        return {
            what: measure(("terraform", what, "-input=false", "-auto-approve"), variables, directory)
            for what in (CREATE, DESTROY)
        }
