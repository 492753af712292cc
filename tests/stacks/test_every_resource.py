"""Properties of every resource of every stack and environment: encrypted, TLS-only, private, owned, tagged, no more.

checkov judges the same JSON (tests/journeys/test_checkov.py). Here is what it does not see, and what trivy's and
cfn-nag's rules would say besides; docs/decisions.md has which.
"""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from cdktf import App, Testing

from config.environments import Environment
from stacks.features import load_settings
from stacks.settings import SETTINGS_DIRECTORY
from stacks.vpr_async import FEATURE

Stack = dict[str, Any]
Judged = Iterator[tuple[str, str]]
"""What was looked at, and what is wrong with it; nothing if that is empty."""
Rule = Callable[[Stack], Judged]

RESOURCES = {
    "aws_cloudwatch_metric_alarm": 12,
    "aws_dynamodb_table": 4,
    "aws_iam_policy": 12,
    "aws_s3_bucket": 7,
    "aws_s3_bucket_lifecycle_configuration": 7,
    "aws_s3_bucket_ownership_controls": 7,
    "aws_s3_bucket_policy": 7,
    "aws_s3_bucket_public_access_block": 7,
    "aws_s3_bucket_server_side_encryption_configuration": 7,
    "aws_s3_bucket_versioning": 3,
    "aws_sns_topic": 1,
    "aws_sns_topic_subscription": 1,
    "aws_sqs_queue": 8,
}
"""All there are. A type that comes new is to be thought of here: what makes it public, and what encrypts it?"""

SHIPPED = (
    *("vpr-async-dev", "vpr-async-staging", "vpr-async-prod"),
    *("state-backend-dev", "state-backend-staging", "state-backend-prod"),
    "with-topic-dev",
)
"""The stacks whose resources are counted; another environment's are judged as well."""


@pytest.fixture(scope="module")
def every_stack(synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Stack]:
    """Return the JSON of both stacks of each environment, and of dev with a topic for its alarms, by name."""
    found = {file.parent.name: json.loads(file.read_text()) for file in synthesized.glob("stacks/*/cdk.tf.json")}
    directory = tmp_path_factory.mktemp("environments")
    dev = (SETTINGS_DIRECTORY / "dev.toml").read_text()
    (directory / "dev.toml").write_text(
        dev.replace("[vpr_async.alarms]", '[vpr_async.alarms]\nemails = ["ops@example.com"]')
    )
    stack = FEATURE.add_stack(App(), load_settings(Environment("dev"), directory=directory))
    return {**found, "with-topic-dev": json.loads(Testing.synth(stack))}


def of_type(stack: Stack, type_: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in stack["resource"].get(type_, {}).items():
        yield f"{type_}.{name}", resource


def every_resource(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    for type_ in stack["resource"]:
        yield from of_type(stack, type_)


def beside(stack: Stack, bucket: str, type_: str) -> dict[str, Any]:
    """Return what Terraform keeps of a bucket in a resource of its own; empty if there is none."""
    for _, resource in of_type(stack, type_):
        if resource["bucket"] == f"${{{bucket}.bucket}}":
            return resource
    return {}


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text that is anywhere in the value, with the key that it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner, each in cast("dict[str, Any]", value).items():
            yield from texts(each, inner)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from texts(each, key)


def statements(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every statement of every policy document in any attribute."""
    for _, text in texts(resource):
        if text.startswith("{"):
            yield from listed(json.loads(text).get("Statement", []))


def listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


# --- the rules ----------------------------------------------------------------------------------------------------


def legible(stack: Stack) -> Judged:
    """Every policy is a literal, so that the rules below see all of it."""
    for address, resource in every_resource(stack):
        for key, text in texts(resource):
            if key.endswith("policy"):
                yield f"{address}.{key}", "" if text.startswith("{") else "not a JSON document"


def encrypted(stack: Stack) -> Judged:
    """Every queue and bucket. DynamoDB encrypts every table; for the topic checkov.toml has the reason."""
    for address, queue in of_type(stack, "aws_sqs_queue"):
        yield address, "" if queue.get("sqs_managed_sse_enabled") is True else "not encrypted"
    for address, _ in of_type(stack, "aws_s3_bucket"):
        found = beside(stack, address, "aws_s3_bucket_server_side_encryption_configuration")
        rules = found.get("rule", [{}])
        algorithm = rules[0].get("apply_server_side_encryption_by_default", {}).get("sse_algorithm")
        yield address, "" if algorithm in {"AES256", "aws:kms"} else "not encrypted"


def tls_only(stack: Stack) -> Judged:
    """Every queue, bucket and topic refuses everyone without TLS."""
    for address, queue in of_type(stack, "aws_sqs_queue"):
        yield address, "" if _refuses(queue, "sqs:*", [f":{queue['name']}"]) else "open to plain HTTP"
    for address, topic in of_type(stack, "aws_sns_topic"):
        yield address, "" if _refuses(topic, "sns:Publish", [f":{topic['name']}"]) else "open to plain HTTP"
    for address, bucket in of_type(stack, "aws_s3_bucket"):
        name = bucket["bucket"]
        policy = beside(stack, address, "aws_s3_bucket_policy")
        yield address, "" if _refuses(policy, "s3:*", [f":::{name}", f":::{name}/*"]) else "open to plain HTTP"


def _refuses(resource: dict[str, Any], action: str, ends: Sequence[str]) -> bool:
    return any(
        (each["Effect"], each.get("Principal"), each.get("Action")) == ("Deny", "*", action)
        and each.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and all(any(arn.endswith(end) for arn in listed(each["Resource"])) for end in ends)
        for each in statements(resource)
    )


def private(stack: Stack) -> Judged:
    """Every bucket blocks public access in all four ways."""
    blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    for address, _ in of_type(stack, "aws_s3_bucket"):
        found = beside(stack, address, "aws_s3_bucket_public_access_block")
        yield address, ", ".join(f"{each} is not on" for each in blocks if found.get(each) is not True)


def owned(stack: Stack) -> Judged:
    """Every bucket owns its objects, whoever wrote them, and knows no access lists."""
    for address, _ in of_type(stack, "aws_s3_bucket"):
        rule = beside(stack, address, "aws_s3_bucket_ownership_controls").get("rule", {})
        yield address, "" if rule.get("object_ownership") == "BucketOwnerEnforced" else "objects of others"


def no_wildcard(stack: Stack) -> Judged:
    """No statement allows everyone, any action, or more than it names.

    The keys of a folder and the streams of a log group are named.
    """
    named = re.compile(r"arn:aws[a-z-]*:(s3:::[^*?/]+/[^*?]+/\*|logs:[a-z0-9-]+:[0-9]{12}:log-group:[^*?:]+:\*)")
    (account,) = stack["provider"]["aws"][0]["allowed_account_ids"]
    for address, resource in every_resource(stack):
        for each in statements(resource):
            allows = each["Effect"] == "Allow"
            granted = [(key, text) for key in ("Principal", "Action", "Resource") for _, text in texts(each.get(key))]
            needed = _needed_by_a_key(each, account) if address.startswith("aws_kms_key.") else set[tuple[str, str]]()
            wild = [
                text
                for key, text in granted
                if re.search(r"[*?]", text) and not named.fullmatch(text) and (key, text) not in needed
            ]
            wild += [key for key in each if key.startswith("Not")]
            yield address, f"allows {', '.join(wild)}" if allows and wild else ""


def _needed_by_a_key(statement: dict[str, Any], account: str) -> set[tuple[str, str]]:
    """Return the wildcards that a statement of a key's policy cannot do without.

    Its resource is the key. Only the account itself has all of a key, which nobody could change otherwise.
    """
    principals = [text for _, text in texts(statement.get("Principal"))]
    is_account = len(principals) == 1 and principals[0].endswith(f":iam::{account}:root")
    return {("Resource", "*"), ("Action", "kms:*" if is_account else "kms:GenerateDataKey*")}


def services_of_this_account(stack: Stack) -> Judged:
    """No service of AWS may do anything here on behalf of another account."""
    (account,) = stack["provider"]["aws"][0]["allowed_account_ids"]
    for address, resource in every_resource(stack):
        for each in statements(resource):
            principal = each.get("Principal")
            if each["Effect"] == "Allow" and isinstance(principal, dict) and "Service" in principal:
                source = each.get("Condition", {}).get("StringEquals", {}).get("aws:SourceAccount")
                yield address, "" if source == account else "any account's service"


def one_account(stack: Stack) -> Judged:
    """No ARN is another account's."""
    (account,) = stack["provider"]["aws"][0]["allowed_account_ids"]
    for address, resource in every_resource(stack):
        for _, text in texts(resource):
            for found in re.findall(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9*]+):", text):
                yield address, "" if found == account else f"account {found}"


def state_guarded(stack: Stack) -> Judged:
    """Every state is encrypted and locked, and in the account that the provider is held to."""
    backend, provider = stack["terraform"]["backend"]["s3"], stack["provider"]["aws"][0]
    missing = [key for key in ("encrypt", "use_lockfile") if backend.get(key) is not True]
    accounts = (backend.get("allowed_account_ids"), provider.get("allowed_account_ids"))
    same = accounts[0] == accounts[1] and re.fullmatch(r"\['[0-9]{12}'\]", str(accounts[0]))
    yield "backend", ", ".join(missing) or ("" if same else f"accounts {accounts}")


def tagged(stack: Stack) -> Judged:
    """Every resource says whose it is: by the provider's tags, which none of its own displaces."""
    wanted = {"Project": "careervp", "ManagedBy": "terraform", "Owner": "careervp-platform"}
    given = stack["provider"]["aws"][0]["default_tags"][0]["tags"]
    environment = stack["terraform"]["backend"]["s3"]["key"].split("/")[0].rsplit("-", 1)[1]
    for address, resource in every_resource(stack):
        tags = {**given, **resource.get("tags", {})}
        sound = wanted.items() <= tags.items() and tags.get("Environment") == environment and tags.get("Feature")
        yield address, "" if sound else f"tagged {tags}"


RULES: list[tuple[Rule, int]] = [
    (legible, 36),
    (encrypted, 15),
    (tls_only, 16),
    (private, 7),
    (owned, 7),
    (no_wildcard, 49),
    (services_of_this_account, 1),
    (one_account, 48),
    (state_guarded, 7),
    (tagged, 83),
]


@pytest.mark.parametrize(("rule", "seen"), RULES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_rule_holds_wherever_it_applies(every_stack: Mapping[str, Stack], rule: Rule, seen: int) -> None:
    judged = {name: list(rule(stack)) for name, stack in every_stack.items()}
    assert [(name, each) for name, found in judged.items() for each in found if each[1]] == []
    assert sum(len(judged[name]) for name in SHIPPED) == seen


def test_every_resource_of_every_stack_is_among_them(every_stack: Mapping[str, Stack]) -> None:
    seen = Counter(address.split(".")[0] for name in SHIPPED for address, _ in every_resource(every_stack[name]))
    assert seen == RESOURCES


# --- each rule finds what it is for -------------------------------------------------------------------------------


def granting(**changed: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sqs:SendMessage"}
    return json.dumps({"Statement": {**statement, "Resource": "arn:aws:sqs:us-east-1:111111111111:q", **changed}})


WEAKENED: list[tuple[Rule, str, str, Any]] = [
    (legible, "aws_sqs_queue", "policy", "${data.aws_iam_policy_document.open.json}"),
    (encrypted, "aws_sqs_queue", "sqs_managed_sse_enabled", False),
    (encrypted, "aws_s3_bucket_server_side_encryption_configuration", "rule", [{}]),
    (encrypted, "aws_s3_bucket_server_side_encryption_configuration", "bucket", "another"),
    (tls_only, "aws_sqs_queue", "policy", granting()),
    (tls_only, "aws_s3_bucket_policy", "policy", granting()),
    (tls_only, "aws_sns_topic", "policy", granting()),
    (private, "aws_s3_bucket_public_access_block", "restrict_public_buckets", False),
    (private, "aws_s3_bucket_public_access_block", "bucket", "another"),
    (owned, "aws_s3_bucket_ownership_controls", "rule", {"object_ownership": "ObjectWriter"}),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Principal="*")),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Principal={"AWS": ["*"]})),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Action="sqs:*")),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Action=["sqs:SendMessage", "sqs:Get*"])),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Resource="*")),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Resource="arn:aws:s3:::bucket/*")),
    (no_wildcard, "aws_sqs_queue", "policy", granting(Resource="arn:aws:s3:::buck*/results/*")),
    (no_wildcard, "aws_sqs_queue", "policy", granting(NotAction="sqs:DeleteQueue")),
    (no_wildcard, "aws_sqs_queue", "tags", {"hidden": granting(NotPrincipal={"AWS": "x"})}),
    (services_of_this_account, "aws_sns_topic", "policy", granting(Principal={"Service": "cloudwatch.amazonaws.com"})),
    (one_account, "aws_cloudwatch_metric_alarm", "alarm_actions", ["arn:aws:sns:us-east-1:999999999999:theirs"]),
    (one_account, "aws_sqs_queue", "policy", granting(Resource="arn:aws:sqs:us-east-1:*:q")),
    (tagged, "aws_sqs_queue", "tags", {"Owner": ""}),
    (tagged, "aws_dynamodb_table", "tags", {"Environment": "prod"}),
]


@pytest.mark.parametrize(("rule", "type_", "attribute", "value"), WEAKENED)
def test_a_resource_that_is_weakened_breaks_the_rule(
    every_stack: Mapping[str, Stack], rule: Rule, type_: str, attribute: str, value: Any
) -> None:
    stack = copy.deepcopy(every_stack["with-topic-dev"])
    next(iter(stack["resource"][type_].values()))[attribute] = value
    assert sum(bool(fault) for _, fault in rule(stack)) == 1


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("encrypt", False),
        ("use_lockfile", None),
        ("allowed_account_ids", ["999999999999"]),
        ("allowed_account_ids", []),
    ],
)
def test_a_state_that_is_weakened_breaks_the_rule(every_stack: Mapping[str, Stack], attribute: str, value: Any) -> None:
    stack = copy.deepcopy(every_stack["vpr-async-dev"])
    stack["terraform"]["backend"]["s3"][attribute] = value
    assert [bool(fault) for _, fault in state_guarded(stack)] == [True]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", "arn:aws:s3:::careervp-dev/results/*"),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/worker:*"),
    ],
)
def test_the_keys_of_a_folder_and_the_streams_of_a_log_group_may_be_granted(
    every_stack: Mapping[str, Stack], action: str, resource: str
) -> None:
    """As results/ is to the worker: AWS has no other way to say it."""
    stack = copy.deepcopy(every_stack["vpr-async-dev"])
    stack["resource"]["aws_iam_policy"] = {"Worker": {"policy": granting(Action=action, Resource=resource)}}
    assert not any(fault for _, fault in no_wildcard(stack))
    assert len(list(no_wildcard(stack))) == 4


ALARMS = {"Service": "cloudwatch.amazonaws.com"}
EVERY_KEY = "arn:aws:kms:us-east-1:111111111111:key/*"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "kms:*"}, ""),
        ({"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Principal": ALARMS}, ""),
        ({"Action": "kms:*", "Principal": ALARMS}, "allows kms:*"),
        ({"Action": "kms:*", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}}, "allows kms:*"),
        ({"Action": "kms:*", "Principal": "*"}, "allows *, kms:*"),
        ({"Action": "*"}, "allows *"),
        ({"Action": "kms:Decrypt*", "Principal": ALARMS}, "allows kms:Decrypt*"),
        ({"Action": "kms:Decrypt", "Resource": EVERY_KEY}, f"allows {EVERY_KEY}"),
    ],
)
def test_a_keys_policy_has_the_wildcards_that_it_needs_and_no_others(
    every_stack: Mapping[str, Stack], statement: dict[str, Any], fault: str
) -> None:
    """Nowhere else is any of them allowed."""
    stack = copy.deepcopy(every_stack["vpr-async-dev"])
    policy = granting(**{"Resource": "*", **statement})
    stack["resource"] = {type_: {"It": {"policy": policy}} for type_ in ("aws_kms_key", "aws_sqs_queue")}
    key, queue = (found for _, found in no_wildcard(stack))
    assert key == fault
    assert queue
