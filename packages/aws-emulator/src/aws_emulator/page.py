"""A page of what the emulator holds, for a browser. It needs no network, and runs no script."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Final

from moto.cloudwatch.models import cloudwatch_backends
from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import iam_backends
from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.sqs.models import sqs_backends

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HEADERS: Final = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("Cache-Control", "no-store"),
]
_TEMPLATE: Final = Template(files("aws_emulator").joinpath("page.html").read_text(encoding="utf-8"))
_Rows = list[tuple[Any, ...]]


def written(account_id: str) -> str:
    """Return the page. No request may be changing what it shows."""
    tables: Mapping[tuple[str, Sequence[str]], _Rows] = {
        ("Queues", ("name", "region", "waiting", "in flight", "delayed")): list(_queues(account_id)),
        ("Tables", ("name", "region", "items")): list(_tables(account_id)),
        ("Buckets", ("name", "region", "objects", "versions", "bytes")): list(_buckets(account_id)),
        ("Alarms", ("name", "region", "state", "reason")): list(_alarms(account_id)),
        ("Roles", ("name", "policies")): list(_roles(account_id)),
    }
    sections = "\n".join(_section(title, columns, sorted(rows)) for (title, columns), rows in tables.items())
    return _TEMPLATE.substitute(account=escape(account_id), sections=sections)


def _section(title: str, columns: Sequence[str], rows: _Rows) -> str:
    if not rows:
        return f"<h2>{title} <small>none</small></h2>"
    head = "".join(f"<th scope=col{_number(value)}>{column}" for column, value in zip(columns, rows[0], strict=True))
    labels = ["", *(f' data-label="{column}"' for column in columns[1:])]
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{_number(value)}{label}>{escape(_shown(value))}" for value, label in zip(row, labels, strict=True)
        )
        for row in rows
    )
    return (
        f"<h2>{title} <small>{len(rows)}</small></h2>\n<div><table>\n<thead><tr>{head}\n<tbody>\n{body}\n</table></div>"
    )


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: object) -> str:
    return " class=number" if isinstance(value, int) else ""


def _regions(backends: Any, account_id: str) -> Iterable[tuple[str, Any]]:
    """Return the regions of a service that hold something, or did; asking for another one would make it."""
    return list(backends[account_id].items())


def _queues(account_id: str) -> Iterator[tuple[Any, ...]]:
    for region, backend in _regions(sqs_backends, account_id):
        for name, queue in backend.queues.items():
            counts = (
                queue.approximate_number_of_messages,
                queue.approximate_number_of_messages_not_visible,
                queue.approximate_number_of_messages_delayed,
            )
            yield name, region, *counts


def _tables(account_id: str) -> Iterator[tuple[Any, ...]]:
    for region, backend in _regions(dynamodb_backends, account_id):
        for name, table in backend.tables.items():
            yield name, region, len(list(table.all_items()))


def _buckets(account_id: str) -> Iterator[tuple[Any, ...]]:
    for _, backend in _regions(s3_backends, account_id):
        for name, bucket in backend.buckets.items():
            current = [key for key in bucket.keys.values() if not isinstance(key, FakeDeleteMarker)]
            versions = [each for key in bucket.keys for each in bucket.keys.getlist(key)]
            size = sum(each.size for each in versions if not isinstance(each, FakeDeleteMarker))
            yield name, bucket.region_name, len(current), len(versions), size


def _alarms(account_id: str) -> Iterator[tuple[Any, ...]]:
    for region, backend in _regions(cloudwatch_backends, account_id):
        for name, alarm in backend.alarms.items():
            yield name, region, alarm.state_value, alarm.state_reason


def _roles(account_id: str) -> Iterator[tuple[Any, ...]]:
    for _, backend in _regions(iam_backends, account_id):
        for role in backend.get_roles():
            attached = [arn.rpartition("/")[2] for arn in role.managed_policies]
            yield role.name, ", ".join(sorted([*role.policies, *attached]))
