"""Least-privilege access of the functions around a job pipeline, as policy documents and as managed policies."""

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from constructs_lib.policies import bucket_arn, index_arn, policy, queue_arn, table_arn
from constructs_lib.validation import Checks


@dataclass(frozen=True, kw_only=True)
class JobAccess:
    """One pipeline's queue, table and bucket, and what its three functions may do with them, as compact JSON.

    results_prefix: how the keys of results begin, up to and with a slash; nothing else in the bucket is touched.
    """

    account_id: str
    region: str
    queue_name: str
    table_name: str
    idempotency_index: str
    bucket_name: str
    results_prefix: str = "results/"

    @property
    def submit(self) -> str:
        """Put a job, find one by its idempotency key, send its message; mark the job when that fails."""
        index = index_arn(
            table=self.table_name, name=self.idempotency_index, account_id=self.account_id, region=self.region
        )
        return policy(
            _allow("PutAndUpdateJobs", "dynamodb:PutItem", "dynamodb:UpdateItem", resource=self._table),
            _allow("FindJobsByIdempotencyKey", "dynamodb:Query", resource=index),
            _allow("SendMessages", "sqs:SendMessage", resource=self._queue),
        )

    @property
    def worker(self) -> str:
        """Consume messages, as Lambda's poller does for the function too; read and update jobs; write results."""
        return policy(
            _allow(
                "ConsumeMessages",
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
                resource=self._queue,
            ),
            _allow("ReadAndUpdateJobs", "dynamodb:GetItem", "dynamodb:UpdateItem", resource=self._table),
            _allow("WriteResults", "s3:PutObject", resource=self._results),
        )

    @property
    def status(self) -> str:
        """Read jobs, and results: who opens a presigned URL does so with the rights of who signed it."""
        return policy(
            _allow("ReadJobs", "dynamodb:GetItem", resource=self._table),
            _allow("ReadResults", "s3:GetObject", resource=self._results),
        )

    @property
    def _queue(self) -> str:
        return queue_arn(name=self.queue_name, account_id=self.account_id, region=self.region)

    @property
    def _table(self) -> str:
        return table_arn(name=self.table_name, account_id=self.account_id, region=self.region)

    @property
    def _results(self) -> str:
        return f"{bucket_arn(name=self.bucket_name, region=self.region)}/{self.results_prefix}*"


def _allow(sid: str, *actions: str, resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


class JobHandlerPolicies(Construct):
    """A managed policy for each of the three functions, to be attached to its role and to nothing else."""

    def __init__(  # noqa: PLR0913 - each policy has a name
        self, scope: Construct, id_: str, *, access: JobAccess, submit_name: str, worker_name: str, status_name: str
    ) -> None:
        """Make the three policies.

        Raises InvalidConstructError for a prefix of results that would reach other objects.
        """
        super().__init__(scope, id_)
        prefix = access.results_prefix
        checks = Checks()
        checks.that(
            prefix.endswith("/") and prefix.strip("/") != "" and not set(prefix) & set("*?$"),
            f'results_prefix = "{prefix}": not allowed; allowed: the beginning of a key that ends in a slash, '
            "without * ? or $, which mean other objects in a policy",
        )
        checks.raise_faults(self)
        self.submit = IamPolicy(
            self,
            "Submit",
            name=submit_name,
            description=f"Put jobs into {access.table_name} and send their messages to {access.queue_name}.",
            policy=access.submit,
        )
        self.worker = IamPolicy(
            self,
            "Worker",
            name=worker_name,
            description=f"Work on the messages of {access.queue_name}: update jobs and write results.",
            policy=access.worker,
        )
        self.status = IamPolicy(
            self,
            "Status",
            name=status_name,
            description=f"Read the jobs of {access.table_name} and their results.",
            policy=access.status,
        )
