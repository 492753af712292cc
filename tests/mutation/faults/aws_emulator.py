"""Faults of the emulator: what it would let pass that AWS refuses, and the other way round."""

from tests.mutation.fault import Area, Fault

AWS_EMULATOR = Area(
    "aws_emulator",
    ("packages/aws-emulator/tests",),
    (
        # The evaluation of policies
        Fault(
            "deny-does-not-win",
            "aws_emulator.iam.evaluation:decide",
            '    if "Deny" in effects:\n',
            '    if effects == {"Deny"}:\n',
            "A role that may not delete data would pass every test that deletes it.",
        ),
        Fault(
            "nothing-said-is-allowed",
            "aws_emulator.iam.evaluation:decide",
            'if effects == {"Allow"} else',
            'if "Deny" not in effects else',
            "A role that lacks a permission would pass every test.",
        ),
        Fault(
            "action-in-one-spelling",
            "aws_emulator.iam.evaluation:_applies",
            "_matches(pattern.lower(), action.lower())",
            "_matches(pattern, action)",
            "A policy that AWS takes would not suffice here.",
        ),
        Fault(
            "prefix-is-enough",
            "aws_emulator.iam.evaluation:_matches",
            "re.fullmatch(expression, text, re.DOTALL)",
            "re.match(expression, text, re.DOTALL)",
            "`s3:GetObject` would give `s3:GetObjectVersion` too, and the missing permission show on AWS.",
        ),
        Fault(
            "question-mark-for-any-text",
            "aws_emulator.iam.evaluation:_matches",
            '"?": "."',
            '"?": ".*"',
            "A policy that is too narrow on AWS would suffice here.",
        ),
        Fault(
            "any-condition-holds",
            "aws_emulator.iam.evaluation:_holds",
            "    raise ValueError(message)\n",
            "    return True\n",
            "A condition that is not evaluated here would count as met.",
        ),
        Fault(
            "absent-key-holds",
            "aws_emulator.iam.evaluation:_holds",
            "return found is not None and any(",
            "return found is None or any(",
            "A role could be assumed without the claim that its trust asks for.",
        ),
        Fault(
            "unknown-elements-passed-over",
            "aws_emulator.iam.evaluation:_applies",
            "    if unknown:\n",
            "    if not unknown and not statement:\n",
            "A NotAction would be passed over, and the statement give everything.",
        ),
        Fault(
            "trusts-everybody",
            "aws_emulator.iam.evaluation:decide_trust",
            "& set(identities)",
            "| set(identities)",
            "A role that trusts GitHub alone could be assumed by everybody.",
        ),
        # The permissions that calls take
        Fault(
            "batch-of-its-own",
            "aws_emulator.iam.calls:_sqs",
            'call.operation.removesuffix("Batch")',
            "call.operation",
            "A policy would be asked for an action that AWS does not know.",
        ),
        Fault(
            "tags-for-nothing",
            "aws_emulator.iam.calls:_sqs",
            'if action == "CreateQueue" and call.get("tags"):',
            'if action == "CreateQueue" and call.get("Tags"):',
            "A role without sqs:TagQueue would pass here, and the first deployment on AWS fail.",
        ),
        Fault(
            "indexes-need-nothing",
            "aws_emulator.iam.calls:_dynamodb",
            'f"{table(name)}/index/{index}" if index else table(name)',
            "table(name)",
            "A handler that may not query the index would pass here, and fail on AWS.",
        ),
        Fault(
            "transactions-only-read",
            "aws_emulator.iam.calls:_dynamodb",
            '_TRANSACTED.get(kind, "GetItem")',
            '"GetItem"',
            "A handler that may only read would write in a transaction here.",
        ),
        Fault(
            "alarms-by-name",
            "aws_emulator.iam.calls:_cloudwatch",
            'call.arn("alarm:*")',
            "call.arn(f\"alarm:{(call.get('AlarmNames') or ['*'])[0]}\")",
            "A policy that is too narrow on AWS would suffice here.",
        ),
        Fault(
            "keys-by-alias",
            "aws_emulator.iam.calls:_kms",
            'call.arn("key/*")',
            "call.arn(key)",
            "A policy on an alias would suffice here, and give nothing on AWS.",
        ),
        Fault(
            "moves-need-nothing",
            "aws_emulator.iam.calls:_sqs",
            'if action.startswith("Start"):',
            'if action.startswith("List"):',
            "Whoever may start a redrive would need no permission to take the messages.",
        ),
        Fault(
            "versions-deleted-with-the-object",
            "aws_emulator.iam.s3_calls:_deletion",
            "    if has_version:\n",
            "    if not has_version:\n",
            "A role that may not delete versions would empty a versioned bucket here.",
        ),
        Fault(
            "global-resources-in-a-region",
            "aws_emulator.iam.calls:Call.arn",
            '"" if is_global else self.region',
            "self.region",
            "No policy on a role would ever apply.",
        ),
        Fault(
            "shell-of-the-user",
            "aws_emulator.environment:without_aws",
            "if not name.startswith(REMOVED_PREFIXES)",
            "if name.startswith(REMOVED_PREFIXES)",
            "A user's profile would lead what is meant for the emulator to AWS.",
        ),
    ),
)

EMULATED_SERVICES = Area(
    "emulated_services",
    ("packages/aws-emulator/tests",),
    (
        # Who calls
        Fault(
            "trust-not-asked",
            "aws_emulator.iam.enforcement:authorize",
            'if not refusal and permission.action == "sts:AssumeRole":',
            'if refusal and permission.action == "sts:AssumeRole":',
            "A role could be assumed by whom it does not trust.",
        ),
        Fault(
            "presigned-for-ever",
            "aws_emulator.iam.enforcement:_require_time_left",
            "end < datetime.now(UTC)",
            "end > datetime.now(UTC)",
            "An address that has expired would be served, and a valid one refused.",
        ),
        Fault(
            "refused-and-served",
            "aws_emulator.iam.enforcement:authorize",
            "        if refusal:\n",
            "        if refusal and not caller:\n",
            "A role that lacks a permission would pass every test.",
        ),
        # The patches of moto
        Fault(
            "redrive-with-blanks",
            "aws_emulator.patching:compact",
            'separators=(",", ":")',
            'separators=(", ", ": ")',
            "Every plan on the emulator would find a difference in the redrive documents.",
        ),
        Fault(
            "queue-policy-forgotten",
            "aws_emulator.patches.sqs:patch_forgotten_queue_policy",
            'if "Policy" not in attributes:',
            'if "Policy" in attributes:',
            "After any change of a queue its policy would be gone, or never be set.",
        ),
        Fault(
            "tls-condition-upside-down",
            "aws_emulator.patches.s3:_holds_over_tls",
            '"true" not in values',
            '"true" in values',
            "No bucket with the usual policy could be used on the emulator.",
        ),
        Fault(
            "private-bucket-is-open",
            "aws_emulator.patches.s3:patch_anonymous_access",
            "if _is_anonymous(response, request) and _is_blocked(response):",
            "if _is_anonymous(response, request) and not _is_blocked(response):",
            "A test that a bucket is private could not be trusted.",
        ),
        Fault(
            "either-block-is-enough",
            "aws_emulator.patches.s3:_is_blocked",
            'block["ignorePublicAcls"] and block["restrictPublicBuckets"]',
            'block["ignorePublicAcls"] or block["restrictPublicBuckets"]',
            "A bucket that lost one half of its block would still count as private.",
        ),
        Fault(
            "tag-beside-tag",
            "aws_emulator.patches.dynamodb:patch_table_tag_twice",
            "        backend.untag_resource(arn, list(tags))\n",
            "",
            "A table's changed tag would keep its old value too, and drift never end.",
        ),
        Fault(
            "address-confirmed-at-once",
            "aws_emulator.patches.sns:patch_confirmed_subscriptions",
            '"PendingConfirmation": True',
            '"PendingConfirmation": False',
            "An alarm would seem to reach an address that never agreed.",
        ),
        Fault(
            "attached-policy-deleted",
            "aws_emulator.patches.iam:patch_policy_deletion",
            "if any(policy_arn in entity.managed_policies for entity in entities) or any(",
            "if any(",
            "A destroy that ends half-way on AWS would pass here.",
        ),
    ),
    is_slow=True,
)
"""What shows only where moto runs."""
