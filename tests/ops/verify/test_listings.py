"""Resources that are listed beside the declared ones: ours, another environment's, or nobody's."""

from pathlib import Path

import pytest

from config.environments import Environment
from ops.resource_types.interface import Account
from ops.verify.listings import existing
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.verify.told import ToldClients

ACCOUNT = "111111111111"


def account(directory: Path, topic: str, *listed: str) -> Account:
    """Return an account in which these topics are listed, and whose alarms notify one of them."""
    (directory / "dev.toml").write_text(
        f'account_id = "{ACCOUNT}"\nregion = "us-east-1"\nstate_bucket = "careervp-state"\n'
        'data_protection = "destroy"\n[vpr_async.worker]\ntimeout_seconds = 300\n'
        f'[vpr_async.alarms]\ntopic_arn = "{topic}"\n'
    )
    settings = load_settings(Environment("dev"), directory=directory)
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
