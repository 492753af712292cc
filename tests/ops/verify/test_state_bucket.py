"""The bucket that holds the states: whose it is, and when a plain one is enough."""

from typing import Any

import pytest

from config.environments import Environment
from ops.verify.report import Check, Outcome
from ops.verify.verification import verify_state_bucket
from stacks.features import load_settings
from tests.ops.verify.told import PLAIN_STATE_BUCKET, ToldClients, refusal

DEV = load_settings(Environment("dev"))
TAGS = {"s3.get_bucket_tagging": refusal("NoSuchTagSet")}


def plain(*, is_emulated: bool) -> list[Check]:
    return verify_state_bucket(DEV, ToldClients({**PLAIN_STATE_BUCKET, **TAGS}, is_emulated=is_emulated))


def test_the_bucket_has_to_be_this_accounts() -> None:
    """A bucket's name is unique in the world: another account may have it."""
    asked: list[dict[str, Any]] = []

    def head(**arguments: Any) -> Exception:
        asked.append(arguments)
        return refusal("404")

    (check,) = verify_state_bucket(DEV, ToldClients({"s3.head_bucket": head}))
    assert (check.property, check.outcome) == ("", Outcome.MISSING)
    assert asked == [{"Bucket": "careervp-terraform-state-dev-111111111111", "ExpectedBucketOwner": "111111111111"}]


def test_a_bucket_of_another_account_is_unreadable_and_not_missing() -> None:
    (check,) = verify_state_bucket(DEV, ToldClients({"s3.head_bucket": refusal("403")}))
    assert (check.property, check.outcome, check.note) == ("", Outcome.UNREADABLE, "403; needs s3:ListBucket")


def test_a_plain_bucket_is_enough_on_an_emulator_alone() -> None:
    (emulated,) = plain(is_emulated=True)
    assert emulated.outcome is Outcome.OK
    assert emulated.note.startswith("a plain bucket, which commands make on an emulator; make bootstrap ENV=dev ")
    missing = {check.property for check in plain(is_emulated=False) if check.outcome is Outcome.MISSING}
    assert missing >= {"Versioning", "PublicAccessBlock", "policy"}


@pytest.mark.parametrize("status", ["Suspended", None])
def test_versions_that_are_suspended_are_no_versions(status: str | None) -> None:
    answer = {"Status": status} if status else {}
    clients = ToldClients({**PLAIN_STATE_BUCKET, **TAGS, "s3.get_bucket_versioning": answer}, is_emulated=False)
    (versioning,) = (check for check in verify_state_bucket(DEV, clients) if check.property == "Versioning")
    assert (versioning.expected, versioning.found) == ("Enabled", status)
    assert versioning.outcome is not Outcome.OK
