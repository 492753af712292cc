"""A resource that is for another goes with that one, or comes with it; of another type is nobody's owner."""

import json
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from plan_review.risk_tables import OWNERS

from golden_plans import load
from plan_builder import entry, reviewed, told

Entry = dict[str, Any]
BUCKET = "aws_s3_bucket.Results_Bucket_A1F83315"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration.Results_Lifecycle_D2766075"
OWNERSHIP = "aws_s3_bucket_ownership_controls.Results_Ownership_C4486E79"
BUCKET_POLICY = "aws_s3_bucket_policy.Results_Policy_AB311D76"
PUBLIC_ACCESS = "aws_s3_bucket_public_access_block.Results_PublicAccess_A3546D0F"
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration.Results_Encryption_9B495463"
OTHER = "arn:aws:iam::222222222222:root"
GRANT = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "a:Read", "Resource": "arn:n"}]}
)
QUEUE, TOPIC, TABLE, FUNCTION, KEY, SECRET, STREAM, CLUSTER, STAGE = (
    "https://sqs.us-east-1.amazonaws.com/1/n",
    "arn:aws:sns:us-east-1:1:n",
    "arn:aws:dynamodb:us-east-1:1:table/n",
    "arn:aws:lambda:us-east-1:1:function:n",
    "arn:aws:kms:us-east-1:1:key/n",
    "arn:aws:secretsmanager:us-east-1:1:secret:n",
    "arn:aws:kinesis:us-east-1:1:stream/n",
    "arn:aws:kafka:us-east-1:1:cluster/n",
    "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/n",
)


@dataclass(frozen=True, kw_only=True)
class Satellite:
    """A type of resources that are for another: how it names that, whose type it is, and what is found of it."""

    target: tuple[str, str]
    owner: tuple[str, dict[str, str]]
    deleted: tuple[str, ...]
    """The kinds of the findings if it alone is deleted."""
    created: tuple[str, ...] = ()
    """The kinds of the findings if it is created for what was there before."""
    with_owner: tuple[str, ...] = ()
    """The kinds of the findings if it is created together with what it is for."""
    values: tuple[tuple[str, Any], ...] = ()


BUCKET_OWNER = ("aws_s3_bucket", {"bucket": "n", "id": "n", "arn": "arn:aws:s3:::n"})
QUEUE_OWNER = ("aws_sqs_queue", {"name": "n", "id": QUEUE, "url": QUEUE, "arn": "arn:aws:sqs:us-east-1:1:n"})
TOPIC_OWNER = ("aws_sns_topic", {"name": "n", "id": TOPIC, "arn": TOPIC})
FUNCTION_OWNER = ("aws_lambda_function", {"function_name": "n", "id": "n", "arn": FUNCTION})
ROLE_OWNER = ("aws_iam_role", {"name": "n", "id": "n", "arn": "arn:aws:iam::1:role/n"})
USER_OWNER = ("aws_iam_user", {"name": "n", "id": "n", "arn": "arn:aws:iam::1:user/n"})
GROUP_OWNER = ("aws_iam_group", {"name": "n", "id": "n", "arn": "arn:aws:iam::1:group/n"})
VAULT_OWNER = ("aws_backup_vault", {"name": "n", "id": "n", "arn": "arn:aws:backup:us-east-1:1:backup-vault:n"})
REPOSITORY_OWNER = ("aws_ecr_repository", {"name": "n", "id": "n", "arn": "arn:aws:ecr:us-east-1:1:repository/n"})
POLICY = (("policy", GRANT),)
BUCKETS_OTHERS = (
    "accelerate_configuration",
    "acl",
    "analytics_configuration",
    "intelligent_tiering_configuration",
    "inventory",
    "lifecycle_configuration",
    "metric",
    "notification",
    "replication_configuration",
    "request_payment_configuration",
    "website_configuration",
)
BUCKETS_GUARDS = (
    "logging",
    "object_lock_configuration",
    "ownership_controls",
    "server_side_encryption_configuration",
    "versioning",
)


def granting(
    attribute: str, target: str, owner: tuple[str, dict[str, str]], key: str = "policy", created: str = "exposure"
) -> Satellite:
    return Satellite(
        target=(attribute, target), owner=owner, deleted=("clients",), created=(created,), values=((key, GRANT),)
    )


def attachment(attribute: str, owner: tuple[str, dict[str, str]]) -> Satellite:
    values = (("policy_arn", "arn:aws:iam::aws:policy/AdministratorAccess"),)
    privilege = ("privilege",)
    target = (attribute, "n")
    return Satellite(
        target=target, owner=owner, deleted=("clients",), created=privilege, with_owner=privilege, values=values
    )


def silent(attribute: str, target: str, owner: tuple[str, dict[str, str]], deleted: str = "availability") -> Satellite:
    return Satellite(target=(attribute, target), owner=owner, deleted=(deleted,))


SATELLITES: dict[str, Satellite] = {
    "aws_s3_bucket_policy": granting("bucket", "n", BUCKET_OWNER),
    **{f"aws_s3_bucket_{each}": silent("bucket", "n", BUCKET_OWNER) for each in BUCKETS_OTHERS},
    **{f"aws_s3_bucket_{each}": silent("bucket", "n", BUCKET_OWNER, "security") for each in BUCKETS_GUARDS},
    "aws_s3_bucket_cors_configuration": silent("bucket", "n", BUCKET_OWNER, "clients"),
    "aws_s3_bucket_public_access_block": silent("bucket", "n", BUCKET_OWNER, "exposure"),
    "aws_sqs_queue_policy": granting("queue_url", QUEUE, QUEUE_OWNER),
    "aws_sqs_queue_redrive_policy": silent("queue_url", QUEUE, QUEUE_OWNER),
    "aws_sqs_queue_redrive_allow_policy": silent("queue_url", QUEUE, QUEUE_OWNER),
    "aws_sns_topic_policy": granting("arn", TOPIC, TOPIC_OWNER),
    "aws_sns_topic_data_protection_policy": silent("arn", TOPIC, TOPIC_OWNER),
    "aws_iam_role_policy": granting("role", "n", ROLE_OWNER, created="exposure"),
    "aws_iam_user_policy": granting("user", "n", USER_OWNER, created="exposure"),
    "aws_iam_group_policy": granting("group", "n", GROUP_OWNER, created="exposure"),
    "aws_iam_role_policy_attachment": attachment("role", ROLE_OWNER),
    "aws_iam_user_policy_attachment": attachment("user", USER_OWNER),
    "aws_iam_group_policy_attachment": attachment("group", GROUP_OWNER),
    "aws_iam_role_policies_exclusive": silent("role_name", "n", ROLE_OWNER),
    "aws_iam_role_policy_attachments_exclusive": silent("role_name", "n", ROLE_OWNER),
    "aws_iam_group_membership": silent("group", "n", GROUP_OWNER, "clients"),
    "aws_iam_user_group_membership": silent("user", "n", USER_OWNER, "clients"),
    "aws_lambda_permission": Satellite(
        target=("function_name", FUNCTION),
        owner=FUNCTION_OWNER,
        deleted=("clients",),
        created=("privilege",),
        with_owner=("privilege",),
        values=(("principal", "*"),),
    ),
    "aws_lambda_function_url": silent("function_name", "n", FUNCTION_OWNER),
    "aws_kms_key_policy": granting("key_id", "n", ("aws_kms_key", {"key_id": "n", "id": "n", "arn": KEY})),
    "aws_kms_alias": silent("target_key_id", "n", ("aws_kms_key", {"key_id": "n", "id": "n", "arn": KEY}), "clients"),
    "aws_lambda_event_source_mapping": silent("event_source_arn", "arn:aws:sqs:us-east-1:1:n", QUEUE_OWNER, "clients"),
    "aws_ecr_repository_policy": granting("repository", "n", REPOSITORY_OWNER),
    "aws_ecr_lifecycle_policy": silent("repository", "n", REPOSITORY_OWNER),
    "aws_secretsmanager_secret_policy": granting(
        "secret_arn", SECRET, ("aws_secretsmanager_secret", {"name": "n", "id": SECRET, "arn": SECRET})
    ),
    "aws_dynamodb_resource_policy": granting(
        "resource_arn", TABLE, ("aws_dynamodb_table", {"name": "n", "id": "n", "arn": TABLE})
    ),
    "aws_kinesis_resource_policy": granting(
        "resource_arn", STREAM, ("aws_kinesis_stream", {"name": "n", "id": STREAM, "arn": STREAM})
    ),
    "aws_efs_file_system_policy": granting(
        "file_system_id",
        "n",
        ("aws_efs_file_system", {"name": "", "id": "n", "arn": "arn:aws:elasticfilesystem:us-east-1:1:file-system/n"}),
    ),
    "aws_backup_vault_policy": granting("backup_vault_name", "n", VAULT_OWNER),
    "aws_backup_vault_lock_configuration": silent("backup_vault_name", "n", VAULT_OWNER, "security"),
    "aws_api_gateway_rest_api_policy": granting(
        "rest_api_id", "n", ("aws_api_gateway_rest_api", {"name": "api", "id": "n"})
    ),
    "aws_cloudwatch_event_bus_policy": granting(
        "event_bus_name", "n", ("aws_cloudwatch_event_bus", {"name": "n", "id": "n"})
    ),
    "aws_opensearch_domain_policy": granting(
        "domain_name", "n", ("aws_opensearch_domain", {"domain_name": "n"}), "access_policies"
    ),
    "aws_elasticsearch_domain_policy": granting(
        "domain_name", "n", ("aws_elasticsearch_domain", {"domain_name": "n"}), "access_policies"
    ),
    "aws_msk_cluster_policy": granting("cluster_arn", CLUSTER, ("aws_msk_cluster", {"id": CLUSTER, "arn": CLUSTER})),
    "aws_wafv2_web_acl_association": silent("resource_arn", STAGE, ("aws_lb", {"id": STAGE, "arn": STAGE}), "security"),
}
OTHERS: dict[str, dict[str, Any]] = {
    "aws_s3_bucket": {"bucket": "n"},
    "aws_sqs_queue": {"name": "n", "url": QUEUE},
    "aws_sns_topic": {"name": "n", "arn": TOPIC},
    "aws_iam_policy": {"name": "n"},
    "aws_iam_role": {"name": "n"},
    "aws_lambda_function": {"function_name": "n"},
    "aws_lambda_alias": {"name": "n", "function_name": "n"},
    "aws_dynamodb_table": {"name": "n"},
    "aws_cloudwatch_metric_alarm": {"alarm_name": "n", "alarm_actions": ["arn:ops"]},
}
"""Other resources that have the same name, none of which owns any but its own satellites."""


def satellite(type_: str, action: str, *, unknown: bool = False, **more: Any) -> Entry:
    """Return a satellite of what is called n; unknown: what it is for is known only after the apply."""
    found = SATELLITES[type_]
    values = {found.target[0]: None if unknown else found.target[1], **dict(found.values)}
    marks = {"after_unknown": {found.target[0]: True}} if unknown else {}
    return entry(type_, action, *((values, None) if action == "delete" else (None, values)), **marks, **more)


def owner(type_: str, action: str) -> Entry:
    """Return the owner of a satellite: whole if it is deleted, with what is known of it before if it is created."""
    owner_type, values = SATELLITES[type_].owner
    if action == "delete":
        return entry(owner_type, action, values)
    known = {key: value for key, value in values.items() if key not in {"id", "url", "arn", "key_id"}}
    return entry(owner_type, action, None, known, after_unknown={"id": True, "url": True, "arn": True, "key_id": True})


def kinds(type_: str, *entries: Entry) -> tuple[str, ...]:
    return tuple(each.kind.value for each in reviewed(*entries).findings if each.type == type_)


def test_every_type_that_has_an_owner_is_in_the_table_of_this_test() -> None:
    assert set(SATELLITES) == set(OWNERS)


@pytest.mark.parametrize("type_", SATELLITES)
def test_what_is_deleted_alone_is_found_and_what_goes_with_its_owner_is_not(type_: str) -> None:
    assert kinds(type_, satellite(type_, "delete")) == SATELLITES[type_].deleted
    found = reviewed(satellite(type_, "delete"), owner(type_, "delete"))
    assert {each.type for each in found.findings} == {SATELLITES[type_].owner[0]}


def test_what_is_deleted_beside_something_of_another_type_and_the_same_name_is_found() -> None:
    """Each beside each other satellite, and beside each other resource that is not its owner."""
    for one, other in permutations(SATELLITES, 2):
        assert kinds(one, satellite(one, "delete"), satellite(other, "delete")) == SATELLITES[one].deleted, (one, other)
    for one, expected in SATELLITES.items():
        for type_, values in OTHERS.items():
            if type_ != expected.owner[0]:
                found = kinds(one, satellite(one, "delete"), entry(type_, "delete", values))
                assert found == expected.deleted, (one, type_)


@pytest.mark.parametrize("type_", SATELLITES)
@pytest.mark.parametrize("action", ["forget", "no-op", "update", "replace"])
def test_an_owner_that_is_not_deleted_hides_nothing(type_: str, action: str) -> None:
    owner_type, values = SATELLITES[type_].owner
    beside = entry(owner_type, action, values, None if action == "forget" else values)
    assert kinds(type_, satellite(type_, "delete"), beside) == SATELLITES[type_].deleted


GRANTING = [type_ for type_, found in SATELLITES.items() if found.created]
BY_ID = (
    "aws_kms_key_policy",
    "aws_efs_file_system_policy",
    "aws_api_gateway_rest_api_policy",
    "aws_msk_cluster_policy",
)
"""What is for something that AWS gives its id to, which is known only after the apply."""


@pytest.mark.parametrize("type_", GRANTING)
def test_what_is_created_for_something_that_was_there_is_found_and_what_comes_with_its_owner_is_not(
    type_: str,
) -> None:
    assert kinds(type_, satellite(type_, "create")) == SATELLITES[type_].created
    assert kinds(type_, satellite(type_, "create"), owner(type_, "create")) == (
        SATELLITES[type_].created if type_ in BY_ID else SATELLITES[type_].with_owner
    )
    assert (
        kinds(type_, satellite(type_, "create", unknown=True), owner(type_, "create")) == SATELLITES[type_].with_owner
    )
    assert kinds(type_, satellite(type_, "create", unknown=True)) == SATELLITES[type_].created


def test_what_is_created_beside_something_of_another_type_and_the_same_name_is_found() -> None:
    """Each beside each satellite, and beside each other resource that is not its owner."""
    for one in GRANTING:
        for other in SATELLITES:
            if one != other:
                assert kinds(one, satellite(one, "create"), satellite(other, "create")) == SATELLITES[one].created, (
                    one,
                    other,
                )
        for type_, values in OTHERS.items():
            if type_ != SATELLITES[one].owner[0]:
                found = kinds(one, satellite(one, "create"), entry(type_, "create", None, values))
                assert found == SATELLITES[one].created, (one, type_)


# --- who the owner is ---------------------------------------------------------------------------------------------


def test_an_owner_of_the_same_type_with_another_identity_hides_nothing() -> None:
    """A queue of the same name in another region has another URL."""
    elsewhere = {
        "name": "n",
        "id": QUEUE.replace("us-east-1", "eu-west-1"),
        "url": QUEUE.replace("us-east-1", "eu-west-1"),
    }
    policy = satellite("aws_sqs_queue_policy", "delete")
    assert kinds("aws_sqs_queue_policy", policy, entry("aws_sqs_queue", "delete", elsewhere)) == ("clients",)


def test_a_part_of_an_owner_is_the_owners_own() -> None:
    """As an alias is a function's."""
    function = owner("aws_lambda_permission", "delete")
    permission = entry("aws_lambda_permission", "delete", {"function_name": f"{FUNCTION}:live", "principal": "*"})
    assert kinds("aws_lambda_permission", permission, function) == ()
    permission = entry("aws_lambda_permission", "delete", {"function_name": f"{FUNCTION}-other", "principal": "*"})
    assert kinds("aws_lambda_permission", permission, function) == ("clients",)


def created_with(references: list[str], *, address: str = "aws_sqs_queue_policy.this") -> tuple[str, ...]:
    """Return what is found of a policy whose queue is known only after the apply, beside a new queue `made`."""
    policy = {**satellite("aws_sqs_queue_policy", "create", unknown=True), "address": address}
    prefix = address.rpartition("aws_sqs_queue_policy")[0]
    queue = {**owner("aws_sqs_queue_policy", "create"), "address": f"{prefix}aws_sqs_queue.made[0]"}
    resource = {"address": "aws_sqs_queue_policy.this", "expressions": {"queue_url": {"references": references}}}
    root: dict[str, Any] = {"resources": [resource]}
    if prefix:
        root = {"module_calls": {"m": {"module": root}}}
    found = reviewed(policy, queue, configuration={"root_module": root})
    return tuple(each.kind.value for each in found.findings if each.type == "aws_sqs_queue_policy")


def test_an_owner_that_is_known_only_after_the_apply_is_the_one_that_the_configuration_names() -> None:
    made = ["aws_sqs_queue.made[0].url", "aws_sqs_queue.made[0]", "aws_sqs_queue.made"]
    assert created_with(made) == ()
    assert created_with(made, address="module.m.aws_sqs_queue_policy.this") == ()
    assert created_with(["var.queue_url"]) == ()
    assert created_with(["aws_sqs_queue.replaced.url", "aws_sqs_queue.replaced"]) == ("exposure",)
    assert created_with(["data.aws_sqs_queue.made.url", "data.aws_sqs_queue.made"]) == ("exposure",)


# --- what went by unseen ------------------------------------------------------------------------------------------

LOST = {
    BUCKET_POLICY: ("security", "TLS would no longer be required"),
    PUBLIC_ACCESS: ("exposure", "public access would not be blocked"),
    OWNERSHIP: ("security", "access lists could count again"),
    ENCRYPTION: ("security", "its encryption would be S3's default"),
    LIFECYCLE: ("cost", "would no longer delete objects"),
}


@pytest.mark.parametrize(
    "deleted",
    [
        (BUCKET_POLICY,),
        (PUBLIC_ACCESS,),
        (BUCKET_POLICY, PUBLIC_ACCESS),
        (PUBLIC_ACCESS, LIFECYCLE),
        (BUCKET_POLICY, PUBLIC_ACCESS, OWNERSHIP, ENCRYPTION),
    ],
)
def test_what_guards_prods_bucket_is_missed_whatever_goes_with_it(deleted: tuple[str, ...]) -> None:
    """In the plan of prod's destruction, of which all else stays."""
    content = load("destroy")
    for each in content["resource_changes"]:
        if each["address"] not in deleted:
            each["change"] |= {"actions": ["no-op"], "after": each["change"]["before"]}
    found = reviewed(*content["resource_changes"]).findings
    assert {each.address for each in found} == set(deleted)
    for each in found:
        kind, sentence = LOST[each.address]
        assert each.kind == kind
        assert sentence in each.sentence


def test_prods_bucket_that_is_deleted_with_all_that_is_its_own_is_one_finding() -> None:
    content = load("destroy")
    own = [each for each in content["resource_changes"] if each["type"].startswith("aws_s3_bucket")]
    assert len(own) == 6
    assert [each.address for each in reviewed(*own).findings] == [BUCKET]


def test_a_grant_on_a_table_is_found_beside_a_new_topic_of_its_name() -> None:
    name, arn = "acmecorp-jobs-table-prod", "arn:aws:dynamodb:us-east-1:333333333333:table/acmecorp-jobs-table-prod"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": ["dynamodb:Scan", "dynamodb:DeleteItem"],
        "Resource": arn,
    }
    policy = json.dumps({"Statement": [statement]})
    grant = entry("aws_dynamodb_resource_policy", "create", None, {"resource_arn": arn, "policy": policy})
    assert told(reviewed(grant, entry("aws_sns_topic", "create", None, {"name": name}))) == [
        (
            "exposure",
            (
                'policy: a statement without Sid would allow Action ["dynamodb:Scan", "dynamodb:DeleteItem"], '
                f'Resource "{arn}", Principal {{"AWS": "arn:aws:iam::222222222222:root"}}'
            ),
        )
    ]


def test_an_administrators_policy_on_a_role_is_found_beside_a_new_policy_of_its_name() -> None:
    attached = {"role": "deployer", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    attaching = entry("aws_iam_role_policy_attachment", "create", None, attached)
    assert told(reviewed(attaching, entry("aws_iam_policy", "create", None, {"name": "deployer"}))) == [
        ("privilege", 'policy_arn "arn:aws:iam::aws:policy/AdministratorAccess": "deployer" could do everything')
    ]


def test_a_policy_for_another_account_is_found_beside_the_buckets_new_versioning() -> None:
    granted = entry("aws_s3_bucket_policy", "create", None, {"bucket": "b", "policy": GRANT})
    versioning = entry("aws_s3_bucket_versioning", "create", None, {"bucket": "b", "versioning_configuration": []})
    assert told(reviewed(granted, versioning)) == [
        (
            "exposure",
            (
                'policy: a statement without Sid would allow Action "a:Read", Resource "arn:n", '
                'Principal {"AWS": "arn:aws:iam::222222222222:root"}'
            ),
        )
    ]


def test_a_permission_for_all_is_found_beside_a_new_alias_of_the_function() -> None:
    permission = entry("aws_lambda_permission", "create", None, {"function_name": "f", "principal": "*"})
    assert told(
        reviewed(permission, entry("aws_lambda_alias", "create", None, {"name": "f", "function_name": "f"}))
    ) == [("privilege", 'principal "*": "f" would allow more than now')]


def test_an_alarm_with_an_attribute_without_a_name_is_found() -> None:
    """An attribute may be called nothing; no alarm is for what it names."""
    odd = entry("aws_cloudwatch_metric_alarm", "delete", {"alarm_name": "a", "": "b"})
    found = reviewed(odd, entry("aws_s3_bucket", "delete", {"bucket": "b"}))
    assert [each.type for each in found.findings] == ["aws_s3_bucket", "aws_cloudwatch_metric_alarm"]


def test_a_replaced_policy_is_compared_by_whole_names() -> None:
    """A statement on `jobs-archive` is not that on `jobs`, though the new name makes it look so."""

    def stated(resource: str) -> dict[str, Any]:
        return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{resource}/*"}

    before = {"bucket": "jobs", "policy": json.dumps({"Statement": [stated("jobs-archive")]})}
    after = {"bucket": "tasks", "policy": json.dumps({"Statement": [stated("tasks-archive")]})}
    found = reviewed(entry("aws_s3_bucket_policy", "replace", before, after, replace_paths=[["bucket"]]))
    assert [each.kind.value for each in found.findings] == ["exposure", "clients", "replacement"]


@pytest.mark.parametrize(("bucket", "found"), [("jobs", ["loss"]), ("jobs-archive", ["loss", "clients"])])
def test_what_is_for_an_owner_of_a_longer_name_does_not_go_with_the_shorter(bucket: str, found: list[str]) -> None:
    gone = entry("aws_s3_bucket", "delete", {"bucket": "jobs"})
    policy = entry("aws_s3_bucket_policy", "delete", {"bucket": bucket, "policy": GRANT})
    assert [kind for kind, _ in told(reviewed(gone, policy))] == found
