"""Private S3 buckets, with lifecycle rules by prefix."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_cors_configuration import (
    S3BucketCorsConfiguration,
    S3BucketCorsConfigurationCorsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import S3BucketLifecycleConfiguration
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.grants import Grant
from constructs_lib.lifecycle import LifecycleRule, check_rules, configurations, prefix_fault
from constructs_lib.names import Service, name_faults
from constructs_lib.policies import deny_insecure_transport, policy
from constructs_lib.validation import Checks

_MAX_CORS = 100
"""Amazon S3 User Guide, "Elements of a CORS configuration"; so are the methods and the wildcards."""
_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
_MAX_AGE_SECONDS = 24 * 60 * 60
"""The longest that a browser keeps an answer, Firefox (MDN, Access-Control-Max-Age)."""
_ORIGIN = re.compile(r"https://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?|http://localhost(:(\*|[0-9]{1,5}))?")
_ALLOWED_PREFIX = "allowed: a prefix that ends in /, without * ? and $"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'+.^_`|~-]+")


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Requests that a browser lets the pages of some sites send to a bucket.

    origins: `https://` and a host, which may begin with `*.`; for development `http://localhost`, with a port or `:*`.
    No other wildcard, because a private bucket has readers that you know.
    methods: of GET, PUT, POST, DELETE and HEAD.
    headers: of a request, with at most one `*` in each. None unless given, besides those that need no permission.
    exposed_headers: of an answer, like ETag, which a page may read. None unless given.
    max_age_seconds: how long a browser keeps this permission, 0 to 86,400, Firefox's maximum. The browser decides
    unless given.
    """

    origins: Sequence[str]
    methods: Sequence[Literal["GET", "PUT", "POST", "DELETE", "HEAD"]]
    headers: Sequence[str] = ()
    exposed_headers: Sequence[str] = ()
    max_age_seconds: int | None = None


class Bucket(Construct):
    """A bucket that is encrypted with S3's own keys, private, TLS-only and without access lists.

    Uploads that were never completed are deleted after a day, because nobody sees or resumes them.

    name, arn: literals. bucket: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the bucket
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        account: Account,
        rules: Sequence[LifecycleRule] = (),
        kept_prefixes: Sequence[str] = (),
        versioned: bool = False,
        cors: Sequence[Cors] = (),
        retain_data: bool = True,
    ) -> None:
        """Make the bucket.

        rules: what expires or moves to another storage class, and when. No object does unless given.
        kept_prefixes: no rule may let objects under these prefixes expire; each ends in a slash. S3 knows no such
        exception, so a rule for the whole bucket is refused. Old versions of them expire as the rules say.
        versioned: S3 keeps what is overwritten or deleted, until an ExpireOldVersions deletes it.
        cors: the sites whose pages may send requests from a browser. None unless given.
        retain_data: Terraform refuses every plan that would delete the bucket. Without it a destroy deletes the bucket
        with all that it holds.

        Raises InvalidConstructError with every value that S3 refuses, and every rule that it would not apply.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.faults += name_faults("name", Service.S3_BUCKET, name)
        check_rules(checks, rules, kept_prefixes=kept_prefixes, versioned=versioned)
        checks.that(len(cors) <= _MAX_CORS, f"cors: {len(cors)}; allowed: at most {_MAX_CORS}")
        for number, each in enumerate(cors, 1):
            _check_cors(checks, f"cors {number}", each)
        checks.raise_faults(self)

        self.name = name
        self.arn = account.bucket_arn(name)
        self.bucket = S3Bucket(
            self,
            "Bucket",
            bucket=name,
            force_destroy=not retain_data,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if retain_data else None,
        )
        # The attribute `bucket`, unlike `id`, is known when planning, and still says that the bucket comes first.
        bucket = self.bucket.bucket
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "Encryption",
            bucket=bucket,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
        )
        public_access = S3BucketPublicAccessBlock(
            self,
            "PublicAccess",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketOwnershipControls(
            self,
            "Ownership",
            bucket=bucket,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        S3BucketPolicy(
            self,
            "Policy",
            bucket=bucket,
            policy=policy(deny_insecure_transport(action="s3:*", resources=[self.arn, f"{self.arn}/*"])),
            # S3 refuses two changes of a bucket's access at the same time.
            depends_on=[public_access],
        )
        versioning = (
            S3BucketVersioningA(
                self,
                "Versioning",
                bucket=bucket,
                versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
            )
            if versioned
            else None
        )
        S3BucketLifecycleConfiguration(
            self,
            "Lifecycle",
            bucket=bucket,
            rule=configurations(rules),
            # Rules on versions mean nothing before there are any.
            depends_on=[versioning] if versioning else None,
        )
        if cors:
            S3BucketCorsConfiguration(self, "Cors", bucket=bucket, cors_rule=[_cors_rule(each) for each in cors])

    def read(self, prefix: str = "") -> Grant:
        """Return the grant to read objects: those under a prefix that ends in a slash, or all.

        A key that is not there is answered with 403, and with 404 only to who may list the whole bucket.
        Raises InvalidConstructError for another prefix, as each of these grants does.
        """
        return self._objects(prefix, "s3:GetObject")

    def write(self, prefix: str = "") -> Grant:
        """Return the grant to write objects: those under a prefix that ends in a slash, or all."""
        return self._objects(prefix, "s3:PutObject")

    def delete(self, prefix: str = "") -> Grant:
        """Return the grant to delete objects, no old versions: those under a prefix that ends in a slash, or all."""
        return self._objects(prefix, "s3:DeleteObject")

    def list(self, prefix: str = "") -> Grant:
        """Return the grant to list keys: those under a prefix that ends in a slash, if the request names it, or all."""
        self._check(prefix)
        condition = {"StringLike": {"s3:prefix": f"{prefix}*"}} if prefix else None
        return Grant(actions=("s3:ListBucket",), resource=self.arn, condition=condition)

    def _objects(self, prefix: str, *actions: str) -> Grant:
        self._check(prefix)
        return Grant(actions=actions, resource=f"{self.arn}/{prefix}*")

    def _check(self, prefix: str) -> None:
        checks = Checks()
        # IAM reads ? as any character and $ as the beginning of a variable.
        fault = prefix_fault(prefix) if prefix.endswith("/") and not set(prefix) & set("?$") else _ALLOWED_PREFIX
        checks.that(not prefix or fault is None, f'prefix = "{prefix}": {fault}')
        checks.raise_faults(self)


def _cors_rule(cors: Cors) -> S3BucketCorsConfigurationCorsRule:
    return S3BucketCorsConfigurationCorsRule(
        allowed_origins=[*cors.origins],
        allowed_methods=[*cors.methods],
        allowed_headers=[*cors.headers] or None,
        expose_headers=[*cors.exposed_headers] or None,
        max_age_seconds=cors.max_age_seconds,
    )


def _check_cors(checks: Checks, label: str, cors: Cors) -> None:
    for key, values in (("origins", cors.origins), ("methods", cors.methods)):
        checks.that(bool(values), f"{label}: {key}: none; allowed: at least one")
    for origin in cors.origins:
        checks.that(
            _ORIGIN.fullmatch(origin) is not None,
            f'{label}: origin "{origin}"; allowed: https:// and a host in lower case, which may begin with *. and end '
            "in a port, without a path; or http://localhost, with a port or :* for any",
        )
    for method in cors.methods:
        checks.that(method in _METHODS, f'{label}: method "{method}"; allowed: {", ".join(_METHODS)}')
    for header in cors.headers:
        checks.that(
            header == "*" or _HEADER.fullmatch(header.replace("*", "", 1)) is not None,
            f'{label}: header "{header}"; allowed: a header\'s name, with at most one *',
        )
    for header in cors.exposed_headers:
        checks.that(
            _HEADER.fullmatch(header) is not None,
            f'{label}: exposed header "{header}"; allowed: a header\'s name, without *',
        )
    if cors.max_age_seconds is not None:
        checks.within(f"{label}: max_age_seconds", cors.max_age_seconds, 0, _MAX_AGE_SECONDS)
