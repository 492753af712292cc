"""Checks of the bucket that holds Terraform's state."""

from collections.abc import Iterator
from functools import partial

from ops.verify import bucket
from ops.verify.compare import Resource
from ops.verify.looking import Scene, take
from ops.verify.report import Check, Outcome

_THERE = "exists"
_PLAIN = {"Versioning", "PublicAccessBlock", "policy"}
"""What the bucket lacks that commands make on an emulator where nobody has bootstrapped."""


def state_bucket(scene: Scene) -> list[Check]:
    """Return the checks of the bucket: it is there, and no version of a state is lost or open to others."""
    resource = Resource("aws_s3_bucket", scene.settings.state_bucket)
    existence = take(resource, "", lambda: _existence(scene, resource))
    if any(check.outcome is not Outcome.OK for check in existence):
        return existence
    checks = [
        check
        for property_, look in bucket.STATE_LOOKS.items()
        for check in take(resource, property_, partial(look, scene, resource, None))
    ]
    missing = {check.property for check in checks if check.outcome is Outcome.MISSING}
    if scene.clients.is_emulated and missing >= _PLAIN:
        note = (
            "a plain bucket, which commands make on an emulator; "
            f"make bootstrap ENV={scene.settings.environment} makes it as on AWS"
        )
        return [resource.check("", _THERE, _THERE, note)]
    return [*existence, *checks]


def _existence(scene: Scene, resource: Resource) -> Iterator[Check]:
    owner = scene.settings.account_id
    answer = scene.ask("s3", "head_bucket", absent="404", Bucket=resource.name, ExpectedBucketOwner=owner)
    yield resource.check("", _THERE, _THERE if answer else None)
