"""Lifecycle rules of S3 buckets, and the combinations of them that S3 refuses or would not apply.

Sources: Amazon S3 User Guide, "Lifecycle configuration elements" (numbers of rules and versions, length of ids),
"Transitioning objects" (storage classes and days) and "How Amazon S3 handles conflicts in lifecycle configurations".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import permutations

from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionTransition,
    S3BucketLifecycleConfigurationRuleTransition,
)

from constructs_lib.validation import Checks

_MAX_DAYS = 2_147_483_647
_MAX_RULES = 1000
_MAX_ID = 255
_MAX_KEPT = 100
"""Old versions that a rule can keep."""
_MAX_KEY_BYTES = 1024
_IA_DAYS = 30
"""Days before an object may move to an IA class, and before it may leave one."""
_INCOMPLETE_UPLOADS = "AbortIncompleteUploads"
_INCOMPLETE_UPLOAD_DAYS = 1


class StorageClass(Enum):
    """The storage classes that a rule can move objects to."""

    STANDARD_IA = "STANDARD_IA"
    INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
    ONEZONE_IA = "ONEZONE_IA"
    GLACIER_IR = "GLACIER_IR"
    GLACIER = "GLACIER"
    DEEP_ARCHIVE = "DEEP_ARCHIVE"


_IA = (StorageClass.STANDARD_IA, StorageClass.ONEZONE_IA)
_ARCHIVES = frozenset({StorageClass.GLACIER, StorageClass.DEEP_ARCHIVE})
_SUPPORTED = {
    StorageClass.STANDARD_IA: {
        StorageClass.INTELLIGENT_TIERING,
        StorageClass.ONEZONE_IA,
        StorageClass.GLACIER_IR,
        *_ARCHIVES,
    },
    StorageClass.INTELLIGENT_TIERING: {StorageClass.ONEZONE_IA, StorageClass.GLACIER_IR, *_ARCHIVES},
    StorageClass.ONEZONE_IA: _ARCHIVES,
    StorageClass.GLACIER_IR: _ARCHIVES,
    StorageClass.GLACIER: {StorageClass.DEEP_ARCHIVE},
    StorageClass.DEEP_ARCHIVE: frozenset[StorageClass](),
}
"""The classes that S3 moves an object to, by the class that it has; every class can follow S3 Standard."""


@dataclass(frozen=True, kw_only=True)
class LifecycleRule:
    """A rule for the objects whose keys begin with a prefix; for the whole bucket unless a prefix is given.

    id: up to 255 characters; made of the rule's kind and prefix unless given.
    """

    days: int
    prefix: str = ""
    id: str | None = None

    @property
    def kind(self) -> str:
        """Return what the rule does. One prefix has at most one rule of a kind."""
        return type(self).__name__

    @property
    def name(self) -> str:
        """Return the id, given or made."""
        if self.id is not None:
            return self.id
        return f"{self.kind}-{self.prefix}" if self.prefix else self.kind

    def configuration(self) -> S3BucketLifecycleConfigurationRule:
        """Return the rule in Terraform's form."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Expire(LifecycleRule):
    """Deletes objects some days after they were written; at least 1.

    In a bucket with versions the object becomes an old version, which an ExpireOldVersions has to delete.
    """

    def configuration(self) -> S3BucketLifecycleConfigurationRule:
        """Return the rule in Terraform's form."""
        return S3BucketLifecycleConfigurationRule(
            id=self.name,
            status="Enabled",
            filter=_filter(self.prefix),
            expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=self.days)],
        )


@dataclass(frozen=True, kw_only=True)
class Transition(LifecycleRule):
    """Moves objects to another storage class some days after they were written.

    days: at least 30 for STANDARD_IA and ONEZONE_IA, at least 0 for other classes.
    """

    storage_class: StorageClass

    @property
    def kind(self) -> str:
        """Return what the rule does."""
        return f"TransitionTo-{self.storage_class.value}"

    def configuration(self) -> S3BucketLifecycleConfigurationRule:
        """Return the rule in Terraform's form."""
        return S3BucketLifecycleConfigurationRule(
            id=self.name,
            status="Enabled",
            filter=_filter(self.prefix),
            transition=[
                S3BucketLifecycleConfigurationRuleTransition(days=self.days, storage_class=self.storage_class.value)
            ],
        )


@dataclass(frozen=True, kw_only=True)
class ExpireOldVersions(LifecycleRule):
    """Deletes versions some days after they were replaced or deleted, at least 1, and then the deletion's marker.

    keep: the number of an object's newest old versions that stay for ever, 1 to 100; also of a deleted object. None
    unless given.
    """

    keep: int | None = None

    def configuration(self) -> S3BucketLifecycleConfigurationRule:
        """Return the rule in Terraform's form."""
        return S3BucketLifecycleConfigurationRule(
            id=self.name,
            status="Enabled",
            filter=_filter(self.prefix),
            noncurrent_version_expiration=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                    noncurrent_days=self.days, newer_noncurrent_versions=self.keep
                )
            ],
            expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
        )


@dataclass(frozen=True, kw_only=True)
class TransitionOldVersions(LifecycleRule):
    """Moves versions to another storage class some days after they were replaced or deleted.

    days: as Transition's.
    keep: the number of an object's newest old versions that stay where they are, 1 to 100. None unless given.
    """

    storage_class: StorageClass
    keep: int | None = None

    @property
    def kind(self) -> str:
        """Return what the rule does."""
        return f"TransitionOldVersionsTo-{self.storage_class.value}"

    def configuration(self) -> S3BucketLifecycleConfigurationRule:
        """Return the rule in Terraform's form."""
        return S3BucketLifecycleConfigurationRule(
            id=self.name,
            status="Enabled",
            filter=_filter(self.prefix),
            noncurrent_version_transition=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionTransition(
                    noncurrent_days=self.days,
                    newer_noncurrent_versions=self.keep,
                    storage_class=self.storage_class.value,
                )
            ],
        )


_OF_OLD_VERSIONS = (ExpireOldVersions, TransitionOldVersions)
_MOVES = (Transition, TransitionOldVersions)


def configurations(rules: Sequence[LifecycleRule]) -> list[S3BucketLifecycleConfigurationRule]:
    """Return the rules in Terraform's form, with the one that every bucket has."""
    return [
        *(rule.configuration() for rule in rules),
        S3BucketLifecycleConfigurationRule(
            id=_INCOMPLETE_UPLOADS,
            status="Enabled",
            filter=_filter(""),
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=_INCOMPLETE_UPLOAD_DAYS
                )
            ],
        ),
    ]


def prefix_fault(prefix: str) -> str | None:
    """Return what is wrong with a prefix of keys, or None."""
    length = len(prefix.encode())
    if length > _MAX_KEY_BYTES:
        return f"{length} bytes long; allowed: at most {_MAX_KEY_BYTES} bytes of UTF-8"
    if prefix.startswith("/") or "*" in prefix:
        return "no key begins so, for S3 reads it literally; allowed: a prefix without / at its beginning and without *"
    return None


def check_rules(
    checks: Checks, rules: Sequence[LifecycleRule], *, kept_prefixes: Sequence[str], versioned: bool
) -> None:
    """Check each rule, and the rules against each other, the kept prefixes and the bucket's versions."""
    most = _MAX_RULES - 1
    checks.that(
        len(rules) <= most,
        f"rules: {len(rules)}; allowed: at most {most}, S3's {_MAX_RULES} without {_INCOMPLETE_UPLOADS}",
    )
    for rule in rules:
        _check_values(checks, rule)
        _check_versions(checks, rule, rules, versioned=versioned)
    for name, times in Counter([_INCOMPLETE_UPLOADS, *(rule.name for rule in rules)]).items():
        checks.that(times == 1, f'rule "{name}": {times} rules have this id; allowed: 1')
    for (kind, prefix), times in Counter((rule.kind, rule.prefix) for rule in rules).items():
        checks.that(times == 1, f"rules: {times} of {kind} for {_objects(prefix)}; allowed: 1")
    for first, second in permutations(rules, 2):
        if _covers(first, second) and (first.kind, first.prefix) != (second.kind, second.prefix):
            _check_pair(checks, first, second)
    _check_kept(checks, rules, kept_prefixes)


def _filter(prefix: str) -> list[S3BucketLifecycleConfigurationRuleFilter]:
    # Terraform and S3 want a filter also where it is empty.
    return [S3BucketLifecycleConfigurationRuleFilter(prefix=prefix)]


def _covers(first: LifecycleRule, second: LifecycleRule) -> bool:
    return second.prefix.startswith(first.prefix)


def _objects(prefix: str) -> str:
    return f'"{prefix}"' if prefix else "the whole bucket"


def _check_values(checks: Checks, rule: LifecycleRule) -> None:
    label = f'rule "{rule.name}"'
    checks.that(
        1 <= len(rule.name) <= _MAX_ID,
        f"{label}: the id has {len(rule.name)} characters; allowed: 1 to {_MAX_ID}, so give it an id",
    )
    fault = prefix_fault(rule.prefix)
    checks.that(fault is None, f'{label}: prefix = "{rule.prefix}": {fault}')
    least = 1
    if isinstance(rule, _MOVES):
        least = _IA_DAYS if rule.storage_class in _IA else 0
    checks.within(f"{label}: days", rule.days, least, _MAX_DAYS)
    if isinstance(rule, _OF_OLD_VERSIONS) and rule.keep is not None:
        checks.within(f"{label}: keep", rule.keep, 1, _MAX_KEPT)


def _check_versions(checks: Checks, rule: LifecycleRule, rules: Sequence[LifecycleRule], *, versioned: bool) -> None:
    if isinstance(rule, _OF_OLD_VERSIONS):
        checks.that(
            versioned, f'rule "{rule.name}": the bucket has no old versions; allowed: in a bucket with versioned=True'
        )
    if isinstance(rule, Expire) and versioned:
        checks.that(
            any(isinstance(each, ExpireOldVersions) and _covers(each, rule) for each in rules),
            f'rule "{rule.name}": hides objects and deletes none, because each stays as an old version; '
            f"allowed: with an ExpireOldVersions for {_objects(rule.prefix)}",
        )


def _check_pair(checks: Checks, first: LifecycleRule, second: LifecycleRule) -> None:
    """Check that a rule leaves something to do for a second one, whose objects it covers."""
    if isinstance(first, _OF_OLD_VERSIONS) is not isinstance(second, _OF_OLD_VERSIONS):
        return
    if isinstance(first, _MOVES) and isinstance(second, _MOVES):
        _check_moves(checks, first, second)
    elif not isinstance(first, _MOVES):
        checks.that(
            not _comes_first(first, second),
            f'rule "{second.name}": days = {second.days}: never applies, because rule "{first.name}" deletes its '
            f"objects after {first.days} days; {_ways_out(first, second)}",
        )


def _check_moves(
    checks: Checks, first: Transition | TransitionOldVersions, second: Transition | TransitionOldVersions
) -> None:
    label = f'rule "{second.name}": days = {second.days}'
    from_, to = first.storage_class, second.storage_class
    supported = to in _SUPPORTED[from_]
    checks.that(
        supported or not _comes_first(first, second),
        f'{label}: never applies, because rule "{first.name}" moves its objects to {from_.value} after '
        f"{first.days} days, and S3 moves none from there to {to.value}; {_ways_out(first, second)}",
    )
    stay = first.days + _IA_DAYS
    checks.that(
        not (supported and from_ in _IA and first.prefix == second.prefix and first.days <= second.days < stay),
        f'{label}: less than {_IA_DAYS} days after rule "{first.name}", which moves the same objects to {from_.value} '
        f"after {first.days}; allowed: at least {stay}",
    )


def _comes_first(first: LifecycleRule, second: LifecycleRule) -> bool:
    """Return True if the first rule acts on all that the second one would act on, and no later."""
    return first.days <= second.days and _kept(first) <= _kept(second)


def _kept(rule: LifecycleRule) -> int:
    return (rule.keep or 0) if isinstance(rule, _OF_OLD_VERSIONS) else 0


def _ways_out(first: LifecycleRule, second: LifecycleRule) -> str:
    narrower = f' or a prefix of rule "{first.name}" that does not cover "{second.prefix}"'
    return f"allowed: fewer than {first.days}{narrower if first.prefix != second.prefix else ''}"


def _check_kept(checks: Checks, rules: Sequence[LifecycleRule], kept_prefixes: Sequence[str]) -> None:
    for kept in kept_prefixes:
        fault = prefix_fault(kept) if kept.endswith("/") else "allowed: a prefix that ends in /"
        checks.that(fault is None, f'kept_prefixes: "{kept}": {fault}')
        for rule in rules:
            if not isinstance(rule, Expire):
                continue
            label = f'rule "{rule.name}": prefix = "{rule.prefix}"'
            checks.that(
                not kept.startswith(rule.prefix),
                f'{label}: covers the kept prefix "{kept}", and S3\'s rules know no exceptions; allowed: a rule for '
                f'each prefix that expires, like Expire(prefix="exports/", days={rule.days})',
            )
            checks.that(
                kept == rule.prefix or not rule.prefix.startswith(kept),
                f'{label}: lies under the kept prefix "{kept}"; allowed: a prefix beside it',
            )
