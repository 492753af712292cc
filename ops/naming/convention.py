"""The convention, as one small table: another project writes its own here and changes nothing else.

A form is text with pieces in braces: `{project}`, `{env}`, `{feature}` (one word or more), `{type}` (one of the words
of the resource's type), `{region}`, `{suffix}` (six hexadecimal digits) and `{account}` (twelve digits).
"""

from collections.abc import Mapping
from dataclasses import dataclass

PROJECT = "careervp"
ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "dev": ("develop", "development", "devel", "devs"),
    "staging": ("stage", "stg", "stagings"),
    "prod": ("production", "prd", "prods"),
}
"""The environments, each with the spellings that are taken for it when the right name is worked out."""

STYLE = r"[a-z0-9]+(-[a-z0-9]+)*"
STYLE_IN_WORDS = "kebab-case (lower-case letters and digits, with single hyphens between)"

GENERAL = "{project}-{feature}-{type}-{env}"
BUCKET = "{project}-{env}-{feature}-{type}-{region}-{suffix}"
STATE_BUCKET = "{project}-terraform-state-{env}-{account}"


@dataclass(frozen=True, kw_only=True)
class Convention:
    """How the resources of one type are named.

    types: the words that `{type}` ends in, the usual one first; any word when empty.
    misnomers: words that stand for the first of them in wrong names.
    forms: a name has one of these.
    """

    types: tuple[str, ...] = ()
    misnomers: tuple[str, ...] = ()
    forms: tuple[str, ...] = (GENERAL,)


# An index is named within its table, often after the attributes of its keys, and a parameter by its path: neither has a
# form. Only what AWS demands of them is checked.
CONVENTIONS: Mapping[str, Convention] = {
    "aws_sqs_queue": Convention(types=("queue", "dlq"), misnomers=("sqs", "q")),
    "aws_dynamodb_table": Convention(types=("table",), misnomers=("dynamodb", "db")),
    "aws_s3_bucket": Convention(forms=(BUCKET, STATE_BUCKET)),
    "aws_cloudwatch_metric_alarm": Convention(types=("alarm",)),
    "aws_cloudwatch_composite_alarm": Convention(types=("alarm",)),
    "aws_cloudwatch_log_group": Convention(
        types=("logs",), forms=(GENERAL, "/aws/lambda/{project}-{feature}-lambda-{env}")
    ),
    "aws_cloudwatch_event_rule": Convention(types=("rule",)),
    "aws_sns_topic": Convention(types=("topic",), misnomers=("sns",)),
    "aws_lambda_function": Convention(types=("lambda",), misnomers=("function", "func", "fn")),
    "aws_iam_role": Convention(types=("role",)),
    "aws_iam_policy": Convention(types=("policy",)),
    "aws_kms_alias": Convention(types=("key",), misnomers=("alias", "kms"), forms=(f"alias/{GENERAL}",)),
    "aws_secretsmanager_secret": Convention(types=("secret",)),
}
