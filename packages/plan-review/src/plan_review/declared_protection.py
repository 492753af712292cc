"""Protections that only the configuration has: prevent_destroy and ignore_changes, which no plan contains."""

from collections.abc import Iterator, Mapping
from typing import Any

from plan_review.data_loss import PROTECTIONS, Retention
from plan_review.masking import as_list, as_object
from plan_review.model import Finding, Kind
from plan_review.physical_names import physical_name

_ALL = "all"


def findings(configuration: Mapping[str, Any], retention: Retention | None) -> Iterator[Finding]:
    """Yield a finding for each protection that a resource lacks in the configuration.

    configuration: JSON with Terraform's `resource`, as cdktf synthesizes it.

    That what holds data has no prevent_destroy is a finding, and refused, if the environment protects its data.
    """
    for type_, resources in as_object(configuration.get("resource")).items():
        for label, resource in as_object(resources).items():
            values = as_object(resource)
            lifecycle = as_object(values.get("lifecycle"))
            address = f"{type_}.{label}"
            name = physical_name(type_, values)
            named = address if not name or "${" in name else name
            ignored = {
                str(each) for each in [*as_list(lifecycle.get("ignore_changes")), lifecycle.get("ignore_changes")]
            }
            for sentence in _ignored(type_, ignored):
                yield Finding(kind=Kind.PROTECTION, address=address, type=type_, name=named, sentence=sentence)
            if (
                retention
                and retention.protects
                and type_ in PROTECTIONS
                and lifecycle.get("prevent_destroy") is not True
            ):
                yield Finding(
                    kind=Kind.PROTECTION,
                    address=address,
                    type=type_,
                    name=named,
                    sentence="declared without prevent_destroy: a plan could delete it with all that it holds",
                    refusal=(
                        f"{named} ({address}): declared without prevent_destroy, while {retention.setting}; declare it "
                        f"with prevent_destroy, or see {retention.runbook}"
                    ),
                )


def _ignored(type_: str, ignored: set[str]) -> Iterator[str]:
    if _ALL in ignored:
        yield "ignore_changes = all: whatever is changed by hand would stay, and no plan would show it"
        return
    for path, protection in PROTECTIONS.get(type_, {}).items():
        attribute = path.partition(".")[0]
        if attribute in ignored:
            yield f"ignore_changes names {attribute}: {protection} could go, and no plan would show it"
