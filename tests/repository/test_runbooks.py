"""The runbooks name commands, settings and messages that exist."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from ops.deployment.retention import RUNBOOK

RUNBOOKS = sorted((PROJECT_ROOT / "docs" / "runbooks").glob("*.md"))


def test_a_runbook_types_only_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    typed = [target for file in RUNBOOKS for target in re.findall(r"\bmake ([a-z]+) ?(?:[A-Z`]|$)", file.read_text())]
    assert len(typed) >= 15
    assert set(typed) <= targets


def test_every_command_that_the_readme_mentions_is_in_a_block_of_it_or_of_the_reference() -> None:
    """tests/journeys/test_life.py types the blocks, so that no command is recommended that was never tried."""
    readme, reference = ((PROJECT_ROOT / page).read_text() for page in ("README.md", "docs/reference.md"))
    mentioned = set(re.findall(r"\bmake ([a-z]+)", readme))
    typed = set(re.findall(r"^make ([a-z]+)|\(make ([a-z]+)\)", blocks(readme + reference), re.MULTILINE))
    assert mentioned >= {"up", "smoke", "peek", "plan", "apply", "redrive"}
    # make test begins with check.
    assert mentioned - {word for pair in typed for word in pair} == {"check"}


def test_no_document_names_one_partition_alone() -> None:
    """An ARN in China, or in GovCloud, begins otherwise, and STS in China is another audience."""
    files = [PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")]
    assert len(files) >= 7
    fixed = [file.name for file in files if re.search(r"arn:aws:|--client-id-list sts", file.read_text())]
    assert fixed == []


REACHING = (
    *("adopt", "apply", "bootstrap", "deploy", "destroy", "down", "drift", "env", "plan", "redrive", "smoke", "unlock"),
    *("up", "verify"),
)
PAGES = [*RUNBOOKS, PROJECT_ROOT / "docs" / "ci.md"]


def blocks(text: str) -> str:
    """Return the lines of a page's blocks of commands."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))


def commands(page: Path) -> Iterator[str]:
    """Yield each command that is typed on an environment: in a block, or in a sentence if it names what it works on."""
    text = page.read_text()
    reaching = "|".join(REACHING)
    yield from re.findall(rf"\bmake (?:{reaching})\b[^\n|)]*", blocks(text))
    yield from re.findall(rf"`(make (?:{reaching}) [^`\n]*=[^`\n]*)`", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_on_an_environment_says_which_one_and_on_which_target(page: Path) -> None:
    """Pasted without, it ends at dev's emulator, where everything seems to be gone."""
    unsaid = [
        typed for typed in commands(page) if not re.search(r"(?=.*\bENV=\w)(?=.*\bTARGET=(aws|emulator)\b)", typed)
    ]
    assert unsaid == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_whose_commands_reach_aws_says_how_to_do_the_same_on_the_emulator(page: Path) -> None:
    on_aws = [typed for typed in commands(page) if "TARGET=aws" in typed]
    assert not on_aws or re.search(r"\b[Oo]n the emulator\b", page.read_text())


LOOK = "make verify ENV=prod TARGET=aws"
"""Each of the pages of the alarms types it."""
ALARM = re.compile(r"Runbook: (docs/runbooks/alarm-[a-z-]+\.md)$")


def test_each_alarms_description_ends_with_a_runbook_of_its_own_that_exists(
    stacks: Mapping[str, dict[str, Any]],
) -> None:
    """Whoever is called at night has the description alone; CloudWatch takes 1,024 characters of it."""
    for environment, stack in stacks.items():
        alarms = stack["resource"]["aws_cloudwatch_metric_alarm"].values()
        descriptions = {alarm["alarm_name"]: alarm["alarm_description"] for alarm in alarms}
        named = {name: ALARM.search(description) for name, description in descriptions.items()}
        assert [name for name, found in named.items() if not found] == []
        pages = {name: found[1] for name, found in named.items() if found}
        assert len(set(pages.values())) == len(pages) == 3
        assert {PROJECT_ROOT / page for page in pages.values()} <= set(RUNBOOKS)
        assert max(map(len, descriptions.values())) <= 1024
        assert all(LOOK in commands(PROJECT_ROOT / page) for page in pages.values())
        # The page begins with the alarm's name, as its environment of prod has it.
        for name, page in pages.items():
            assert f"`{name.removesuffix(environment)}prod` rang" in (PROJECT_ROOT / page).read_text()


def test_every_runbook_is_in_the_index_of_symptoms() -> None:
    index = (PROJECT_ROOT / "docs" / "runbooks" / "README.md").read_text()
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", index))
    assert linked == {page.name for page in RUNBOOKS} - {"README.md"}


def test_every_page_that_a_runbook_links_exists() -> None:
    links = [
        (page, link) for page in PAGES for link in re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text())
    ]
    assert len(links) >= 30
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


AWS_SAYS = {"Not authorized to perform sts:AssumeRoleWithWebIdentity"}
"""Messages that come from AWS, and stand nowhere in the source."""
SAYING = (*(PROJECT_ROOT / "ops").rglob("*.py"), *(PROJECT_ROOT / "packages" / "plan-review" / "src").rglob("*.py"))
DRIFT = PROJECT_ROOT / "docs" / "runbooks" / "drift.md"


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield each text of the source, with `...` for what is put into it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "..." for each in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def quoted_symptoms(page: Path) -> set[str]:
    """Return what the first columns of a page's tables of symptoms quote, but for commands and resources' names."""
    tables = re.findall(r"^\| (?:you see|it says) \|.*\n\|[ |-]+\n((?:\|.*\n)+)", page.read_text(), re.MULTILINE)
    cells = [row.split(" | ")[0] for table in tables for row in table.splitlines()]
    quoted = [each for cell in cells for each in re.findall("`([^`]+)`", cell)]
    return {each.removeprefix("apply: ") for each in quoted if not each.startswith(("make ", "careervp-"))}


def unprinted(symptoms: Iterable[str], printed: Iterable[str]) -> list[str]:
    """Return the symptoms that are in no text; `...` in a symptom stands for any characters."""
    every = tuple(printed)
    patterns = {each: re.compile(".*".join(map(re.escape, each.strip(". ").split("...")))) for each in symptoms}
    return [each for each, pattern in patterns.items() if not any(map(pattern.search, every))]


def test_each_message_that_leads_to_a_page_is_one_that_a_command_prints() -> None:
    """Whoever is called at night searches for what is on the screen."""
    printed = [text for file in SAYING for text in texts(ast.parse(file.read_text()))]
    printed += [file.read_text() for file in (PROJECT_ROOT / ".github" / "workflows").glob("*.yml")]
    for page, least in ((PROJECT_ROOT / "docs" / "runbooks" / "README.md", 10), (DRIFT, 12)):
        symptoms = quoted_symptoms(page)
        assert len(symptoms) >= least
        assert unprinted(symptoms - AWS_SAYS, printed) == [], page.name
    assert unprinted(["would expire earlier", "locked by ...; lock id ..."], printed) == ["would expire earlier"]


def test_each_effect_of_an_apply_on_drift_has_a_row_in_the_page_on_drift() -> None:
    tree = ast.parse((PROJECT_ROOT / "ops" / "drift" / "plans.py").read_text())
    words = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in {"effect", "_update"}
    ]
    returned = [node for each in words for node in ast.walk(each) if isinstance(node, ast.Return) and node.value]
    effects = {text.split("...")[0] for node in returned for text in texts(node)} - {"", ": the stack has it no longer"}
    assert effects >= {"sets it back", "creates it again, empty", "REPLACES the resource", "deletes the resource"}
    assert effects - quoted_symptoms(DRIFT) == set()


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
