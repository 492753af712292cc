"""A review of a plan in which one text stands wherever a plan, rules or settings can hold one."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

from plan_review.model import Kind, Review
from plan_review.review import review
from plan_review.rules import Exemption, Rule, Rules

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "</title></style></script></code></pre><script>alert(1)</script>",
    "<a href=javascript:alert(1)>x</a>",
    "<!-- <b>",
    "]]><b>",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "[x](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "https://evil.example/ <https://evil.example>",
    "@octocat #123 octo/cat#1 GH-7",
    "` `` ``` ~~~",
    "\n```\n# x\n- [ ] y\n> z\n| a | b |\n",
    "</details><details open>",
    "\\| | \\",
    '"]; click n0 "javascript:alert(1)" _blank',
    '%%{init: {"securityLevel": "loose"}}%%',
    "\x1b]0;x\x07\x1b[2J\x1b[31m\x9b1m",
    "\u202e\u2066x\u2069\u200b\ufeff",
    "a\rb\tc\x7f\x00",
    "::error file=a,line=1::x",
    "\n::stop-commands::x\n",
    "##[error]x ##vso[task.setvariable variable=a]b",
    "{{7*7}} {% raw %} {0} %s $(id) `id`",
)


def planted(text: str) -> Review:
    """Return the review of such a plan, with findings, rules, exceptions, outputs, checks, drift and a picture."""
    address = f'module.m["{text}"].aws_sqs_queue.q["{text}"]'
    before = {
        "name": text,
        "description": text,
        "tags_all": {text: text},
        "kms_master_key_id": text,
        "force_destroy": 1,
    }
    after = {**before, "tags_all": {f"{text}.": f"{text}."}, "kms_master_key_id": f"{text}.", "x": {text: [text]}}
    statement = {"Sid": text, "Effect": "Allow", "Action": text, "Principal": {"AWS": [text, "*"]}}
    policy = json.dumps({"Statement": [statement]})
    indexed = {"name": text, "global_secondary_index": [{"name": text}]}
    changes = [
        _change(address, "aws_sqs_queue", ["delete"], before, None, action_reason=text),
        _change(f"aws_sns_topic.{text}", "aws_sns_topic", ["update"], before, after, previous_address=text),
        _change(
            f"aws_iam_role.{text}", "aws_iam_role", ["create"], None, {**after, "policy": {"Statement": [statement]}}
        ),
        _change(f"odd.{text}", text, ["delete", "create"], before, after, replace=[[text, text]]),
        _change(f"aws_s3_bucket.{text}", "aws_s3_bucket", ["no-op"], before, before, importing={"id": text}),
        _change(f"aws_kms_alias.{text}", "aws_kms_alias", [text], before, after),
        _change(f"aws_iam_policy.{text}", "aws_iam_policy", ["delete"], {"policy": policy, "name": text}, None),
        _change(f"aws_dynamodb_table.{text}", "aws_dynamodb_table", ["update"], indexed, {"name": text}),
    ]
    problem = {"status": "fail", "address": {"to_display": text}, "problems": [{"message": text}]}
    plan: dict[str, Any] = {
        "format_version": "1.2",
        "terraform_version": text,
        "resource_changes": changes,
        "resource_drift": [_change(f"aws_sqs_queue.d{text}", "aws_sqs_queue", ["update"], before, after)],
        "deferred_changes": [{"reason": text, "resource_change": _change(f"d{text}", text, ["create"], None, after)}],
        "output_changes": {
            text: {"actions": ["update"], "before": text, "after": {text: text}},
            f"{text}2": {"actions": ["delete"], "before": {text: text}},
        },
        f"section {text}": [text],
        "checks": [{"instances": [problem]}],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "address": f"aws_sns_topic.{text}",
                        "expressions": {text: {"references": [f"aws_iam_role.{text}.id"]}},
                    }
                ]
            }
        },
    }
    rule = Rule(name=text, why=text, kinds=frozenset(Kind), environments=None, types=None)
    misspelt = Rule(name=f"{text}2", why=text, kinds=frozenset(Kind), environments=None, types=frozenset({f"{text}m"}))
    expires = date(2031, 1, 1)
    exceptions = tuple(
        Exemption(rule=text, address=each["address"], reason=text, expires=expires) for each in changes[:2]
    )
    return review(
        plan, title=text, where=text, rules=Rules(rules=(rule, misspelt), exceptions=exceptions), today=date(2030, 1, 1)
    )


def all_planted() -> Review:
    """Return one review of the resources, findings, outputs and all else of the reviews of every payload."""
    reviews = [planted(payload) for payload in PAYLOADS]
    listed = ("notes", "findings", "resources", "drift", "outputs", "checks", "blocks")
    return replace(
        reviews[0], **{each: tuple(part for one in reviews for part in getattr(one, each)) for each in listed}
    )


def _change(  # noqa: PLR0913, PLR0917 - a row of a table
    address: str,
    type_: str,
    actions: list[str],
    before: Any,
    after: Any,
    replace: list[list[str]] | None = None,
    importing: dict[str, str] | None = None,
    **more: str,
) -> dict[str, Any]:
    change = {
        "actions": actions,
        "before": before,
        "after": after,
        "replace_paths": replace or [],
        "importing": importing,
    }
    return {"address": address, "type": type_, "mode": "managed", "change": change, **more}
