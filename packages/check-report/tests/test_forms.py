"""One report in its five forms: every check is in each of them, and nothing in it is obeyed by who reads it."""

import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from check_report.forms import FORMS, rendered
from check_report.model import Check, Level, Place, Report, Rule, Section

from sarif_schema import assert_valid_sarif

FOUND = (
    Check(
        level=Level.WARNING,
        subject="aws_sqs_queue.Jobs",
        rule="name-form",
        message="is not kebab-case",
        place=Place(file="a b,c.json", line=10, json_path="$.resource.Jobs.name"),
        data={"rule": "name-form", "line": 10},
    ),
    Check(
        level=Level.ERROR,
        subject="aws_sqs_queue.Dead\n::error::x",
        rule="name-token",
        message="holds [a](b) 100%",
        place=Place(file="/z\u0435.json", json_path="$.resource"),
        data={"rule": "name-token", "line": None},
    ),
    Check(level=Level.OK, subject="aws_sqs_queue.Good", rule="name-form", data={"rule": "name-form"}),
)
FAILED = Check(
    level=Level.UNREADABLE,
    subject="",
    message="is not valid Python",
    place=Place(file="a.py", line=2),
    data={"file": "a.py"},
)
LIST = Report(
    tool="namer",
    target="this folder",
    sections=(
        Section(key="findings", checks=FOUND),
        Section(key="unreadable", checks=(FAILED,), in_text=False),
    ),
    summary="3 names checked",
    rules=(
        Rule(id="name-form", description="A name has a form.", level=Level.WARNING),
        Rule(id="name-length", description="A name is not too long."),
    ),
    head={"summary": "3 names checked"},
)

QUEUE = "shop-orders-queue-dev"
CHANGED = Check(
    level=Level.ERROR,
    type="aws_sqs_queue",
    subject=QUEUE,
    aspect="VisibilityTimeout",
    rule="differs",
    title="differs: VisibilityTimeout",
    details={"expected": "660", "found": "30", "apply": "sets it"},
    data="changed",
)
STATE = Report(
    tool="verify",
    target="shop-dev",
    heading=("shop-dev", "on the emulator"),
    sections=(
        Section(
            key="checks",
            checks=(
                CHANGED,
                Check(
                    level=Level.ERROR,
                    type="aws_sqs_queue",
                    subject=QUEUE,
                    rule="missing",
                    title="missing",
                    message="word " * 16,
                ),
                Check(level=Level.OK, type="aws_sqs_queue", subject=QUEUE, aspect="Tags"),
                Check(level=Level.NOTE, subject="shop-topic", message="nobody has confirmed it"),
            ),
        ),
        Section(
            key="unreadable",
            title="Could not be read:",
            checks=(Check(level=Level.UNREADABLE, type="aws_sns_topic", subject="shop-topic", message="AccessDenied"),),
        ),
        Section(key="nothing", title="Is not shown:", checks=()),
    ),
    summary="5 checks: 2 ok",
    seconds=1.5,
)


def test_text_is_one_line_a_finding() -> None:
    """Of the places, the one without a line has its path; what the tool prints elsewhere is left out."""
    assert rendered(LIST, "text").splitlines() == [
        "a b,c.json:10: warning [name-form] aws_sqs_queue.Jobs: is not kebab-case",
        r"/z\u0435.json: $.resource: error [name-token] aws_sqs_queue.Dead\n\x3a:error::x: holds [a](b) 100%",
        "3 names checked",
    ]


def test_text_is_a_paragraph_a_subject_where_there_are_details() -> None:
    assert rendered(STATE, "text").splitlines() == [
        "shop-dev",
        "on the emulator",
        "",
        f"aws_sqs_queue {QUEUE}",
        "  differs: VisibilityTimeout",
        "    expected: 660",
        "    found:    30",
        "    apply:    sets it",
        "  missing",
        "    word word word word word word word word word word word word word word word",
        "    word",
        "note: shop-topic: nobody has confirmed it",
        "",
        "Could not be read:",
        "  aws_sns_topic shop-topic: AccessDenied",
        "",
        "5 checks: 2 ok",
    ]


def test_text_without_a_finding_is_the_summary() -> None:
    assert rendered(Report(tool="t", target="t", sections=(), summary="none"), "text") == "none"


def test_text_begins_with_its_first_paragraph_and_cuts_a_long_detail() -> None:
    long = Check(level=Level.ERROR, subject="q", title="differs", details={"found": "w" * 2000})
    report = Report(tool="t", target="t", sections=(Section(key="c", checks=(long,)),), summary="1 check")
    lines = rendered(report, "text").splitlines()
    assert lines[:3] == ["q", "  differs", "    found: " + "w" * 69]
    assert lines[-3:] == [" " * 11 + "...", "", "1 check"]
    assert len(lines) == 2 + 12 + 3


def test_json_has_the_tools_own_keys() -> None:
    assert json.loads(rendered(LIST, "json")) == {
        "summary": "3 names checked",
        "findings": [{"rule": "name-form", "line": 10}, {"rule": "name-token", "line": None}, {"rule": "name-form"}],
        "unreadable": [{"file": "a.py"}],
    }


def test_junit_has_a_case_a_check() -> None:
    suite = ET.fromstring(rendered(STATE, "junit").encode())[0]  # noqa: S314 - our own
    assert suite.attrib == {"name": "shop-dev", "tests": "5", "errors": "1", "failures": "2", "time": "1.500"}
    cases = [(case.get("classname"), case.get("name"), [child.tag for child in case]) for case in suite]
    assert cases == [
        (f"aws_sqs_queue.{QUEUE}", "VisibilityTimeout", ["failure"]),
        (f"aws_sqs_queue.{QUEUE}", "missing", ["failure"]),
        (f"aws_sqs_queue.{QUEUE}", "Tags", []),
        ("shop-topic", "exists", ["system-out"]),
        ("aws_sns_topic.shop-topic", "exists", ["error"]),
    ]
    assert suite[0][0].attrib == {
        "message": "differs: VisibilityTimeout; expected: 660; found: 30; apply: sets it",
        "type": "differs",
    }
    assert suite[3][0].text == "note: nobody has confirmed it"


@pytest.mark.parametrize("report", [LIST, STATE])
def test_junit_is_xml_whatever_a_subject_is_called(report: Report) -> None:
    text = rendered(report, "junit")
    assert text.isascii()
    assert ET.fromstring(text.encode()).tag == "testsuites"  # noqa: S314 - our own


def test_sarif_is_valid_and_complete() -> None:
    run = assert_valid_sarif(rendered(LIST, "sarif"))
    driver = run["tool"]["driver"]
    assert driver["name"] == "namer"
    assert {rule["id"]: rule["defaultConfiguration"]["level"] for rule in driver["rules"]} == {
        "name-form": "warning",
        "name-length": "error",
        "name-token": "error",
    }
    first, second = run["results"]
    assert (first["ruleId"], first["level"], driver["rules"][first["ruleIndex"]]["id"]) == (
        "name-form",
        "warning",
        "name-form",
    )
    assert first["message"]["text"] == "aws_sqs_queue.Jobs: is not kebab-case"
    assert first["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "a%20b%2Cc.json"}, "region": {"startLine": 10}},
            "logicalLocations": [
                {"name": "aws_sqs_queue.Jobs", "fullyQualifiedName": "$.resource.Jobs.name", "kind": "resource"}
            ],
        }
    ]
    assert second["message"]["text"] == r"aws_sqs_queue.Dead\n\x3a:error::x: holds [a\](b) 100%"
    assert second["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "file:///z%D0%B5.json"}}
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "a.py:2: is not valid Python"


def test_sarif_is_valid_without_places_and_rules() -> None:
    run = assert_valid_sarif(rendered(STATE, "sarif"))
    assert [result["ruleId"] for result in run["results"]] == ["differs", "missing", "note"]
    assert run["results"][0]["locations"] == [
        {"logicalLocations": [{"name": QUEUE, "fullyQualifiedName": QUEUE, "kind": "aws_sqs_queue"}]}
    ]


def test_github_commands_cannot_be_injected() -> None:
    assert rendered(LIST, "github").splitlines() == [
        "::warning file=a b%2Cc.json,line=10,title=name-form::aws_sqs_queue.Jobs: is not kebab-case",
        r"::error file=/z\u0435.json,title=name-token::aws_sqs_queue.Dead\n\x3a:error::x: holds [a](b) 100%25",
        "::error file=a.py,line=2,title=unreadable::a.py:2: is not valid Python",
        "3 names checked",
    ]
    assert rendered(STATE, "github").splitlines() == [
        f"::error title=differs::aws_sqs_queue {QUEUE}: {CHANGED.title}; expected: 660; found: 30; apply: sets it",
        f"::error title=missing::aws_sqs_queue {QUEUE}: missing; " + "word " * 16,
        "::notice::shop-topic: nobody has confirmed it",
        "::error title=unreadable::aws_sns_topic shop-topic: AccessDenied",
        "5 checks: 2 ok",
    ]


@pytest.mark.parametrize(
    ("levels", "status"),
    [
        ([], 0),
        ([Level.OK, Level.NOTE, Level.WARNING], 0),
        ([Level.OK, Level.ERROR], 1),
        ([Level.ERROR, Level.UNREADABLE], 2),
        ([Level.OK, Level.UNREADABLE], 2),
    ],
)
def test_the_exit_status_follows_from_the_checks(levels: list[Level], status: int) -> None:
    sections = tuple(Section(key=level, checks=(Check(level=level, subject="s"),)) for level in levels)
    assert Report(tool="t", target="t", sections=sections, summary="").exit_status == status


@pytest.mark.parametrize("form", FORMS)
def test_a_form_loads_nothing_of_the_others(form: str) -> None:
    """The standard library alone, and no XML for a line of text."""
    program = (
        "import sys; from check_report.forms import rendered; from check_report.model import Report; "
        f"rendered(Report(tool='t', target='t', sections=(), summary='s'), '{form}'); "
        "print(*sorted(name for name in sys.modules if name.startswith('check_report._')), 'xml' in sys.modules)"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    *modules, has_xml = done.stdout.split()
    assert set(modules) <= {f"check_report._{form}"}
    assert has_xml == str(form == "junit")
