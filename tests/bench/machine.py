"""On what the figures were measured: without it they say little."""

import os
import platform
import subprocess
from importlib.metadata import version
from typing import Any

from tests.bench.installed import version_of

PEERS = (
    ("aws-cdk", "aws-cdk-lib"),
    ("cdktn", "cdktn"),
    ("cdktn", "cdktn-provider-aws"),
    ("cdk-monitoring-constructs", "cdk-monitoring-constructs"),
    ("aws-solutions-constructs", "aws-solutions-constructs-core"),
    ("terraconstructs", "terraconstructs"),
)
"""What is compared: the pins, and the package that they are about."""


def describe() -> dict[str, Any]:
    """Return the machine and the versions of what runs on it."""
    node = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True).stdout.strip()
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "node": node.removeprefix("v"),
        "cdktf": version("cdktf"),
        "cdktf-cdktf-provider-aws": version("cdktf-cdktf-provider-aws"),
        "jsii": version("jsii"),
        **{package: version_of(name, package) for name, package in PEERS},
    }


def load() -> float:
    """Return how many processes wanted a core in the last minute, on average."""
    return round(os.getloadavg()[0], 1)
