"""Known resource types: which hold data, which hold none, and which are unknown."""

import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from plan_review.held_data import HELD
from plan_review.masking import as_object
from plan_review.risk_tables import UNIMPORTANT

HOLDING_NOTHING = Path(__file__).with_name("holding_nothing.txt")
"""A type a line: those that hold no data. With held_data, all 1,526 types of hashicorp/aws 5.100 are classified."""

SUGGEST_DATA = (
    "_backup",
    "_bucket",
    "_bucket_object",
    "_cluster",
    "_collection",
    "_cosmosdb_account",
    "_crypto_key",
    "_data_store",
    "_database",
    "_database_instance",
    "_dataset",
    "_datastore",
    "_db",
    "_db_instance",
    "_disk",
    "_file_system",
    "_filesystem",
    "_index",
    "_key_vault",
    "_key_vault_key",
    "_keyspace",
    "_persistent_volume_claim",
    "_queue",
    "_redis_instance",
    "_repository",
    "_secret",
    "_secret_version",
    "_server",
    "_snapshot",
    "_spanner_instance",
    "_storage_account",
    "_storage_container",
    "_storage_share",
    "_stream",
    "_table",
    "_topic",
    "_vault",
    "_volume",
)
"""Endings of types that probably hold data, for those that are in no table."""
SUGGEST_NONE = ("_dns_server", "_policy_table", "_route_table", "_vpn_server")
MAY_HOLD = "what it may hold (unknown type; its name suggests data)"


def held(type_: str) -> str:
    """Return the content that is lost with a resource of this type, in words; empty if it holds nothing."""
    if lost := HELD.get(type_):
        return lost
    suggests = type_.endswith(SUGGEST_DATA) and not type_.endswith(SUGGEST_NONE)
    return MAY_HOLD if suggests and not is_known(type_) else ""


def is_known(type_: str) -> bool:
    """Return True if the type is classified: it holds data, holds none, or is one on which nobody else relies."""
    return type_ in HELD or type_.startswith(UNIMPORTANT) or type_ in _holding_nothing()


@cache
def _holding_nothing() -> frozenset[str]:
    return frozenset(HOLDING_NOTHING.read_text(encoding="utf-8").split())


def unclassified(schemas: Any) -> list[str]:
    """Return the resource types that are not known, given what `terraform providers schema -json` writes."""
    return sorted(type_ for type_ in _types(schemas) if not is_known(type_))


def _types(schemas: Any) -> set[str]:
    providers = map(as_object, as_object(as_object(schemas).get("provider_schemas")).values())
    return {type_ for provider in providers for type_ in as_object(provider.get("resource_schemas"))}


def main(arguments: Sequence[str]) -> int:
    """Print the types of a schema's file that are not known, one a line; return 1 if there are any, else 0."""
    if len(arguments) != 1:
        print("usage: python -m plan_review.known_types SCHEMA.json", file=sys.stderr)
        return 2
    try:
        schemas = json.loads(Path(arguments[0]).read_bytes())
    except (OSError, ValueError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    if not _types(schemas):
        print(f"{arguments[0]}: no resource types; make one with: terraform providers schema -json", file=sys.stderr)
        return 2
    found = unclassified(schemas)
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
