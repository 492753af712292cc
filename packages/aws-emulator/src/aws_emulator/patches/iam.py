"""Patches of moto's IAM: policies that somebody has are kept, and callers may do what theirs give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend

from aws_emulator.iam.enforcement import authorize
from aws_emulator.patching import wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_policy_deletion() -> None:
    """Refuse to delete a managed policy that somebody has, or that has another version than its default one.

    moto deletes it, and leaves it to those who have it. AWS answers 409 DeleteConflict (DeletePolicy in IAM's API
    reference). A destroy that ends half-way on AWS, after the data is deleted, passes here.
    """

    def delete_policy(original: Callable[..., None], backend: IAMBackend, policy_arn: str) -> None:
        policy = backend.get_policy(policy_arn)
        entities = (*backend.get_roles(), *backend.users.values(), *backend.groups.values())
        if any(policy_arn in entity.managed_policies for entity in entities) or any(
            role.permissions_boundary_arn == policy_arn for role in backend.get_roles()
        ):
            message = "Cannot delete a policy attached to entities."
            raise DeleteConflictException(message)
        if len(policy.versions) > 1:
            message = (
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
            raise DeleteConflictException(message)
        original(backend, policy_arn)

    wrap_method(IAMBackend, "delete_policy", delete_policy)


def patch_access_control() -> None:
    """Let identities do what their policies give, and no more.

    moto enforces policies only on request, then for every caller, and reads neither resources nor presigned requests;
    a condition that is not met denies. AWS allows what a policy allows and none denies (IAM's user guide, "Policy
    evaluation logic"). Without the patch a role that lacks a permission passes every test.
    """

    def authenticate(_: Callable[..., None], response: Any, __: type, resource: str = "*") -> None:
        authorize(response, resource)

    wrap_method(ActionAuthenticatorMixin, "_authenticate_and_authorize_action", authenticate)


PATCHES: tuple[Callable[[], None], ...] = (
    patch_policy_deletion,
    patch_access_control,
)
