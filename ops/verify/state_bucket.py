"""Checks of the bucket that holds Terraform's state."""

from collections.abc import Iterator

from ops.resource_types import TYPES
from ops.resource_types.interface import Account
from ops.verify.compare import Resource, reads, resource_of, take
from ops.verify.report import Check, Outcome

_TYPE = "aws_s3_bucket"
_THERE = "exists"
_PLAIN = {"Versioning", "PublicAccessBlock", "policy"}
"""What the bucket lacks that commands make on an emulator where nobody has bootstrapped."""


def state_bucket(account: Account) -> list[Check]:
    """Return the checks of the bucket: it is there, and no version of a state is lost or open to others.

    account: with the requirement of the state backend.
    """
    name = account.settings.state_bucket
    resource = resource_of(account, _TYPE, name)
    existence = take(resource, "", lambda: _existence(account, resource))
    if any(check.outcome is not Outcome.OK for check in existence):
        return existence
    expected = account.requirement.resources[_TYPE][name]
    checks = [check for read in reads(account, resource, TYPES[_TYPE].looks, expected) for check in read()]
    missing = {check.property for check in checks if check.outcome is Outcome.MISSING}
    if account.calls.is_emulated and missing >= _PLAIN:
        note = (
            "a plain bucket, which commands make on an emulator; "
            f"make bootstrap ENV={account.settings.environment} makes it as on AWS"
        )
        return [resource.check("", _THERE, _THERE, note)]
    return [*existence, *checks]


def _existence(account: Account, resource: Resource) -> Iterator[Check]:
    owner = account.settings.account_id
    answer = account.ask("s3", "head_bucket", absent="404", Bucket=resource.name, ExpectedBucketOwner=owner)
    yield resource.check("", _THERE, _THERE if answer else None)
