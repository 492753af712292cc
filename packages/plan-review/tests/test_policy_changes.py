"""Changes of policies: what they would allow or refuse otherwise than now."""

import json
from typing import Any

from plan_review.model import Kind

from plan_builder import entry, reviewed

ALLOW = {"Sid": "Send", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:x"}
DENY = {"Sid": "Keep", "Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": "arn:x"}
TLS = {**DENY, "Sid": "Tls", "Action": "sqs:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"name": "jobs", "policy": json.dumps({"Statement": list(statements)})}


def found(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[Kind, str]]:
    return [(each.kind, each.sentence) for each in reviewed(entry("aws_sqs_queue", "update", before, after)).findings]


def test_a_denial_that_goes_is_a_matter_of_who_may_do_more() -> None:
    ((kind, sentence),) = found(policy(ALLOW, DENY), policy(ALLOW))
    assert kind is Kind.PRIVILEGE
    assert sentence.startswith('policy: statement "Keep", which denies Action "sqs:DeleteQueue", Resource "arn:x"')
    assert sentence.endswith(", would be removed or narrowed: it would refuse less")


def test_tls_that_is_required_no_more_is_called_so() -> None:
    ((kind, sentence),) = found(policy(ALLOW, TLS), policy(ALLOW))
    assert kind is Kind.SECURITY
    assert sentence.endswith(", would be removed or narrowed: TLS would no longer be required")


def test_a_denial_that_comes_is_a_matter_of_clients_unless_it_requires_tls() -> None:
    ((kind, sentence),) = found(policy(ALLOW), policy(ALLOW, DENY))
    assert kind is Kind.CLIENTS
    assert sentence.startswith('policy: statement "Keep" would deny Action "sqs:DeleteQueue"')
    assert found(policy(ALLOW), policy(ALLOW, TLS)) == []


def test_a_permission_that_comes_is_a_matter_of_who_may_do_more_and_one_that_goes_of_clients() -> None:
    assert [kind for kind, _ in found(policy(DENY), policy(DENY, ALLOW))] == [Kind.PRIVILEGE]
    assert [kind for kind, _ in found(policy(DENY, ALLOW), policy(DENY))] == [Kind.CLIENTS]
