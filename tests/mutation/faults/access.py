"""Faults of permissions, and of the settings by which a plan is judged."""

from tests.mutation.fault import Area, Fault

ACCESS = Area(
    "access",
    (
        "tests/ops/access",
        "tests/ops/test_review.py",
        "tests/ops/test_review_context.py",
        "tests/ops/test_requirement.py",
        "tests/review",
    ),
    (
        # Access
        Fault(
            "erase-in-prod",
            "ops.access.deployer:Grant.actions",
            "and not retains_data",
            "and retains_data",
            "The role that deploys prod could delete its data, and dev's could not be destroyed.",
        ),
        Fault(
            "data-not-denied",
            "ops.access.deployer:policy_document",
            'if policy == "apply" and settings.retains_data:',
            'if policy == "plan" and settings.retains_data:',
            "A bucket policy could give the role that deploys prod the deletion of its data.",
        ),
        Fault(
            "state-not-denied",
            "ops.access.deployer:_kept",
            "            *_state_objects(settings),\n",
            "",
            "The role that deploys prod could delete its state.",
        ),
        Fault(
            "plan-writes-the-state",
            "ops.access.deployer:grants",
            'plan="s3:GetObject", apply="s3:PutObject"',
            'plan="s3:GetObject s3:PutObject"',
            "A pull request's workflow could overwrite prod's state.",
        ),
        Fault(
            "given-topic-not-read-by-plan",
            "ops.resource_types.sns_topic:TYPE",
            'plan="sns:GetTopicAttributes",',
            'plan="",',
            "A pull request's plan could not note that the alarms are sent to a topic that does not exist.",
        ),
        Fault(
            "any-branch-deploys",
            "ops.access.deployer:trust_document",
            'if policy == "apply" and partition == "aws":',
            'if policy == "plan" and partition == "aws":',
            "A workflow of any branch could deploy to prod.",
        ),
        Fault(
            "any-environment-deploys",
            "ops.access.deployer:trust_document",
            'f"repo:{repository}:environment:{environment}"',
            'f"repo:{repository}:*"',
            "A workflow without the environment's approval could deploy to prod.",
        ),
        Fault(
            "any-repository-name",
            "ops.access.command:run",
            "re.fullmatch(REPOSITORY, each)",
            "re.match(REPOSITORY, each)",
            "A repository with a wildcard behind its name would be trusted, and others' with it.",
        ),
        # The review's settings
        Fault(
            "review-without-retention",
            "ops.review:judge",
            "settings is not None and settings.keeps_data",
            "settings is None",
            "The rules for environments that keep their data would not apply to prod.",
        ),
        Fault(
            "context-of-another-plan",
            "ops.review_context:kept_for",
            'if kept["plan_sha256"] != plan_sha256:',
            "if not plan_sha256:",
            "An edited plan would be reviewed by what AWS said about the one before.",
        ),
        Fault(
            "context-without-retention",
            "ops.review_context:kept_for",
            'None if kept["retention"] is None else Retention(**kept["retention"])',
            "None",
            "A later review of prod's plan would let pass what make plan refused.",
        ),
        Fault(
            "review-asks-again",
            "ops.review:run",
            "if kept and settings and settings.environment == kept.environment else",
            "if not kept and not settings else",
            "make review would call a loss what make plan knew to be none, and overwrite the plan's review.",
        ),
        Fault(
            "least-dangerous-environment",
            "ops.review:_settings_in",
            "sorted(own, key=lambda each: (each.serves_customers, each.holds_customer_data))",
            "own[::-1]",
            "A plan with resources of dev and prod would be judged by dev's rules.",
        ),
        Fault(
            "environment-of-the-shell",
            "ops.review:settings_of",
            "if asked and own and asked.environment != own[-1].environment:",
            "if asked and own and asked not in own:",
            "With ENV=dev a plan that touches prod as well would be judged by dev's rules.",
        ),
        Fault(
            "requirement-without-tags",
            "ops.planned_properties:planned_properties",
            'if "tags" in expected:',
            'if "Tags" in expected:',
            "A plan that loses the tags would agree with the requirement.",
        ),
    ),
)
