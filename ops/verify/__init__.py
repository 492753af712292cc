"""The state verifier: looks, read-only, at what is really there, and compares it with the requirement."""

from ops.verify.clients import Clients
from ops.verify.command import add_options
from ops.verify.report import Check, Outcome, Verification
from ops.verify.verification import Mode, verify, verify_state_bucket

__all__ = [
    "Check",
    "Clients",
    "Mode",
    "Outcome",
    "Verification",
    "add_options",
    "verify",
    "verify_state_bucket",
]
