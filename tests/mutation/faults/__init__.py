"""Every fault, by area: one file each."""

from tests.mutation.faults.access import ACCESS
from tests.mutation.faults.app import APP
from tests.mutation.faults.aws_emulator import AWS_EMULATOR, EMULATED_SERVICES
from tests.mutation.faults.bench import BENCH
from tests.mutation.faults.cdktf_lean import CDKTF_LEAN
from tests.mutation.faults.check_report import CHECK_REPORT
from tests.mutation.faults.commands import COMMANDS
from tests.mutation.faults.constructs import CONSTRUCTS
from tests.mutation.faults.decisions import DECISIONS
from tests.mutation.faults.deployment import DEPLOYMENT
from tests.mutation.faults.drift import DRIFT
from tests.mutation.faults.exits import EXITS
from tests.mutation.faults.handlers import HANDLERS
from tests.mutation.faults.names import NAMES
from tests.mutation.faults.naming_validator import NAMING_VALIDATOR
from tests.mutation.faults.plan_review import PLAN_REVIEW
from tests.mutation.faults.plan_verdict import PLAN_VERDICT
from tests.mutation.faults.policies import POLICIES
from tests.mutation.faults.redrive import REDRIVE
from tests.mutation.faults.settings import SETTINGS
from tests.mutation.faults.stacks import STACKS
from tests.mutation.faults.verification import VERIFICATION

AREAS = (
    NAMES,
    SETTINGS,
    CONSTRUCTS,
    POLICIES,
    STACKS,
    APP,
    DEPLOYMENT,
    COMMANDS,
    HANDLERS,
    VERIFICATION,
    DECISIONS,
    DRIFT,
    ACCESS,
    REDRIVE,
    PLAN_REVIEW,
    PLAN_VERDICT,
    NAMING_VALIDATOR,
    AWS_EMULATOR,
    EMULATED_SERVICES,
    CHECK_REPORT,
    CDKTF_LEAN,
    EXITS,
    BENCH,
)
