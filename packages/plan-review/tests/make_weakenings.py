"""Weakenings from checkov's checks of one attribute: `python make_weakenings.py`, where checkov is, writes the file.

A row is a check's id, a resource type, a path, a good and a bad value, and the kind of the finding, which is written by
hand and kept. The check's own values are taken; where it gives only one of the two, the other is below, or is that the
attribute is not set.
"""

# pyright: reportMissingImports=false

import importlib
import json
import logging
import pkgutil
import re
from pathlib import Path
from typing import Any, cast

ANY = "CKV_ANY"
LISTS = {
    "notification_arns",
    "security_group_ids",
    "resources",
    "subnet_ids",
    "account_ids",
    "shared_accounts",
    "enabled_cloudwatch_logs_exports",
}
GIVEN: dict[str, tuple[Any, Any]] = {
    # The path's last names: a good and a bad value, where checkov says one of them alone, or none that differ in type.
    "desync_mitigation_mode": ("defensive", "monitor"),
    "certificate_transparency_logging_preference": ("ENABLED", "DISABLED"),
    "security_policy": ("TLS_1_2", "TLS_1_0"),
    "authorization_type": ("AWS_IAM", "NONE"),
    "field_log_level": ("ALL", "NONE"),
    "restriction_type": ("whitelist", "none"),
    "viewer_certificate/minimum_protocol_version": ("TLSv1.2_2021", "TLSv1"),
    "tls_security_policy": ("Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-0-2019-07"),
    "cluster_endpoint_encryption_type": ("TLS", "NONE"),
    "shared_accounts": (["222222222222"], ["all"]),
    "account_ids": ("222222222222", "All"),
    "runtime": ("python3.13", "python2.7"),
    "docdb_cluster/backup_retention_period": (7, 0),
    "image_tag_mutability": ("IMMUTABLE", "MUTABLE"),
    "ecr_repository/encryption_configuration/encryption_type": ("KMS", "AES256"),
    "execute_command_configuration/logging": ("OVERRIDE", "NONE"),
    "root_directory/path": ("/jobs", "/"),
    "posix_user/gid": (1000, None),
    "eks_cluster/version": ("1.35", "1.28"),
    "auto_accept_shared_attachments": ("disable", "enable"),
    "snapshot_retention_limit": (7, 0),
    "kinesis_stream/encryption_type": ("KMS", "NONE"),
    "reserved_concurrent_executions": (10, -1),
    "tracing_config/mode": ("Active", None),
    "http_put_response_hop_limit": (1, 2),
    "public_access/type": ("DISABLED", "SERVICE_PROVIDED_EIPS"),
    "max_password_age": (90, 365),
    "minimum_password_length": (14, 6),
    "password_reuse_prevention": (24, 1),
    "permissions_mode": ("STANDARD", "ALLOW_ALL"),
    "ca_cert_identifier": ("rds-ca-rsa2048-g1", "rds-ca-2019"),
    "backtrack_window": (86400, 0),
    "monitoring_interval": (60, 0),
    "automated_snapshot_retention_period": (7, 0),
    "direct_internet_access": ("Disabled", "Enabled"),
    "minimum_instance_metadata_service_version": ("2", "1"),
    "root_access": ("Disabled", "Enabled"),
    "tls_policy": ("Require", "Optional"),
    "endpoint_type": ("VPC", "PUBLIC"),
    "metadata_options/http_tokens": ("required", "optional"),
    "elasticache_cluster/subnet_group_name": ("private", None),
    "vpc_options": ([{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}], []),
    "vpc_config": ([{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}], []),
    "retention_in_days": (30, None),
    "secret_key": (None, "example"),
    "iam_access_key/user": ("deployer", "root"),
    "permissions/account_ids": ("222222222222", "All"),
    "lambda_permission/principal": ("events.amazonaws.com", "*"),
}


def checks() -> list[Any]:
    logging.disable(logging.CRITICAL)
    package = importlib.import_module("checkov.terraform.checks.resource.aws")
    base = "checkov.terraform.checks.resource.base_resource_"
    value = importlib.import_module(f"{base}value_check").BaseResourceValueCheck
    negative = importlib.import_module(f"{base}negative_value_check").BaseResourceNegativeValueCheck
    modules = (
        importlib.import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)
    )
    found = (getattr(module, "check", None) for module in modules)
    return [check for check in found if isinstance(check, value | negative)]


def values(check: Any, type_: str, path: list[str]) -> tuple[Any, Any]:
    """Return a good and a bad value of the attribute."""
    whole = "/".join([type_.removeprefix("aws_"), *path])
    for ending, given in GIVEN.items():
        if whole == ending or whole.endswith(f"/{ending}"):
            return given
    if hasattr(check, "get_forbidden_values"):
        (bad,) = check.get_forbidden_values()
        return (not bad, bad) if isinstance(bad, bool) else (None, bad)
    good: Any = check.get_expected_values()[0]
    if isinstance(good, bool):
        return good, not good
    if good == ANY:
        good = "example"
    is_listed = path[-1] in LISTS and not isinstance(good, list)
    return [good] if is_listed else cast("Any", good), None


def rows() -> list[list[Any]]:
    found: list[list[Any]] = []
    for check in checks():
        key = check.get_inspected_key()
        path = [each for each in key.split("/") if each and not re.fullmatch(r"\[?\d+\]?", each)]
        if path:
            found += [
                [check.id, type_, "/".join(path), *values(check, type_, path)]
                for type_ in sorted(check.supported_resources)
            ]
    return sorted(found, key=lambda row: (row[0], row[1]))


def main() -> None:
    """Write the rows, each with the kind that it has in the file."""
    file = Path(__file__).with_name("weakenings.json")
    kinds = {tuple(row[:3]): row[5] for row in json.loads(file.read_text())} if file.exists() else {}
    lines = [json.dumps([*row, kinds.get(tuple(row[:3]), "")]) for row in rows()]
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
