"""Asynchronous report generation: a jobs queue, a jobs table, a results bucket, alarms, and the handlers' access."""

from collections.abc import Iterator
from typing import Any

from check_report.printable import shown_value
from constructs_lib.names import InvalidNameError
from stacks.feature import Feature
from stacks.settings import Settings
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import KEY, TABLES, alarm_faults, name_faults


def _faults(settings: Settings) -> Iterator[str]:
    yield from alarm_faults(settings)
    yield from name_faults(settings)
    try:
        names = names_of(settings)
    except InvalidNameError as error:
        yield str(error)
        return
    if names.jobs_queue == names.jobs_dlq:
        yield (
            f"{KEY}.names: jobs_queue and jobs_dlq are both {shown_value(names.jobs_queue)}, and a queue cannot be its "
            "own dead-letter queue; allowed: two names"
        )
    if settings.state_bucket == names.results_bucket:
        yield (
            f"state_bucket = {shown_value(settings.state_bucket)}: is the results bucket's own name; "
            "allowed: a bucket that holds Terraform state and nothing else"
        )


def _requirement(settings: Settings) -> Any:
    from stacks.vpr_async.requirement import requirement  # noqa: PLC0415

    return requirement(settings)


def _stack_class() -> Any:
    from stacks.vpr_async.stack import VprAsyncStack  # noqa: PLC0415

    return VprAsyncStack


def _handler_roles(settings: Settings) -> dict[str, str]:
    names = names_of(settings)
    return {"submit": names.submit_role, "worker": names.worker_role, "status": names.status_role}


def _smoke() -> Any:
    from stacks.vpr_async.smoke import SMOKE  # noqa: PLC0415

    return SMOKE


FEATURE = Feature(
    key=KEY,
    stack="vpr-async",
    settings_tables=TABLES,
    faults=_faults,
    requirement=_requirement,
    stack_class=_stack_class,
    smoke=_smoke,
    handler_roles=_handler_roles,
    alarm_recipients=f"topic_arns or emails under [{KEY}.alarms]",
)
