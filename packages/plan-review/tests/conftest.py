"""Generated inputs that are the same in every run, and no clock: a busy machine is no fault."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "settled", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("settled")
