"""Patches of moto, a file a service: each says what moto does, what AWS does, and what fails without the patch.

A patch goes when moto has closed the gap itself. moto reads its account id at its first import, so that nothing here
is imported before the account is set.
"""

from aws_emulator.patches import awslambda, cloudwatch, dynamodb, iam, kms, s3, sns, sqs


def apply_all() -> None:
    """Patch moto. Raises PatchError if it lacks what a patch replaces."""
    for service in (sqs, s3, dynamodb, sns, cloudwatch, awslambda, kms, iam):
        for patch in service.PATCHES:
            patch()
