"""Make all the plans anew, on emulators of their own: `make goldens`. What git then shows has changed is to be read."""

import json
import sys
import tempfile
from pathlib import Path

from tests.checkout import Checkout, make_checkout
from tests.review.golden.cases import CASES
from tests.review.golden.making import comparable, edited, make, planned, save

START = "from ops import emulators; emulators.start('staging', '222222222222')"
LOCAL = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}
OTHER_STATE = (('state-prod-333333333333"', 'state-prod-other"'),)


def main() -> None:
    """Deploy dev and prod, plan every case on them, and staging's two stacks from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = make_checkout(Path(folder))
        try:
            _first_deployments(checkout)
            for environment in ("dev", "prod"):
                _ops(checkout, "up", environment)
            for name, case in CASES.items():
                save(name, make(checkout, case))
                print(name, file=sys.stderr)
            # As if another tool had made what is there: nothing of it is in this state.
            with edited(checkout, {"environments/prod.toml": OTHER_STATE}):
                _ops(checkout, "adopt", "prod")
            save("import", _left(checkout, "prod"))
        finally:
            for environment in ("dev", "staging", "prod"):
                _ops(checkout, "down", environment)


def _first_deployments(checkout: Checkout) -> None:
    assert checkout.run("python", "-c", START).returncode == 0
    _ops(checkout, "plan", "staging")
    save("first-deploy", _left(checkout, "staging"))
    # The state bucket's own stack, as it is before the bucket is there.
    stack = "state-backend-staging"
    assert checkout.run("python", "-O", "main.py", ENV="staging").returncode == 0
    directory = checkout.path / "cdktf.out" / "stacks" / stack
    (directory / "backend_override.tf.json").write_text(json.dumps(LOCAL))
    data = str(checkout.path / ".cache" / "terraform" / "emulator" / stack)
    ready = checkout.terraform(directory, "init", "-input=false", "-lockfile=readonly", TF_DATA_DIR=data)
    assert ready.returncode == 0, ready.stderr
    save("state-backend", planned(checkout, "staging", stack))


def _ops(checkout: Checkout, command: str, environment: str) -> None:
    done = checkout.run("python", "-m", "ops", command, ENV=environment)
    assert done.returncode == 0, done.stderr
    print(command, environment, file=sys.stderr)


def _left(checkout: Checkout, environment: str) -> dict[str, object]:
    return comparable((checkout.path / "plans" / "emulator" / f"vpr-async-{environment}" / "plan.json").read_text())


if __name__ == "__main__":
    main()
