"""`python -m tests.review.computed`: write, from the provider's schema, the attributes that drift does not count."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.request import PROJECT_ROOT
from ops.setup import PROVIDER_VERSION
from plan_review.computed_attributes import TABLE

IDENTITY = "arn arns id ids identifier uid uuid name alias author owner created create creation creator tags"
PLACE = (
    "region zone zones url urls uri uris endpoint endpoints dns fqdn domain subdomain address addresses host port path "
    "ip ipv6 cidr brokers string"
)
CONTENT = "type version revision engine size sha256 hash hashes checksum digest etag fingerprint content value outputs"
PROTECTION = (
    "encrypted encryption kms key keys public publicly private policy policies principal role roles access protected "
    "protection secret password certificate certificates rotation allowed trusted grantee grantor account accounts"
)
MEANINGFUL = frozenset(f"{IDENTITY} {PLACE} {CONTENT} {PROTECTION}".split())
"""Words of a name whose change means that the resource is another one, elsewhere, of other content or less protected.

A table made again by hand under the same name has another id; a function whose code was exchanged, another hash. What
has none of these words in its name is a count, a state or a time.
"""
REQUIRED = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}},
}


def schema() -> Mapping[str, Any]:
    """Return the schemas of the installed provider's resources, by type."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf.json").write_text(json.dumps(REQUIRED))
        (folder / "terraform.d").symlink_to(PROJECT_ROOT / "terraform.d", target_is_directory=True)
        variables = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        variables["CHECKPOINT_DISABLE"] = "1"
        for arguments in (("init", "-input=false"), ("providers", "schema", "-json")):
            done = subprocess.run(
                ("terraform", *arguments), cwd=folder, env=variables, capture_output=True, text=True, check=True
            )
    (provider,) = json.loads(done.stdout)["provider_schemas"].values()
    return provider["resource_schemas"]


def conditions(schemas: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, by type, the attributes that are computed, not optional, and of no meaning by their names."""
    found = {
        type_: sorted(name for name in _computed(each["block"]) if not MEANINGFUL & set(_last(name).split("_")))
        for type_, each in sorted(schemas.items())
    }
    return {type_: names for type_, names in found.items() if names}


def _computed(block: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, attribute in block.get("attributes", {}).items():
        if attribute.get("computed") and not attribute.get("optional"):
            yield f"{before}{name}"
        else:
            yield from _computed(attribute.get("nested_type", {}), f"{before}{name}.")
    for name, nested in block.get("block_types", {}).items():
        yield from _computed(nested["block"], f"{before}{name}.")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def main() -> int:
    """Write the table, a line a type."""
    lines = (f"{json.dumps(type_)}:{json.dumps(names)}" for type_, names in conditions(schema()).items())
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
