"""ARNs of what an account has in a region."""

import pytest

from constructs_lib.account import Account


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_have_the_partition_of_their_region(region: str, partition: str) -> None:
    account = Account(id="444444444444", region=region)
    assert account.root_arn == f"arn:{partition}:iam::444444444444:root"
    assert account.queue_arn("q") == f"arn:{partition}:sqs:{region}:444444444444:q"
    assert account.table_arn("t") == f"arn:{partition}:dynamodb:{region}:444444444444:table/t"
    assert account.topic_arn("t") == f"arn:{partition}:sns:{region}:444444444444:t"
    assert account.function_arn("f") == f"arn:{partition}:lambda:{region}:444444444444:function:f"
    assert account.log_group_arn("/l") == f"arn:{partition}:logs:{region}:444444444444:log-group:/l"
    assert account.bucket_arn("b") == f"arn:{partition}:s3:::b"
