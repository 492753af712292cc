"""An AWS account with one of its regions, and the ARNs of what is made there."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account and the region of a construct.

    Its ARNs are literals: a reviewer reads them in the plan, and no resource waits for another to learn one.
    """

    id: str
    """12 digits."""
    region: str

    @property
    def partition(self) -> str:
        """Return the ARN partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def root_arn(self) -> str:
        """Return the ARN of the account as a principal, which stands for all that the account's own policies allow."""
        return f"arn:{self.partition}:iam::{self.id}:root"

    def queue_arn(self, name: str) -> str:
        """Return the ARN of a queue."""
        return self._regional("sqs", name)

    def table_arn(self, name: str) -> str:
        """Return the ARN of a table."""
        return self._regional("dynamodb", f"table/{name}")

    def topic_arn(self, name: str) -> str:
        """Return the ARN of a topic."""
        return self._regional("sns", name)

    def function_arn(self, name: str) -> str:
        """Return the ARN of a Lambda function."""
        return self._regional("lambda", f"function:{name}")

    def log_group_arn(self, name: str) -> str:
        """Return the ARN of a log group, without the `:*` that stands for its streams."""
        return self._regional("logs", f"log-group:{name}")

    def bucket_arn(self, name: str) -> str:
        """Return the ARN of a bucket, which holds neither account nor region."""
        return f"arn:{self.partition}:s3:::{name}"

    def _regional(self, service: str, name: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{name}"
