"""CloudWatch alarms on queues and functions, and the topic that carries them to an address."""

from collections.abc import Sequence
from enum import StrEnum

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.policies import deny_insecure_transport, policy

PERIOD_SECONDS = 300


class Comparison(StrEnum):
    """When a measured value raises the alarm."""

    AT_LEAST = "GreaterThanOrEqualToThreshold"
    ABOVE = "GreaterThanThreshold"


class QueueDepthAlarm(Construct):
    """Raised while a queue holds too many messages that wait to be received."""

    def __init__(  # noqa: PLR0913 - each is a property of the alarm
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        queue: SqsQueue,
        comparison: Comparison,
        threshold_messages: int,
        actions: Sequence[str] = (),
    ) -> None:
        """Make the alarm: the most waiting messages of the last 300 s, against the threshold.

        actions: ARNs that are told of alarm and recovery; nobody is told when empty.
        """
        super().__init__(scope, id_)
        self.alarm = CloudwatchMetricAlarm(
            self,
            "Alarm",
            alarm_name=name,
            alarm_description=description,
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue.name},
            statistic="Maximum",
            period=PERIOD_SECONDS,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            comparison_operator=comparison,
            threshold=threshold_messages,
            treat_missing_data="notBreaching",
            alarm_actions=list(actions) or None,
            ok_actions=list(actions) or None,
        )


class FunctionErrorRateAlarm(Construct):
    """Raised while too large a part of a Lambda function's invocations fails.

    The function need not exist yet: without invocations there is no data, and missing data raises no alarm.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the alarm
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        function_name: str,
        threshold_percent: int,
        actions: Sequence[str] = (),
    ) -> None:
        """Make the alarm: failed invocations of the last 300 s, in percent of all, above the threshold.

        actions: ARNs that are told of alarm and recovery; nobody is told when empty.
        """
        super().__init__(scope, id_)

        def summed(id_: str, metric_name: str) -> CloudwatchMetricAlarmMetricQuery:
            return CloudwatchMetricAlarmMetricQuery(
                id=id_,
                metric=CloudwatchMetricAlarmMetricQueryMetric(
                    namespace="AWS/Lambda",
                    metric_name=metric_name,
                    dimensions={"FunctionName": function_name},
                    stat="Sum",
                    period=PERIOD_SECONDS,
                ),
            )

        self.alarm = CloudwatchMetricAlarm(
            self,
            "Alarm",
            alarm_name=name,
            alarm_description=description,
            metric_query=[
                CloudwatchMetricAlarmMetricQuery(
                    id="error_rate",
                    expression="100 * errors / invocations",
                    label="Failed invocations (%)",
                    return_data=True,
                ),
                summed("errors", "Errors"),
                summed("invocations", "Invocations"),
            ],
            evaluation_periods=1,
            datapoints_to_alarm=1,
            comparison_operator=Comparison.ABOVE,
            threshold=threshold_percent,
            treat_missing_data="notBreaching",
            alarm_actions=list(actions) or None,
            ok_actions=list(actions) or None,
        )


class AlarmTopic(Construct):
    """An SNS topic that takes this account's alarms over TLS and sends them to one e-mail address.

    It is not encrypted at rest: CloudWatch cannot publish through SNS's own key, and alarms name no customer.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, account: Account, email: str) -> None:
        """Make the topic; AWS asks the address for its consent before it sends anything."""
        super().__init__(scope, id_)
        self.arn = account.topic_arn(name)
        topic = SnsTopic(
            self,
            "Topic",
            name=name,
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
        SnsTopicSubscription(self, "Email", topic_arn=topic.arn, protocol="email", endpoint=email)
