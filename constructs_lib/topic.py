"""SNS topics that carry alarms to people, URLs, queues and functions."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.names import Service, name_faults
from constructs_lib.policies import deny_insecure_transport, policy
from constructs_lib.validation import Checks

_ENDPOINTS = {
    "email": (r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "an e-mail address"),
    # The password of a URL would stand in the plan and in Terraform's state.
    "https": (r"https://[^\s@/?#]+([/?#]\S*)?", "a URL that begins with https:// and holds no user and password"),
    "sqs": (r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+", "the ARN of a standard queue"),
    "lambda": (r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+", "the ARN of a function"),
}
_KEY = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """An endpoint to which a topic sends.

    id: the construct's id, on which the address in Terraform's state depends; protocol and endpoint unless given, so
    that neither order nor number of subscriptions matters.
    moved_from: the address in Terraform's state of a subscription that becomes this one, with its consent.
    """

    protocol: Literal["email", "https", "sqs", "lambda"]
    endpoint: str
    id: str | None = None
    moved_from: str | None = None

    @classmethod
    def email(cls, address: str, *, id: str | None = None, moved_from: str | None = None) -> "Subscription":  # noqa: A002 - the field's name
        """Return the subscription of an e-mail address, which AWS asks for its consent before it sends anything."""
        return cls(protocol="email", endpoint=address, id=id, moved_from=moved_from)

    @classmethod
    def https(cls, url: str, *, id: str | None = None) -> "Subscription":  # noqa: A002 - the field's name
        """Return the subscription of a URL; its server has to confirm it."""
        return cls(protocol="https", endpoint=url, id=id)

    @classmethod
    def queue(cls, arn: str, *, id: str | None = None) -> "Subscription":  # noqa: A002 - the field's name
        """Return the subscription of a queue, whose policy has to let sns.amazonaws.com send for this topic."""
        return cls(protocol="sqs", endpoint=arn, id=id)

    @classmethod
    def function(cls, arn: str, *, id: str | None = None) -> "Subscription":  # noqa: A002 - the field's name
        """Return the subscription of a function, which has to let sns.amazonaws.com invoke it for this topic."""
        return cls(protocol="lambda", endpoint=arn, id=id)

    @property
    def construct_id(self) -> str:
        """Return the id of the construct."""
        return self.id or f"{self.protocol.capitalize()}{hashlib.sha256(self.endpoint.encode()).hexdigest()[:8]}"


class AlarmTopic(Construct):
    """A topic that takes this account's alarms over TLS and sends them to its subscriptions.

    CloudWatch cannot publish through SNS's own key, so the topic is encrypted at rest only with a customer's key.

    name, arn: literals. topic: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the topic
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        account: Account,
        subscriptions: Sequence[Subscription] = (),
        key_arn: str | None = None,
    ) -> None:
        """Make the topic.

        subscriptions: none unless given; others can subscribe by the topic's ARN.
        key_arn: a customer's KMS key to encrypt with, an AlarmKey's or another whose policy grants
        cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*; without that no alarm arrives. Not encrypted
        unless given.

        Raises InvalidConstructError with every value that SNS or KMS refuses.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.faults += name_faults("name", Service.SNS_TOPIC, name)
        _check_subscriptions(checks, subscriptions)
        checks.that(
            key_arn is None or key_arn.startswith("${") or re.fullmatch(_KEY, key_arn) is not None,
            f'key_arn = "{key_arn}"; allowed: the ARN of a customer\'s key, because its alias may change keys, and '
            "CloudWatch may not use alias/aws/sns",
        )
        checks.raise_faults(self)

        self.name = name
        self.arn = account.topic_arn(name)
        self.topic = SnsTopic(
            self,
            "Topic",
            name=name,
            kms_master_key_id=key_arn,
            policy=policy(
                {
                    "Sid": "AllowAlarms",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": self.arn,
                    "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
                },
                deny_insecure_transport(action="sns:Publish", resources=self.arn),
            ),
        )
        for each in subscriptions:
            made = SnsTopicSubscription(
                self, each.construct_id, topic_arn=self.topic.arn, protocol=each.protocol, endpoint=each.endpoint
            )
            if each.moved_from is not None:
                made.move_from_id(each.moved_from)


def _check_subscriptions(checks: Checks, subscriptions: Sequence[Subscription]) -> None:
    for each in subscriptions:
        pattern, allowed = _ENDPOINTS[each.protocol]
        label = f'{each.protocol} subscription "{each.endpoint}"'
        if "${" in each.endpoint:
            checks.that(each.id is not None, f"{label}: known to Terraform alone; allowed: with an id")
        else:
            checks.that(re.fullmatch(pattern, each.endpoint) is not None, f"{label}; allowed: {allowed}")
    for (protocol, endpoint), times in Counter((each.protocol, each.endpoint) for each in subscriptions).items():
        checks.that(times == 1, f'{protocol} subscription "{endpoint}": given {times} times; allowed: 1')
    for id_, times in Counter(each.id for each in subscriptions if each.id is not None).items():
        checks.that(times == 1, f'subscription id "{id_}": given {times} times; allowed: 1')
        checks.that(id_ not in {"", "Topic"}, f'subscription id "{id_}"; allowed: another, "Topic" is the topic\'s')
