"""Grants by rule: other accounts, administrators' policies, new credentials and programs, in any resource."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plan_review.accounts import accounts_in, may_name_an_account, texts_in
from plan_review.attribute_rules import leaves
from plan_review.changes import Change
from plan_review.masking import as_list
from plan_review.model import Action, Kind, Remark
from plan_review.risk_tables import GRANTS, POLICIES
from plan_review.surroundings import Surroundings
from plan_review.values import is_hidden, words

_POWERFUL = re.compile(
    r"arn:aws[a-z-]*:iam::aws:policy/(?:[\w/-]*/)?(\w*(?:AdministratorAccess|PowerUser\w*|FullAccess))"
)
_EVERYTHING = ("AdministratorAccess", "PowerUserAccess")
_CREDENTIALS = re.compile(
    r"_access_key$|_login_profile$|_service_account_key$|_(?:application|principal)_(?:password|certificate)$"
    r"|^aws_iam_(?:user_ssh_key|service_specific_credential)$|_hmac_key$"
)
"""Types of which each resource is something to log in with."""
_ROLES = re.compile(r"_iam_(?:member|binding)$|_role_assignment$|_role_binding$")
_STRONG = re.compile(r"(?:^|[/. ])(?:owner|editor|contributor|admin\w*|\w*[aA]dmin|cluster-admin)$", re.IGNORECASE)
_BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::([a-z0-9.-]+)")
_OUTWARD = re.compile(
    r"replica|destination|stream_arn|target|delivery|firehose|sink|export|endpoint|bucket|topic|queue"
)
_SAID_ELSEWHERE = frozenset({*POLICIES, "inline_policy", "tags", "tags_all", "arn", "id", "owner_id"})


def granted(change: Change, around: Surroundings) -> Iterator[Remark]:
    """Yield the gifts to others of a resource that is created, changed or replaced, whatever its type."""
    before: Mapping[str, Any] = {} if change.action is Action.CREATE else change.before
    yield from _programs(change, around)
    if change.action is not Action.UPDATE:
        yield from _credentials(change)
        yield from _roles(change)
    for attribute, value in change.after.items():
        old = before.get(attribute)
        if attribute in _SAID_ELSEWHERE or value == old or not may_name_an_account(value):
            continue
        found = list(leaves(old, value, (attribute,)))
        yield from _powerful(change, old, found)
        yield from _foreign(change, old, found, around)


def _programs(change: Change, around: Surroundings) -> Iterator[Remark]:
    if change.action in {Action.CREATE, Action.REPLACE}:
        for program in around.programs_of(change.address):
            yield Remark(Kind.EXECUTION, f"a program would run during the apply: {program}")


def read(change: Change) -> Iterator[Remark]:
    """Yield the external program that a data source runs during the apply."""
    if change.type == "external" and change.action is Action.READ:
        program = words(change.after.get("program"))
        yield Remark(Kind.EXECUTION, f"a program would run during the apply: {program}")


def _credentials(change: Change) -> Iterator[Remark]:
    if _CREDENTIALS.search(change.type):
        named = (change.after.get(key) for key in ("user", "user_name", "service_account_id", "service_account_email"))
        whom = next((words(each) for each in named if isinstance(each, str)), "its identity")
        yield Remark(Kind.PRIVILEGE, f"a new credential: whoever has it could act as {whom}")


def _roles(change: Change) -> Iterator[Remark]:
    if not _ROLES.search(change.type):
        return
    role = change.after.get("role") or change.after.get("role_definition_name")
    if isinstance(role, str) and _STRONG.search(role):
        whom = next((change.after[key] for key in ("member", "members", "principal_id") if change.after.get(key)), None)
        yield Remark(Kind.PRIVILEGE, f"role {words(role)}: {words(whom)} could do nearly everything")


_Leaves = list[tuple[tuple[str, ...], Any, Any]]


def power(value: Any) -> str:
    """Return the reach of one of AWS's policies, by its ARN, if that is a whole service or more; else nothing."""
    match = _POWERFUL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return ""
    return "everything" if match[1] in _EVERYTHING else "everything in that service"


def _powerful(change: Change, old: Any, found: _Leaves) -> Iterator[Remark]:
    """Yield the policies of AWS's that are for administrators, or for a whole service."""
    if change.type in GRANTS:
        return
    for path, _, after in found:
        for each in as_list(after) or [after]:
            if (reach := power(each)) and each not in (as_list(old) or [old]):
                yield Remark(Kind.PRIVILEGE, f"{'.'.join(path)} {words(each)}: it could do {reach}")


def _foreign(change: Change, old: Any, found: _Leaves, around: Surroundings) -> Iterator[Remark]:
    for path, _, after in found:
        if is_hidden(after):
            continue
        name = ".".join(path)
        if around.accounts:
            known = around.accounts | accounts_in(old, name)
            for account in sorted(accounts_in(after, name) - known):
                kind, meaning = _part_of(change, name)
                yield Remark(kind, f"{name} {words(after)}: {meaning.format(account=f'account {account}')}")
        yield from _bucket_elsewhere(change, name, old, after, around)


def _part_of(change: Change, name: str) -> tuple[Kind, str]:
    """Return the kind and the meaning of another account in a value of an attribute."""
    last = name.rpartition(".")[2]
    if "kms" in last or "encrypt" in name or last.endswith("key_id"):
        return Kind.SECURITY, "{account}, another one, could refuse the key, and with it all that it encrypts"
    if last in {"layers", "image_uri", "image", "code_uri"}:
        return Kind.EXECUTION, "code of {account}, another one, would run"
    if change.type in GRANTS or last in {"source_arn", "source_account"} or "role" in last:
        return Kind.PRIVILEGE, "{account}, another one, could use it"
    if re.search(r"principal|account|owner|member|share|user|launch_permission", name):
        return Kind.EXPOSURE, "open to {account}, another one"
    if _OUTWARD.search(f"{change.type}.{name}"):
        return Kind.EXFILTRATION, "data would go to {account}, another one"
    return Kind.SECURITY, "it would rely on {account}, another one"


def _bucket_elsewhere(change: Change, name: str, old: Any, after: Any, around: Surroundings) -> Iterator[Remark]:
    match = _BUCKET.match(after) if isinstance(after, str) else None
    if match is None or "replica" not in f"{change.type}.{name}" or after == old:
        return
    if match[1] not in around.buckets and after not in set(texts_in(old)):
        yield Remark(
            Kind.EXFILTRATION, f"{name} {words(after)}: data would go to a bucket that this plan does not manage"
        )
