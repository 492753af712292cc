"""Known resource types: each type that can lose data says what is lost, and an unknown one is never taken for known."""

import json
from pathlib import Path
from typing import Any

import pytest

from plan_review.held_data import AWS, AZURERM, GOOGLE, HELD
from plan_review.known_types import HOLDING_NOTHING, MAY_HOLD, held, is_known, main, unclassified
from plan_review.model import Verdict

from plan_builder import entry, reviewed, told

IN_5_100 = 1526
NEWER = {
    "aws_odb_cloud_autonomous_vm_cluster",
    "aws_odb_cloud_exadata_infrastructure",
    "aws_odb_cloud_vm_cluster",
    "aws_s3vectors_index",
    "aws_s3vectors_vector_bucket",
    "aws_timestreaminfluxdb_db_cluster",
}
"""Types of hashicorp/aws 6."""
TWINS = [
    ("aws_s3_bucket_object", "aws_s3_object"),
    ("aws_s3_object_copy", "aws_s3_object"),
    ("aws_elasticsearch_domain", "aws_opensearch_domain"),
    ("aws_db_snapshot_copy", "aws_db_snapshot"),
    ("aws_rds_cluster_snapshot_copy", "aws_db_cluster_snapshot"),
    ("aws_ebs_snapshot_copy", "aws_ebs_snapshot"),
    ("aws_ebs_snapshot_import", "aws_ebs_snapshot"),
    ("aws_ami_copy", "aws_ami"),
    ("aws_ami_from_instance", "aws_ami"),
    ("aws_kms_replica_external_key", "aws_kms_replica_key"),
    ("aws_serverlessapplicationrepository_cloudformation_stack", "aws_cloudformation_stack"),
    ("aws_ecrpublic_repository", "aws_ecr_repository"),
    ("azurerm_sql_database", "azurerm_mssql_database"),
    ("azurerm_sql_server", "azurerm_mssql_server"),
    ("azurerm_windows_virtual_machine", "azurerm_linux_virtual_machine"),
    ("google_secret_manager_regional_secret", "google_secret_manager_secret"),
    ("kubernetes_persistent_volume_claim_v1", "kubernetes_persistent_volume_claim"),
]
"""Two names for the same."""
CASE_25 = {
    "aws_docdbelastic_cluster": "its databases",
    "aws_dsql_cluster": "its databases",
    "aws_db_cluster_snapshot": "the snapshot",
    "aws_s3_bucket_object": "what it holds",
    "aws_lightsail_bucket": "its objects",
    "aws_fsx_openzfs_volume": "its files",
    "aws_backup_logically_air_gapped_vault": "its recovery points",
    "aws_kms_replica_external_key": "what is encrypted with it in its region",
    "aws_prometheus_workspace": "its metrics",
    "aws_workspaces_workspace": "its volumes",
    "aws_memorydb_snapshot": "the snapshot",
    "aws_simpledb_domain": "its items",
}
"""Twelve types of provider 5.100 whose deletion was once "changes in place"."""


def holding_nothing() -> list[str]:
    return HOLDING_NOTHING.read_text(encoding="utf-8").splitlines()


def test_every_type_of_the_provider_is_classified_once() -> None:
    nothing = holding_nothing()
    assert nothing == sorted(set(nothing))
    assert not HELD.keys() & set(nothing)
    aws = {type_ for type_ in nothing if type_.startswith("aws_")} | AWS.keys() - NEWER
    assert len(aws) == IN_5_100
    assert AWS.keys() >= NEWER


def test_each_table_has_types_of_its_provider_alone() -> None:
    for table, prefix, least in ((AWS, "aws_", 200), (AZURERM, "azurerm_", 100), (GOOGLE, "google_", 100)):
        assert {type_ for type_ in table if not type_.startswith(prefix)} == set()
        assert len(table) >= least
    assert all(lost == lost.strip() != "" for lost in HELD.values())


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_two_names_of_one_thing_lose_the_same(one: str, other: str) -> None:
    assert HELD[one] == HELD[other]


def test_case_25_each_deletion_of_data_is_a_loss_with_its_words() -> None:
    found = reviewed(*(entry(type_, "delete", {"id": "x"}) for type_ in CASE_25))
    assert found.verdict is Verdict.DANGER
    assert {each.type: (each.kind.value, each.sentence) for each in found.findings} == {
        type_: ("loss", f"would be deleted: {lost} lost") for type_, lost in CASE_25.items()
    }


@pytest.mark.parametrize(
    "type_",
    [
        "aws_rds_cluster_instance",
        "aws_docdb_cluster_instance",
        "aws_dax_cluster",
        "aws_ecs_cluster",
        "aws_route_table",
        "aws_s3_bucket_policy",
        "aws_sns_topic",
        "aws_alb",
        "aws_lb",
        "azurerm_route_table",
        "google_compute_backend_bucket",
        "kubernetes_secret",
        "random_password",
    ],
)
def test_a_known_type_without_data_loses_none_whatever_its_name_suggests(type_: str) -> None:
    assert is_known(type_)
    assert held(type_) == ""


@pytest.mark.parametrize(
    "type_", ["aws_future_database", "aws_future_vault", "acme_volume", "oci_objectstorage_bucket", "acme_db"]
)
def test_an_unknown_type_whose_name_suggests_data_says_so(type_: str) -> None:
    assert not is_known(type_)
    found = reviewed(entry(type_, "delete", {"id": "x"}))
    assert told(found) == [
        ("loss", "would be deleted: what it may hold (unknown type; its name suggests data) lost"),
    ]
    assert found.verdict is Verdict.DANGER


@pytest.mark.parametrize("type_", ["aws_future_gadget", "acme_route_table", "acme_dns_server", "", "aws_"])
def test_any_other_unknown_type_is_unknown_and_suggests_nothing(type_: str) -> None:
    assert not is_known(type_)
    assert held(type_) != MAY_HOLD


def test_the_types_that_a_newer_schema_brings_are_named() -> None:
    schemas: dict[str, Any] = {
        "provider_schemas": {
            "example/hashicorp/aws": {
                "resource_schemas": {"aws_sqs_queue": {}, "aws_vpc": {}, "aws_new_b": {}, "aws_new_a": {}},
                "data_source_schemas": {"aws_new_data_source": {}},
            },
            "example/acme/acme": {"resource_schemas": {"acme_thing": {}, "null_resource": {}}},
        }
    }
    assert unclassified(schemas) == ["acme_thing", "aws_new_a", "aws_new_b"]


@pytest.mark.parametrize(("type_", "status", "out"), [("aws_vpc", 0, ""), ("aws_new", 1, "aws_new\n")])
def test_the_command_compares_with_a_schema(
    type_: str, status: int, out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps({"provider_schemas": {"aws": {"resource_schemas": {type_: {}}}}}), encoding="utf-8")
    assert main([str(file)]) == status
    assert capsys.readouterr() == (out, "")


def test_the_command_says_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "schema.json"
    broken.write_text("{", encoding="utf-8")
    other = tmp_path / "other.json"
    other.write_text('{"format_version": "1.0"}', encoding="utf-8")
    for arguments, said in (
        ([], "usage"),
        ([str(other)], "other.json: no resource types"),
        ([str(tmp_path / "none.json")], "none.json"),
        ([str(broken)], "schema.json: Expecting"),
    ):
        assert main(arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert said in printed.err
