"""An AWS that answers a tenth to a third of the requests with errors: an apply completes, or the next one does."""

import json
from pathlib import Path

from tests.faults.proxy import faulty_proxy
from tests.faults.scene import scene

SHARES = {f"{share} % of the requests fail": share for share in (10, 12, 14, 16, 18, 20, 22, 24, 27, 30)}


def survive(name: str, path: Path) -> str:
    """Apply through the proxy; where that fails, recover through it; return what happened in words."""
    with scene(path) as prod:
        record = prod.checkout.path / ".emulator" / "prod.json"
        direct = json.loads(record.read_text())
        with faulty_proxy(prod.running.endpoint, seed=SHARES[name]) as proxy:
            record.write_text(json.dumps({**direct, "endpoint": proxy.endpoint}))
            prod.succeeds("plan")
            proxy.share = SHARES[name] / 100
            applied = prod.ops("apply")
            told = (
                "applied at once"
                if applied.status == 0
                else f"failed ({_reason(applied.errors)}), then {prod.recover()}"
            )
            proxy.share = 0.0
            assert proxy.faulty > 0
            prod.is_whole()
        record.write_text(json.dumps(direct))
        return f"{told}; {proxy.faulty} of {proxy.answered} requests went wrong"


def _reason(errors: str) -> str:
    """Return the line of a failure that says why."""
    lines = [line.strip("│╷╵ ") for line in errors.splitlines()]
    return next((line for line in lines if line.startswith("Error: ") or "locked by" in line), lines[-1])
