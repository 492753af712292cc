"""An alarm topic's defaults, its options, and what it refuses."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from constructs_lib.key import AlarmKey
from constructs_lib.topic import AlarmTopic, Subscription
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

QUEUE, FUNCTION = (
    "arn:aws:sqs:eu-west-1:444444444444:alarms",
    "arn:aws:lambda:eu-west-1:444444444444:function:pager",
)
KEY = "arn:aws:kms:eu-west-1:444444444444:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def made(**options: Any) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the resources of a topic by type and address."""
    stack = new_stack()
    given: dict[str, Any] = {"name": "ops", "account": ACCOUNT}
    AlarmTopic(stack, "Ops", **{**given, **options})
    return json.loads(synth(stack))["resource"]


def refused(**options: Any) -> list[str]:
    """Return the faults of a topic of these options, without the construct's path."""
    with pytest.raises(InvalidConstructError) as caught:
        made(**options)
    return [fault.removeprefix("other/Ops: ") for fault in caught.value.faults]


def test_a_topic_takes_this_accounts_alarms_alone_and_over_tls() -> None:
    stack = new_stack()
    topic = AlarmTopic(stack, "Ops", name="ops", account=ACCOUNT)
    assert (topic.name, topic.arn) == ("ops", "arn:aws:sns:eu-west-1:444444444444:ops")
    synthesized = synth(stack)
    assert set(json.loads(synthesized)["resource"]) == {"aws_sns_topic"}
    (found,) = resources(synthesized, "aws_sns_topic")
    assert set(found) - {"//"} == {"name", "policy"}
    assert json.loads(found["policy"])["Statement"] == [
        {
            "Sid": "AllowAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:444444444444:ops",
            "Condition": {"StringEquals": {"aws:SourceAccount": "444444444444"}},
        },
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:444444444444:ops",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_a_topic_sends_to_each_of_its_subscriptions() -> None:
    stack = new_stack()
    AlarmTopic(
        stack,
        "Ops",
        name="ops",
        account=ACCOUNT,
        subscriptions=[
            Subscription.email("ops@example.com"),
            Subscription.https("https://events.example.com/alarms?team=ops"),
            Subscription.queue(QUEUE),
            Subscription.function(FUNCTION),
        ],
    )
    found = {
        (each["protocol"], each["endpoint"], each["topic_arn"])
        for each in resources(synth(stack), "aws_sns_topic_subscription")
    }
    topic = "${aws_sns_topic.Ops_Topic_5BBC4BFD.arn}"
    assert found == {
        ("email", "ops@example.com", topic),
        ("https", "https://events.example.com/alarms?team=ops", topic),
        ("sqs", QUEUE, topic),
        ("lambda", FUNCTION, topic),
    }


def addresses(*subscriptions: Subscription) -> dict[str, str]:
    """Return the endpoints by address in Terraform's state."""
    of_type = made(subscriptions=subscriptions)["aws_sns_topic_subscription"]
    return {each["endpoint"]: address for address, each in of_type.items()}


def test_a_subscription_keeps_its_address_whatever_else_subscribes() -> None:
    """A new address in Terraform's state is a new subscription, which a person has to confirm again."""
    ops, dev = Subscription.email("ops@example.com"), Subscription.email("dev@example.com")
    alone, both = addresses(ops), addresses(dev, ops)
    assert both["ops@example.com"] == alone["ops@example.com"]
    assert both == addresses(ops, dev)
    assert len(set(both.values())) == 2


def test_a_subscription_can_have_an_id_of_its_own() -> None:
    assert addresses(Subscription.email("ops@example.com", id="Email")) == {"ops@example.com": "Ops_Email_1F355F97"}
    reference = "${aws_sqs_queue.alarms.arn}"
    assert set(addresses(Subscription.queue(reference, id="Alarms"))) == {reference}


def test_a_topic_can_be_encrypted_with_an_existing_key() -> None:
    (topic,) = made(key_arn=KEY)["aws_sns_topic"].values()
    assert topic["kms_master_key_id"] == KEY


def test_a_topic_can_be_encrypted_with_a_key_that_is_made_for_alarms() -> None:
    stack = new_stack()
    key = AlarmKey(stack, "Key", alias="alias/alarms", account=ACCOUNT)
    AlarmTopic(stack, "Ops", name="ops", account=ACCOUNT, key_arn=key.arn)
    (topic,) = resources(synth(stack), "aws_sns_topic")
    assert topic["kms_master_key_id"] == "${aws_kms_key.Key_43586C89.arn}"


EMAIL = "allowed: an e-mail address"
URL = "allowed: a URL that begins with https:// and holds no user and password"
A_KEY = (
    "allowed: the ARN of a customer's key, because its alias may change keys, and CloudWatch may not use alias/aws/sns"
)
OPS = Subscription.email("ops@example.com")
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"name": "ops.fifo"},
        'name = "ops.fifo" is no SNS topic name; allowed: letters, digits, hyphens and underscores',
    ),
    *(
        ({"subscriptions": [Subscription.email(each)]}, f'email subscription "{each}"; {EMAIL}')
        for each in ("", "ops", "ops@example", "ops@example..com", "o ps@example.com", "ops@a@example.com")
    ),
    *(
        ({"subscriptions": [Subscription.https(each)]}, f'https subscription "{each}"; {URL}')
        for each in (
            *("http://example.com", "https://", "https://user:secret@example.com/"),
            *("https:///alarms", "https://exa mple.com"),
        )
    ),
    *(
        (
            {"subscriptions": [Subscription.queue(each)]},
            f'sqs subscription "{each}"; allowed: the ARN of a standard queue',
        )
        for each in ("alarms", FUNCTION, f"{QUEUE}.fifo")
    ),
    *(
        (
            {"subscriptions": [Subscription.function(each)]},
            f'lambda subscription "{each}"; allowed: the ARN of a function',
        )
        for each in ("pager", QUEUE)
    ),
    ({"subscriptions": [OPS, OPS]}, 'email subscription "ops@example.com": given 2 times; allowed: 1'),
    (
        {"subscriptions": [Subscription.email("a@example.com", id="A"), Subscription.email("b@example.com", id="A")]},
        'subscription id "A": given 2 times; allowed: 1',
    ),
    *(
        (
            {"subscriptions": [Subscription.email("a@example.com", id=each)]},
            f'subscription id "{each}"; allowed: another, "Topic" is the topic\'s',
        )
        for each in ("", "Topic")
    ),
    (
        {"subscriptions": [Subscription.queue("${aws_sqs_queue.alarms.arn}")]},
        'sqs subscription "${aws_sqs_queue.alarms.arn}": known to Terraform alone; allowed: with an id',
    ),
    *(
        ({"key_arn": each}, f'key_arn = "{each}"; {A_KEY}')
        for each in ("", "alias/aws/sns", KEY.replace("key", "alias"))
    ),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_a_topic_refuses_what_would_never_arrive(options: dict[str, Any], fault: str) -> None:
    assert refused(**options) == [fault]


@pytest.mark.parametrize(
    "options",
    [
        {"name": "t" * 256},
        {"subscriptions": [Subscription.function(f"{FUNCTION}:$LATEST"), Subscription.https("https://e.com:8443/a@b")]},
        {"key_arn": KEY.replace("arn:aws:", "arn:aws-us-gov:")},
    ],
)
def test_the_limits_themselves_are_accepted(options: dict[str, Any]) -> None:
    assert made(**options)["aws_sns_topic"]


def test_all_faults_of_a_topic_are_reported_together() -> None:
    twice = Subscription.email("ops")
    faults = refused(name="", subscriptions=[twice, twice, Subscription.https("http://a")], key_arn="alias/aws/sns")
    assert [fault.split(" ")[0] for fault in faults] == ["name", "email", "email", "https", "email", "key_arn"]
