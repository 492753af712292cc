"""Faults of names: of resources, of states."""

from tests.mutation.fault import Area, Fault

NAMES = Area(
    "names",
    ("tests/stacks", "tests/constructs_lib"),
    (
        Fault(
            "suffix-without-region",
            "constructs_lib.names:derived_suffix",
            "{account_id}/{region}/{environment}",
            "{account_id}/{environment}",
            "Every results bucket would be replaced by one of another name.",
        ),
        Fault(
            "suffix-of-the-process",
            "constructs_lib.names:derived_suffix",
            'hashlib.sha256(f"{account_id}/{region}/{environment}".encode()).hexdigest()',
            'f"{abs(hash((account_id, region, environment))):06x}"',
            "Each synthesis would name another bucket, for Python salts its hashes.",
        ),
        Fault(
            "pinned-suffix-ignored",
            "stacks.vpr_async.names:names_of",
            "vpr.name_suffix or derived_suffix(",
            "derived_suffix(",
            "The bucket whose suffix an environment pins would be replaced.",
        ),
        Fault(
            "one-state-for-all",
            "stacks.feature:state_key",
            'return f"{stack}/terraform.tfstate"',
            'return "vpr-async/terraform.tfstate"',
            "Environments that share a state bucket would overwrite each other's state.",
        ),
        Fault(
            "dlq-named-as-the-queue",
            "stacks.vpr_async.names:names_of",
            'named(Service.SQS_QUEUE, "jobs-dlq")',
            'named(Service.SQS_QUEUE, "jobs-queue")',
            "Two resources would be one queue, redriving to itself.",
        ),
        Fault(
            "table-named-by-the-pattern",
            "stacks.vpr_async.names:names_of",
            'named(Service.DYNAMODB_TABLE, "table", feature="jobs")',
            'named(Service.DYNAMODB_TABLE, "jobs-table")',
            "The handlers would not find the table under the requirement's name.",
        ),
        Fault(
            "bucket-named-by-the-pattern",
            "constructs_lib.names:bucket_name",
            '"{project}-{environment}-{feature}-{type}-{region}-{suffix}")',
            '"{project}-{feature}-{type}-{environment}-{region}-{suffix}")',
            "The bucket would not have the requirement's name.",
        ),
        Fault(
            "name-cut",
            "constructs_lib.names:resource_name",
            'return _fitting(service, f"{project}-{feature}-{type}-{environment}")',
            'return f"{project}-{feature}-{type}-{environment}"[: service.value.max_length]',
            "A long name would lose its environment, and two environments would share a resource.",
        ),
        Fault(
            "alphabet-of-the-beginning",
            "constructs_lib.names:name_fault",
            "re.fullmatch(rule.pattern, name)",
            "re.match(rule.pattern, name)",
            "A name with a remnant of a token would pass, and AWS would refuse it in the middle of an apply.",
        ),
        Fault(
            "dots-in-bucket-names",
            "constructs_lib.names:Service.S3_BUCKET",
            "[a-z0-9][a-z0-9-]*[a-z0-9]",
            "[a-z0-9][a-z0-9.-]*[a-z0-9]",
            "No TLS certificate would match the bucket's host name.",
        ),
        Fault(
            "worker-name-ignored",
            "stacks.vpr_async.names:names_of",
            'vpr.worker.function_name or named(Service.LAMBDA_FUNCTION, "worker-lambda")',
            'named(Service.LAMBDA_FUNCTION, "worker-lambda")',
            "The errors of a worker of another name would raise no alarm.",
        ),
    ),
)
