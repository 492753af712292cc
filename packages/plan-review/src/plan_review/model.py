"""A review of a plan, as data: the forms show it and decide nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

VERSION = 2
"""The version of the schema: raised when a field changes its meaning or goes."""


class Verdict(StrEnum):
    """The verdict on a plan, the worst last."""

    NOTHING = "nothing to do"
    SAFE = "safe"
    """Nothing was found, every type is known, and nothing leaves the requirement."""
    CREATES = "only creates"
    STATE = "state only"
    """Resources are forgotten, imported, moved, refreshed or read; nothing that they are changes."""
    ACTIONS = "actions only"
    """Actions of providers run (Terraform 1.14); no resource changes."""
    CHANGES = "changes"
    REPLACES = "replaces (no data)"
    DELETES = "deletes (no data)"
    INCOMPLETE = "incomplete"
    """The plan, or what this review knows of it, is only a part."""
    DANGER = "DANGER"
    """Data would be lost, or security would be weaker."""
    STOPPED = "STOPPED"
    """A rule, or the environment's retention of data, does not let it pass."""


class Action(StrEnum):
    """The change of one resource."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"
    OTHER = "other"
    """Something that this review does not know."""
    NONE = "no-op"


class Kind(StrEnum):
    """The subject of a finding, in the order in which a reviewer should read them."""

    LOSS = "loss"
    """Data or messages."""
    EXPOSURE = "exposure"
    """Data, or a way to it, open to more readers."""
    EXFILTRATION = "exfiltration"
    """Data that leaves the account."""
    PRIVILEGE = "privilege"
    """An identity could do more than before."""
    EXECUTION = "execution"
    """A program that runs during the apply, or with a resource's permissions."""
    SECURITY = "security"
    """Encryption, TLS, authentication, recording, backups and protection from deletion."""
    PROTECTION = "protection"
    """The configuration itself protects less, or no longer manages a resource."""
    CLIENTS = "clients"
    """What clients address, or may do, would go or change."""
    REQUIREMENT = "requirement"
    """What the requirement says would not hold."""
    REPLACEMENT = "replacement"
    AVAILABILITY = "availability"
    ALARMS = "alarms"
    COST = "cost"


class Known(StrEnum):
    """The state of a value."""

    ABSENT = "absent"
    """Not set, on this side."""
    VALUE = "value"
    UNKNOWN = "unknown"
    """Known after apply."""
    SENSITIVE = "sensitive"
    """Never shown, nor kept in the review."""


class DecisionState(StrEnum):
    """What became of a decision against the requirement."""

    APPLIES = "applies"
    """The value is as decided."""
    NOT_IN_FORCE = "not in force"
    """The value is as required, and not as decided."""
    LEFT = "left"
    """The value is neither as decided nor as required."""
    EXPIRED = "expired"
    """Its last day is over, so it does not apply."""
    NEEDLESS = "needless"
    """The requirement itself says what was decided."""


class Noise(StrEnum):
    """The reason for which a difference is folded away."""

    COMPUTED = "computed by the provider"
    FORMAT = "written differently, the same in meaning"
    PHANTOM = "a known phantom difference"


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One side of a difference."""

    known: Known
    value: Any = None
    """JSON; None unless `known` is VALUE."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The smallest part of a resource in which before and after differ."""

    path: tuple[str, ...]
    """The attribute, then the part of it: ("policy", "AllowRead", "Principal")."""
    before: Value
    after: Value
    forces_replacement: bool = False
    noise: Noise | None = None


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """One resource that the plan changes, moves, imports or found drifted."""

    address: str
    type: str
    name: str
    """Its physical name; its address if AWS or Terraform makes one up."""
    action: Action
    reason: str
    """Why it is replaced, deleted or read, in words; empty if Terraform does not say."""
    order: str = ""
    """The order of a replacement, in words: the old one's deletion first, or the new one; else empty."""
    imported_id: str
    """The id, or the identity in words, by which it is imported; empty if it is not."""
    by_identity: bool = False
    """It is imported by its identity, not by an id."""
    identity: str = ""
    """The parts of its identity that the plan changes, in words; empty if it has none, or keeps it."""
    generated_lines: int = 0
    """Lines of the configuration that Terraform generated for it; 0 if it generated none."""
    moved_from: str
    """Its address before; empty if it has not moved."""
    deferred: str
    """Why its change waits for another apply; empty if it does not."""
    sensitivity: tuple[str, ...] = ()
    """Its parts that become sensitive, or are so no more, in words."""
    differences: tuple[Difference, ...]
    """What differs, noise last. Of a resource that is created or deleted: what is set."""


class Remark(NamedTuple):
    """A sentence about a change, and its kind."""

    kind: Kind
    sentence: str
    refusal: str = ""
    brief: str = ""
    """As of a Finding, without the name."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that needs a reviewer's attention."""

    kind: Kind
    address: str
    type: str
    name: str
    sentence: str
    """What would happen, in words, with before and after: 'visibility_timeout_seconds 660 -> 30: ...'."""
    brief: str = ""
    """The same in a few plain words, before the name: 'anyone could sqs:SendMessage on'; empty if there are none."""
    remedy: str = ""
    """Advice on it, in words."""
    refusal: str = ""
    """Why the environment, which keeps its data, refuses the plan, and what to do; empty if it does not."""
    to_paste: str = ""
    """The entries of a file of decisions that would make it right, for their reasons to be filled in; empty where none
    can."""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """An action of a provider that the plan runs: `action` blocks, from Terraform 1.14 on."""

    address: str
    type: str
    trigger: str
    """The event or request that runs it, in words."""
    deferred: str
    """Why it waits for another apply; empty if it does not."""
    settings: tuple[Difference, ...]
    """Its arguments."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A value that was decided against the requirement, and what became of it."""

    property: str
    """The property, or the part of it that was decided on: "lifecycle rule Old.Expiration.Days"."""
    value: Any
    """The decided value; null for nothing."""
    required: Any
    reason: str
    until: str
    """The last day on which it applies."""
    state: DecisionState
    sentence: str
    """All of it in words, after the property."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One property of the requirement, and what the plan makes of it."""

    address: str
    """The resource in the plan that the property is of; made of type and name if the plan has none."""
    type: str
    """The resource's, as Terraform names it."""
    resource: str
    """The physical name."""
    property: str
    required: Any
    """The value that is required, or that was decided in its place."""
    planned: Value
    agrees: bool | None
    """None if the value is known only after apply."""
    decisions: tuple[Decision, ...] = ()
    """The decisions on it, or on parts of it."""


@dataclass(frozen=True, kw_only=True)
class OutputChange:
    """One output of the root module that the plan changes."""

    name: str
    action: Action
    before: Value
    after: Value
    sensitivity: tuple[str, ...] = ()
    """Its becoming sensitive, or no longer being so, in words."""


@dataclass(frozen=True, kw_only=True)
class FailedCheck:
    """A check, precondition or postcondition of the configuration that does not hold, or is not known to."""

    address: str
    status: str
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Node:
    """A resource in the picture."""

    address: str
    type: str
    name: str
    action: Action


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One resource refers to another, by its address or its name."""

    source: str
    """The address of the one that refers."""
    target: str
    label: str
    """The attribute that refers."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The resources that change, what they are wired to, and how."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int
    """Resources for which there was no room; the most important ones stay."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A rule that stops CI, or the environment's retention of data, on one finding."""

    rule: str
    """Its name; "retention" for the environment's own refusal, which no exception lets pass."""
    why: str
    finding: Finding
    exception: str
    """Why it does not stop this time, until when; empty if it does."""
    problem: str = ""
    """Why the exception that is there does not hold, as its having expired; empty if there is none."""
    to_paste: str = ""
    """The entry that would let it pass, for its reason to be filled in: of the file of decisions for what leaves the
    requirement, else of the file of rules; empty where none can."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Numbers of resources; a replacement counts as that alone."""

    create: int = 0
    change: int = 0
    replace: int = 0
    delete: int = 0
    forget: int = 0
    imported: int = 0
    moved: int = 0
    read: int = 0
    deferred: int = 0
    run: int = 0
    """Actions of providers."""
    refresh: int = 0
    """Drifted or moved, and written into the state as they were found; of a plan that does nothing else."""
    drop: int = 0
    """Not there any more, and dropped from the state; of a plan that does nothing else."""
    other: int = 0
    """With an action that is unknown to this review."""
    noise: int = 0
    """Differences that are folded away."""
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True)
class Review:
    """All that a review says."""

    title: str
    """The stack, or the file that was read."""
    where: str
    """The target, account and region, in words; empty for a file."""
    environment: str
    """Its name; empty if it is not known."""
    terraform_version: str
    plan_sha256: str = ""
    """Of the bytes that were reviewed, so that it can be told which plan was approved; empty if it is not known."""
    verdict: Verdict
    answer: str = ""
    """The gravest of all, in one sentence; empty if the counts say all."""
    incomplete: str
    """Why the plan says less than everything (failed, targeted, deferred, not known), in words; empty if it does not.
    """
    notes: tuple[str, ...]
    """What the review does not show or know, and rules that apply to nothing."""
    only: tuple[str, ...] = ()
    """The declared scope: patterns of the addresses or names of the resources that may change; empty for any."""
    outside_scope: tuple[str, ...] = ()
    """The addresses of the resources that the plan changes outside of the declared scope."""
    counts: Counts
    findings: tuple[Finding, ...]
    """Ranked: by kind, then by address."""
    resources: tuple[Reviewed, ...]
    """Those that the plan does something about, the most dangerous first."""
    invocations: tuple[Invocation, ...] = ()
    unknown_types: tuple[str, ...] = ()
    """Types of changed resources of which this review knows nothing, and that may therefore do any harm."""
    intent: tuple[Intent, ...]
    """Empty for another project's plan."""
    drift: tuple[Reviewed, ...]
    """Not those that are only written differently, unless the plan only refreshes the state."""
    outputs: tuple[OutputChange, ...]
    checks: tuple[FailedCheck, ...]
    picture: Picture
    blocks: tuple[Block, ...]

    @property
    def refusals(self) -> tuple[str, ...]:
        """The losses that the environment refuses, a line each; no exception lets one pass."""
        return tuple(finding.refusal for finding in self.findings if finding.refusal)

    @property
    def blocked(self) -> bool:
        """True if a rule stops CI, or the environment refuses a loss."""
        return any(not block.exception for block in self.blocks)
