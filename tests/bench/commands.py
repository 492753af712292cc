"""Where each second of `make plan` and `cdktf synth` goes, on a deployed stack where nothing is to be changed."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aws_emulator import Emulator
from ops.progress import say
from tests.bench.installed import BenchError
from tests.bench.measure import Measured, Span, measure
from tests.bench.synthesis import figures
from tests.checkout import Checkout, make_checkout

ROUNDS = 5
REGION = "us-east-1"
PLAN, BY_HAND, WITHOUT_REFRESH, SHOW = "make plan", "terraform plan", "terraform plan, no refresh", "terraform show"
CDKTF_SYNTH, SYNTH = "cdktf synth", "python -O main.py"


def measure_commands() -> dict[str, Any]:
    """Return what each command took, and of ours the seconds by what was at work. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        checkout = make_checkout(Path(directory, "checkout"), checks_provider=True)
        say("commands: deploy dev to an emulator")
        deployed = checkout.run("python", "-m", "ops", "up", ENV="dev")
        if deployed.returncode:
            message = f"commands: nothing was deployed: {deployed.stderr.strip().splitlines()[-1]}"
            raise BenchError(message)
        try:
            return _rounds(checkout)
        finally:
            checkout.run("python", "-m", "ops", "down", ENV="dev")


def _rounds(checkout: Checkout) -> dict[str, Any]:
    terraform = _terraform_variables(checkout)
    stack = checkout.folder("vpr-async-dev")
    plan = ("terraform", "plan", "-input=false", "-out=by-hand")
    runs: Mapping[str, tuple[tuple[str, ...], Mapping[str, str], Path]] = {
        PLAN: (("make", "plan", "ENV=dev"), checkout.variables, checkout.path),
        BY_HAND: (plan, terraform, stack),
        SHOW: (("terraform", "show", "-json", "by-hand"), terraform, stack),
        WITHOUT_REFRESH: ((*plan, "-refresh=false"), terraform, stack),
        CDKTF_SYNTH: (("npx", "cdktf", "synth"), checkout.variables, checkout.path),
        SYNTH: (("python", "-O", "main.py"), checkout.variables, checkout.path),
    }
    seen: dict[str, list[Measured]] = {name: [] for name in runs}
    for number in range(ROUNDS + 1):
        for name, (command, variables, folder) in runs.items():
            measured = measure(command, variables, folder)
            if number:
                seen[name].append(measured)
        say(f"commands: round {number} of {ROUNDS}")
    found: dict[str, Any] = {name: figures(measured) for name, measured in seen.items()}
    found[PLAN]["at_work"] = [at_work(each) for each in seen[PLAN]]
    found[CDKTF_SYNTH]["at_work"] = [at_work(each) for each in seen[CDKTF_SYNTH]]
    return found


def _terraform_variables(checkout: Checkout) -> dict[str, str]:
    """Return the environment in which Terraform, typed by hand, finds the emulator and the folder made ready."""
    record = json.loads((checkout.path / ".emulator" / "dev.json").read_text())
    emulator = Emulator(endpoint=record["endpoint"], account_id=record["account_id"], pid=record["pid"])
    data = checkout.path / ".cache" / "terraform" / "emulator" / "vpr-async-dev"
    return {**emulator.terraform_environment(checkout.variables, REGION), "TF_DATA_DIR": str(data), "TF_INPUT": "0"}


def at_work(measured: Measured) -> dict[str, float]:
    """Return the seconds of a run by who was at work: Terraform, else the app, else whatever runs them."""
    terraform = [_interval(span) for span in measured.spans if span.program.startswith("terraform")]
    app = [_interval(span) for span in measured.spans if "main.py" in span.command and "python" in span.program]
    both = length([*terraform, *app])
    return {
        "terraform": round(length(terraform), 3),
        "app": round(both - length(terraform), 3),
        "rest": round(measured.wall_seconds - both, 3),
        "terraform_starts": sum(span.program == "terraform" for span in measured.spans),
        "provider_starts": sum(span.program.startswith("terraform-provider") for span in measured.spans),
    }


def length(intervals: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of the intervals lasts."""
    total = reached = 0.0
    for began, ended in sorted(intervals):
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total


def _interval(span: Span) -> tuple[float, float]:
    return span.began_seconds, span.ended_seconds
