"""The handlers' roles on an emulator: what they may do, and that nothing else depends on them."""

import json
from collections.abc import Generator

import pytest
from botocore.exceptions import ClientError

from aws_emulator import Emulator, temporary
from aws_emulator.identities import Identity
from config.request import Target
from ops.handlers import roles
from ops.workspace import Workspace
from tests.workspaces import workspace_of

pytestmark = pytest.mark.slow
LIST = {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [LIST]})
ROLE = "arn:aws:iam::111111111111:role/careervp-vpr-submit-role-dev"


@pytest.fixture(scope="module")
def emulator() -> Generator[Emulator]:
    with temporary("111111111111") as running:
        yield running


@pytest.fixture
def workspace(emulator: Emulator) -> Generator[Workspace]:
    """Give a workspace on the emulator, on which there are no roles before and afterwards."""
    made = workspace_of("dev", target=Target.EMULATOR, emulator=emulator)
    yield made
    roles.remove(made)


def test_a_role_has_the_document_where_the_stack_makes_no_policy(workspace: Workspace, emulator: Emulator) -> None:
    """A handler without a document has no role. Whoever commands act as, the roles are made."""
    administrator = Identity(emulator.endpoint)
    administrator.assume(administrator.make_role("nobody", "111111111111")).sign_in()
    try:
        assert roles.make(workspace, {"handler_policy_documents": {"submit": DOCUMENT}}) == {"submit": ROLE}
    finally:
        administrator.sign_out()
        administrator.client("iam").delete_role(RoleName="nobody")
    submit = administrator.assume(ROLE)
    submit.client("sqs").list_queues()
    with pytest.raises(ClientError, match="AccessDenied"):
        submit.client("sqs").create_queue(QueueName="a")


def test_the_roles_are_removed_and_one_that_somebody_uses_for_more_stays(
    workspace: Workspace, emulator: Emulator
) -> None:
    iam = Identity(emulator.endpoint).client("iam")
    roles.make(workspace, {"handler_policy_documents": {"submit": DOCUMENT, "status": DOCUMENT}})
    own = iam.create_policy(PolicyName="own", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="careervp-vpr-submit-role-dev", PolicyArn=own)
    roles.remove(workspace)
    assert [each["RoleName"] for each in iam.list_roles()["Roles"]] == ["careervp-vpr-submit-role-dev"]
    assert iam.list_role_policies(RoleName="careervp-vpr-submit-role-dev")["PolicyNames"] == []
    roles.remove(workspace)
    iam.detach_role_policy(RoleName="careervp-vpr-submit-role-dev", PolicyArn=own)
    iam.delete_role(RoleName="careervp-vpr-submit-role-dev")


def test_a_stack_without_handlers_policies_has_no_roles(workspace: Workspace, emulator: Emulator) -> None:
    assert roles.make(workspace, {"jobs_queue_url": "https://sqs/1/jobs"}) == {}
    assert Identity(emulator.endpoint).client("iam").list_roles()["Roles"] == []
