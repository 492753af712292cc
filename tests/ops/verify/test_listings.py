"""Resources that are listed beside the declared ones: ours, another environment's, or nobody's."""

from pathlib import Path
from typing import Any

import pytest

from config.environments import Environment
from ops.resource_types.interface import Account
from ops.verify.listings import existing
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.verify.told import ToldClients
from tests.settings_files import written_settings

ACCOUNT = "111111111111"


def account(directory: Path, topic: str, *listed: str) -> Account:
    """Return an account in which these topics are listed, and whose alarms notify one of them."""
    settings = written_settings(
        f'account_id = "{ACCOUNT}"\nregion = "us-east-1"\nstate_bucket = "careervp-state"\n'
        'data_protection = "destroy"\n[vpr_async.worker]\ntimeout_seconds = 300\n'
        f'[vpr_async.alarms]\ntopic_arns = ["{topic}"]\n',
        directory,
    )
    topics = [{"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}"} for name in listed]
    clients = ToldClients({"sns.list_topics": {"Topics": topics}})
    return Account(settings, VPR_ASYNC.requirement(settings), clients)


@pytest.mark.parametrize(
    ("owner", "undeclared"),
    [(ACCOUNT, ["careervp-vpr-other"]), ("999999999999", ["careervp-vpr-ops", "careervp-vpr-other"])],
)
def test_a_topic_that_the_alarms_notify_is_no_stray_one_if_it_is_this_accounts(
    tmp_path: Path, owner: str, undeclared: list[str]
) -> None:
    given = f"arn:aws:sns:us-east-1:{owner}:careervp-vpr-ops"
    asked = account(tmp_path, given, "careervp-vpr-ops", "careervp-vpr-other", "somebody-elses")
    declared, checks = existing(asked, {}, "aws_sns_topic", wanted=True)
    assert declared == {}
    assert [(check.resource, check.outcome.value) for check in checks] == [(name, "unexpected") for name in undeclared]


# --- whole names ----------------------------------------------------------------------------------------------------

PLACE = f'account_id = "{ACCOUNT}"\nregion = "us-east-1"\ndata_protection = "destroy"\n'


def named(directory: Path, environment: str, names: str, place: str = PLACE) -> Settings:
    """Return an environment's settings with a table of whole names."""
    return written_settings(
        f'state_bucket = "states"\n{place}[vpr_async.worker]\ntimeout_seconds = 9\n[vpr_async.names]\n{names}\n',
        directory,
        environment,
    )


def queues(*names: str) -> ToldClients:
    """Return an account with these queues, listed by prefix as SQS does."""

    def listed(QueueNamePrefix: str) -> Any:  # noqa: N803 - as boto3 has it
        found = [f"https://sqs/{ACCOUNT}/{name}" for name in names if name.startswith(QueueNamePrefix)]
        return {"QueueUrls": found} if found else {}

    return ToldClients({"sqs.list_queues": listed})


def test_a_whole_name_outside_the_prefix_is_found_and_what_begins_with_it_is_not_ours(tmp_path: Path) -> None:
    dev = named(tmp_path, "dev", 'jobs_dlq = "failures"')
    clients = queues("careervp-vpr-jobs-queue-dev", "failures", "failures-of-others", "careervp-vpr-jobs-dlq-dev")
    declared, checks = existing(Account(dev, VPR_ASYNC.requirement(dev), clients), {}, "aws_sqs_queue", wanted=True)
    assert declared == {
        "careervp-vpr-jobs-queue-dev": f"https://sqs/{ACCOUNT}/careervp-vpr-jobs-queue-dev",
        "failures": f"https://sqs/{ACCOUNT}/failures",
    }
    assert [(check.resource, check.outcome.value) for check in checks] == [
        ("careervp-vpr-jobs-queue-dev", "ok"),
        ("failures", "ok"),
        ("careervp-vpr-jobs-dlq-dev", "unexpected"),
    ]


def test_a_whole_name_that_is_not_there_is_missing(tmp_path: Path) -> None:
    dev = named(tmp_path, "dev", 'jobs_dlq = "failures"')
    asked = Account(dev, VPR_ASYNC.requirement(dev), queues("careervp-vpr-jobs-queue-dev", "failures-of-others"))
    _, checks = existing(asked, {}, "aws_sqs_queue", wanted=True)
    assert [(check.resource, check.outcome.value) for check in checks] == [
        ("careervp-vpr-jobs-queue-dev", "ok"),
        ("failures", "missing"),
    ]


@pytest.mark.parametrize(
    ("place", "undeclared"),
    [
        (PLACE, []),
        (PLACE.replace("us-east-1", "eu-west-1"), ["careervp-vpr-failures"]),
        (PLACE.replace(ACCOUNT, "999999999999"), ["careervp-vpr-failures"]),
    ],
)
def test_another_environments_whole_name_with_our_prefix_is_its_own_where_it_is(
    place: str, undeclared: list[str], tmp_path: Path
) -> None:
    """The same account and region: elsewhere the name is another resource's."""
    dev, qa = named(tmp_path, "dev", ""), named(tmp_path, "qa", 'jobs_dlq = "careervp-vpr-failures"', place)
    names = ("careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev", "careervp-vpr-failures")
    asked = Account(dev, VPR_ASYNC.requirement(dev), queues(*names))
    _, checks = existing(asked, {Environment("qa"): qa}, "aws_sqs_queue", wanted=True)
    assert [check.resource for check in checks if check.outcome.value == "unexpected"] == undeclared
