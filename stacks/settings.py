"""One environment's settings: a TOML file with a table for each feature."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NewType

import attrs

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from check_report.toml_file import read_toml
from config.environments import SETTINGS_DIRECTORY, Environment
from config.tables import Kind, Tables, choice, text, whole_number
from constructs_lib.names import Service, name_fault
from stacks.regions import partitions_by_region

if TYPE_CHECKING:
    from stacks.feature import Feature

MAX_FILE_BYTES = 65_536
MAX_TAGS = 40
"""AWS allows 50 a resource; the rest is left to the tags that the stack and the reader of the bill add."""
RESERVED_TAG_KEYS = frozenset({"project", "feature", "environment", "managedby"})

AccountId = NewType("AccountId", str)
Region = NewType("Region", str)
NameSuffix = NewType("NameSuffix", str)
BucketName = NewType("BucketName", str)
QueueName = NewType("QueueName", str)
TableName = NewType("TableName", str)
FunctionName = NewType("FunctionName", str)
FunctionTimeoutSeconds = NewType("FunctionTimeoutSeconds", int)
TopicArn = NewType("TopicArn", str)
EmailAddress = NewType("EmailAddress", str)
TagKey = NewType("TagKey", str)
TagValue = NewType("TagValue", str)
Flag = NewType("Flag", bool)
OFF = Flag(False)  # noqa: FBT003 - a type has no keywords


class DataProtection(StrEnum):
    """Terraform's rights over the tables and buckets that hold data."""

    RETAIN = "retain"
    DESTROY = "destroy"


class HandlerPolicies(StrEnum):
    """Forms in which the handlers' access is handed over."""

    MANAGED = "managed"
    """As managed policies, to be attached to the handlers' roles."""
    DOCUMENTS = "documents"
    """As documents among the outputs, where an environment's policies are made by others."""


@attrs.frozen(kw_only=True)
class Settings:
    """One environment's settings, valid as a whole."""

    environment: Environment
    account_id: AccountId
    region: Region
    state_bucket: BucketName
    data_protection: DataProtection
    holds_customer_data: Flag = Flag(True)  # noqa: FBT003 - a type has no keywords
    """True if its data is kept whatever data_protection says: a loss is refused, and a destroy confirmed by name."""
    serves_customers: Flag = Flag(True)  # noqa: FBT003 - a type has no keywords
    """True if customers notice what is done in it: `make smoke` asks for a word more before it writes to AWS."""
    tags: dict[TagKey, TagValue] = attrs.field(factory=dict[TagKey, TagValue])
    features: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """Each feature's own table, by its key."""

    @property
    def retains_data(self) -> bool:
        """True if no plan may delete what tables and buckets hold."""
        return self.data_protection is DataProtection.RETAIN

    @property
    def keeps_data(self) -> bool:
        """True if the environment's data is kept: always where customers' data is, elsewhere if protected."""
        return self.retains_data or self.holds_customer_data


_COMMON = {field.name: field for field in attrs.fields(Settings) if field.name != "features"}


def read_settings(
    environment: Environment, features: Iterable["Feature"], *, directory: Path = SETTINGS_DIRECTORY
) -> Settings:
    """Read and check `<directory>/<environment>.toml`, which has a table for each feature that has settings.

    Raises InvalidInputError with every error of the file: the file, the key, the value given and what is allowed.
    """
    path = directory / f"{environment}.toml"
    shown = f"{directory.name}/{path.name}"
    missing = "each environment needs one, see README.md"
    raw = read_toml(path, shown, most_bytes=MAX_FILE_BYTES, what="settings", missing=missing)
    if "environment" in raw:
        raise InvalidInputError([f"{shown}: environment: unknown key; the file's name says which environment it is"])
    features = tuple(features)
    tables, file = _file(features)
    found = tables.read(raw, file, shown=shown, given={"environment": environment})
    settings = Settings(
        **{name: getattr(found, name) for name in _COMMON},
        features={feature.key: getattr(found, feature.key) for feature in features if feature.settings is not None},
    )
    faults = [*_tag_faults(settings), *(fault for feature in features for fault in feature.faults(settings))]
    if faults:
        raise InvalidInputError([f"{shown}: {fault}" for fault in faults])
    return settings


@cache
def _file(features: "tuple[Feature, ...]") -> tuple[Tables, type[Any]]:
    """Return the class of a settings file, which has the features' tables beside its own keys, and its reader."""
    own = {feature.key: feature.settings for feature in features if feature.settings is not None}
    file = attrs.make_class(
        "File",
        {
            **{name: attrs.field(type=field.type, default=field.default) for name, field in _COMMON.items()},
            **{key: attrs.field(type=type_) for key, type_ in own.items()},
        },
        frozen=True,
        kw_only=True,
    )
    inner = [table for feature in features for table in feature.settings_tables]
    return Tables(_KINDS, (*inner, file), {dict[TagKey, TagValue]: MAX_TAGS}), file


def _tag_faults(settings: Settings) -> Iterator[str]:
    seen: dict[str, str] = {}
    for key in settings.tags:
        if (other := seen.setdefault(key.casefold(), key)) != key:
            yield (
                f"tags: {shown_value(other)} and {shown_value(key)} differ in case alone, and IAM takes them for one; "
                "allowed: one of them"
            )


def _name_kind(service: Service) -> Kind:
    rule = service.value
    return Kind(
        f"{rule.min_length} to {rule.max_length} characters: {rule.alphabet}",
        lambda value: isinstance(value, str) and name_fault(service, value) is None,
    )


_TAG_TEXT = r"[\w .:/=+@-]"

_KINDS: dict[Any, Kind] = {
    AccountId: Kind('an AWS account id: 12 digits in quotes, like "111111111111"', text(r"[0-9]{12}")),
    Region: Kind(
        'an AWS region that Terraform knows, like "us-east-1"',
        lambda value: isinstance(value, str) and value in partitions_by_region(),
    ),
    NameSuffix: Kind('six hexadecimal digits in quotes, like "0a1b2c"', text(r"[0-9a-f]{6}")),
    BucketName: _name_kind(Service.S3_BUCKET),
    QueueName: _name_kind(Service.SQS_QUEUE),
    TableName: _name_kind(Service.DYNAMODB_TABLE),
    FunctionName: _name_kind(Service.LAMBDA_FUNCTION),
    FunctionTimeoutSeconds: Kind("a whole number of seconds from 1 to 900, Lambda's limit", whole_number(1, 900)),
    TopicArn: Kind(
        'the ARN of a standard SNS topic, like "arn:aws:sns:us-east-1:111111111111:ops"',
        lambda value: (
            text(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")(value)
            and partitions_by_region().get(value.split(":")[3]) == value.split(":")[1]
        ),
    ),
    EmailAddress: Kind(
        'an e-mail address, like "ops@example.com"',
        text(r"(?=.{6,254}$)[A-Za-z0-9.!#%&'*+/=?^_~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    ),
    TagKey: Kind(
        "1 to 128 letters, digits, spaces and . : / = + - _ @, not beginning with aws:, "
        "and not Project, Feature, Environment or ManagedBy, which the stack sets itself",
        lambda value: text(rf"(?!(?i:aws:)){_TAG_TEXT}{{1,128}}")(value) and value.casefold() not in RESERVED_TAG_KEYS,
    ),
    TagValue: Kind(
        "text in quotes: up to 256 letters, digits, spaces and . : / = + - _ @", text(rf"{_TAG_TEXT}{{0,256}}")
    ),
    DataProtection: choice(DataProtection),
    HandlerPolicies: choice(HandlerPolicies),
    Flag: Kind("true or false, without quotes", lambda value: isinstance(value, bool)),
    Environment: Kind("an environment", lambda value: isinstance(value, str)),
}
