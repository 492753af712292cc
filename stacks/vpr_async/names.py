"""Names of the feature's resources."""

from dataclasses import dataclass

from constructs_lib.names import Service, bucket_name, derived_suffix, resource_name
from stacks.feature import PROJECT
from stacks.settings import Settings
from stacks.vpr_async.settings import own

FEATURE = "vpr"


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of the resources in one environment."""

    jobs_queue: str
    jobs_dlq: str
    jobs_table: str
    results_bucket: str
    dlq_alarm: str
    worker_errors_alarm: str
    queue_depth_alarm: str
    alarm_topic: str
    dashboard: str
    worker_function: str
    submit_policy: str
    worker_policy: str
    status_policy: str
    submit_role: str
    worker_role: str
    status_role: str


def names_of(settings: Settings) -> Names:
    """Return the names in one environment. Raises InvalidNameError for a name that its service would refuse."""
    vpr, environment = own(settings), settings.environment
    whole = vpr.names

    def named(service: Service, type_: str, feature: str = FEATURE) -> str:
        return resource_name(service, project=PROJECT, feature=feature, type=type_, environment=environment)

    suffix = vpr.name_suffix or derived_suffix(
        account_id=settings.account_id, region=settings.region, environment=environment
    )
    return Names(
        jobs_queue=whole.jobs_queue or named(Service.SQS_QUEUE, "jobs-queue"),
        jobs_dlq=whole.jobs_dlq or named(Service.SQS_QUEUE, "jobs-dlq"),
        # The jobs table serves more than one feature: its name has no `vpr`.
        jobs_table=whole.jobs_table or named(Service.DYNAMODB_TABLE, "table", feature="jobs"),
        results_bucket=whole.results_bucket
        or bucket_name(
            project=PROJECT,
            feature=FEATURE,
            type="results",
            environment=environment,
            region=settings.region,
            suffix=suffix,
        ),
        dlq_alarm=named(Service.CLOUDWATCH_ALARM, "dlq-alarm"),
        worker_errors_alarm=named(Service.CLOUDWATCH_ALARM, "worker-errors-alarm"),
        queue_depth_alarm=named(Service.CLOUDWATCH_ALARM, "queue-depth-alarm"),
        alarm_topic=named(Service.SNS_TOPIC, "alarm-topic"),
        dashboard=named(Service.CLOUDWATCH_DASHBOARD, "dashboard"),
        worker_function=vpr.worker.function_name or named(Service.LAMBDA_FUNCTION, "worker-lambda"),
        submit_policy=named(Service.IAM_POLICY, "submit-policy"),
        worker_policy=named(Service.IAM_POLICY, "worker-policy"),
        status_policy=named(Service.IAM_POLICY, "status-policy"),
        submit_role=named(Service.IAM_ROLE, "submit-role"),
        worker_role=named(Service.IAM_ROLE, "worker-role"),
        status_role=named(Service.IAM_ROLE, "status-role"),
    )
