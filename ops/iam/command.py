"""The command `access`."""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Request
from config.settings import load_settings, shown_value
from ops.iam.deployer import POLICIES, policy_document, trust_document

REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}"
GITHUB_ENVIRONMENTS = {"plan": "plan-{}", "apply": "{}"}
"""The environments of GitHub's in which the workflows plan and apply, by the role's policy."""


def add_command(added: Any) -> None:
    """Add `access` to the commands."""
    summary = "Write the policies of who plans, applies and verifies, and whom their roles trust."
    parser = added.add_parser("access", help=summary, description=summary)
    parser.add_argument(
        "--repository", metavar="OWNER/NAME", help="GitHub's repository whose workflows take the roles on"
    )
    parser.add_argument("--output", metavar="DIR", help="where to; access/<environment> if left out")
    parser.set_defaults(run=run)


def run(request: Request, options: argparse.Namespace) -> int:
    """Write the documents and print their files; nothing of AWS is reached.

    Raises InvalidInputError for a repository that is none, or a folder that cannot be written to.
    """
    if options.repository is not None and not re.fullmatch(REPOSITORY, options.repository):
        message = (
            f"--repository {shown_value(options.repository)}: not allowed; allowed: OWNER/NAME, as GitHub shows it"
        )
        raise InvalidInputError([message])
    settings = load_settings(request.environment_or_dev)
    directory = Path(options.output or PROJECT_ROOT / "access" / settings.environment)
    documents = {f"{policy}-policy.json": policy_document(settings, policy) for policy in POLICIES}
    if options.repository:
        documents |= {
            f"{policy}-trust.json": trust_document(
                settings, repository=options.repository, github_environment=named.format(settings.environment)
            )
            for policy, named in GITHUB_ENVIRONMENTS.items()
        }
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            (directory / name).write_text(json.dumps(document, indent=2) + "\n")
    except OSError as error:
        message = f"--output {shown_value(str(directory))}: cannot be written to: {error.strerror}; name another folder"
        raise InvalidInputError([message]) from None
    shown = directory.relative_to(PROJECT_ROOT) if directory.is_relative_to(PROJECT_ROOT) else directory
    print(*(shown / name for name in documents), sep="\n")
    return 0
