"""An AWS that answers with errors, to some requests or at last to all: an apply completes, or the next one does."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.proxy import FaultyProxy, faulty_proxy
from tests.faults.scene import Scene, scene
from tests.surroundings import HANG_SECONDS

SHARES = {f"{share} % of the requests fail": share for share in (10, 12, 14, 16, 18, 20, 22, 24, 27, 30)}


EXPIRIES = {
    "credentials expire after the table": "aws_dynamodb_table.JobsTable",
    "credentials expire after the bucket": "aws_s3_bucket.Results_Bucket",
}


def survive(name: str, path: Path) -> str:
    """Apply through the proxy; where that fails, recover through it; return what happened in words."""
    with scene(path) as prod, _behind_a_proxy(prod, seed=SHARES[name]) as proxy:
        prod.succeeds("plan")
        proxy.share = SHARES[name] / 100
        applied = prod.ops("apply")
        told = "applied at once"
        if applied.status:
            told = f"failed ({_reason(applied.errors)}), then {prod.recover()}"
        proxy.share = 0.0
        assert proxy.faulty > 0
        prod.is_whole()
        return f"{told}; {proxy.faulty} of {proxy.answered} requests went wrong"


def expire(name: str, path: Path) -> str:
    """Refuse all requests once that resource is made: neither state nor lock can be written; recover with new ones."""
    with scene(path) as prod, _behind_a_proxy(prod, seed=0) as proxy:
        prod.succeeds("plan")
        process = prod.checkout.start("python", "-m", "ops", "apply", ENV="prod")
        assert process.stderr
        for line in process.stderr:
            if line.startswith(EXPIRIES[name]) and "Creation complete" in line:
                proxy.expired = True
                break
        _, errors = process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 1
        assert "the credentials are expired or not AWS's; sign in again" in errors
        assert "errored.tfstate, and make plan ENV=prod writes it" in errors
        proxy.expired = False
        held = prod.put_something_into_all_that_is_there()
        told = prod.recover()
        assert set(prod.holding_something()) >= set(held), "something was lost"
        prod.is_whole()
        return f"{told}; kept what {len(held)} held"


@contextmanager
def _behind_a_proxy(prod: Scene, *, seed: int) -> Generator[FaultyProxy]:
    """Lead the commands to the account through a proxy, by the emulator's own log."""
    log = prod.checkout.path / ".emulator" / "prod.log"
    with faulty_proxy(prod.running.endpoint, seed) as proxy:
        log.write_text(log.read_text().replace(prod.running.endpoint, proxy.endpoint, 1))
        yield proxy
        log.write_text(log.read_text().replace(proxy.endpoint, prod.running.endpoint, 1))


def _reason(errors: str) -> str:
    """Return the line of a failure that says why."""
    lines = [line.strip("│╷╵ ") for line in errors.splitlines()]
    return next((line for line in lines if line.startswith("Error: ") or "locked by" in line), lines[-1])
