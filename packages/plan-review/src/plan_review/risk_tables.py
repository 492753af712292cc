"""Risk tables: the attributes whose change a reviewer must see, and in which direction."""

from dataclasses import dataclass
from typing import Any

from plan_review.attribute_rules import ENCRYPTION, KEY, PRICE, PUBLIC
from plan_review.model import Kind
from plan_review.risk_tests import (
    Test,
    added_or_other,
    any_change,
    becomes,
    differs,
    fewer,
    gone,
    leaves,
    less,
    less_or_limited,
    lowered,
    more,
    near_zero,
    off,
    on,
    other,
    shorter,
    version_lower,
)

UNIMPORTANT = ("null_", "random_", "time_", "local_", "terraform_data", "template_", "tls_", "archive_", "http_")
"""Beginnings of resource types on which nobody else relies."""


ALIASES = {
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_listener_certificate": "aws_lb_listener_certificate",
    "aws_alb_listener_rule": "aws_lb_listener_rule",
    "aws_alb_target_group": "aws_lb_target_group",
    "aws_alb_target_group_attachment": "aws_lb_target_group_attachment",
}
"""Resource types that are another type by another name: all of hashicorp/aws 5.100."""


def _by_every_name(*types: str) -> tuple[str, ...]:
    return (*types, *(alias for alias, type_ in ALIASES.items() if type_ in types))


@dataclass(frozen=True)
class Watched:
    """An attribute, and what it means when it gets worse."""

    path: str
    """The attribute and the parts of it, apart by dots; of a list of blocks, the first."""
    worse: Test
    kind: Kind
    meaning: str
    created: bool = False
    """True if it counts on a new resource too."""


_S, _A, _L, _C, _M, _U = Kind.SECURITY, Kind.AVAILABILITY, Kind.LOSS, Kind.COST, Kind.ALARMS, Kind.CLIENTS
_X = Kind.EXPOSURE
_LEFT = "who is not in it any more would lose what it gives"

BY_TYPE: dict[str, tuple[Watched, ...]] = {
    "aws_sqs_queue": (
        Watched("message_retention_seconds", less, _L, "messages that wait longer would be lost"),
        Watched(
            "visibility_timeout_seconds",
            less,
            _A,
            "a message could be received again while its receiver is still at work on it",
        ),
        Watched("receive_wait_time_seconds", less, _A, "receivers would poll more often for nothing"),
        Watched("delay_seconds", more, _A, "messages would arrive later"),
        Watched("max_message_size", less, _A, "greater messages would be refused"),
        Watched("redrive_policy", gone, _A, "messages that fail would go to no dead-letter queue"),
        Watched("redrive_policy.maxReceiveCount", less, _A, "messages would be given up after fewer attempts"),
        Watched("redrive_policy.deadLetterTargetArn", other, _A, "messages that fail would go elsewhere"),
        Watched("redrive_allow_policy.redrivePermission", other, _A, "other queues may use it for their dead letters"),
        Watched("redrive_allow_policy.sourceQueueArns", other, _A, "other queues may use it for their dead letters"),
    ),
    "aws_sqs_queue_redrive_policy": (
        Watched("redrive_policy.maxReceiveCount", less, _A, "messages would be given up after fewer attempts"),
        Watched("redrive_policy.deadLetterTargetArn", other, _A, "messages that fail would go elsewhere"),
    ),
    "aws_dynamodb_table": (
        Watched("point_in_time_recovery.enabled", off, _S, "no earlier state could be had back"),
        Watched("point_in_time_recovery.enabled", on, _C, "continuous backups are charged by the gigabyte"),
        Watched("point_in_time_recovery.recovery_period_in_days", less, _S, "fewer days could be had back"),
        Watched("server_side_encryption.enabled", off, _S, KEY),
        Watched("server_side_encryption.enabled", on, _C, "its key is charged"),
        Watched("stream_enabled", off, _A, "whoever reads its stream gets nothing more"),
        Watched("stream_view_type", other, _A, "whoever reads its stream gets something else"),
        Watched("billing_mode", differs("PROVISIONED"), _C, PRICE),
        Watched("read_capacity", any_change, _C, PRICE),
        Watched("write_capacity", any_change, _C, PRICE),
        Watched("table_class", differs("STANDARD"), _C, PRICE),
    ),
    "aws_s3_bucket": (Watched("versioning.enabled", off, _S, "what is overwritten or deleted could not be had back"),),
    "aws_s3_bucket_versioning": (
        Watched(
            "versioning_configuration.status",
            leaves("Enabled"),
            _S,
            "what is overwritten or deleted could not be had back",
        ),
    ),
    "aws_s3_bucket_ownership_controls": (
        Watched(
            "rule.object_ownership",
            leaves("BucketOwnerEnforced", "BucketOwnerPreferred"),
            _S,
            "access lists would count",
        ),
    ),
    "aws_s3_bucket_server_side_encryption_configuration": (
        Watched(
            "rule.apply_server_side_encryption_by_default.sse_algorithm",
            leaves("aws:kms:dsse", "aws:kms", "AES256"),
            _S,
            ENCRYPTION,
        ),
        Watched(
            "rule.apply_server_side_encryption_by_default.sse_algorithm",
            becomes("aws:kms", "aws:kms:dsse"),
            _C,
            "each use of the key is charged",
        ),
    ),
    "aws_cloudwatch_metric_alarm": (
        Watched("actions_enabled", off, _M, "it would notify nobody"),
        Watched("period", more, _M, "it would notice later"),
        Watched("evaluation_periods", more, _M, "it would notice later"),
        Watched("datapoints_to_alarm", more, _M, "it would notice later"),
        Watched(
            "treat_missing_data",
            leaves("breaching", "missing", "ignore", "notBreaching"),
            _M,
            "silence would count as health",
        ),
        *(
            Watched(path, any_change, _M, "it would look at something else")
            for path in (
                "comparison_operator",
                "namespace",
                "metric_name",
                "statistic",
                "extended_statistic",
                "dimensions",
                "metric_query",
                "unit",
                "threshold_metric_id",
            )
        ),
    ),
    "aws_cloudwatch_composite_alarm": (
        Watched("actions_enabled", off, _M, "it would notify nobody"),
        Watched("alarm_rule", any_change, _M, "it would look at something else"),
        Watched("actions_suppressor.alarm", added_or_other, _M, "it would notify nobody while that alarm is raised"),
        Watched("actions_suppressor.wait_period", more, _M, "it would notify later"),
        Watched("actions_suppressor.extension_period", more, _M, "it would notify nobody for longer"),
    ),
    "aws_lambda_event_source_mapping": (
        Watched("enabled", off, _U, "what its source has would wait, and its function would work on none of it"),
        Watched("function_name", other, _U, "another function would get what its source has"),
        Watched("filter_criteria", added_or_other, _L, "messages of a queue that no filter matches are deleted"),
        Watched(
            "function_response_types",
            fewer,
            _A,
            "if one message of a batch fails, the whole batch would be received again",
        ),
        Watched(
            "scaling_config.maximum_concurrency", less_or_limited, _A, "fewer messages would be worked on at a time"
        ),
        Watched("maximum_batching_window_in_seconds", more, _A, "messages would wait longer"),
        Watched("destination_config", gone, _A, "events that fail would go nowhere"),
        Watched("maximum_retry_attempts", less, _A, "events would be given up after fewer attempts"),
        Watched("maximum_record_age_in_seconds", shorter, _L, "records that wait longer would be passed over"),
    ),
    "aws_sns_topic_subscription": (Watched("endpoint", other, _A, "somebody else would be notified"),),
    "aws_iam_policy_attachment": tuple(Watched(path, fewer, _U, _LEFT) for path in ("roles", "users", "groups")),
    "aws_iam_group_membership": (Watched("users", fewer, _U, _LEFT),),
    "aws_iam_user_group_membership": (Watched("groups", fewer, _U, _LEFT),),
    "aws_iam_role_policies_exclusive": (Watched("policy_names", fewer, _U, "the role could do less"),),
    "aws_iam_role_policy_attachments_exclusive": (Watched("policy_arns", fewer, _U, "the role could do less"),),
    "aws_kms_key": (
        Watched("enable_key_rotation", off, _S, "the key would not be rotated"),
        Watched("is_enabled", off, _A, "nothing could be decrypted with it"),
        Watched("rotation_period_in_days", more, _S, "the key would be rotated less often"),
        Watched("bypass_policy_lockout_safety_check", on, _S, "its policy could lock everybody out, for good"),
    ),
    "aws_kms_alias": (Watched("target_key_id", other, _S, "whoever encrypts by this name would use another key"),),
    "aws_kinesis_stream": (
        Watched("retention_period", less, _L, "records that wait longer would be lost"),
        Watched("shard_count", less, _A, "less could be written and read at a time"),
    ),
    "aws_ecr_repository": (
        Watched("image_tag_mutability", becomes("MUTABLE"), _S, "a tag could be moved to another image"),
        Watched("image_scanning_configuration.scan_on_push", off, _S, "images would not be scanned"),
    ),
    **dict.fromkeys(
        ("aws_lb", "aws_elb"),
        (
            Watched("drop_invalid_header_fields", off, _S, "headers that are not valid would get through"),
            Watched("desync_mitigation_mode", becomes("monitor"), _S, "requests in disguise would get through"),
        ),
    ),
    "aws_ssm_parameter": (
        Watched("key_id", other, _S, KEY),
        Watched("type", leaves("SecureString"), _S, ENCRYPTION),
    ),
    "aws_guardduty_detector": (Watched("enable", off, _S, "threats would not be noticed"),),
    "aws_ebs_encryption_by_default": (Watched("enabled", off, _S, "new volumes would not be encrypted"),),
    "aws_efs_access_point": (
        Watched("root_directory.path", becomes("/"), _X, "open down to the root of the file system"),
        Watched("posix_user", gone, Kind.PRIVILEGE, "its clients could say themselves which user they are"),
    ),
    "aws_qldb_ledger": (Watched("permissions_mode", leaves("STANDARD"), _S, "every command would be allowed"),),
    "aws_db_instance": (
        Watched("ca_cert_identifier", becomes("rds-ca-2015", "rds-ca-2019"), _S, "its certificate has expired"),
    ),
    "aws_cloudfront_distribution": (Watched("default_root_object", gone, _U, "its root would answer nothing"),),
    "aws_lambda_function": (
        Watched("timeout", less, _A, "it would be given less time"),
        Watched("reserved_concurrent_executions", lowered, _A, "fewer would run at a time"),
        Watched("reserved_concurrent_executions", near_zero, _U, "nearly every call would be refused"),
        Watched("memory_size", any_change, _C, PRICE),
    ),
    "aws_lambda_function_url": (Watched("authorization_type", becomes("NONE"), _X, PUBLIC, created=True),),
    "aws_cloudtrail": (
        Watched("enable_logging", off, _S, "nothing would be recorded"),
        Watched("is_multi_region_trail", off, _S, "other regions would not be recorded"),
        Watched("enable_log_file_validation", off, _S, "a forged record would not be noticed"),
    ),
    "aws_eks_cluster": (Watched("version", version_lower, _S, "an older version"),),
}


GUARDS = {
    "aws_s3_bucket_public_access_block": (_X, "public access would not be blocked"),
    "aws_s3_account_public_access_block": (_X, "public access would not be blocked"),
    "aws_s3_bucket_server_side_encryption_configuration": (_S, "its encryption would be S3's default"),
    "aws_s3_bucket_ownership_controls": (_S, "access lists could count again"),
    "aws_s3_bucket_versioning": (_S, "what is overwritten or deleted could not be had back"),
    "aws_s3_bucket_object_lock_configuration": (_S, "objects could be deleted before their time"),
    "aws_s3_bucket_logging": (_S, "access would not be recorded"),
    "aws_sqs_queue_redrive_policy": (_A, "messages that fail would go to no dead-letter queue"),
    "aws_backup_vault_lock_configuration": (_S, "recovery points could be deleted before their time"),
    "aws_cloudtrail": (_S, "nothing would be recorded"),
    "aws_guardduty_detector": (_S, "threats would not be noticed"),
    "aws_config_configuration_recorder": (_S, "changes would not be recorded"),
    "aws_wafv2_web_acl_association": (_S, "requests would not be filtered"),
    "aws_backup_selection": (_S, "nothing would be backed up"),
    "aws_backup_plan": (_S, "nothing would be backed up"),
    "aws_flow_log": (_S, "traffic would not be recorded"),
    "aws_cloudwatch_metric_alarm": (_M, "what it watches would go unnoticed"),
    "aws_cloudwatch_composite_alarm": (_M, "what it watches would go unnoticed"),
    "aws_lambda_event_source_mapping": (_U, "its function would get nothing more of what its source has"),
    "aws_kms_alias": (_U, "who uses the key by this name would find none"),
    "aws_s3_bucket_cors_configuration": (_U, "web sites could no longer read or write it in a visitor's browser"),
    "aws_sns_topic_subscription": (_M, "its subscriber would get no more messages"),
    "aws_sns_topic": (_M, "its subscribers would get no more messages"),
    "aws_iam_policy_attachment": (_U, "who has the policy through it would lose it"),
    "aws_iam_group_membership": (_U, "its users would lose what the group may do"),
    "aws_iam_user_group_membership": (_U, "the user would lose what the groups may do"),
}
"""Consequences of deleting a resource that guards another, or gives it something. It is no finding if that other
is deleted too."""


@dataclass(frozen=True)
class Owner:
    """The resource that another one is for."""

    attribute: str
    """The attribute of the other one that names it, by name, id, ARN or URL."""
    types: tuple[str, ...]
    """The types that it may have."""


_WEB = _by_every_name(
    "aws_lb",
    "aws_api_gateway_stage",
    "aws_appsync_graphql_api",
    "aws_apprunner_service",
    "aws_cognito_user_pool",
    "aws_verifiedaccess_instance",
)
OWNERS = {
    **dict.fromkeys(
        (
            "aws_s3_bucket_accelerate_configuration",
            "aws_s3_bucket_acl",
            "aws_s3_bucket_analytics_configuration",
            "aws_s3_bucket_cors_configuration",
            "aws_s3_bucket_intelligent_tiering_configuration",
            "aws_s3_bucket_inventory",
            "aws_s3_bucket_lifecycle_configuration",
            "aws_s3_bucket_logging",
            "aws_s3_bucket_metric",
            "aws_s3_bucket_notification",
            "aws_s3_bucket_object_lock_configuration",
            "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_policy",
            "aws_s3_bucket_public_access_block",
            "aws_s3_bucket_replication_configuration",
            "aws_s3_bucket_request_payment_configuration",
            "aws_s3_bucket_server_side_encryption_configuration",
            "aws_s3_bucket_versioning",
            "aws_s3_bucket_website_configuration",
        ),
        Owner("bucket", ("aws_s3_bucket", "aws_s3_directory_bucket")),
    ),
    **dict.fromkeys(
        ("aws_sqs_queue_policy", "aws_sqs_queue_redrive_policy", "aws_sqs_queue_redrive_allow_policy"),
        Owner("queue_url", ("aws_sqs_queue",)),
    ),
    **dict.fromkeys(("aws_sns_topic_policy", "aws_sns_topic_data_protection_policy"), Owner("arn", ("aws_sns_topic",))),
    **dict.fromkeys(("aws_iam_role_policy", "aws_iam_role_policy_attachment"), Owner("role", ("aws_iam_role",))),
    **dict.fromkeys(("aws_iam_user_policy", "aws_iam_user_policy_attachment"), Owner("user", ("aws_iam_user",))),
    **dict.fromkeys(("aws_iam_group_policy", "aws_iam_group_policy_attachment"), Owner("group", ("aws_iam_group",))),
    **dict.fromkeys(
        ("aws_iam_role_policies_exclusive", "aws_iam_role_policy_attachments_exclusive"),
        Owner("role_name", ("aws_iam_role",)),
    ),
    "aws_iam_group_membership": Owner("group", ("aws_iam_group",)),
    "aws_iam_user_group_membership": Owner("user", ("aws_iam_user",)),
    "aws_lambda_permission": Owner("function_name", ("aws_lambda_function",)),
    "aws_lambda_function_url": Owner("function_name", ("aws_lambda_function",)),
    "aws_kms_key_policy": Owner("key_id", ("aws_kms_key",)),
    "aws_kms_alias": Owner("target_key_id", ("aws_kms_key",)),
    "aws_lambda_event_source_mapping": Owner("event_source_arn", ("aws_sqs_queue",)),
    "aws_ecr_repository_policy": Owner("repository", ("aws_ecr_repository",)),
    "aws_ecr_lifecycle_policy": Owner("repository", ("aws_ecr_repository",)),
    "aws_secretsmanager_secret_policy": Owner("secret_arn", ("aws_secretsmanager_secret",)),
    "aws_dynamodb_resource_policy": Owner("resource_arn", ("aws_dynamodb_table",)),
    "aws_kinesis_resource_policy": Owner("resource_arn", ("aws_kinesis_stream",)),
    "aws_efs_file_system_policy": Owner("file_system_id", ("aws_efs_file_system",)),
    "aws_backup_vault_policy": Owner("backup_vault_name", ("aws_backup_vault",)),
    "aws_backup_vault_lock_configuration": Owner("backup_vault_name", ("aws_backup_vault",)),
    "aws_api_gateway_rest_api_policy": Owner("rest_api_id", ("aws_api_gateway_rest_api",)),
    "aws_cloudwatch_event_bus_policy": Owner("event_bus_name", ("aws_cloudwatch_event_bus",)),
    "aws_opensearch_domain_policy": Owner("domain_name", ("aws_opensearch_domain",)),
    "aws_elasticsearch_domain_policy": Owner("domain_name", ("aws_elasticsearch_domain",)),
    "aws_msk_cluster_policy": Owner("cluster_arn", ("aws_msk_cluster", "aws_msk_serverless_cluster")),
    "aws_wafv2_web_acl_association": Owner("resource_arn", _WEB),
}
"""The resources that belong to another, and how they name it. Nothing is lost with one if its owner is deleted in the
same plan, and one of a new owner takes nothing from anybody."""

POLICIES = (
    "policy",
    "assume_role_policy",
    "access_policy",
    "access_policies",
    "key_policy",
    "resource_policy",
    "repository_policy",
    "policy_document",
)
"""Attributes that hold policies."""
GRANTS = {
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_lambda_permission": "principal",
}
"""Resource types that grant access as a whole, and the attribute with the policy or principal."""


def _name_also(table: dict[str, Any]) -> None:
    table.update({alias: table[type_] for alias, type_ in ALIASES.items() if type_ in table})


for _table in (BY_TYPE, GUARDS, OWNERS, GRANTS):
    _name_also(_table)
