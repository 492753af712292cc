"""A stack of another project to make constructs in, and the resources that it synthesizes."""

import json
from typing import Any

from cdktf import App, TerraformStack, Testing
from cdktf_cdktf_provider_aws.provider import AwsProvider

from constructs_lib.account import Account

ACCOUNT = Account(id="444444444444", region="eu-west-1")


def new_stack() -> TerraformStack:
    """Return an empty stack, named `other`."""
    stack = TerraformStack(App(), "other")
    AwsProvider(stack, "Aws", region="eu-west-1")
    return stack


def synth(stack: TerraformStack) -> str:
    """Return the stack's Terraform JSON."""
    return Testing.synth(stack, run_validations=True)


def resources(synthesized: str, type_: str) -> list[dict[str, Any]]:
    """Return the resources of a type."""
    return list(json.loads(synthesized)["resource"][type_].values())
