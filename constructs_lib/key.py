"""KMS keys for what CloudWatch's alarms are sent through."""

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.names import Service, name_faults
from constructs_lib.policies import policy
from constructs_lib.validation import Checks

_MAX_DESCRIPTION = 8192


class AlarmKey(Construct):
    """A key, rotated every year, that the account's own policies give access to, and this account's alarms may use.

    arn: known to Terraform alone. key: Terraform's resource.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        alias: str,
        account: Account,
        description: str = "Encrypts the messages of alarms.",
    ) -> None:
        """Make the key with its alias, as "alias/alarms".

        Its policy is what SNS's developer guide asks for in "Enable compatibility between event sources from AWS
        services and encrypted topics". The resource "*" of a key's policy is the key.

        Raises InvalidConstructError for an alias or a description that KMS refuses.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.faults += name_faults("alias", Service.KMS_ALIAS, alias)
        checks.that(
            len(description) <= _MAX_DESCRIPTION,
            f"description: {len(description)} characters; allowed: at most {_MAX_DESCRIPTION}",
        )
        checks.raise_faults(self)

        self.key = KmsKey(
            self,
            "Key",
            description=description,
            enable_key_rotation=True,
            policy=policy(
                {
                    "Sid": "AllowAccount",
                    "Effect": "Allow",
                    "Principal": {"AWS": account.root_arn},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "AllowAlarms",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
                },
            ),
        )
        KmsAlias(self, "Alias", name=alias, target_key_id=self.key.key_id)
        self.arn = self.key.arn
