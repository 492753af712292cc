"""Risks by the names of attributes: what a changed value weakens, in any provider's resource."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any, cast

from plan_review.attribute_diff import NAMING_KEYS
from plan_review.masking import as_list, as_object
from plan_review.model import Kind
from plan_review.policy_documents import canonical
from plan_review.risk_tests import (
    Test,
    added,
    any_change,
    becomes,
    fewer,
    gone,
    less,
    longer,
    lost,
    more,
    near_zero,
    off,
    older_tls,
    on,
    other,
    shorter,
    stops,
    version_lower,
    weaker,
)
from plan_review.values import is_hidden

_S, _X, _P, _A = Kind.SECURITY, Kind.EXPOSURE, Kind.PRIVILEGE, Kind.AVAILABILITY
_L, _C, _M, _U = Kind.LOSS, Kind.COST, Kind.ALARMS, Kind.CLIENTS
ENCRYPTION = "encryption would be weaker or off"
KEY = "encrypted with another key, or none of its own"
PROTECTION = "protection against deletion is taken away"
PRICE = "costs something else"
PUBLIC = "reachable by everyone"
_TLS = "older TLS would be accepted"
_NO_TLS = "TLS would not be required"
_RECORDED = "less would be recorded"
_NOTICED = "less would be noticed"
_RESTORED = "no earlier state could be had back"
_PUBLIC_BLOCK = (
    r"(?:block|ignore|restrict|prevent|deny|disallow|disable)\w*_public|public\w*_(?:block|prevent|restrict|disab)"
)
"""Names of what keeps the public out."""
_NETWORK = "it would no longer be inside that network"
_GROUPS = "what its security groups let through would change"
_ADDRESS = "it would have a public address"


@dataclass(frozen=True)
class NamedRule:
    """The meaning of an attribute that gets worse, if its path has this form."""

    pattern: re.Pattern[str]
    """Searched for in the path without indexes: access_logs.enabled."""
    worse: Test
    kind: Kind
    meaning: str
    created: bool = False
    """True if it counts on a new resource too."""


def _rule(pattern: str, worse: Test, kind: Kind, meaning: str, *, created: bool = False) -> NamedRule:
    return NamedRule(re.compile(pattern), worse, kind, meaning, created)


_NEGATED = "disab|skip|without|bypass"


def _switch(topic: str, kind: Kind, meaning: str) -> tuple[NamedRule, NamedRule]:
    """Return the rules for what protects while it is on, and for its negation, as encryption_disabled."""
    return (
        _rule(rf"^(?!.*(?:{_NEGATED})).*(?:{topic})", off, kind, meaning),
        _rule(rf"^(?=.*(?:{_NEGATED})).*(?:{topic})", on, kind, meaning),
    )


_LOG = r"(?<![a-z])(?:logs?|logging|audit|auditing)(?![a-z])"
_WATCH = r"(?<![a-z])(?:monitoring|insights|tracing|xray|metrics|alarms?|alerts?)(?![a-z])"
_INNER_PATH = r"destination|egress|outbound|route"
NAMED_RULES = (
    # What a deletion takes with it.
    _rule(r"(?:^|\.)force_(?:destroy|delete)$", on, _L, "a deletion would take all that it holds"),
    _rule(r"skip_final_(?:snapshot|backup)$", on, _L, "a deletion would leave no snapshot"),
    _rule(r"(?:^|\.)skip_final_snapshot$", on, _S, "its deletion would leave no snapshot", created=True),
    _rule(r"(?:^|[._])delete_(?:on_termination|automated_backups)$", on, _L, "a deletion would take it too"),
    _rule(
        r"(?:deletion|delete|termination|purge)_?protect|protect_from|disable_api_(?:termination|stop)"
        r"|prevent_(?:deletion|destroy)|transfer_lock|lock_enabled$",
        off,
        _S,
        PROTECTION,
    ),
    _rule(r"soft_delete|recovery_window|deletion_window", less, _S, "a deletion would be final sooner"),
    # Encryption: the key, the switch, the algorithm.
    _rule(
        r"(?:kms|cmk|customer_managed|encryption)_?(?:master_)?(?:key|arn)(?:_id|_arn|_name|_uri|_vault_key_id)?$"
        r"|kms_key|disk_encryption_set_id$|(?:^|_)crypto_key|encrypt\w*\.(?:\w+\.)*(?:key_id|key_arn|key|id)$",
        other,
        _S,
        KEY,
    ),
    *_switch(r"encrypt|(?:^|[._])sse(?:[._]|$)", _S, ENCRYPTION),
    _rule(r"encrypt|sse_", weaker, _S, ENCRYPTION),
    _rule(
        r"encrypt\w*\.(?:\w+\.)*resources$|encrypt\w*_(?:option|type|algorithm)$|security_configuration$",
        lost,
        _S,
        ENCRYPTION,
    ),
    # TLS.
    _rule(r"(?:^|\.)ssl_policy$", other, _S, "other versions and ciphers of TLS would be accepted"),
    _rule(r"tls|ssl|protocol|security_policy", older_tls, _S, _TLS),
    *_switch(r"https|(?<![a-z])tls|(?<![a-z])ssl|transit_", _S, _NO_TLS),
    _rule(
        r"protocol|tls|ssl|client_broker",
        becomes("HTTP", "allow-all", "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "PLAINTEXT", "TLS_PLAINTEXT"),
        _S,
        _NO_TLS,
    ),
    *_switch(r"verif|validat", _S, "what is forged would not be noticed"),
    _rule(r"(?<![a-z])insecure(?![a-z])|allow_http$", on, _S, _NO_TLS),
    # Who can reach it.
    _rule(
        _PUBLIC_BLOCK,
        off,
        _X,
        "the block on public access would be loosened",
    ),
    _rule(
        rf"^(?!.*(?:{_PUBLIC_BLOCK})).*(?:public(?:ly)?(?:_|$)|(?<![a-z])internet(?![a-z])|external_ip|be_public)",
        on,
        _X,
        PUBLIC,
        created=True,
    ),
    _rule(
        r"",
        becomes(
            "allUsers",
            "allAuthenticatedUsers",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "SERVICE_PROVIDED_EIPS",
        ),
        _X,
        PUBLIC,
        created=True,
    ),
    _rule(r"", becomes("public", "PUBLIC", "internet-facing", "container"), _X, PUBLIC),
    _rule(r"(?:account|member|principal|share|permission)\w*(?:\.\w+)*$", becomes("all", "All", "ALL"), _X, PUBLIC),
    _rule(r"(?:^|\.)internal$", off, _X, PUBLIC),
    _rule(rf"^(?!.*(?:{_NEGATED})).*(?:unauthenticated|anonymous|guest)", on, _X, "open without a login", created=True),
    _rule(rf"^(?=.*(?:{_NEGATED})).*(?:unauthenticated|anonymous|guest)", off, _X, "open without a login"),
    _rule(r"auth\w*(?:_type|_mode|_scheme)?$", becomes("NONE", "None", "none"), _X, "open without a login"),
    _rule(r"(?:^|\.)default_action$", becomes("Allow", "ALLOW", "allow"), _X, "open to whom no rule names"),
    _rule(r"restriction_type$", becomes("none"), _X, "open to every country"),
    _rule(
        rf"^(?!.*(?:{_INNER_PATH})).*(?:cidr|ip_range|source_(?:ip|range|address)|address_prefix|authorized_networks"
        r"|allowed?_(?:ip|address))",
        becomes("0.0.0.0/0", "::/0", "*", "Internet", "Any"),
        _X,
        "open to everyone",
        created=True,
    ),
    _rule(
        r"(?:^|[._])(?:principals?|members?|account_ids?|user_ids?)$",
        becomes("*"),
        _X,
        "open to everyone",
        created=True,
    ),
    _rule(r"origins?$", becomes("*"), _X, "every web site could read it in a visitor's browser"),
    _rule(r"^(?:\w+_)?security_group(?:_ids?|s)$", gone, _X, _GROUPS),
    _rule(r"\.(?:\w+_)?(?:subnet_ids?|security_group(?:_ids?|s))$", gone, _X, f"{_NETWORK}, or behind its groups"),
    _rule(
        r"(?:^|[._])(?:vpc_id|subnet_ids?|subnet_group_name|security_group_ids?|security_groups|private_endpoint\w*)$",
        gone,
        _X,
        _NETWORK,
    ),
    _rule(r"ip_configuration\.public_ip_address_id$", added, _X, _ADDRESS, created=True),
    _rule(r"auto_accept", on, _X, "whoever asks would be let in"),
    _rule(r"data_trace_enabled$|include_\w*(?:request|response)_body", on, _X, "requests would be copied to the log"),
    _rule(r"web_acl_(?:id|arn)$|waf_\w*(?:id|arn)$|firewall_policy\w*$", gone, _S, "requests would not be filtered"),
    # Who may do more.
    _rule(
        r"privileged|root_access|privilege_escalation|run_as_root|(?:^|[._])host_(?:network|pid)$",
        on,
        _P,
        "a program in it could do whatever its host can",
        created=True,
    ),
    _rule(r"(?:^|\.)(?:actions|verbs|permissions)$", becomes("*"), _P, "it could do everything", created=True),
    _rule(r"(?:^|\.)permissions_boundary$", other, _P, "what it may do would have another limit, or none"),
    _rule(r"(?:^|\.)permissions_boundary$", added, _U, "it could do no more than that allows"),
    _rule(r"(?:^|\.)managed_policy_arns$", longer, _P, "it could do more"),
    _rule(r"(?:^|\.)managed_policy_arns$", fewer, _U, "it could do less"),
    # How who asks is checked.
    _rule(r"iam_database_authentication_enabled$", off, _S, "passwords alone would do"),
    _rule(
        r"(?:^|[._])(?:local|basic|admin|password|shared_(?:access_)?key)_?(?:auth\w*|account|user)?_?enabled$",
        on,
        _S,
        "passwords or keys alone would do",
    ),
    *_switch(
        r"(?<![a-z])(?:auth|authentication|authorization|mfa|rbac)(?![a-z])", _S, "who asks would be checked less"
    ),
    _rule(r"http_tokens$", becomes("optional"), _S, "IMDSv1 would answer"),
    _rule(r"http_tokens$", gone, _S, "IMDSv1 would answer"),
    _rule(r"metadata_service_version$", less, _S, "IMDSv1 would answer"),
    _rule(r"hop_limit$", more, _S, "containers could read the host's credentials"),
    _rule(r"minimum_password_length$|password_reuse_prevention$", less, _S, "weaker passwords would do"),
    _rule(r"max_password_age$", more, _S, "passwords would be valid for longer"),
    _rule(r"max_password_age$", gone, _S, "passwords would never expire"),
    *_switch(r"(?:^|[._])(?:require|enforce)_|_required$", _S, "a requirement would be dropped"),
    *_switch(r"isolation|enhanced_vpc_routing", _S, "its traffic would leave its own network"),
    _rule(r"code_signing|guardrail_identifier", gone, _S, "what it runs would be checked less"),
    *_switch(r"rotation|rotate", _S, "it would not be rotated"),
    *_switch(
        r"minor_version_upgrade|allow_version_upgrade|auto_upgrade|automatic_\w*(?:upgrade|update)|auto_patch",
        _S,
        "patches would not be installed",
    ),
    _rule(r"(?:runtime|(?:engine|kubernetes|cluster|platform)_version)$", version_lower, _S, "an older version"),
    # What is recorded, and who is told.
    *_switch(_LOG, _S, _RECORDED),
    _rule(_LOG, weaker, _S, _RECORDED),
    _rule(_LOG, becomes("NONE", "OFF"), _S, _RECORDED),
    _rule(
        rf"{_LOG}.*(?:arn|bucket|group|group_name|destinations?|exports?|types?|level)$|{_LOG}$", lost, _S, _RECORDED
    ),
    *_switch(_WATCH, _M, _NOTICED),
    _rule(_WATCH, stops, _M, _NOTICED),
    _rule(
        rf"{_WATCH}.*(?:arns?|topics?)$|notification_(?:arns?|topic\w*)$|sns_topic\w*$",
        lost,
        _M,
        "fewer would be told",
    ),
    # How long data and its copies are kept.
    _rule(r"(?:^|\.)backup_retention_period$", less, _L, "backups would be kept for a shorter time"),
    _rule(
        r"(?:backup|recovery)\w*_(?:retention|retained)|retention_limit$|snapshot_retention|backtrack_window$",
        less,
        _L,
        "snapshots would be kept for a shorter time",
    ),
    _rule(
        r"retention_in_days$|^(?!.*(?:backup|snapshot)).*(?<![a-z])retention_(?:period|days|hours)$",
        shorter,
        _L,
        "what is older would be deleted",
    ),
    _rule(r"retention_in_days$", gone, _C, "everything would be kept for ever"),
    *_switch(r"(?<!to_)(?:backup|snapshot|point_in_time|(?<![a-z])pitr)\w*(?:\.\w+)?$|versioning", _S, _RESTORED),
    # What answers, and how much.
    _rule(r"(?:^|\.)multi_az$", off, _A, "no stand-by in another zone"),
    *_switch(r"zone_redundan|cross_zone|high_availab|failover", _A, "the loss of one zone would be felt"),
    *_switch(r"cach(?:e|ing)_?\w*enabled$|ebs_optimized", _A, "it would answer more slowly"),
    _rule(r"(?:^|\.)(?:desired_count|min_size)$", less, _A, "fewer would run"),
    _rule(
        r"(?<!min_)(?:capacity|concurren\w*|throughput|rate_limit|burst_limit|request_units|quota\w*"
        r"|max_(?:size|instances|connections|replicas))$",
        near_zero,
        _U,
        "nearly every request would be refused",
    ),
    _rule(r"dead_letter|(?<![a-z])dlq", gone, _A, "events that fail would go nowhere"),
    _rule(r"^(?:enabled|is_enabled|enable|state|status)$", off, _A, "it would be switched off"),
    # Price.
    _rule(
        r"^(?:instance_type|instance_class|node_type|storage_class|storage_type|allocated_storage|iops|throughput)$",
        any_change,
        _C,
        PRICE,
    ),
)
"""The rules, in the order in which they are tried: of one attribute the first that fires is told."""

ENCRYPTS = frozenset({"encrypted", "storage_encrypted", "at_rest_encryption_enabled", "encryption_at_rest"})
"""Attributes that say of a new resource whether what it holds is encrypted."""
FOR_PEOPLE = frozenset({"tags", "tags_all", "labels", "description", "comment", "annotations", "timeouts"})
"""Attributes that people write for people: no rule is for them."""
_REFUSING = ("access", "rule_action", "action")
_REFUSALS = {"deny", "block", "drop", "reject"}
_SENDERS = re.compile(r"cidr|address|prefix|source|ranges")
_DEEPEST_RULE = 8
"""Blocks within blocks in which a network's rules are looked for."""
_SCALARS = frozenset((bool, int, float, str, type(None)))


def admitting(value: Any, depth: int = 0) -> Any:
    """Return a value without the rules of a network that refuse, or that let something out: nobody gets in by those."""
    if type(value) in _SCALARS or depth > _DEEPEST_RULE:
        return value
    if isinstance(value, dict):
        values = cast("dict[str, Any]", value)
        return {} if refuses(values) else {key: admitting(each, depth + 1) for key, each in values.items()}
    return [admitting(each, depth + 1) for each in as_list(value)] if _are_blocks(value) else value


def refuses(values: Mapping[str, Any]) -> bool:
    """Return True if a resource, or a block of one, is a rule of a network that lets nobody in."""
    if not any(_SENDERS.search(key) for key in values):
        return False
    said = {str(values.get(key)).lower() for key in _REFUSING}
    outward = str(values.get("direction")).lower() in {"outbound", "egress"}
    return bool(said & _REFUSALS) or outward or bool(values.get("deny") and not values.get("allow"))


@cache
def rules_for(name: str) -> tuple[NamedRule, ...]:
    """Return the rules for an attribute, given its path without indexes, in their order."""
    return tuple(rule for rule in NAMED_RULES if rule.pattern.search(name))


@cache
def rules_for_new(name: str) -> tuple[NamedRule, ...]:
    """Return those of `rules_for` that judge a new resource too."""
    return tuple(rule for rule in rules_for(name) if rule.created)


def leaves(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield the scalars, and lists of them, in which two values differ; of a block that comes or goes, each."""
    if type(before) in _SCALARS and type(after) in _SCALARS:
        if before is not after and (before != after or type(before) is not type(after)):
            yield path, before, after
    elif is_hidden(before) or is_hidden(after):
        if before != after:
            yield path, before, after
    elif isinstance(before, dict) or isinstance(after, dict):
        one, other_ = as_object(before), as_object(after)
        for key in {**one, **other_}:
            yield from leaves(one.get(key), other_.get(key), (*path, str(key)))
    elif _are_blocks(before) or _are_blocks(after):
        for one, other_ in _paired(as_list(before), as_list(after)):
            yield from leaves(one, other_, path)
    elif before is not after and (before != after or type(before) is not type(after)):
        yield path, before, after


def _are_blocks(value: Any) -> bool:
    return any(isinstance(each, dict) for each in as_list(value))


def _paired(before: list[Any], after: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the blocks that are not on both sides: those of one name together, the others as they come."""
    if not before or not after:
        yield from zip_longest(before, after)
        return
    ours, theirs = ({canonical(each): each for each in side} for side in (before, after))
    gone_, new = (
        {_name(each) or place: each for place, each in enumerate(side)}
        for side in (
            [each for key, each in ours.items() if key not in theirs],
            [each for key, each in theirs.items() if key not in ours],
        )
    )
    yield from ((gone_.get(key), new.get(key)) for key in {**gone_, **new})


def _name(block: Any) -> str:
    found = (as_object(block).get(key) for key in NAMING_KEYS)
    return next((name for name in found if isinstance(name, str) and name), "")
