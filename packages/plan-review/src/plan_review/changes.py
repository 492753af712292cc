"""Changes of resources as a plan has them, with sensitive values hidden."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from check_report.printable import shown_value
from plan_review.addresses import without_indexes
from plan_review.attribute_diff import Part, parts, side
from plan_review.computed_attributes import is_condition
from plan_review.masking import (
    SENSITIVE,
    UNKNOWN,
    Secret,
    Secrets,
    as_list,
    as_object,
    both,
    guessed_marks,
    hide,
    hide_credentials,
    remarked,
    secrets_of,
)
from plan_review.model import Action, Difference, Noise, Reviewed
from plan_review.physical_names import physical_name
from plan_review.provider_regions import fills_in_region, provider_regions

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')

REASONS = {
    "replace_because_tainted": "its creation was interrupted, or it was marked as tainted",
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_by_request": "a replacement was asked for",
    "replace_by_triggers": "replace_triggered_by says so",
    "delete_because_no_resource_config": "it is not declared any more",
    "delete_because_no_module": "its module is not declared any more",
    "delete_because_wrong_repetition": "it is now declared with count or for_each, or without",
    "delete_because_count_index": "its index is beyond the count",
    "delete_because_each_key": "its key is not in for_each any more",
    "delete_because_no_move_target": "it moved to where nothing is declared",
    "delete_because_enabled_false": "it is switched off by enabled = false",
    "forgot_because_lifecycle_destroy_in_config": "destroy = false in its lifecycle keeps it",
    "forgot_because_lifecycle_destroy_in_state": "destroy = false in its last applied lifecycle keeps it",
    "read_because_config_unknown": "what to read is known only after the apply",
    "read_because_dependency_pending": "it depends on changes that are still to be applied",
    "read_because_check_nested": "a check reads it again each time",
}
DEFERRALS = {
    "instance_count_unknown": "how many there will be is not known yet",
    "resource_config_unknown": "its configuration is not known yet",
    "provider_config_unknown": "its provider's configuration is not known yet",
    "absent_prereq": "what it needs does not exist yet",
    "deferred_prereq": "what it needs is deferred itself",
    "excluded": "it was excluded from this plan",
    "excluded_prereq": "what it needs was excluded from this plan",
    "not_included": "it was not among what this plan was made for",
    "unknown": "Terraform does not say why",
}
MANAGED = "managed"
EPHEMERAL = "ephemeral"
DEPOSED = "a deposed object, left by a replacement that did not finish"

_PHANTOM = {
    "aws_dynamodb_table": {"warm_throughput", "global_secondary_index.warm_throughput"},
    "aws_s3_bucket": {"policy", "lifecycle_rule", "server_side_encryption_configuration", "versioning", "grant"},
}
"""Attributes in which the provider repeats other resources, or AWS decides by itself: noise unless configured."""


_ORDERS: dict[tuple[str, ...], str] = {
    ("delete", "create"): "the old one is deleted before the new one is there",
    ("create", "delete"): "the new one is there before the old one is deleted",
}
_LISTED = (Action.CREATE, Action.DELETE, Action.READ)
"""Actions with one side alone: only what is set is shown."""
_UNSET: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource in a plan."""

    address: str
    type: str
    mode: str
    action: Action
    actions: tuple[str, ...]
    """Terraform's own words for the action."""
    before: Mapping[str, Any]
    """Hidden parts are marked; empty if the resource is not there."""
    after: Mapping[str, Any]
    replace_paths: tuple[tuple[str | int, ...], ...]
    reason: str
    reason_code: str
    """Terraform's own word for the reason."""
    imported_id: str
    by_identity: bool
    """It is imported by an identity, not by an id."""
    identity: str
    """The change of its identity, in words."""
    generated_lines: int
    """Of the configuration that Terraform generated for it."""
    moved_from: str
    declared: Mapping[str, Any] | None
    """The expressions of its configuration; None if the plan has none."""
    deferred: str = ""
    sensitivity: tuple[str, ...] = ()
    """Its parts that become sensitive, or are so no more, in words."""
    provider_region: str = ""
    """The region of its provider; empty if the plan does not name it."""

    @cached_property
    def name(self) -> str:
        """Its physical name; its address if AWS or Terraform generates one, or it is sensitive."""
        return physical_name(self.type, self.after) or physical_name(self.type, self.before) or self.address

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The smallest parts in which before and after differ."""
        before, after = self.before, self.after
        keys = sorted({**before, **after})
        found = [part for key in keys if key != "tags" for part in parts(before.get(key), after.get(key), (key,))]
        return (*found, *self._own_tags([part.path[1:] for part in found if part.path[0] == "tags_all"]))

    def _own_tags(self, told: Collection[tuple[str, ...]]) -> Iterator[Part]:
        """Yield the differences in `tags`, unless `tags_all`, which has the provider's too, says it or says not so."""
        inherits = isinstance(self.after.get("tags_all") or self.before.get("tags_all"), dict | Secret)
        for part in parts(self.before.get("tags"), self.after.get("tags"), ("tags",)):
            if part.path[1:] not in told:
                yield part._replace(formal=True) if inherits else part

    def declares(self, path: tuple[str, ...]) -> bool:
        """Return True if the configuration sets this part; so it is taken to be if the plan has no configuration."""
        return self.declared is None or _is_set(self.declared, path)

    def forces(self, path: tuple[str, ...]) -> bool:
        """Return True if this part is why the resource is replaced."""
        return bool(self.replace_paths) and any(_matches(cause, path) for cause in self.replace_paths)

    def reviewed(self, *, drift: bool = False) -> Reviewed:
        """Return the model's view of it."""
        found = [self._difference(part, drift=drift) for part in self.parts]
        found = [each for each in found if each is not None]
        found.sort(key=lambda each: each.noise is not None)
        return Reviewed(
            address=self.address,
            type=self.type,
            name=self.name,
            action=self.action,
            reason=self.reason,
            order=_ORDERS.get(self.actions, ""),
            imported_id=self.imported_id,
            by_identity=self.by_identity,
            identity=self.identity,
            generated_lines=self.generated_lines,
            moved_from=self.moved_from,
            deferred=self.deferred,
            sensitivity=self.sensitivity,
            differences=tuple(found),
        )

    def _difference(self, part: Part, *, drift: bool) -> Difference | None:
        if drift and self.action not in _LISTED and is_condition(self.type, part.path):
            return None
        forces = self.forces(part.path)
        noise = None if forces else self._noise(part, drift=drift)
        if self.action in _LISTED and (noise is not None or (part.before in _UNSET and part.after in _UNSET)):
            # Not a difference but what is set, and this is not.
            return None
        before, after = part.sides or (side(part.before), side(part.after))
        return Difference(path=part.path, before=before, after=after, forces_replacement=forces, noise=noise)

    def _noise(self, part: Part, *, drift: bool) -> Noise | None:
        if part.formal or (drift and not _is_hidden(part) and not part.before and not part.after):
            return Noise.FORMAT
        if (part.after is UNKNOWN or part.after is None) and self.declared is not None and not self.declares(part.path):
            if part.after is UNKNOWN:
                return Noise.COMPUTED
            if not part.before and not _is_hidden(part):
                # The provider writes a zero when it reads what is not set.
                return Noise.FORMAT
        if fills_in_region(part.path, part.before, part.after, self.provider_region):
            return Noise.COMPUTED
        phantom = self.type in _PHANTOM and {part.path[0], ".".join(part.path[0:3:2])} & _PHANTOM[self.type]
        if phantom and (drift or (self.declared or {}).get(part.path[0]) is None):
            return Noise.PHANTOM
        return None


def _is_hidden(part: Part) -> bool:
    return any(isinstance(each, Secret) or each is UNKNOWN for each in (part.before, part.after))


def _is_set(expressions: Any, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    if isinstance(expressions, list):
        return any(_is_set(each, path) for each in cast("list[Any]", expressions))
    found = as_object(expressions)
    if "constant_value" in found or "references" in found:
        return True
    # An item of a list is named by its index or its name, which its blocks do not have.
    return _is_set(found[path[0]], path[1:]) if path[0] in found else bool(path[1:]) and _is_set(found, path[1:])


def _matches(cause: tuple[str | int, ...], path: tuple[str, ...]) -> bool:
    """Return True if a path of Terraform's, with its indexes, leads to this part, in which blocks may have names."""
    if not cause or cause[0] != path[0]:
        return False
    rest = iter(path[1:])
    return len(path) == 1 or all(step in rest for step in cause[1:] if isinstance(step, str))


def changes_of(plan: Mapping[str, Any]) -> list[Change]:
    """Return the changes of a plan's managed resources."""
    reader = Reader(plan, secrets_of(plan))
    found = map(reader.change, as_list(plan.get("resource_changes")))
    return [change for change in found if change.mode == MANAGED]


# --- reading ------------------------------------------------------------------------------------------------------


class Reader:
    """Makes Changes of a plan's entries."""

    def __init__(self, plan: Mapping[str, Any], secrets: Secrets) -> None:
        """Read the plan's configuration once."""
        self._secrets = secrets
        configuration = as_object(plan.get("configuration"))
        self._region_of = provider_regions(plan)
        self._expressions: dict[str, Mapping[str, Any]] | None = None
        if configuration:
            self._expressions = dict(_configured(as_object(configuration.get("root_module")), ""))

    def change(self, entry: Mapping[str, Any], *, deferred: str = "") -> Change:
        """Return the change in an entry of `resource_changes`, or of its like."""
        planned = as_object(entry.get("change"))
        before, after = self.sides(planned)
        importing = as_object(planned.get("importing"))
        mask = self._secrets.masked
        address = str(entry.get("address") or ".".join(_parts_of_address(entry)))
        reason = str(entry.get("action_reason") or "")
        declared = None
        if self._expressions is not None:
            declared = self._expressions.get(without_indexes(address), {})
        if entry.get("deposed"):
            reason = DEPOSED
        return Change(
            address=_QUOTED.sub(lambda match: mask(match[0]), address) if self._secrets else address,
            type=entry["type"],
            mode=mode_of(entry),
            action=action_of(entry),
            actions=tuple(map(mask, planned.get("actions") or ())),
            before=as_object(before),
            after=as_object(after),
            replace_paths=tuple(_path(path) for path in as_list(planned.get("replace_paths"))),
            reason=mask(REASONS.get(reason, reason.replace("_", " "))),
            reason_code=str(entry.get("action_reason") or ""),
            imported_id=mask(_imported_id(planned.get("importing"))),
            by_identity=bool(importing.get("identity")) and not importing.get("id"),
            identity=mask(_identity_change(planned, (before, after))),
            generated_lines=len(str(planned.get("generated_config") or "").strip().splitlines()),
            moved_from=mask(str(entry.get("previous_address") or "")),
            declared=declared,
            deferred=deferred,
            sensitivity=self.sensitivity(planned),
            provider_region=self._region_of(address),
        )

    def sensitivity(self, planned: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the parts that become sensitive, or are so no more, in words."""
        before, after = planned.get("before_sensitive"), planned.get("after_sensitive")
        if before == after:
            return ()
        return tuple(map(self._secrets.masked, remarked(planned.get("before"), planned.get("after"), before, after)))

    def sides(self, planned: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return before and after, with what is hidden on either side hidden on both."""
        before, after = planned.get("before"), planned.get("after")
        if "before_sensitive" in planned or "after_sensitive" in planned:
            sensitive = both(planned.get("before_sensitive"), planned.get("after_sensitive"))
        else:
            sensitive = both(guessed_marks(before), guessed_marks(after))
        if sensitive is True and isinstance(before or after, dict):
            # Of a resource that is sensitive as a whole its attributes are.
            sensitive = dict.fromkeys({**as_object(before), **as_object(after)}, True)
        if isinstance(sensitive, dict) and "tags" in sensitive:
            # Terraform does not hand the mark on to what the provider makes of it.
            sensitive = {**sensitive, "tags_all": both(as_object(sensitive).get("tags_all"), sensitive["tags"])}
        unknown = both(planned.get("after_unknown"))
        if unknown is True and sensitive is not True and isinstance(before, dict):
            unknown = dict.fromkeys(as_object(before), True)
        shown = hide(before, sensitive, None, self._secrets), hide(after, sensitive, unknown, self._secrets)
        return hide_credentials(shown[0]), hide_credentials(shown[1])


def action(actions: Any) -> Action:
    """Return the one action that a list of Terraform's actions amounts to."""
    return _ACTIONS.get(tuple(as_list(actions)), Action.OTHER)


_ACTIONS = {
    ("no-op",): Action.NONE,
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget", "create"): Action.REPLACE,
}
"""All that Terraform and OpenTofu write. What else there is, is not known; it is never taken for nothing."""
_NOTHING: Mapping[tuple[str, ...], Action] = {("no-op",): Action.NONE}
_OTHER_MODES = {
    "data": {**_NOTHING, ("read",): Action.READ},
    EPHEMERAL: {**_NOTHING, ("open",): Action.READ},
}
"""The actions of what is not managed; OpenTofu 1.11 lists the ephemeral resources that an apply opens."""


def action_of(entry: Mapping[str, Any]) -> Action:
    """Return the one action of an entry of `resource_changes`, or of its like, which its mode must have."""
    actions = as_object(entry.get("change")).get("actions")
    mode = mode_of(entry)
    if mode == MANAGED:
        return action(actions)
    return _OTHER_MODES.get(mode, _NOTHING).get(tuple(as_list(actions)), Action.OTHER)


def matters(entry: Mapping[str, Any]) -> bool:
    """Return True if the plan does something about a resource: changes, reads, moves or imports it."""
    importing = as_object(entry.get("change")).get("importing")
    before = entry.get("previous_address")
    is_moved = bool(before) and before != entry.get("address")
    return action_of(entry) is not Action.NONE or is_moved or importing is not None


def is_applyable(plan: Mapping[str, Any]) -> bool:
    """Return True if an apply of the plan does something, by the plan's own `applyable` where it has one.

    OpenTofu writes none, nor does Terraform before 1.8. What both go by is the same: an action other than no-op, a
    move or an import of a resource, or an output that changes (`Changes.Empty` in their internal/plans/changes.go).
    The ephemeral resources that OpenTofu 1.11 lists in each plan are no change. A plan that only refreshes is not
    known as one: for the review alone it is.
    """
    told = plan.get("applyable")
    if isinstance(told, bool):
        return told
    entries = (entry for entry in as_list(plan.get("resource_changes")) if mode_of(entry) != EPHEMERAL)
    outputs = (as_object(each).get("actions") for each in as_object(plan.get("output_changes")).values())
    changes = any(map(matters, entries)) or any(action(actions) is not Action.NONE for actions in outputs)
    return changes and plan.get("errored") is not True


def mode_of(entry: Mapping[str, Any]) -> str:
    """Return the mode of an entry: managed, data, or another."""
    return str(entry.get("mode") or MANAGED)


def _parts_of_address(entry: Mapping[str, Any]) -> Iterator[str]:
    index = entry.get("index")
    if entry.get("module_address"):
        yield str(entry["module_address"])
    yield entry["type"]
    yield f"{entry.get('name')}{'' if index is None else f'[{json.dumps(index)}]'}"


def _path(path: Any) -> tuple[str | int, ...]:
    return tuple(step if isinstance(step, int) else str(step) for step in as_list(path))


def _imported_id(importing: Any) -> str:
    if not isinstance(importing, dict):
        return ""
    found = as_object(importing)
    if found.get("unknown"):
        return "(known after apply)"
    identity = ", ".join(f"{key}={_plain(value)}" for key, value in as_object(found.get("identity")).items())
    return str(found.get("id") or identity or "(unknown)")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else shown_value(value)


def _identity_change(planned: Mapping[str, Any], sides: tuple[Any, Any]) -> str:
    """Return the parts of its identity that differ; an identity that is absent on one side does not.

    Terraform marks no identity as sensitive: a part is hidden if an attribute is that has its name or its value.
    sides: the attributes before and after.
    """
    before, after = (as_object(planned.get(f"{side}_identity")) for side in ("before", "after"))
    if not before or not after:
        return ""
    attributes = [each for side in sides for each in as_object(side).items()]
    hidden = [(key, value.hidden) for key, value in attributes if isinstance(value, Secret)]

    def told(key: str, value: Any) -> str:
        return SENSITIVE if any(key == name or value == secret for name, secret in hidden) else shown_value(value)

    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return ", ".join(f"{key} {told(key, before.get(key))} -> {told(key, after.get(key))}" for key in differing)


def _configured(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in as_list(module.get("resources")):
        found = as_object(resource)
        yield f"{prefix}{found.get('address')}", as_object(found.get("expressions"))
    for name, call in as_object(module.get("module_calls")).items():
        yield from _configured(as_object(as_object(call).get("module")), f"{prefix}module.{name}.")
