"""One environment's settings: a TOML file, checked whole, so that every fault of it is named at once.

attrs and cattrs do the work because jsii has loaded them already; a richer library would cost every synthesis
a tenth of a second.
"""

import json
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NewType

import attrs
import cattrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from check_report.printable import without_commands
from config.errors import InvalidInputError
from config.names import Names, Service, name_fault, vpr_names
from config.regions import partitions_by_region
from config.request import PROJECT_ROOT, Environment
from config.toml_file import read_toml

SETTINGS_DIRECTORY = PROJECT_ROOT / "environments"
MAX_FILE_BYTES = 65_536
MAX_TAGS = 40
"""AWS allows 50 a resource; the rest is left to the tags that the stack and the reader of the bill add."""
RESERVED_TAG_KEYS = frozenset({"project", "feature", "environment", "managedby"})

AccountId = NewType("AccountId", str)
Region = NewType("Region", str)
NameSuffix = NewType("NameSuffix", str)
BucketName = NewType("BucketName", str)
FunctionName = NewType("FunctionName", str)
FunctionTimeoutSeconds = NewType("FunctionTimeoutSeconds", int)
TopicArn = NewType("TopicArn", str)
EmailAddress = NewType("EmailAddress", str)
TagKey = NewType("TagKey", str)
TagValue = NewType("TagValue", str)


class DataProtection(StrEnum):
    """What Terraform may do to the jobs table and the results bucket."""

    RETAIN = "retain"
    DESTROY = "destroy"


class HandlerPolicies(StrEnum):
    """How the handlers' access is handed over."""

    MANAGED = "managed"
    """As managed policies, to be attached to the handlers' roles."""
    DOCUMENTS = "documents"
    """As documents among the outputs, where an environment's policies are made by others."""


@attrs.frozen(kw_only=True)
class Handlers:
    """What is made for the three handlers, which are other projects'."""

    policies: HandlerPolicies = HandlerPolicies.MANAGED


@attrs.frozen(kw_only=True)
class Worker:
    """The function that consumes the jobs queue; it is another project's."""

    timeout_seconds: FunctionTimeoutSeconds
    function_name: FunctionName | None = None


@attrs.frozen(kw_only=True)
class Alarms:
    """Whom the alarms notify: an existing topic, an address (through a topic that the stack makes), or nobody."""

    topic_arn: TopicArn | None = None
    email: EmailAddress | None = None


@attrs.frozen(kw_only=True)
class Settings:
    """One environment's settings, valid as a whole."""

    environment: Environment
    account_id: AccountId
    region: Region
    state_bucket: BucketName
    data_protection: DataProtection
    worker: Worker
    name_suffix: NameSuffix | None = None
    handlers: Handlers = attrs.field(factory=Handlers)
    alarms: Alarms = attrs.field(factory=Alarms)
    tags: dict[TagKey, TagValue] = attrs.field(factory=dict[TagKey, TagValue])

    @property
    def names(self) -> Names:
        """The names of this environment's stack."""
        return vpr_names(
            environment=self.environment,
            account_id=self.account_id,
            region=self.region,
            suffix=self.name_suffix,
            worker_function=self.worker.function_name,
        )

    @property
    def retains_data(self) -> bool:
        """Whether no plan may delete what the table and the bucket hold."""
        return self.data_protection is DataProtection.RETAIN


def load_settings(environment: Environment, *, directory: Path = SETTINGS_DIRECTORY) -> Settings:
    """Read and check `<directory>/<environment>.toml`.

    Raises InvalidInputError with every fault of the file: the file, the key, the value given and what is allowed.
    """
    path = directory / f"{environment}.toml"
    shown = f"{directory.name}/{path.name}"
    missing = "each environment needs one, see README.md"
    raw = read_toml(path, shown, most_bytes=MAX_FILE_BYTES, what="settings", missing=missing)
    if "environment" in raw:
        raise InvalidInputError([f"{shown}: environment: unknown key; the file's name says which environment it is"])
    try:
        settings = _CONVERTER.structure({**raw, "environment": environment}, Settings)
    except BaseValidationError as error:
        raise InvalidInputError([f"{shown}: {fault}" for fault in _faults(error, raw)]) from None
    faults = [f"{shown}: {fault}" for fault in _faults_between(settings)]
    if faults:
        raise InvalidInputError(faults)
    return settings


# --- what each kind of value may be -------------------------------------------------------------------------------


@attrs.frozen
class _Kind:
    allowed: str
    accepts: Callable[[Any], bool]


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _name_of(service: Service) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and name_fault(service, value) is None


def _whole_number(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _name_kind(service: Service) -> _Kind:
    rule = service.value
    return _Kind(f"{rule.min_length} to {rule.max_length} characters: {rule.alphabet}", _name_of(service))


def _choice(choices: type[StrEnum]) -> _Kind:
    return _Kind(
        f"one of {', '.join(json.dumps(choice) for choice in choices)}",
        lambda value: isinstance(value, str) and value in tuple(choices),
    )


_TAG_TEXT = r"[\w .:/=+@-]"

_KINDS: dict[Any, _Kind] = {
    AccountId: _Kind('an AWS account id: 12 digits in quotes, like "111111111111"', _text(r"[0-9]{12}")),
    Region: _Kind(
        'an AWS region that Terraform knows, like "us-east-1"',
        lambda value: isinstance(value, str) and value in partitions_by_region(),
    ),
    NameSuffix: _Kind('six hexadecimal digits in quotes, like "0a1b2c"', _text(r"[0-9a-f]{6}")),
    BucketName: _name_kind(Service.S3_BUCKET),
    FunctionName: _name_kind(Service.LAMBDA_FUNCTION),
    FunctionTimeoutSeconds: _Kind("a whole number of seconds from 1 to 900, Lambda's limit", _whole_number(1, 900)),
    TopicArn: _Kind(
        'the ARN of a standard SNS topic, like "arn:aws:sns:us-east-1:111111111111:ops"',
        lambda value: (
            _text(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")(value)
            and partitions_by_region().get(value.split(":")[3]) == value.split(":")[1]
        ),
    ),
    EmailAddress: _Kind(
        'an e-mail address, like "ops@example.com"',
        _text(r"(?=.{6,254}$)[A-Za-z0-9.!#%&'*+/=?^_~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    ),
    TagKey: _Kind(
        "1 to 128 letters, digits, spaces and . : / = + - _ @, not beginning with aws:, "
        "and not Project, Feature, Environment or ManagedBy, which the stack sets itself",
        lambda value: _text(rf"(?!(?i:aws:)){_TAG_TEXT}{{1,128}}")(value) and value.casefold() not in RESERVED_TAG_KEYS,
    ),
    TagValue: _Kind(
        "text in quotes: up to 256 letters, digits, spaces and . : / = + - _ @", _text(rf"{_TAG_TEXT}{{0,256}}")
    ),
    DataProtection: _choice(DataProtection),
    HandlerPolicies: _choice(HandlerPolicies),
    Environment: _Kind("an environment", lambda value: isinstance(value, Environment)),
}
_TABLE = "a table of keys and values"


class _NotAllowedError(Exception):
    """A value that its kind does not accept; the message says what is allowed."""


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)

    def hook(kind: _Kind, type_: Any) -> Callable[[Any, Any], Any]:
        def make(value: Any) -> Any:
            return type_(value) if isinstance(type_, type) else value

        def structure(value: Any, _: Any) -> Any:
            if not kind.accepts(value):
                raise _NotAllowedError(kind.allowed)
            return make(value)

        return structure

    for type_, kind in _KINDS.items():
        converter.register_structure_hook(type_, hook(kind, type_))
        # `X | None` says that the key may be left out; TOML has no null that could reach a hook.
        if not isinstance(type_, type):
            converter.register_structure_hook(type_ | None, hook(kind, type_))
    tags = dict[TagKey, TagValue]
    converter.register_structure_hook_func(
        lambda type_: type_ == tags, _table_hook(converter.get_structure_hook(tags), at_most=MAX_TAGS)
    )
    # Settings last: cattrs builds the hooks of the tables inside it into its own.
    for table in (Worker, Handlers, Alarms, Settings):
        converter.register_structure_hook(table, _table_hook(converter.get_structure_hook(table)))
    return converter


def _table_hook(structure: Callable[[Any, Any], Any], at_most: int | None = None) -> Callable[[Any, Any], Any]:
    def checked(value: Any, type_: Any) -> Any:
        if not isinstance(value, dict):
            raise _NotAllowedError(_TABLE)
        if at_most is not None and len(value) > at_most:  # pyright: ignore[reportUnknownArgumentType] - any table
            message = f"at most {at_most} keys"
            raise _NotAllowedError(message)
        return structure(value, type_)

    return checked


_CONVERTER = _converter()

# --- saying what is wrong -----------------------------------------------------------------------------------------


def _faults(error: BaseException, raw: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Walk cattrs' tree of errors and say each in the words of a settings file."""
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from _faults(inner, raw, path + _steps(inner))
        return
    key = ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part)[:140] for part in path)
    if isinstance(error, ForbiddenExtraKeysError):
        known = ", ".join(sorted(field.name for field in attrs.fields(error.cl) if field.name != "environment"))
        for extra in sorted(error.extra_fields):
            unknown = f"{key}." * bool(key) + shown_value(extra)[1:-1]
            yield f"{unknown} = {_value_at(raw, (*path, extra))}: unknown key; allowed: {known}"
    elif isinstance(error, KeyError):
        yield f"{key}: missing; required: {_allowed_for(error)}"
    else:
        yield f"{key} = {_value_at(raw, path)}: not allowed; allowed: {error}"


def _steps(error: BaseException) -> tuple[str, ...]:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (note.name,)
        if isinstance(note, IterableValidationNote):
            return (str(note.index),)
    return ()


def _allowed_for(error: KeyError) -> str:
    note = next(note for note in error.__notes__ if isinstance(note, AttributeValidationNote))
    kind = _KINDS.get(note.type)
    return kind.allowed if kind else _TABLE


def _value_at(raw: Any, path: tuple[str, ...]) -> str:
    value: Any = raw
    for part in path:
        value = value[part]
    return shown_value(value)


def shown_value(value: Any) -> str:
    """Return the value as one short line of printable ASCII, safe for any terminal and any log."""
    try:
        text = without_commands(json.dumps(value, default=str))
    except (RecursionError, ValueError):
        # Nested more deeply, or of more digits, than Python writes.
        return "(too large to be shown)"
    most = 80
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def _faults_between(settings: Settings) -> Iterator[str]:
    """Faults that no key has alone."""
    topic, email = settings.alarms.topic_arn, settings.alarms.email
    if topic and email:
        yield (
            f"alarms: topic_arn = {shown_value(topic)} and email = {shown_value(email)} exclude each other; "
            "allowed: one of them, or neither"
        )
    if topic and topic.split(":")[3] != settings.region:
        yield (
            f"alarms.topic_arn = {shown_value(topic)}: in another region than the alarms; "
            f"allowed: a topic in {settings.region}"
        )
    seen: dict[str, str] = {}
    for key in settings.tags:
        if (other := seen.setdefault(key.casefold(), key)) != key:
            yield (
                f"tags: {shown_value(other)} and {shown_value(key)} differ in case alone, and IAM takes them for one; "
                "allowed: one of them"
            )
    try:
        names = settings.names
    except InvalidInputError as error:
        yield from error.faults
        return
    if settings.state_bucket == names.results_bucket:
        yield (
            f"state_bucket = {shown_value(settings.state_bucket)}: is the results bucket's own name; "
            "allowed: a bucket that holds Terraform state and nothing else"
        )
