"""Data loss: which changes lose stored data, given what is known of the deployed resources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from check_report.printable import shown_value
from plan_review.changes import Change
from plan_review.expirations import Expiration
from plan_review.facts import Facts
from plan_review.held_data import HELD
from plan_review.model import Action, Kind, Remark
from plan_review.physical_names import physical_name
from plan_review.policy_documents import at
from plan_review.values import words

TABLE, BUCKET, QUEUE = "aws_dynamodb_table", "aws_s3_bucket", "aws_sqs_queue"
PROTECTIONS = {
    TABLE: {
        "deletion_protection_enabled": "deletion protection",
        "point_in_time_recovery.enabled": "point-in-time recovery",
    },
    BUCKET: {"force_destroy": "force_destroy = false"},
}
"""The protections of a type's data, by attribute."""
_REMEDIES = {
    "replace_because_tainted": "its creation was interrupted: {adopt} takes it as it is",
    "replace_by_request": "a replacement was asked for: leave that out",
    "replace_because_cannot_update": "undo that change, or declare a second one beside it and move the data",
    "delete_because_no_resource_config": (
        "it is not declared any more: put it back at its address, or declare where it moved (a moved block; in cdktf "
        "move_from_id)"
    ),
}
_EMPTY = "it is empty now"


@dataclass(frozen=True, kw_only=True)
class Retention:
    """An environment's retention of data: what it refuses to lose, and what to do instead."""

    protects: bool
    """True if a plan may not take off the protections either."""
    setting: str
    """The setting that says so, as a user writes it."""
    runbook: str
    """The document that describes a deliberate deletion."""
    adopt: str
    """The command that takes an existing resource as it is."""


def protections(type_: str, values: Mapping[str, Any]) -> set[str]:
    """Return the protections of a resource with these values."""
    return {
        protection
        for attribute, protection in PROTECTIONS.get(type_, {}).items()
        if bool(at(values, attribute.split("."))) is (attribute != "force_destroy")
    }


def fate(change: Change) -> str:
    """Return the fate of a resource that a plan deletes or replaces, with the attributes that are the cause."""
    if "create" not in change.actions:
        return "would be deleted"
    causes = ", ".join(_cause(change, path) for path in change.replace_paths)
    return f"would be replaced, for {causes}" if causes else "would be replaced"


def remedy(change: Change, *, adopt: str, runbook: str) -> str:
    """Return the remedy for a deletion that is not meant; the arguments are those of Retention."""
    found = _REMEDIES.get(change.reason_code, "if it is to go, see {runbook}")
    return found.format(adopt=adopt, runbook=runbook)


def _cause(change: Change, path: tuple[str | int, ...]) -> str:
    one, other = at(change.before, path), at(change.after, path)
    name = ".".join(map(str, path)) or "the whole of it"
    return f"{name} {words(one)} -> {words(other)}"


class LossJudge:
    """Judges each change that may lose data: whether it does, and whether the environment refuses it."""

    def __init__(
        self,
        facts: Facts,
        retention: Retention | None,
        required: Mapping[str, Sequence[Expiration]] = MappingProxyType({}),
    ) -> None:
        """Take what is known of the deployed resources, and what is refused: nothing if retention is None.

        required: the expirations that the requirement has, by bucket, for those buckets that it names.
        """
        self._facts = facts
        self._retention = retention
        self._required = required

    def gone(self, change: Change, lost: str) -> Remark:
        """Judge a resource that is deleted or replaced, and held something."""
        why = "" if change.replace_paths or not change.reason else f", for {change.reason}"
        sentence = f"{fate(change)}{why}"
        holding = self._held_now(change, lost)
        if not holding:
            kind = Kind.REPLACEMENT if "create" in change.actions else Kind.AVAILABILITY
            return Remark(kind, f"{sentence}; {_EMPTY}")
        refusal = self._refusal(
            change,
            lambda kept: (
                f"{fate(change)}, and {holding} lost; {remedy(change, adopt=kept.adopt, runbook=kept.runbook)}"
            ),
        )
        return Remark(Kind.LOSS, f"{sentence}: {lost} lost", refusal)

    def perhaps_gone(self, change: Change, lost: str, sentence: str) -> Remark:
        """Judge a resource that held something, and with which something unknown is done."""
        refusal = self.gone(change, lost).refusal if "delete" in change.actions else ""
        return Remark(Kind.LOSS, f"{sentence}: perhaps {lost} lost", refusal)

    def attribute(self, change: Change, path: str, remark: Remark) -> Remark:
        """Judge an attribute that gets worse: a protection, or how long messages are kept."""
        if change.action is not Action.UPDATE:
            return remark
        if (change.type, path) == (QUEUE, "message_retention_seconds"):
            holding = self._held_now(change, HELD[QUEUE])
            if not holding:
                return Remark(Kind.AVAILABILITY, f"{remark.sentence}; {_EMPTY}")
            old, new = (words(side.get(path)) for side in (change.before, change.after))
            kept_for = f"would keep messages for {new} s instead of {old} s"
            return remark._replace(
                refusal=self._refusal(change, lambda _: f"{kept_for}, and {holding} lost; empty it first")
            )
        protection = PROTECTIONS.get(change.type, {}).get(path)
        # To switch a protection on has a row too, about its cost.
        if protection is None or remark.kind is Kind.COST or self._retention is None or not self._retention.protects:
            return remark
        return remark._replace(
            refusal=self._refusal(
                change,
                lambda kept: f"would lose {protection}, while {kept.setting}; undo that change, or see {kept.runbook}",
            )
        )

    def time_to_live(self, change: Change, before: str | None, after: str, sentence: str) -> Remark:
        """Judge items that would begin to expire, or would expire by another attribute."""
        if change.action is not Action.UPDATE:
            return Remark(Kind.LOSS, sentence)
        if before is None:
            is_young = self._facts.is_younger_than_a_day(_name(change))
            return _none_now(sentence) if is_young else Remark(Kind.LOSS, sentence)
        expire = f"would expire items by another attribute: {words(before)} -> {words(after)}"
        return Remark(Kind.LOSS, sentence, self._refusal(change, lambda _: f"{expire}; undo that change"))

    def expiry(self, change: Change, new: Expiration, sentence: str) -> Remark:
        """Judge a rule by which objects of a bucket would be deleted sooner than now."""
        rule = f"rule {shown_value(new.name)}"
        if change.action is not Action.CREATE:
            sooner = f"{rule} would delete {new.what} earlier than now, {new}"
            also = "undo that change, or change the bucket's own rules first"
            return Remark(Kind.LOSS, sentence, self._refusal(change, lambda _: f"{sooner}; {also}"))
        bucket = str(change.after.get("bucket"))
        required = self._required.get(bucket)
        if required is not None and not any(each.covers(new) and each.is_no_later(new) for each in required):
            # What is there may be too young to go now: that the rule is new must not make its days fewer.
            kept = next((str(each) for each in required if each.covers(new)), "never")
            against = f"{rule} would delete {new.what} {new}, and the requirement says {kept}; undo that change"
            return Remark(
                Kind.LOSS, f"{sentence}, and the requirement says {kept}", self._refusal(change, lambda _: against)
            )
        if new.is_for_objects:
            is_lost = self._facts.has_objects_older_than(bucket, new.days)
        else:
            is_lost = self._facts.has_old_versions(bucket, new.days)
        if is_lost is False:
            return _none_now(sentence)
        there = f"{rule} would delete the {new.what} that are there and older than {new.days:g} days"
        refusal = self._refusal(change, lambda _: f"{there}; copy them elsewhere first") if new.is_for_objects else ""
        return Remark(Kind.LOSS, sentence, refusal)

    def unknown_rules(self, change: Change, sentence: str) -> Remark:
        """Judge rules of a bucket that are not known yet, or sensitive."""
        return Remark(Kind.LOSS, sentence, self._refusal(change, lambda _: f"{sentence}; undo that change"))

    def _held_now(self, change: Change, lost: str) -> str:
        """Return the loss, as far as it is known; empty if the resource is known to hold nothing."""
        found = self._facts.count_in(change.type, change.before)
        if isinstance(found, str):
            return f"whatever it holds (it cannot be read: {found})"
        if found is None:
            return lost
        return lost.replace("its ", f"its {found} ", 1) if found else ""

    def _refusal(self, change: Change, line: Callable[[Retention], str]) -> str:
        if self._retention is None:
            return ""
        return f"{_name(change)} ({change.address}): {line(self._retention)}"


def _none_now(sentence: str) -> Remark:
    return Remark(Kind.AVAILABILITY, f"{sentence}; nothing that is there would go now")


def _name(change: Change) -> str:
    """Return the name by which AWS knows the resource now; that of a bucket's rules is the bucket's."""
    return physical_name(change.type, change.before) or change.name
