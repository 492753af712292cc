"""Surroundings of a plan's changes: its accounts, its buckets, and the programs that its configuration runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plan_review.accounts import own_accounts
from plan_review.addresses import without_indexes
from plan_review.masking import Secrets, as_list, as_object


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The facts by which the changes of a plan are judged, besides their own values."""

    accounts: frozenset[str] = frozenset()
    """The plan's own accounts; empty if they are not known."""
    buckets: frozenset[str] = frozenset()
    """The names of the buckets that it manages."""
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By the address without indexes: each provisioner of a resource, in words."""

    def programs_of(self, address: str) -> tuple[str, ...]:
        """Return the provisioners of the resource at an address."""
        return self.programs.get(without_indexes(address), ())


def surroundings(plan: Mapping[str, Any], secrets: Secrets) -> Surroundings:
    """Return the surroundings of a plan's changes; commands come without what is secret."""
    root = as_object(as_object(plan.get("configuration")).get("root_module"))
    return Surroundings(
        accounts=own_accounts(plan),
        buckets=frozenset(_buckets(plan)),
        programs=dict(_programs(root, "", secrets)),
    )


def _buckets(plan: Mapping[str, Any]) -> Iterator[str]:
    for entry in map(as_object, as_list(plan.get("resource_changes"))):
        if entry.get("type") == "aws_s3_bucket":
            change = as_object(entry.get("change"))
            sides = (as_object(change.get(side)).get("bucket") for side in ("before", "after"))
            yield from (name for name in sides if isinstance(name, str))


def _programs(module: Mapping[str, Any], prefix: str, secrets: Secrets) -> Iterator[tuple[str, tuple[str, ...]]]:
    for resource in map(as_object, as_list(module.get("resources"))):
        found = [as_object(each) for each in as_list(resource.get("provisioners"))]
        if running := [each for each in found if str(each.get("type")).endswith("-exec")]:
            yield f"{prefix}{resource.get('address')}", tuple(_program(each, secrets) for each in running)
    for name, call in as_object(module.get("module_calls")).items():
        yield from _programs(as_object(as_object(call).get("module")), f"{prefix}module.{name}.", secrets)


def _program(provisioner: Mapping[str, Any], secrets: Secrets) -> str:
    expressions = as_object(provisioner.get("expressions"))
    written = [as_object(expressions.get(key)).get("constant_value") for key in ("command", "inline", "script")]
    command = next((each for each in written if each), None)
    where = "on this machine" if provisioner.get("type") == "local-exec" else "on the resource"
    shown = "a command that the plan does not show" if command is None else secrets.masked(_line(command))
    return f"{provisioner.get('type')} runs {where}: {shown}"


def _line(command: Any) -> str:
    return "; ".join(map(str, as_list(command))) if isinstance(command, list) else str(command)
