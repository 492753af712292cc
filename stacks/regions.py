"""AWS's regions and their partitions, as botocore's data lists them."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

UNKNOWN_TO_TERRAFORM = frozenset({"ap-east-2", "ap-southeast-6", "eusc-de-east-1", "me-west-1", "sa-west-1"})
"""Regions that the S3 backend of Terraform 1.11.4 refuses as "Invalid region value", although they exist."""
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov"})
"""The partitions that the constructs name in ARNs."""


@cache
def partitions_by_region() -> dict[str, str]:
    """Return the partition of each region in which a stack can be deployed.

    The file is read without botocore itself, whose import would cost every synthesis a tenth of a second.
    """
    found = find_spec("botocore")
    assert found
    assert found.origin
    listed = json.loads(Path(found.origin).parent.joinpath("data", "partitions.json").read_text(encoding="utf-8"))
    return {
        region: partition["id"]
        for partition in listed["partitions"]
        if partition["id"] in _PARTITIONS
        for region in partition["regions"]
        if region not in UNKNOWN_TO_TERRAFORM and not region.endswith("-global")
    }
