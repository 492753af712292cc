"""The table construct as another project would use it: its defaults, its options, and the values that it refuses."""

from typing import Any

import pytest
from cdktf import Testing
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable

from constructs_lib.grants import Grant
from constructs_lib.table import GlobalIndex, Key, LocalIndex, Projection, StreamView, Table
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

ID, CUSTOMER, TIME = Key.string("order_id"), Key.string("customer_id"), Key.number("created_at")
ORDERS: dict[str, Any] = {"name": "orders", "account": ACCOUNT, "partition_key": ID}
BY_CUSTOMER: dict[str, Any] = {"name": "by-customer", "partition_key": CUSTOMER}
BY_TIME: dict[str, Any] = {"name": "by-time", "sort_key": TIME}
TWENTY = Projection.include(*(f"a{number}" for number in range(20)))


def table(**arguments: Any) -> dict[str, Any]:
    """Return the table that these arguments make, in Terraform's JSON."""
    stack = new_stack()
    Table(stack, "Orders", **ORDERS | arguments)
    (made,) = resources(synth(stack), DynamodbTable.TF_RESOURCE_TYPE)
    return {key: value for key, value in made.items() if key != "//"}


def faults(**arguments: Any) -> list[str]:
    """Return the faults for which these arguments are refused, without the construct's path."""
    with pytest.raises(InvalidConstructError) as caught:
        Table(new_stack(), "Orders", **ORDERS | arguments)
    assert all(fault.startswith("other/Orders: ") for fault in caught.value.faults)
    return [fault.removeprefix("other/Orders: ") for fault in caught.value.faults]


def by_customer(**arguments: Any) -> GlobalIndex:
    return GlobalIndex(**BY_CUSTOMER | arguments)


def by_time(**arguments: Any) -> LocalIndex:
    return LocalIndex(**BY_TIME | arguments)


# --- defaults and options -----------------------------------------------------------------------------------------


def test_a_name_and_a_partition_key_make_a_table_that_keeps_its_items() -> None:
    assert table() == {
        "name": "orders",
        "billing_mode": "PAY_PER_REQUEST",
        "hash_key": "order_id",
        "attribute": [{"name": "order_id", "type": "S"}],
        "point_in_time_recovery": {"enabled": True},
        "deletion_protection_enabled": True,
        "lifecycle": {"prevent_destroy": True},
    }


def test_every_option_is_in_the_resource() -> None:
    stack = new_stack()
    Table(
        stack,
        "Orders",
        name="orders",
        account=ACCOUNT,
        partition_key=ID,
        sort_key=Key.binary("line"),
        global_indexes=[
            by_customer(sort_key=TIME, projection=Projection.include("status", "total"), max_read_request_units=5),
            GlobalIndex(name="by-line", partition_key=Key.binary("line"), max_write_request_units=6),
        ],
        local_indexes=[
            by_time(projection=Projection.keys_only()),
            LocalIndex(name="by-total", sort_key=Key.number("total_cents"), projection=Projection.include("status")),
        ],
        ttl_attribute="expires_at",
        stream=StreamView.NEW_AND_OLD_IMAGES,
        max_read_request_units=1000,
        max_write_request_units=500,
        recovery_days=7,
    )
    assert Testing.to_have_resource_with_properties(
        synth(stack),
        DynamodbTable.TF_RESOURCE_TYPE,
        {
            "hash_key": "order_id",
            "range_key": "line",
            "attribute": [
                {"name": "order_id", "type": "S"},
                {"name": "line", "type": "B"},
                {"name": "customer_id", "type": "S"},
                {"name": "created_at", "type": "N"},
                {"name": "total_cents", "type": "N"},
            ],
            "global_secondary_index": [
                {
                    "name": "by-customer",
                    "hash_key": "customer_id",
                    "range_key": "created_at",
                    "projection_type": "INCLUDE",
                    "non_key_attributes": ["status", "total"],
                    "on_demand_throughput": {"max_read_request_units": 5},
                },
                {
                    "name": "by-line",
                    "hash_key": "line",
                    "projection_type": "ALL",
                    "on_demand_throughput": {"max_write_request_units": 6},
                },
            ],
            "local_secondary_index": [
                {"name": "by-time", "range_key": "created_at", "projection_type": "KEYS_ONLY"},
                {
                    "name": "by-total",
                    "range_key": "total_cents",
                    "projection_type": "INCLUDE",
                    "non_key_attributes": ["status"],
                },
            ],
            "ttl": {"attribute_name": "expires_at", "enabled": True},
            "stream_enabled": True,
            "stream_view_type": "NEW_AND_OLD_IMAGES",
            "on_demand_throughput": {"max_read_request_units": 1000, "max_write_request_units": 500},
            "point_in_time_recovery": {"enabled": True, "recovery_period_in_days": 7},
        },
    )


@pytest.mark.parametrize(
    ("arguments", "protected", "recovery", "lifecycle"),
    [
        ({"retain_data": True}, True, {"enabled": True}, {"prevent_destroy": True}),
        ({"retain_data": False}, False, {"enabled": False}, None),
        (
            {"retain_data": False, "recovery_days": 1},
            False,
            {"enabled": True, "recovery_period_in_days": 1},
            None,
        ),
        ({"retain_data": False, "deletion_protection": True}, True, {"enabled": False}, None),
        ({"deletion_protection": False}, True, {"enabled": True}, {"prevent_destroy": True}),
    ],
)
def test_retention_turns_on_every_protection_and_each_can_be_had_alone(
    arguments: dict[str, Any], *, protected: bool, recovery: dict[str, Any], lifecycle: dict[str, Any] | None
) -> None:
    made = table(**arguments)
    assert made["deletion_protection_enabled"] is protected
    assert made["point_in_time_recovery"] == recovery
    assert made.get("lifecycle") == lifecycle


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_a_stream_has_the_view_that_is_chosen(view: str) -> None:
    made = table(stream=StreamView(view))
    assert (made["stream_enabled"], made["stream_view_type"]) == (True, view)


@pytest.mark.parametrize("limit", ["max_read_request_units", "max_write_request_units"])
def test_one_limit_is_enough(limit: str) -> None:
    made = table(**{limit: 9}, global_indexes=[by_customer(**{limit: 8})])
    assert made["on_demand_throughput"] == {limit: 9}
    assert made["global_secondary_index"][0]["on_demand_throughput"] == {limit: 8}


def test_an_attribute_of_several_keys_is_defined_once() -> None:
    again = GlobalIndex(name="again", partition_key=TIME, sort_key=ID)
    made = table(sort_key=TIME, global_indexes=[again, by_customer(sort_key=TIME)])
    assert made["attribute"] == [
        {"name": "order_id", "type": "S"},
        {"name": "created_at", "type": "N"},
        {"name": "customer_id", "type": "S"},
    ]


def test_the_limits_themselves_are_accepted() -> None:
    """20 global and 5 local indexes, 100 included attributes, names of 255 bytes, a unit and a day."""
    first = GlobalIndex(
        name="i" * 255, partition_key=Key.string("é" * 127), projection=TWENTY, max_read_request_units=1
    )
    made = table(
        name="abc",
        sort_key=Key.string("s" * 255),
        global_indexes=[first, *(by_customer(name=f"g{number:02}") for number in range(19))],
        local_indexes=[
            by_time(name="l-0"),
            *(by_time(name=f"l-{number}", projection=TWENTY) for number in (1, 2, 3, 4)),
        ],
        ttl_attribute="created_at",
        max_write_request_units=1,
        recovery_days=35,
    )
    assert (len(made["global_secondary_index"]), len(made["local_secondary_index"])) == (20, 5)
    indexes = (*made["global_secondary_index"], *made["local_secondary_index"])
    assert sum(len(index.get("non_key_attributes", ())) for index in indexes) == 100


# --- refused values -----------------------------------------------------------------------------------------------

LONG = "n" * 256
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "or"}, 'name = "or" is 2 characters long; DynamoDB table names have 3 to 255'),
    (
        {"name": "my orders"},
        'name = "my orders" is no DynamoDB table name; allowed: letters, digits, hyphens, underscores and dots',
    ),
    ({"partition_key": Key.string("")}, 'key attribute "": 0 bytes long; allowed: 1 to 255 bytes of UTF-8'),
    (
        {"sort_key": Key.string("é" * 128)},
        f'key attribute "{"é" * 128}": 256 bytes long; allowed: 1 to 255 bytes of UTF-8',
    ),
    (
        {"sort_key": ID},
        'sort_key = "order_id": the partition key too; allowed: another attribute',
    ),
    (
        {"global_indexes": [by_customer(sort_key=CUSTOMER)]},
        'global index "by-customer": sort_key = "customer_id": the partition key too; allowed: another attribute',
    ),
    (
        {"sort_key": TIME, "local_indexes": [LocalIndex(name="own", sort_key=ID)]},
        'local index "own": sort_key = "order_id": the partition key too; allowed: another attribute',
    ),
    (
        {"global_indexes": [by_customer(sort_key=Key.number("order_id"))]},
        'key attribute "order_id": declared with the types S and N; allowed: one type',
    ),
    (
        {"sort_key": TIME, "local_indexes": [by_time(sort_key=Key.binary("created_at"))]},
        'key attribute "created_at": declared with the types N and B; allowed: one type',
    ),
    (
        {"global_indexes": [by_customer(name="by")]},
        'index "by" is 2 characters long; DynamoDB index names have 3 to 255',
    ),
    (
        {"sort_key": TIME, "local_indexes": [by_time(name="by time")]},
        'index "by time" is no DynamoDB index name; allowed: letters, digits, hyphens, underscores and dots',
    ),
    (
        {"global_indexes": [by_customer(), by_customer(partition_key=TIME)]},
        'index "by-customer": 2 indexes have this name; allowed: 1, global or local',
    ),
    (
        {"sort_key": TIME, "global_indexes": [by_customer()], "local_indexes": [by_time(name="by-customer")]},
        'index "by-customer": 2 indexes have this name; allowed: 1, global or local',
    ),
    (
        {"global_indexes": [by_customer(projection=Projection.include())]},
        (
            'global index "by-customer": projection INCLUDE of 0 attributes; '
            "allowed: INCLUDE of 1 to 20, ALL and KEYS_ONLY of none"
        ),
    ),
    (
        {"global_indexes": [by_customer(projection=Projection.include(*(f"a{n}" for n in range(21))))]},
        (
            'global index "by-customer": projection INCLUDE of 21 attributes; '
            "allowed: INCLUDE of 1 to 20, ALL and KEYS_ONLY of none"
        ),
    ),
    (
        {"global_indexes": [by_customer(projection=Projection("ALL", ("status",)))]},
        (
            'global index "by-customer": projection ALL of 1 attributes; '
            "allowed: INCLUDE of 1 to 20, ALL and KEYS_ONLY of none"
        ),
    ),
    (
        {"global_indexes": [by_customer(projection=Projection.include(LONG))]},
        f'global index "by-customer": included attribute "{LONG}": 256 bytes long; allowed: 1 to 255 bytes of UTF-8',
    ),
    (
        {"global_indexes": [by_customer(projection=Projection.include("status", "order_id"))]},
        (
            'global index "by-customer": included attribute "order_id": a key, which the index holds anyway; '
            "allowed: other attributes"
        ),
    ),
    (
        {"sort_key": CUSTOMER, "local_indexes": [by_time(projection=Projection.include("created_at"))]},
        (
            'local index "by-time": included attribute "created_at": a key, which the index holds anyway; '
            "allowed: other attributes"
        ),
    ),
    (
        {"global_indexes": [by_customer(projection=Projection.include("status", "status"))]},
        'global index "by-customer": included attribute "status": given 2 times; allowed: 1',
    ),
    (
        {
            "sort_key": CUSTOMER,
            "global_indexes": [by_customer(name=f"by-{number}", projection=TWENTY) for number in range(5)],
            "local_indexes": [by_time(projection=Projection.include("a1"))],
        },
        "included attributes: 101 in all indexes together; allowed: at most 100",
    ),
    (
        {"global_indexes": [by_customer(name=f"by-{number}") for number in range(21)]},
        "global_indexes: 21; allowed: at most 20, AWS's default quota",
    ),
    (
        {"sort_key": CUSTOMER, "local_indexes": [by_time(name=f"by-{number}") for number in range(6)]},
        "local_indexes: 6; allowed: at most 5",
    ),
    (
        {"local_indexes": [by_time()]},
        "local_indexes: 1 on a table without a sort key; allowed: 0, or a sort_key of the table",
    ),
    ({"max_read_request_units": 0}, "max_read_request_units = 0: not allowed; allowed: at least 1"),
    ({"max_write_request_units": -1}, "max_write_request_units = -1: not allowed; allowed: at least 1"),
    (
        {"global_indexes": [by_customer(max_write_request_units=0)]},
        'global index "by-customer": max_write_request_units = 0: not allowed; allowed: at least 1',
    ),
    ({"ttl_attribute": ""}, 'ttl_attribute "": 0 bytes long; allowed: 1 to 255 bytes of UTF-8'),
    (
        {"ttl_attribute": "order_id"},
        'ttl_attribute = "order_id": a key of type S, so no item would expire; allowed: a number',
    ),
    ({"recovery_days": 0}, "recovery_days = 0: not allowed; allowed: 1 to 35"),
    ({"recovery_days": 36}, "recovery_days = 36: not allowed; allowed: 1 to 35"),
]


@pytest.mark.parametrize(("arguments", "fault"), REFUSED)
def test_a_value_that_dynamodb_refuses_is_refused_with_what_is_allowed(arguments: dict[str, Any], fault: str) -> None:
    assert faults(**arguments) == [fault]


def test_all_faults_are_reported_together() -> None:
    found = faults(
        name="or",
        sort_key=Key.number("order_id"),
        global_indexes=[by_customer(name="x", max_read_request_units=0)],
        ttl_attribute="customer_id",
        max_write_request_units=0,
        recovery_days=36,
    )
    assert found == [
        'name = "or" is 2 characters long; DynamoDB table names have 3 to 255',
        'sort_key = "order_id": the partition key too; allowed: another attribute',
        'key attribute "order_id": declared with the types S and N; allowed: one type',
        'index "x" is 1 characters long; DynamoDB index names have 3 to 255',
        "max_write_request_units = 0: not allowed; allowed: at least 1",
        'global index "x": max_read_request_units = 0: not allowed; allowed: at least 1',
        'ttl_attribute = "customer_id": a key of type S, so no item would expire; allowed: a number',
        "recovery_days = 36: not allowed; allowed: 1 to 35",
    ]


# --- grants -------------------------------------------------------------------------------------------------------

ARN = "arn:aws:dynamodb:eu-west-1:444444444444:table/orders"


def granted(grant: Grant) -> tuple[list[str], str]:
    return sorted(action.removeprefix("dynamodb:") for action in grant.actions), grant.resource


def test_a_tables_grants_are_on_the_table_or_on_one_index() -> None:
    orders = Table(new_stack(), "Orders", **ORDERS, global_indexes=[by_customer()])
    assert granted(orders.get()) == (["GetItem"], ARN)
    assert granted(orders.put()) == (["PutItem"], ARN)
    assert granted(orders.update()) == (["UpdateItem"], ARN)
    assert granted(orders.delete()) == (["DeleteItem"], ARN)
    assert granted(orders.query()) == (["Query"], ARN)
    assert granted(orders.query("by-customer")) == (["Query"], f"{ARN}/index/by-customer")
    assert granted(orders.scan()) == (["Scan"], ARN)
    assert granted(orders.scan("by-customer")) == (["Scan"], f"{ARN}/index/by-customer")
    assert granted(orders.read()) == (["BatchGetItem", "ConditionCheckItem", "GetItem", "Query"], ARN)
    writes = ["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"]
    assert granted(orders.write()) == (writes, ARN)


@pytest.mark.parametrize(
    ("indexes", "allowed"), [([], "none: the table has no index"), ([by_customer()], '"by-customer"')]
)
def test_a_grant_on_an_index_that_is_not_declared_is_refused(indexes: list[GlobalIndex], allowed: str) -> None:
    orders = Table(new_stack(), "Orders", **ORDERS, global_indexes=indexes)
    with pytest.raises(InvalidConstructError) as caught:
        orders.query("by-time")
    assert str(caught.value) == f'other/Orders: index = "by-time": not declared; allowed: {allowed}'
