"""The features: a new one is a folder beside this file, and a line here."""

from collections.abc import Sequence
from pathlib import Path

from config.environments import SETTINGS_DIRECTORY, Environment
from stacks import state_backend, vpr_async
from stacks.feature import Feature
from stacks.settings import Settings, read_settings

FEATURES: Sequence[Feature] = (vpr_async.FEATURE,)
STATE_BACKEND = state_backend.FEATURE


def load_settings(environment: Environment, *, directory: Path = SETTINGS_DIRECTORY) -> Settings:
    """Read and check `<directory>/<environment>.toml`.

    Raises InvalidInputError with every error of the file: the file, the key, the value given and what is allowed.
    """
    return read_settings(environment, FEATURES, directory=directory)


def stack_names(environment: Environment) -> tuple[str, ...]:
    """Return the names of all stacks of an environment."""
    return tuple(feature.stack_name(environment) for feature in (*FEATURES, STATE_BACKEND))
