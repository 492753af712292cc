"""Grants: what a construct lets others do with it, and the policies that hold them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from constructs_lib.names import Service, name_faults
from constructs_lib.policies import policy
from constructs_lib.validation import Checks, InvalidConstructError

_MAX_CHARACTERS = 6144
"""AWS's quota of a managed policy."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Actions on one resource, or on the objects under one prefix; a statement of a policy without its id.

    actions: AWS's names, as "sqs:SendMessage", without wildcards.
    resource: an ARN, which may end in `/*` or, a log group's, in `:*`. "*" is for actions that take no resource, and
    needs a condition.
    condition: as in a policy; none unless given.
    """

    actions: tuple[str, ...]
    resource: str
    condition: Mapping[str, Mapping[str, str]] | None = None

    def __or__(self, other: "Grant") -> "Grant":
        """Return the grant of both grants' actions on the resource that they share.

        Raises ValueError if resource or condition differ: they are two statements then.
        """
        if (self.resource, self.condition) != (other.resource, other.condition):
            message = f"{self.resource} and {other.resource}: grants with one resource and condition can be joined"
            raise ValueError(message)
        return replace(self, actions=tuple(dict.fromkeys((*self.actions, *other.actions))))


def access_document(path: str, grants: Mapping[str, Grant]) -> str:
    """Return the policy document of grants by statement id, as compact JSON.

    Raises InvalidConstructError with all that IAM refuses, and with every wildcard that reaches more than one prefix.
    path: whose policy it is, for the message.
    """
    document, faults = _checked_document(grants)
    if faults:
        raise InvalidConstructError(path, faults)
    return document


class ManagedPolicy(IamPolicy):
    """An IAM policy of grants, to be attached to a role."""

    def __init__(
        self, scope: Construct, id_: str, *, name: str, grants: Mapping[str, Grant], description: str | None = None
    ) -> None:
        """Make the policy.

        grants: by statement id, which says what each is for, in letters and digits.

        Raises InvalidConstructError as access_document does, and for a name that IAM refuses.
        """
        document, faults = _checked_document(grants)
        faults = [*name_faults("name", Service.IAM_POLICY, name), *faults]
        if faults:
            path = f"{scope.node.path}/{id_}"
            raise InvalidConstructError(path, faults)
        super().__init__(scope, id_, name=name, description=description, policy=document)


def _checked_document(grants: Mapping[str, Grant]) -> tuple[str, list[str]]:
    """Return the policy document, and what is wrong with it."""
    checks = Checks()
    checks.that(bool(grants), "grants: none; allowed: at least one")
    for sid, grant in grants.items():
        _check(checks, sid, grant)
    document = policy(*(_statement(sid, grant) for sid, grant in grants.items()))
    checks.that(
        len(document) <= _MAX_CHARACTERS,
        f"policy: {len(document)} characters; allowed: at most {_MAX_CHARACTERS}, IAM's quota; "
        "split it into two policies",
    )
    return document, checks.faults


def _statement(sid: str, grant: Grant) -> dict[str, Any]:
    condition = {"Condition": grant.condition} if grant.condition else {}
    return {"Sid": sid, "Effect": "Allow", "Action": grant.actions, "Resource": grant.resource, **condition}


def _check(checks: Checks, sid: str, grant: Grant) -> None:
    label = f'statement "{sid}"'
    checks.that(re.fullmatch("[A-Za-z0-9]+", sid) is not None, f"{label}: allowed: an id of letters and digits")
    checks.that(bool(grant.actions), f"{label}: no action; allowed: at least one")
    for action in grant.actions:
        checks.that(
            re.fullmatch("[a-z0-9-]+:[A-Za-z0-9]+", action) is not None,
            f'{label}: action "{action}"; allowed: an action with its service, like "sqs:SendMessage", no wildcard',
        )
    if grant.resource == "*":
        checks.that(
            bool(grant.condition),
            f'{label}: resource "*" without a condition; allowed: an ARN, or a condition for an action without one',
        )
        return
    checks.that(
        grant.resource.startswith("arn:") and not set(re.sub(r"[/:]\*$", "", grant.resource)) & set("*?$"),
        f'{label}: resource "{grant.resource}"; allowed: an ARN without * ? and $, which may end in /* or :*',
    )
