"""Names: the literals of the requirement, and the refusal of whatever a service would refuse."""

import tomllib

import attrs
import pytest
from attrs import evolve

from config.environments import Environment
from config.request import PROJECT_ROOT
from constructs_lib.names import InvalidNameError, Service, bucket_name, derived_suffix, name_fault, resource_name
from stacks.feature import state_key
from stacks.features import load_settings, stack_names
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import WholeNames, own


def test_names_of_dev_in_us_east_1_are_the_requirements_literals() -> None:
    names = names_of(load_settings(Environment("dev")))
    assert names.jobs_queue == "careervp-vpr-jobs-queue-dev"
    assert names.jobs_dlq == "careervp-vpr-jobs-dlq-dev"
    assert names.jobs_table == "careervp-jobs-table-dev"
    assert names.results_bucket == "careervp-dev-vpr-results-us-east-1-f6121f"
    assert names.dlq_alarm == "careervp-vpr-dlq-alarm-dev"
    assert names.worker_errors_alarm == "careervp-vpr-worker-errors-alarm-dev"
    assert names.queue_depth_alarm == "careervp-vpr-queue-depth-alarm-dev"
    assert names.alarm_topic == "careervp-vpr-alarm-topic-dev"
    assert names.worker_function == "careervp-vpr-worker-lambda-dev"
    assert names.submit_policy == "careervp-vpr-submit-policy-dev"
    assert names.worker_policy == "careervp-vpr-worker-policy-dev"
    assert names.status_policy == "careervp-vpr-status-policy-dev"
    assert {"vpr-async-dev", "state-backend-dev"} <= set(stack_names(Environment("dev")))
    assert state_key("vpr-async-dev") == "vpr-async-dev/terraform.tfstate"


def test_a_pinned_suffix_and_worker_name_replace_the_derived_ones() -> None:
    settings = load_settings(Environment("prod"))
    worker = evolve(own(settings).worker, function_name="other-worker")
    pinned = evolve(own(settings), name_suffix="0a1b2c", worker=worker)
    names = names_of(evolve(settings, region="eu-west-1", features={"vpr_async": pinned}))
    assert names.results_bucket == "careervp-prod-vpr-results-eu-west-1-0a1b2c"
    assert names.worker_function == "other-worker"


def test_the_convention_knows_every_key_that_gives_a_whole_name() -> None:
    """Else `make validate` would refuse what was taken over by its name."""
    convention = tomllib.loads((PROJECT_ROOT / "naming.toml").read_text())
    accepted = {key for of_type in convention["resources"].values() for key in of_type.get("whole_names", ())}
    assert accepted == {f"vpr_async.names.{field.name}" for field in attrs.fields(WholeNames)}


@pytest.mark.parametrize(
    ("account_id", "region", "environment", "suffix"),
    [
        # printf '111111111111/us-east-1/dev' | sha256sum | cut -c1-6
        ("111111111111", "us-east-1", "dev", "f6121f"),
        ("222222222222", "us-east-1", "staging", "dbec44"),
        ("333333333333", "us-east-1", "prod", "2d9368"),
    ],
)
def test_the_derived_suffix_never_changes(account_id: str, region: str, environment: str, suffix: str) -> None:
    assert derived_suffix(account_id=account_id, region=region, environment=environment) == suffix


def test_the_suffix_differs_by_account_region_and_environment() -> None:
    suffixes = {
        derived_suffix(account_id=account_id, region=region, environment=environment)
        for account_id in ("111111111111", "222222222222")
        for region in ("us-east-1", "eu-west-1")
        for environment in ("dev", "prod")
    }
    assert len(suffixes) == 8


@pytest.mark.parametrize(
    ("service", "name", "fault"),
    [
        (Service.SQS_QUEUE, "q" * 80, None),
        (Service.SQS_QUEUE, "q" * 81, "is 81 characters long"),
        (Service.SQS_QUEUE, "a.b", "is no SQS queue name"),
        (Service.SQS_QUEUE, "", "is 0 characters long"),
        (Service.DYNAMODB_TABLE, "ab", "is 2 characters long"),
        (Service.DYNAMODB_TABLE, "a.b_c-D9", None),
        (Service.DYNAMODB_TABLE, "t" * 256, "is 256 characters long"),
        (Service.S3_BUCKET, "b" * 63, None),
        (Service.S3_BUCKET, "b" * 64, "is 64 characters long"),
        (Service.S3_BUCKET, "Upper-case", "is no S3 bucket name"),
        (Service.S3_BUCKET, "with.dot", "is no S3 bucket name"),
        (Service.S3_BUCKET, "under_score", "is no S3 bucket name"),
        (Service.S3_BUCKET, "-hyphen-first", "is no S3 bucket name"),
        (Service.S3_BUCKET, "hyphen-last-", "is no S3 bucket name"),
        (Service.S3_BUCKET, "xn--reserved", "is no S3 bucket name"),
        (Service.S3_BUCKET, "reserved-s3alias", "is no S3 bucket name"),
        (Service.S3_BUCKET, "careervp-dev-vpr-results-${toke", "is no S3 bucket name"),
        (Service.CLOUDWATCH_ALARM, "a" * 256, "is 256 characters long"),
        (Service.SNS_TOPIC, "t" * 257, "is 257 characters long"),
        (Service.IAM_POLICY, "p" * 128, None),
        (Service.IAM_POLICY, "p" * 129, "is 129 characters long"),
        (Service.IAM_POLICY, "with/slash", "is no IAM policy name"),
        (Service.LAMBDA_FUNCTION, "f" * 65, "is 65 characters long"),
        (Service.LAMBDA_FUNCTION, "newline\n", "is no Lambda function name"),
    ],
)
def test_each_services_length_and_alphabet_is_known(service: Service, name: str, fault: str | None) -> None:
    found = name_fault(service, name)
    assert found is None if fault is None else (found or "").startswith(fault)


def test_a_name_that_is_too_long_is_refused_and_never_cut() -> None:
    with pytest.raises(InvalidNameError, match=r"is 99 characters long; SQS queue names have 1 to 80.*never cut"):
        resource_name(Service.SQS_QUEUE, project="careervp", feature="f" * 80, type="queue", environment="dev")


def test_a_bucket_name_with_a_remnant_of_a_token_is_refused() -> None:
    with pytest.raises(InvalidNameError, match="lower-case letters, digits and hyphens"):
        bucket_name(
            project="careervp", feature="vpr", type="results", environment="dev", region="us-east-1", suffix="${toke"
        )
