"""The stack of the state bucket, against literals written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

REFERENCE = "${aws_s3_bucket.State_Bucket_23180D49.bucket}"


def expected(environment: str, account_id: str) -> dict[str, Any]:
    bucket = f"careervp-terraform-state-{environment}-{account_id}"
    return {
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": bucket,
                    "key": f"state-backend-{environment}/terraform.tfstate",
                    "region": "us-east-1",
                    "encrypt": True,
                    "use_lockfile": True,
                    "allowed_account_ids": [account_id],
                }
            },
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        "provider": {
            "aws": [
                {
                    "region": "us-east-1",
                    "allowed_account_ids": [account_id],
                    "default_tags": [
                        {
                            "tags": {
                                "Project": "careervp",
                                "Feature": "terraform-state",
                                "Environment": environment,
                                "ManagedBy": "terraform",
                                "Owner": "careervp-platform",
                            }
                        }
                    ],
                }
            ]
        },
        "resource": {
            "aws_s3_bucket": {
                "State_Bucket_23180D49": {
                    "bucket": bucket,
                    "force_destroy": False,
                    "lifecycle": {"prevent_destroy": True},
                }
            },
            "aws_s3_bucket_versioning": {
                "State_Versioning_CB27A738": {
                    "bucket": REFERENCE,
                    "versioning_configuration": {"status": "Enabled"},
                }
            },
            "aws_s3_bucket_server_side_encryption_configuration": {
                "State_Encryption_00D63BFF": {
                    "bucket": REFERENCE,
                    "rule": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
                }
            },
            "aws_s3_bucket_public_access_block": {
                "State_PublicAccess_3D847779": {
                    "bucket": REFERENCE,
                    "block_public_acls": True,
                    "block_public_policy": True,
                    "ignore_public_acls": True,
                    "restrict_public_buckets": True,
                }
            },
            "aws_s3_bucket_ownership_controls": {
                "State_Ownership_BE78B673": {
                    "bucket": REFERENCE,
                    "rule": {"object_ownership": "BucketOwnerEnforced"},
                }
            },
            "aws_s3_bucket_policy": {
                "State_Policy_FCE7C4B0": {
                    "bucket": REFERENCE,
                    "policy": '{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny",'
                    f'"Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::{bucket}","arn:aws:s3:::{bucket}/*"],'
                    '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}',
                    "depends_on": ["aws_s3_bucket_public_access_block.State_PublicAccess_3D847779"],
                }
            },
            "aws_s3_bucket_lifecycle_configuration": {
                "State_Lifecycle_CD96E254": {
                    "bucket": REFERENCE,
                    "rule": [
                        {
                            "id": "ExpireOldVersions",
                            "status": "Enabled",
                            "filter": [{"prefix": ""}],
                            "noncurrent_version_expiration": [{"noncurrent_days": 90}],
                            "expiration": [{"expired_object_delete_marker": True}],
                        },
                        {
                            "id": "AbortIncompleteUploads",
                            "status": "Enabled",
                            "filter": [{"prefix": ""}],
                            "abort_incomplete_multipart_upload": [{"days_after_initiation": 1}],
                        },
                    ],
                    "depends_on": ["aws_s3_bucket_versioning.State_Versioning_CB27A738"],
                }
            },
        },
    }


@pytest.mark.parametrize(
    ("environment", "account_id"), [("dev", "111111111111"), ("staging", "222222222222"), ("prod", "333333333333")]
)
def test_the_state_bucket_of_every_environment_is_as_settled(
    synthesized: Path, environment: str, account_id: str
) -> None:
    """Retained in dev as well; every resource, property and address, and nothing more."""
    found = json.loads((synthesized / "stacks" / f"state-backend-{environment}" / "cdk.tf.json").read_text())
    assert found.pop("//")["metadata"]["stackName"] == f"state-backend-{environment}"
    for of_type in found["resource"].values():
        for resource in of_type.values():
            del resource["//"]
    assert found == expected(environment, account_id)
