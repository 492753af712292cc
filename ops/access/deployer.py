"""Permissions to deploy: the actions that Terraform, its AWS provider and the commands use, on the features' names.

Each resource type has its own actions, which were recorded on the emulator and reviewed by hand. A test runs the life
of a deployment under them, and fails when a call is not covered or an action is not used. Three policies deploy:
`plan` reads, takes the state's lock and finds what exists; `apply` has what bootstrap, an apply and a destroy change
besides, and is attached together with `plan`; `verify` is for `make verify` and, with `plan`, for `make drift`.
A fourth, `operate`, is for people on call: together with `verify` it allows `make redrive`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.resource_types.interface import Actions, Permissions, ResourceType, look_of
from stacks.feature import Feature, state_key
from stacks.features import FEATURES, STATE_BACKEND, stack_names
from stacks.requirement import Expected, Requirement, arn
from stacks.settings import Settings

DEPLOYING = ("plan", "apply", "verify")
POLICIES = (*DEPLOYING, "operate")
GITHUB = "token.actions.githubusercontent.com"
"""GitHub's OIDC provider."""
GITHUB_ENVIRONMENTS = {"plan": "plan-{}", "apply": "{}"}
"""The environments of GitHub's in which the workflows plan and apply, by the role's policy."""
DEPLOYED_REF = "refs/heads/main"
"""The branch that `.github/workflows/deploy.yml` deploys."""


@dataclass(frozen=True, kw_only=True)
class Grant(Actions):
    """Actions on resources that are known by their ARNs."""

    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict[str, Mapping[str, list[str]]])
    """By operator, the values of condition keys, one of which each key must have."""

    def statement(self, actions: Sequence[str]) -> dict[str, Any]:
        """Return the statement that allows these of its actions."""
        allowed = {"Sid": self.sid, "Effect": "Allow", "Action": list(actions), "Resource": list(self.resources)}
        return {**allowed, "Condition": self.condition} if self.condition else allowed

    def actions(self, policy: str, *, retains_data: bool) -> list[str]:
        """Return the actions that a policy has, in the order of their names."""
        named: str = getattr(self, policy)
        if policy == "apply" and not retains_data:
            named = f"{named} {self.erase}"
        return sorted(set(named.split()))


def grants(settings: Settings) -> list[Grant]:
    """Return every grant in one environment."""
    features = (*FEATURES, STATE_BACKEND)
    state_objects = _state_objects(settings)
    return [
        *(grant for feature in features for grant in _of_feature(feature, settings)),
        Grant(
            sid="StateBucket",
            on="the state bucket",
            resources=(arn(settings, "s3", settings.state_bucket),),
            verify="s3:ListBucket",
        ),
        Grant(sid="State", on="the state", resources=state_objects, plan="s3:GetObject", apply="s3:PutObject"),
        Grant(
            sid="StateLock",
            on="the state's lock",
            resources=tuple(f"{each}.tflock" for each in state_objects),
            plan="s3:DeleteObject s3:GetObject s3:PutObject",
        ),
        _everywhere(features, settings),
    ]


def _of_feature(feature: Feature, settings: Settings) -> Iterator[Grant]:
    """Yield the grants on a feature's resources, and on those of others."""
    requirement = requirement_of(feature, settings)
    prefix = "".join(word.capitalize() for word in feature.stack.split("-"))
    for type_ in TYPES.values():
        own = _expected(type_, requirement)
        for number, permissions in enumerate(type_.permissions):
            # The looks at a resource take actions on the resource itself, which the first permissions are for.
            named = () if number else [look for expected in own.values() for look in expected]
            looks = (look_of(type_.looks, look, type_.name).needs for look in named)
            found = _grant(permissions, settings, own, prefix)
            found = replace(found, verify=" ".join((found.verify, *looks)))
            # A bucket that holds state is never emptied, nor deleted with what it holds.
            yield replace(found, erase="", loses="") if feature.holds_state else found
        others = {**requirement.used.get(type_.name, {}), **requirement.prerequisites.get(type_.name, {})}
        for permissions in type_.permissions_on_others:
            yield _grant(permissions, settings, others, prefix)


def _expected(type_: ResourceType, requirement: Requirement) -> Mapping[str, Expected]:
    """Return the looks at a type's resources: all at one that other settings have, for a role outlives settings."""
    at_times: Mapping[str, Expected] = {
        name: {look: {} for look in type_.looks} for name in requirement.at_times.get(type_.name, ())
    }
    return {**at_times, **requirement.resources.get(type_.name, {})}


def _grant(permissions: Permissions, settings: Settings, named: Mapping[str, Expected], prefix: str) -> Grant:
    found = {name: permissions.arns(settings, name, expected) for name, expected in named.items()}
    shared = {field.name: getattr(permissions, field.name) for field in fields(Actions)}
    resources = tuple(dict.fromkeys(each for arns in found.values() for each in arns))
    condition: dict[str, dict[str, list[str]]] = {}
    for name in named:
        for operator, tests in permissions.condition(settings, name).items():
            for key, values in tests.items():
                wanted = condition.setdefault(operator, {}).setdefault(key, [])
                wanted += [value for value in values if value not in wanted]
    return Grant(**{**shared, "sid": f"{prefix}{permissions.sid}"}, resources=resources, condition=condition)


def _everywhere(features: Sequence[Feature], settings: Settings) -> Grant:
    """Return the actions for which AWS takes no names: what they list or ask of is seen whole or not at all."""
    plan: list[str] = []
    apply: list[str] = []
    verify: list[str] = []
    for feature in features:
        requirement = requirement_of(feature, settings)
        for name in requirement.resources:
            type_ = TYPES[name]
            plan.append(type_.plan_everywhere)
            apply.append(type_.apply_everywhere)
            # The state bucket is asked for by its name, and not looked up in a list.
            listed = "" if feature.holds_state else type_.list_needs
            looks = (
                look_of(type_.looks, look, name).needs_everywhere
                for expected in _expected(type_, requirement).values()
                for look in expected
            )
            verify += [listed, *looks]
    return Grant(
        sid="Everything",
        on="everything",
        resources=("*",),
        plan=" ".join(plan),
        apply=" ".join(apply),
        verify=" ".join(verify),
    )


def policy_document(settings: Settings, policy: str) -> Mapping[str, Any]:
    """Return one of the policies for one environment.

    policy: `plan`, `apply`, `verify` or `operate`.
    """
    every = grants(settings)
    statements = [
        grant.statement(actions)
        for grant in every
        if grant.resources and (actions := grant.actions(policy, retains_data=settings.retains_data))
    ]
    if policy == "apply" and settings.retains_data:
        statements.append(_kept(settings, every))
    return {"Version": "2012-10-17", "Statement": statements}


def _kept(settings: Settings, every: Sequence[Grant]) -> dict[str, Any]:
    """Return the statement that denies who applies every deletion of data and of state, until a decommission.

    A bucket's policy, which who applies may write, could otherwise allow it what its own policies do not.
    """
    holding = [grant for grant in every if grant.loses and grant.resources]
    return {
        "Sid": "KeepData",
        "Effect": "Deny",
        "Action": sorted({action for grant in holding for action in grant.loses.split()}),
        "Resource": [
            *(resource for grant in holding for resource in grant.resources),
            arn(settings, "s3", settings.state_bucket),
            *_state_objects(settings),
        ],
    }


def _state_objects(settings: Settings) -> tuple[str, ...]:
    """Return the ARNs of each stack's state."""
    bucket = arn(settings, "s3", settings.state_bucket)
    return tuple(f"{bucket}/{state_key(stack)}" for stack in stack_names(settings.environment))


def trust_document(settings: Settings, policy: str, repositories: Sequence[str]) -> Mapping[str, Any]:
    """Return the trust of a policy's role: these repositories' workflows, in the policy's environment of GitHub's.

    A workflow that applies must besides run on the branch that is deployed.
    policy: `plan` or `apply`.
    repositories: each as GitHub's tokens name it, OWNER@ID/NAME@ID or OWNER/NAME.
    """
    provider = arn(settings, "iam", f"oidc-provider/{GITHUB}")
    partition = provider.split(":")[1]
    environment = GITHUB_ENVIRONMENTS[policy].format(settings.environment)
    subjects = [f"repo:{repository}:environment:{environment}" for repository in dict.fromkeys(repositories)]
    claims: dict[str, str | list[str]] = {
        "aud": "sts.amazonaws.com.cn" if partition == "aws-cn" else "sts.amazonaws.com",
        "sub": subjects if len(subjects) > 1 else subjects[0],
    }
    # AWS evaluates this claim since January 2026, in its commercial regions; elsewhere a condition on it never holds.
    if policy == "apply" and partition == "aws":
        claims["ref"] = DEPLOYED_REF
    statement = {
        "Sid": "GitHubActions",
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{GITHUB}:{claim}": value for claim, value in claims.items()}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
