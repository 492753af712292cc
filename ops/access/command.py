"""The command `access`."""

import argparse
import json
import re
from pathlib import Path

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from config.request import PROJECT_ROOT, Request
from ops.access.deployer import GITHUB_ENVIRONMENTS, POLICIES, policy_document, trust_document
from ops.command import Command
from ops.progress import say
from stacks.features import load_settings

REPOSITORY = (
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}"
    r"|[A-Za-z0-9][A-Za-z0-9_-]{0,38}@[1-9][0-9]{0,19}/[A-Za-z0-9._-]{1,100}@[1-9][0-9]{0,19}"
)
WITH_IDS = """gh api repos/{} --jq '"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'"""
"""What prints a repository's name with its ids."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repository",
        metavar="OWNER@ID/NAME@ID",
        action="append",
        default=[],
        help="GitHub's repository whose workflows assume the roles, with both ids, or OWNER/NAME if its tokens have "
        "none; may be repeated, as for a repository that is being renamed",
    )
    parser.add_argument("--output", metavar="DIR", help="where to; access/<environment> if left out")


def run(request: Request, options: argparse.Namespace) -> int:
    """Write the documents and print their files; nothing of AWS is reached.

    Raises InvalidInputError for a repository that is not one, or a folder that cannot be written to.
    """
    repositories: list[str] = options.repository
    faults = [
        f"--repository {shown_value(each)}: not allowed; allowed: OWNER@ID/NAME@ID, like acme@123/reports@456, or "
        f"OWNER/NAME if the repository's tokens have no ids; {WITH_IDS.format('OWNER/NAME')} prints it"
        for each in repositories
        if not re.fullmatch(REPOSITORY, each)
    ]
    if faults:
        raise InvalidInputError(faults)
    settings = load_settings(request.environment_or_dev)
    directory = Path(options.output or PROJECT_ROOT / "access" / settings.environment)
    documents = {f"{policy}-policy.json": policy_document(settings, policy) for policy in POLICIES}
    if repositories:
        documents |= {
            f"{policy}-trust.json": trust_document(settings, policy, repositories) for policy in GITHUB_ENVIRONMENTS
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
    if repositories and not any("@" in each for each in repositories):
        say(
            f"{repositories[0]}: trusted without ids. The tokens of a repository made, renamed or transferred since "
            f"15 July 2026 have ids; {WITH_IDS.format(repositories[0])} prints the name to give"
        )
    return 0


COMMANDS = (
    Command(
        name="access",
        summary="Write the policies of the roles that plan, apply, verify and operate, and whom they trust.",
        run=run,
        add_options=_add_options,
    ),
)
