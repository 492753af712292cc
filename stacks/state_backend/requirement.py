"""The requirement for the state bucket, as literals written by hand."""

from stacks.requirement import ABORTED_UPLOADS, Requirement, private_bucket
from stacks.settings import Settings


def requirement(settings: Settings) -> Requirement:
    """Return the requirement in one environment: no version of a state is lost, or open to others."""
    rules = {
        # A state that was replaced can be had back for 90 days.
        "ExpireOldVersions": {
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
        "AbortIncompleteUploads": ABORTED_UPLOADS,
    }
    bucket = private_bucket(settings, settings.state_bucket, rules=rules, versioning="Enabled")
    return Requirement(resources={"aws_s3_bucket": {settings.state_bucket: bucket}}, prefixes={})
