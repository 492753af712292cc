"""The runbooks name commands and settings that exist."""

import re

from config.request import PROJECT_ROOT
from ops.deployment.retention import RUNBOOK

RUNBOOKS = sorted((PROJECT_ROOT / "docs" / "runbooks").glob("*.md"))


def test_a_runbook_types_only_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    typed = [target for file in RUNBOOKS for target in re.findall(r"\bmake ([a-z]+) ?(?:[A-Z`]|$)", file.read_text())]
    assert len(typed) >= 15
    assert set(typed) <= targets


def test_no_document_names_one_partition_alone() -> None:
    """An ARN in China, or in GovCloud, begins otherwise, and STS in China is another audience."""
    files = [PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")]
    assert len(files) >= 7
    fixed = [file.name for file in files if re.search(r"arn:aws:|--client-id-list sts", file.read_text())]
    assert fixed == []


REACHING = ("adopt", "apply", "bootstrap", "deploy", "destroy", "drift", "plan", "unlock", "verify")


def test_a_runbooks_command_on_an_environment_says_which_target_it_reaches() -> None:
    """Pasted without one it ends at an emulator, where everything seems to be gone."""
    typed = [
        command
        for file in RUNBOOKS
        for command in re.findall(rf"\bmake (?:{'|'.join(REACHING)}) ENV=[^`\n|]*", file.read_text())
    ]
    assert len(typed) >= 10
    assert [command for command in typed if "TARGET=aws" not in command] == []


ADOPTED = ("AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket")
NOT_ADOPTED = ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::Lambda::Function", "AWS::DynamoDB::TableReplica")


def test_the_adoptions_commands_select_what_is_adopted_and_nothing_else() -> None:
    """A table too that AWS CDK's TableV2 made, which CloudFormation calls a global one."""
    text = (PROJECT_ROOT / "docs" / "runbooks" / "adopt-from-cdk.md").read_text()
    selecting = re.findall(r'select\(\.\w+ \| test\("([^"]+)"\)\)', text)
    assert len(selecting) == 2
    for pattern in selecting:
        assert [type_ for type_ in (*ADOPTED, *NOT_ADOPTED) if re.search(pattern, type_)] == list(ADOPTED)


def test_the_refusals_name_a_runbook_that_exists() -> None:
    assert PROJECT_ROOT / RUNBOOK in RUNBOOKS
