"""What clients address or may do and would lose is a finding; what they keep, however it is written, is none."""

import json
from typing import Any

import pytest

from plan_review.model import Kind, Review

from plan_builder import entry, reviewed, told

Statement = dict[str, Any]


def policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def clients(found: Review) -> list[str]:
    return [sentence for kind, sentence in told(found) if kind == "clients"]


# --- indexes and keys ---------------------------------------------------------------------------------------------

INDEX: dict[str, Any] = {
    "name": "by-key",
    "hash_key": "idempotency_key",
    "range_key": None,
    "projection_type": "ALL",
    "non_key_attributes": None,
    "read_capacity": 0,
}


def table(*indexes: dict[str, Any], local: Any = (), types: str = "SSS", **more: Any) -> dict[str, Any]:
    names = ("job_id", "idempotency_key", "user_id")
    return {
        "name": "jobs",
        "hash_key": "job_id",
        "attribute": [{"name": name, "type": type_} for name, type_ in zip(names, types, strict=True)],
        "global_secondary_index": list(indexes),
        "local_secondary_index": list(local),
        **more,
    }


def updated_table(before: dict[str, Any], after: dict[str, Any], **more: Any) -> Review:
    return reviewed(entry("aws_dynamodb_table", "update", before, after, **more))


KEPT_KEY, KEPT_OTHERS = {**INDEX, "projection_type": "INCLUDE"}, "non_key_attributes"
LOST_INDEXES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (table(INDEX), table(), 'index "by-key" would be deleted: queries of it would fail'),
    (table(local=[INDEX]), table(), 'index "by-key" would be deleted: queries of it would fail'),
    (
        table(INDEX),
        table({**INDEX, "name": "by-another"}),
        'index "by-key" would be deleted: queries of it would fail',
    ),
    (
        table(INDEX),
        table({**INDEX, "hash_key": "user_id"}),
        'index "by-key": key idempotency_key (HASH S) -> user_id (HASH S): queries by the earlier key would fail',
    ),
    (
        table(INDEX),
        table({**INDEX, "range_key": "user_id"}),
        (
            'index "by-key": key idempotency_key (HASH S) -> idempotency_key (HASH S), user_id (RANGE S): '
            "queries by the earlier key would fail"
        ),
    ),
    (
        table(INDEX),
        table(INDEX, types="SNS"),
        (
            'index "by-key": key idempotency_key (HASH S) -> idempotency_key (HASH N): '
            "queries by the earlier key would fail"
        ),
    ),
    (
        table(INDEX),
        table(INDEX, types="NSS"),
        'hash_key "job_id": type S -> N: requests with the earlier type would fail',
    ),
    (
        table(INDEX),
        table({**INDEX, "projection_type": "KEYS_ONLY"}),
        'index "by-key": projection ALL -> KEYS_ONLY: queries would get fewer attributes',
    ),
    (
        table(INDEX),
        table({**KEPT_KEY, KEPT_OTHERS: ["status"]}),
        'index "by-key": projection ALL -> INCLUDE ["status"]: queries would get fewer attributes',
    ),
    (
        table({**KEPT_KEY, KEPT_OTHERS: ["error", "status"]}),
        table({**KEPT_KEY, KEPT_OTHERS: ["status"]}),
        (
            'index "by-key": projection INCLUDE ["error", "status"] -> INCLUDE ["status"]: '
            "queries would get fewer attributes"
        ),
    ),
]


@pytest.mark.parametrize(("before", "after", "sentence"), LOST_INDEXES)
def test_an_index_or_a_key_that_queries_rely_on_is_named(
    before: dict[str, Any], after: dict[str, Any], sentence: str
) -> None:
    assert told(updated_table(before, after)) == [("clients", sentence)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (table(INDEX), table({**INDEX, "read_capacity": 5})),
        (table(INDEX, {**INDEX, "name": "z"}), table({**INDEX, "name": "z"}, INDEX)),
        (table(), table(INDEX)),
        (
            table({**KEPT_KEY, KEPT_OTHERS: ["error", "status"]}),
            table({**KEPT_KEY, KEPT_OTHERS: ["status", "error"]}),
        ),
        # Provider 6 has the same key as blocks.
        (
            table(INDEX),
            table({**INDEX, "key_schema": [{"attribute_name": "idempotency_key", "key_type": "HASH"}]}),
        ),
    ],
)
def test_an_index_that_is_new_or_the_same_is_no_finding(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert told(updated_table(before, after)) == []


def test_an_index_that_holds_more_is_built_again() -> None:
    """DynamoDB changes no projection, so the provider deletes the index and makes another."""
    narrow = {**INDEX, "projection_type": "KEYS_ONLY"}
    assert told(updated_table(table(narrow), table(INDEX))) == [
        (
            "availability",
            (
                'index "by-key": projection KEYS_ONLY -> ALL: it would be deleted and built again, '
                "and queries of it fail until then"
            ),
        )
    ]


def test_an_index_that_is_known_only_after_the_apply_may_go() -> None:
    unknown = {"global_secondary_index": True}
    assert clients(updated_table(table(INDEX), {**table(), "global_secondary_index": None}, after_unknown=unknown)) == [
        "global_secondary_index changes to (known after apply): perhaps queries of an index would fail"
    ]
    unknown = {"global_secondary_index": [{"hash_key": True, "write_capacity": True}]}
    assert clients(updated_table(table(INDEX), table({**INDEX, "hash_key": None}), after_unknown=unknown)) == [
        'index "by-key": hash_key changes to (known after apply): perhaps queries would fail'
    ]


def test_what_the_provider_computes_of_an_index_is_no_finding() -> None:
    unknown = {"global_secondary_index": [{"read_capacity": True, "range_key": True}]}
    assert told(updated_table(table(INDEX), table({**INDEX, "read_capacity": None}), after_unknown=unknown)) == []


def test_a_table_that_is_replaced_is_told_once_and_its_lost_index_beside_it() -> None:
    before, after = table(INDEX), {**table(INDEX), "hash_key": "user_id"}
    change = entry("aws_dynamodb_table", "replace", before, after, replace_paths=[["hash_key"]])
    loss = ("loss", 'would be replaced, for hash_key "job_id" -> "user_id": its items lost')
    assert told(reviewed(change)) == [loss]
    change["change"]["after"] = {**table(), "hash_key": "user_id"}
    assert told(reviewed(change)) == [
        loss,
        ("clients", 'index "by-key" would be deleted: queries of it would fail'),
    ]


# --- outputs ------------------------------------------------------------------------------------------------------


def output(action: str, before: Any = None, after: Any = None, **more: Any) -> Review:
    return reviewed(output_changes={"url": {"actions": [action], "before": before, "after": after, **more}})


ELSEWHERE = "who reads it would address something else"
LOST_OUTPUTS: list[tuple[Review, str]] = [
    (output("delete", "https://a"), 'would be removed: who reads it would no longer find "https://a"'),
    (
        output("delete", "https://a", before_sensitive=True),
        "would be removed: who reads it would no longer find (sensitive)",
    ),
    (output("update", "https://a", "https://b"), f'"https://a" -> "https://b": {ELSEWHERE}'),
    (output("update", "https://a"), f'"https://a" -> (not set): {ELSEWHERE}'),
    (
        output("update", "https://a", after_unknown=True),
        f'"https://a" -> (known after apply): perhaps {ELSEWHERE}',
    ),
    (
        output("update", "https://a", "https://b", after_sensitive=True),
        f"its value changes, and is sensitive: {ELSEWHERE}",
    ),
    (
        output("update", {"QUEUE": "a", "TABLE": "t", "OLD": "o"}, {"QUEUE": "b", "TABLE": "t", "NEW": "n"}),
        f'QUEUE "a" -> "b", OLD "o" -> (not set): {ELSEWHERE}',
    ),
    (
        output("update", {f"k{n}": n for n in range(5)}, {}),
        f"k0 0 -> (not set), k1 1 -> (not set), k2 2 -> (not set), and 2 more: {ELSEWHERE}",
    ),
    (output("update", ["a", "b"], ["b", "a"]), f'["a", "b"] -> ["b", "a"]: {ELSEWHERE}'),
    (output("annul", "https://a"), '["annul"] is planned for it, which this review does not know'),
]


@pytest.mark.parametrize(("found", "sentence"), LOST_OUTPUTS)
def test_an_output_that_goes_or_changes_is_named(found: Review, sentence: str) -> None:
    assert [(each.kind, each.address, each.type, each.name, each.sentence) for each in found.findings] == [
        (Kind.CLIENTS, "output.url", "output", "url", sentence)
    ]


@pytest.mark.parametrize(
    "found",
    [
        output("create", None, "https://a"),
        output("no-op", "https://a", "https://a"),
        output("update", None, "https://a"),
        # Only its mark as sensitive changes.
        output("update", "https://a", "https://a", before_sensitive=True, after_sensitive=False),
        output("update", {"QUEUE": "a"}, {"QUEUE": "a", "TABLE": "t"}),
        output("update", ["subnet-1"], ["subnet-1", "subnet-2"]),
        # A document that is written otherwise.
        output("update", '{"a": [1, 2]}', '{ "a":[1,2] }'),
    ],
)
def test_an_output_that_is_new_or_keeps_its_value_is_no_finding(found: Review) -> None:
    assert told(found) == []


def replaced_topic(expression: str, name: str = "jobs", value: str = "arn:aws:sns:us-east-1:1:jobs") -> list[str]:
    """Return the finding of an output that is known only after the apply, beside a topic that is replaced."""
    before, after = {"name": "jobs", "arn": "arn:aws:sns:us-east-1:1:jobs"}, {"name": name}
    found = reviewed(
        entry("aws_sns_topic", "replace", before, after, after_unknown={"arn": True}),
        output_changes={"arn": {"actions": ["update"], "before": value, "after": None, "after_unknown": True}},
        configuration={"root_module": {"outputs": {"arn": {"expression": {"references": [expression]}}}}},
    )
    return clients(found)


def test_an_arn_that_a_replaced_resource_keeps_with_its_name_is_no_finding() -> None:
    """Its replacement is one already; another name, resource or value is."""
    perhaps = f'"arn:aws:sns:us-east-1:1:jobs" -> (known after apply): perhaps {ELSEWHERE}'
    assert replaced_topic("aws_sns_topic.this.arn") == []
    assert replaced_topic("aws_sns_topic.this.arn", name="tasks") == [perhaps]
    assert replaced_topic("aws_sns_topic.other.arn") == [perhaps]
    assert replaced_topic("aws_sns_topic.this.arn", value="arn:aws:sns:us-east-1:1:orders") == [
        f'"arn:aws:sns:us-east-1:1:orders" -> (known after apply): perhaps {ELSEWHERE}'
    ]


def test_outputs_that_go_with_everything_are_told_by_what_goes() -> None:
    """Not where something stays, and not where nothing that goes is told."""
    removed = {"url": {"actions": ["delete"], "before": "https://a", "after": None}}
    topic, stays = entry("aws_sns_topic", "delete", {"name": "t"}), entry("aws_iam_role", "no-op", {}, {})
    assert clients(reviewed(topic, output_changes=removed)) == []
    for entries in ([topic, stays], [entry("random_id", "delete", {"id": "i"})], []):
        assert clients(reviewed(*entries, output_changes=removed)) == [
            'would be removed: who reads it would no longer find "https://a"'
        ]


# --- policies -----------------------------------------------------------------------------------------------------

OWN = "arn:aws:iam::111111111111:role/worker"
JOBS: Statement = {
    "Sid": "Jobs",
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:Query"],
    "Resource": ["arn:jobs", "arn:jobs/index/*"],
}
SEND: Statement = {
    "Sid": "Send",
    "Effect": "Allow",
    "Principal": {"AWS": OWN},
    "Action": "sqs:SendMessage",
    "Resource": "arn:q",
}
DENY: Statement = {**SEND, "Sid": "Nobody", "Effect": "Deny", "Principal": "*"}
TLS: Statement = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": "arn:q",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ON_JOBS = '(Resource ["arn:jobs", "arn:jobs/index/*"])'
ACCOUNT = {"StringEquals": {"aws:SourceAccount": "1"}}
NARROWED: list[tuple[list[Statement], list[Statement], list[str]]] = [
    (
        [JOBS],
        [{**JOBS, "Action": "dynamodb:GetItem"}],
        [f'statement "Jobs" would no longer allow Action "dynamodb:Query" {ON_JOBS}'],
    ),
    # Of a part that others still allow nothing is said.
    (
        [JOBS],
        [
            {**JOBS, "Action": "dynamodb:GetItem"},
            {**JOBS, "Sid": "More", "Action": "dynamodb:Query", "Resource": "arn:jobs"},
        ],
        ['statement "Jobs" would no longer allow Action "dynamodb:Query", Resource "arn:jobs/index/*"'],
    ),
    (
        [JOBS],
        [
            {**JOBS, "Action": "dynamodb:GetItem", "Resource": "arn:jobs"},
            {**JOBS, "Sid": "More", "Action": "dynamodb:Query", "Resource": "arn:jobs/index/*"},
        ],
        [
            (
                'statement "Jobs" would no longer allow Action "dynamodb:GetItem", Resource "arn:jobs/index/*"; '
                'Action "dynamodb:Query", Resource "arn:jobs"'
            )
        ],
    ),
    (
        [JOBS, SEND],
        [SEND],
        [
            (
                'statement "Jobs" would no longer allow Action ["dynamodb:GetItem", "dynamodb:Query"], '
                'Resource ["arn:jobs", "arn:jobs/index/*"]'
            )
        ],
    ),
    (
        [{**JOBS, "Action": "dynamodb:*"}],
        [JOBS],
        [
            (
                'statement "Jobs" would allow less: Action "dynamodb:*" -> ["dynamodb:GetItem", "dynamodb:Query"] '
                f"{ON_JOBS}"
            )
        ],
    ),
    (
        [{**SEND, "Principal": {"AWS": [OWN, "arn:aws:iam::222222222222:root"]}}],
        [SEND],
        [
            (
                'statement "Send" would no longer allow Principal {"AWS": "arn:aws:iam::222222222222:root"} '
                '(Action "sqs:SendMessage", Resource "arn:q")'
            )
        ],
    ),
    (
        [SEND],
        [{**SEND, "Condition": ACCOUNT}],
        [
            (
                'statement "Send" would allow less: '
                'Condition (not set) -> {"StringEquals": {"aws:SourceAccount": "1"}} '
                f'(Action "sqs:SendMessage", Resource "arn:q", Principal {{"AWS": "{OWN}"}})'
            )
        ],
    ),
    (
        [{**SEND, "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"]}}}],
        [{**SEND, "Condition": ACCOUNT}],
        [
            (
                'statement "Send" would allow less: Condition {"StringEquals": {"aws:SourceAccount": ["1", "2"]}} -> '
                '{"StringEquals": {"aws:SourceAccount": "1"}} '
                f'(Action "sqs:SendMessage", Resource "arn:q", Principal {{"AWS": "{OWN}"}}, under conditions)'
            )
        ],
    ),
    (
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
        [{"Effect": "Allow", "NotAction": ["iam:*", "sqs:*"], "Resource": "*"}],
        [
            'a statement without Sid would allow less: NotAction "iam:*" -> ["iam:*", "sqs:*"] (Resource "*")',
        ],
    ),
    # A Deny that is new, or for more than before.
    (
        [SEND],
        [SEND, DENY],
        ['statement "Nobody" would deny Action "sqs:SendMessage", Resource "arn:q", Principal "*"'],
    ),
    (
        [SEND, DENY],
        [SEND, {**DENY, "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}],
        ['statement "Nobody" would deny more: Action "sqs:ReceiveMessage" (Resource "arn:q", Principal "*")'],
    ),
    (
        [SEND, {**DENY, "Condition": ACCOUNT}],
        [SEND, DENY],
        [
            (
                'statement "Nobody" would deny more: Condition {"StringEquals": {"aws:SourceAccount": "1"}} -> '
                '(not set) (Action "sqs:SendMessage", Resource "arn:q", Principal "*")'
            )
        ],
    ),
    # It shuts out who uses TLS, and not who does not.
    (
        [SEND],
        [SEND, {**TLS, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}],
        ['a statement without Sid would deny Action "sqs:*", Resource "arn:q", Principal "*", under conditions'],
    ),
]


@pytest.mark.parametrize(("before", "after", "sentences"), NARROWED)
def test_what_a_policy_no_longer_allows_or_denies_for_the_first_time_is_named(
    before: list[Statement], after: list[Statement], sentences: list[str]
) -> None:
    """It is the smallest part of it, and nothing else is a finding."""
    found = reviewed(entry("aws_sqs_queue", "update", {"policy": policy(*before)}, {"policy": policy(*after)}))
    assert told(found) == [("clients", f"policy: {sentence}") for sentence in sentences]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Split in two, or in four, and put together.
        ([JOBS], [{**JOBS, "Action": "dynamodb:GetItem"}, {**JOBS, "Sid": "Q", "Action": "dynamodb:Query"}]),
        (
            [JOBS],
            [
                {"Effect": "Allow", "Action": action, "Resource": resource}
                for action in ("dynamodb:Query", "dynamodb:GetItem")
                for resource in ("arn:jobs", "arn:jobs/index/*")
            ],
        ),
        (
            [DENY, {**DENY, "Sid": "B", "Action": "sqs:PurgeQueue"}],
            [{**DENY, "Action": ["sqs:PurgeQueue", "sqs:SendMessage"]}],
        ),
        # Another order, spelling or Sid.
        ([JOBS, SEND], [SEND, JOBS]),
        ([JOBS], [{**JOBS, "Sid": "Renamed"}]),
        ([SEND], [{key: value for key, value in SEND.items() if key != "Sid"}]),
        ([SEND], [{**SEND, "Action": ["SQS:sendmessage"], "Principal": {"AWS": [OWN]}}]),
        (
            [{**SEND, "Principal": {"AWS": "111111111111"}}],
            [{**SEND, "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}],
        ),
        # The same by what it is not for.
        (
            [{"Effect": "Allow", "NotAction": ["iam:*", "sqs:*"], "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": ["SQS:*", "iam:*", "iam:Get*"], "Resource": "*"}],
        ),
        # More than before allows, or less than before denies, takes nothing from anybody.
        ([SEND], [TLS, SEND]),
        ([SEND], [SEND, {**TLS, "Condition": {"BoolIfExists": {"AWS:SecureTransport": [False]}}}]),
        ([{**SEND, "Condition": ACCOUNT}], [SEND]),
        (
            [{**SEND, "Condition": ACCOUNT}],
            [{**SEND, "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"]}}}],
        ),
        (
            [{**SEND, "Condition": {"StringNotEquals": {"aws:SourceAccount": ["1", "2"]}}}],
            [{**SEND, "Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}],
        ),
        ([DENY], [{**DENY, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "1"}}}]),
        ([JOBS], [{**JOBS, "Action": "dynamodb:*", "Resource": "*"}]),
        (
            [{**JOBS, "Action": "s3:GetObject"}],
            [{"Effect": "Allow", "NotAction": ["iam:*", "s3:Put*"], "Resource": "*"}],
        ),
    ],
)
def test_a_policy_that_still_allows_the_same_takes_nothing_from_clients(
    before: list[Statement], after: list[Statement]
) -> None:
    found = reviewed(entry("aws_sqs_queue", "update", {"policy": policy(*before)}, {"policy": policy(*after)}))
    assert clients(found) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([JOBS], [{**JOBS, "Action": "dynamodb:GetItem"}, {**JOBS, "Sid": "Q", "Action": "dynamodb:Query"}]),
        ([{**JOBS, "Action": "dynamodb:GetItem"}, {**JOBS, "Sid": "Q", "Action": "dynamodb:Query"}], [JOBS]),
        ([TLS, {**TLS, "Action": "s3:*"}], [{**TLS, "Action": ["s3:*", "sqs:*"]}]),
        ([{**TLS, "Action": ["s3:*", "sqs:*"]}], [TLS, {**TLS, "Action": "s3:*"}]),
    ],
)
def test_statements_that_are_split_or_put_together_weaken_nothing(
    before: list[Statement], after: list[Statement]
) -> None:
    assert (
        told(reviewed(entry("aws_sqs_queue", "update", {"policy": policy(*before)}, {"policy": policy(*after)}))) == []
    )


def test_of_very_many_statements_what_is_covered_is_told_in_doubt() -> None:
    many = [{**SEND, "Sid": f"S{n}", "Action": [f"sqs:A{n}-{m}" for m in range(20)]} for n in range(150)]
    halves = [
        {**each, "Sid": f"{each['Sid']}{side}", "Action": each["Action"][side::2]} for each in many for side in (0, 1)
    ]
    found = reviewed(entry("aws_sqs_queue", "update", {"policy": policy(*many)}, {"policy": policy(*halves)}))
    assert len(clients(found)) == 150


ATTACHMENTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "aws_iam_role_policy_attachment",
        {"role": "r", "policy_arn": "arn:read"},
        'would be deleted: "r" would lose policy_arn "arn:read"',
    ),
    (
        "aws_iam_user_policy_attachment",
        {"user": "u", "policy_arn": "arn:read"},
        'would be deleted: "u" would lose policy_arn "arn:read"',
    ),
    (
        "aws_iam_group_policy_attachment",
        {"group": "g", "policy_arn": "arn:read"},
        'would be deleted: "g" would lose policy_arn "arn:read"',
    ),
    (
        "aws_lambda_permission",
        {"function_name": "f", "principal": "s3.amazonaws.com"},
        'would be deleted: "f" would lose principal "s3.amazonaws.com"',
    ),
    (
        "aws_iam_policy_attachment",
        {"name": "a", "roles": ["r"], "policy_arn": "arn:read"},
        "would be deleted: who has the policy through it would lose it",
    ),
    (
        "aws_iam_group_membership",
        {"name": "m", "group": "g", "users": ["u"]},
        "would be deleted: its users would lose what the group may do",
    ),
    (
        "aws_iam_policy",
        {"name": "p", "policy": policy(JOBS, SEND)},
        (
            "would be deleted, and would no longer allow what it does: "
            'policy: Action ["dynamodb:GetItem", "dynamodb:Query"], Resource ["arn:jobs", "arn:jobs/index/*"]; '
            f'policy: Action "sqs:SendMessage", Resource "arn:q", Principal {{"AWS": "{OWN}"}}'
        ),
    ),
    (
        "aws_sqs_queue_policy",
        {"queue_url": "https://q", "policy": policy(SEND)},
        (
            "would be deleted, and would no longer allow what it does: "
            f'policy: Action "sqs:SendMessage", Resource "arn:q", Principal {{"AWS": "{OWN}"}}'
        ),
    ),
]


@pytest.mark.parametrize(("type_", "before", "sentence"), ATTACHMENTS)
def test_what_gives_somebody_access_and_is_deleted_is_named(type_: str, before: dict[str, Any], sentence: str) -> None:
    assert told(reviewed(entry(type_, "delete", before))) == [("clients", sentence)]


LISTS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "aws_iam_role",
        {"managed_policy_arns": ["arn:a", "arn:b"]},
        {"managed_policy_arns": ["arn:a"]},
        'managed_policy_arns ["arn:a", "arn:b"] -> ["arn:a"]: it could do less',
    ),
    (
        "aws_iam_role",
        {"permissions_boundary": None},
        {"permissions_boundary": "arn:limit"},
        'permissions_boundary (not set) -> "arn:limit": it could do no more than that allows',
    ),
    (
        "aws_iam_role",
        {"inline_policy": [{"name": "jobs", "policy": policy(JOBS)}]},
        {"inline_policy": [{"name": "jobs", "policy": policy({**JOBS, "Action": "dynamodb:GetItem"})}]},
        (f'inline_policy "jobs": statement "Jobs" would no longer allow Action "dynamodb:Query" {ON_JOBS}'),
    ),
    (
        "aws_iam_policy_attachment",
        {"roles": ["a", "b"]},
        {"roles": ["b"]},
        'roles ["a", "b"] -> ["b"]: who is not in it any more would lose what it gives',
    ),
    (
        "aws_iam_user_group_membership",
        {"groups": ["a", "b"]},
        {"groups": ["b"]},
        'groups ["a", "b"] -> ["b"]: who is not in it any more would lose what it gives',
    ),
    (
        "aws_iam_role_policy_attachments_exclusive",
        {"policy_arns": ["arn:a"]},
        {"policy_arns": []},
        'policy_arns ["arn:a"] -> []: the role could do less',
    ),
]


@pytest.mark.parametrize(("type_", "before", "after", "sentence"), LISTS)
def test_a_list_of_what_somebody_may_do_that_gets_shorter_is_named(
    type_: str, before: dict[str, Any], after: dict[str, Any], sentence: str
) -> None:
    assert told(reviewed(entry(type_, "update", before, after))) == [("clients", sentence)]
    assert clients(reviewed(entry(type_, "update", after, before))) == []


def test_a_new_policy_of_what_was_there_before_denies_and_one_of_what_is_new_does_not() -> None:
    """TLS is what every client of AWS uses: to require it shuts nobody out."""
    queue = entry("aws_sqs_queue", "create", None, {"name": "q"}, after_unknown={"url": True})
    new = entry("aws_sqs_queue_policy", "create", None, {"queue_url": "https://sqs/1/q", "policy": policy(DENY, TLS)})
    assert told(reviewed(new)) == [
        ("clients", 'policy: statement "Nobody" would deny Action "sqs:SendMessage", Resource "arn:q", Principal "*"')
    ]
    assert told(reviewed(new, queue)) == []
