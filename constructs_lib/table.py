"""A DynamoDB table with on-demand billing."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableTtl,
)
from constructs import Construct


class OnDemandTable(Construct):
    """A table of items found by one string key, with indexes on further string attributes."""

    def __init__(  # noqa: PLR0913 - each is a property of the table
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        hash_key: str,
        retain_data: bool,
        ttl_attribute: str | None = None,
        indexes: Mapping[str, str] | None = None,
    ) -> None:
        """Make the table.

        hash_key: the partition key's attribute, a string.
        retain_data: deletion protection, point-in-time recovery (35 days) and Terraform's prevent_destroy; without
        it the table can be deleted and what it held is gone.
        ttl_attribute: the attribute that holds the time an item may go, in epoch seconds; items stay when left out.
        indexes: hash key by index name, each a string attribute; every index holds whole items.
        """
        super().__init__(scope, id_)
        indexes = indexes or {}
        self.table = DynamodbTable(
            self,
            "Table",
            name=name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=hash_key,
            # Terraform wants each key attribute once; a dict keeps the order, a set would not be stable.
            attribute=[
                DynamodbTableAttribute(name=attribute, type="S")
                for attribute in dict.fromkeys((hash_key, *indexes.values()))
            ],
            global_secondary_index=[
                DynamodbTableGlobalSecondaryIndex(name=index, hash_key=key, projection_type="ALL")
                for index, key in indexes.items()
            ],
            ttl=DynamodbTableTtl(attribute_name=ttl_attribute, enabled=True) if ttl_attribute else None,
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=retain_data),
            deletion_protection_enabled=retain_data,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if retain_data else None,
        )
