"""Each AWS resource type that a stack uses is known to the tools, which otherwise pass over it."""

import json
from pathlib import Path

from ops.resource_types import TYPES


def test_every_type_of_every_stack_has_a_file_in_resource_types(synthesized: Path) -> None:
    """What is missing is named as the file to write."""
    stacks = {file.parent.name: json.loads(file.read_text()) for file in synthesized.glob("stacks/*/cdk.tf.json")}
    assert len(stacks) >= 6
    used = {type_ for stack in stacks.values() for type_ in stack["resource"]}
    assert {"aws_sqs_queue", "aws_s3_bucket_lifecycle_configuration"} <= used
    missing = [f"ops/resource_types/{type_.removeprefix('aws_')}.py" for type_ in sorted(used - set(TYPES))]
    assert missing == []
