"""Settings files that a test writes itself, with the VPR feature's table alone."""

from pathlib import Path

from attrs import evolve

from config.environments import Environment
from stacks.features import load_settings
from stacks.settings import Settings, read_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC


def read_vpr_settings(environment: str, directory: Path) -> Settings:
    """Read a settings file that has no table of another feature, whichever are in `stacks.features`.

    Each other feature has its shipped settings of dev, so that what works on every feature works on these settings.
    Raises InvalidInputError.
    """
    read = read_settings(Environment(environment), (VPR_ASYNC,), directory=directory)
    others = load_settings(Environment("dev")).features
    return evolve(read, features={**others, **read.features})


def written_settings(content: str, directory: Path, environment: str = "dev") -> Settings:
    """Write an environment's settings file, and return its settings. Raises InvalidInputError."""
    (directory / f"{environment}.toml").write_text(content)
    return read_vpr_settings(environment, directory)
