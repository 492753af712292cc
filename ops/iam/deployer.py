"""What deploying takes: the actions that Terraform, its AWS provider and the commands really use, on our names alone.

The table was recorded on the emulator and reviewed by hand; a test runs the life of a deployment under it, and fails
when a call is not covered or an action is not used. It makes three policies: `plan` reads, takes the state's lock and
finds what exists; `apply` has what bootstrap, an apply and a destroy change besides, and is attached together with
`plan`; `verify` is for `make verify` and, together with `plan`, for `make drift`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.expectations import arn
from stacks.feature import state_key
from stacks.features import stack_names
from stacks.settings import HandlerPolicies, Settings
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import own

POLICIES = ("plan", "apply", "verify")
GITHUB = "token.actions.githubusercontent.com"
"""GitHub's OIDC provider."""
GITHUB_ENVIRONMENTS = {"plan": "plan-{}", "apply": "{}"}
"""The environments of GitHub's in which the workflows plan and apply, by the role's policy."""
DEPLOYED_REF = "refs/heads/main"
"""The branch that `.github/workflows/deploy.yml` deploys."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Actions on the same resources, by the policy that has them.

    erase: the part of `apply` that deletes data, which an environment that retains data does not give.
    """

    sid: str
    on: str
    resources: tuple[str, ...]
    plan: str = ""
    apply: str = ""
    erase: str = ""
    verify: str = ""

    def actions(self, policy: str, *, retains_data: bool) -> list[str]:
        """Return the actions that a policy has, in the order of their names."""
        named: str = getattr(self, policy)
        if policy == "apply" and not retains_data:
            named = f"{named} {self.erase}"
        return sorted(named.split())


_READ_BUCKET = (
    "s3:GetAccelerateConfiguration s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLocation s3:GetBucketLogging "
    "s3:GetBucketObjectLockConfiguration s3:GetBucketOwnershipControls s3:GetBucketPolicy "
    "s3:GetBucketPublicAccessBlock s3:GetBucketRequestPayment s3:GetBucketTagging s3:GetBucketVersioning "
    "s3:GetBucketWebsite s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:GetReplicationConfiguration "
    "s3:ListBucket"
)
_CHANGE_BUCKET = (
    "s3:CreateBucket s3:PutBucketOwnershipControls s3:PutBucketPolicy s3:PutBucketPublicAccessBlock "
    "s3:PutBucketTagging s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration"
)


def grants(settings: Settings) -> list[Grant]:
    """Return the table, with the names of one environment."""
    names = names_of(settings)
    state, results = (arn(settings, "s3", name) for name in (settings.state_bucket, names.results_bucket))
    state_objects = _state_objects(settings)
    alarms = (names.dlq_alarm, names.worker_errors_alarm, names.queue_depth_alarm)
    return [
        Grant(
            sid="Queues",
            on="the queues",
            resources=tuple(arn(settings, "sqs", name) for name in (names.jobs_queue, names.jobs_dlq)),
            plan="sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags",
            apply="sqs:CreateQueue sqs:DeleteQueue sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
            verify="sqs:GetQueueAttributes sqs:ListQueueTags",
        ),
        Grant(
            sid="JobsTable",
            on="the jobs table",
            resources=(arn(settings, "dynamodb", f"table/{names.jobs_table}"),),
            plan="dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive "
            "dynamodb:ListTagsOfResource",
            apply="dynamodb:CreateTable dynamodb:TagResource dynamodb:UntagResource "
            "dynamodb:UpdateContinuousBackups dynamodb:UpdateTable dynamodb:UpdateTimeToLive",
            erase="dynamodb:DeleteTable",
            verify="dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive "
            "dynamodb:GetResourcePolicy dynamodb:ListTagsOfResource",
        ),
        Grant(
            sid="ResultsBucket",
            on="the results bucket",
            resources=(results,),
            plan=_READ_BUCKET,
            apply=_CHANGE_BUCKET,
            erase="s3:DeleteBucket s3:DeleteBucketPolicy s3:ListBucketVersions",
            verify="s3:GetAccelerateConfiguration s3:GetBucketCORS s3:GetBucketLogging s3:GetBucketNotification "
            "s3:GetBucketOwnershipControls s3:GetBucketPolicy s3:GetBucketPublicAccessBlock s3:GetBucketRequestPayment "
            "s3:GetBucketTagging s3:GetBucketVersioning s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration",
        ),
        Grant(
            sid="Results",
            on="the results",
            resources=(f"{results}/*",),
            erase="s3:DeleteObject s3:DeleteObjectVersion",
        ),
        Grant(
            sid="StateBucket",
            on="the state bucket",
            resources=(state,),
            plan=_READ_BUCKET,
            apply=f"{_CHANGE_BUCKET} s3:PutBucketVersioning",
            verify="s3:GetBucketOwnershipControls s3:GetBucketPolicy s3:GetBucketPublicAccessBlock "
            "s3:GetBucketVersioning s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:ListBucket",
        ),
        Grant(
            sid="State",
            on="the state",
            resources=state_objects,
            plan="s3:GetObject",
            apply="s3:PutObject",
        ),
        Grant(
            sid="StateLock",
            on="the state's lock",
            resources=tuple(f"{each}.tflock" for each in state_objects),
            plan="s3:DeleteObject s3:GetObject s3:PutObject",
        ),
        Grant(
            sid="Alarms",
            on="the alarms",
            resources=tuple(arn(settings, "cloudwatch", f"alarm:{name}") for name in alarms),
            plan="cloudwatch:ListTagsForResource",
            apply="cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource",
            verify="cloudwatch:ListTagsForResource",
        ),
        Grant(
            sid="AlarmTopic",
            on="the alarm topic",
            resources=(arn(settings, "sns", names.alarm_topic),),
            plan="sns:GetTopicAttributes sns:ListSubscriptionsByTopic sns:ListTagsForResource",
            apply="sns:CreateTopic sns:DeleteTopic sns:SetTopicAttributes sns:Subscribe sns:TagResource "
            "sns:UntagResource",
            verify="sns:GetTopicAttributes sns:ListSubscriptionsByTopic sns:ListTagsForResource",
        ),
        *_of_given_topic(settings),
        *_of_handlers(settings),
        Grant(
            sid="Worker",
            on="the worker",
            resources=(arn(settings, "lambda", f"function:{names.worker_function}"),),
            verify="lambda:GetFunctionConfiguration",
        ),
        Grant(
            sid="ReliedOn",
            on="the tables of other projects",
            resources=tuple(
                arn(settings, "dynamodb", f"table/careervp-{name}-table-{settings.environment}")
                for name in ("users", "idempotency")
            ),
            verify="dynamodb:DescribeTable",
        ),
        # AWS takes no names here: what these list or ask of is seen whole or not at all.
        Grant(
            sid="Everything",
            on="everything",
            resources=("*",),
            # Composite alarms, which verify and a destroy ask for, are described to a permission on everything alone.
            plan="cloudwatch:DescribeAlarms s3:ListAllMyBuckets sns:GetSubscriptionAttributes sns:ListTopics",
            apply="sns:Unsubscribe",
            verify="cloudwatch:DescribeAlarms dynamodb:ListTables iam:GetAccountAuthorizationDetails "
            "lambda:ListEventSourceMappings s3:ListAllMyBuckets sns:GetSubscriptionAttributes sns:ListTopics "
            "sqs:ListQueues",
        ),
    ]


def _of_given_topic(settings: Settings) -> Iterator[Grant]:
    """Yield what reading a topic of other people takes, and the key of it, which its attributes alone name."""
    topic = own(settings).alarms.topic_arn
    if topic is None:
        return
    yield Grant(
        sid="GivenTopic", on="the topic that the settings name", resources=(topic,), verify="sns:GetTopicAttributes"
    )
    partition, _, region, account = topic.split(":")[1:5]
    yield Grant(
        sid="GivenTopicsKey",
        on="the keys of that topic's account",
        resources=(f"arn:{partition}:kms:{region}:{account}:key/*",),
        verify="kms:DescribeKey kms:GetKeyPolicy",
    )


def _of_handlers(settings: Settings) -> Iterator[Grant]:
    if own(settings).handlers.policies is HandlerPolicies.DOCUMENTS:
        return
    names = names_of(settings)
    yield Grant(
        sid="HandlerPolicies",
        on="the handlers' policies",
        resources=tuple(
            arn(settings, "iam", f"policy/{name}")
            for name in (names.submit_policy, names.worker_policy, names.status_policy)
        ),
        plan="iam:GetPolicy iam:GetPolicyVersion",
        apply="iam:CreatePolicy iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion "
        "iam:ListEntitiesForPolicy iam:ListPolicyVersions iam:TagPolicy iam:UntagPolicy",
        verify="iam:ListEntitiesForPolicy",
    )


def policy_document(settings: Settings, policy: str) -> Mapping[str, Any]:
    """Return one of the policies for one environment.

    policy: `plan`, `apply` or `verify`.
    """
    statements = [
        {"Sid": grant.sid, "Effect": "Allow", "Action": actions, "Resource": list(grant.resources)}
        for grant in grants(settings)
        if (actions := grant.actions(policy, retains_data=settings.retains_data))
    ]
    if policy == "apply" and settings.retains_data:
        statements.append(_kept(settings))
    return {"Version": "2012-10-17", "Statement": statements}


def _kept(settings: Settings) -> dict[str, Any]:
    """Return the statement that denies who applies every deletion of data and of state, until a decommission.

    A bucket's policy, which who applies may write, could otherwise allow it what its own policies do not.
    """
    state, results = (arn(settings, "s3", name) for name in (settings.state_bucket, names_of(settings).results_bucket))
    return {
        "Sid": "KeepData",
        "Effect": "Deny",
        "Action": ["dynamodb:DeleteTable", "s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": [
            arn(settings, "dynamodb", f"table/{names_of(settings).jobs_table}"),
            results,
            f"{results}/*",
            state,
            *_state_objects(settings),
        ],
    }


def _state_objects(settings: Settings) -> tuple[str, ...]:
    """Return the ARNs of both stacks' state."""
    bucket = arn(settings, "s3", settings.state_bucket)
    return tuple(f"{bucket}/{state_key(stack)}" for stack in stack_names(settings.environment))


def trust_document(settings: Settings, policy: str, repositories: Sequence[str]) -> Mapping[str, Any]:
    """Return the trust of a policy's role: these repositories' workflows, in the policy's environment of GitHub's.

    A workflow that applies must besides run on the branch that is deployed.
    policy: `plan` or `apply`.
    repositories: each as GitHub's tokens name it, OWNER@ID/NAME@ID or OWNER/NAME.
    """
    provider = arn(settings, "iam", f"oidc-provider/{GITHUB}")
    partition = provider.split(":")[1]
    environment = GITHUB_ENVIRONMENTS[policy].format(settings.environment)
    subjects = [f"repo:{repository}:environment:{environment}" for repository in dict.fromkeys(repositories)]
    claims: dict[str, str | list[str]] = {
        "aud": "sts.amazonaws.com.cn" if partition == "aws-cn" else "sts.amazonaws.com",
        "sub": subjects if len(subjects) > 1 else subjects[0],
    }
    # AWS evaluates this claim since January 2026, in its commercial regions; elsewhere a condition on it never holds.
    if policy == "apply" and partition == "aws":
        claims["ref"] = DEPLOYED_REF
    statement = {
        "Sid": "GitHubActions",
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{GITHUB}:{claim}": value for claim, value in claims.items()}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
