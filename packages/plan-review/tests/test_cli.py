"""`plan-review`: what it reads and writes, its exit statuses, and what it does not load."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from plan_review.cli import main

from golden_plans import content
from plan_builder import entry, plan

RULES = """
[[rule]]
name = "no-loss"
why = "data is kept"
kinds = ["loss"]
environments = ["retaining"]

[[rule]]
name = "no-clients"
why = "agree first"
kinds = ["clients"]
environments = ["live"]
"""
LOSS = json.dumps(plan(entry("aws_s3_bucket", "delete", {"bucket": "b"})))
REVIEW = ["review.html", "review.json", "review.md"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text(LOSS)
    (tmp_path / "rules.toml").write_text(RULES)
    return tmp_path


def left(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("review*"))


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], 0),
        (["--rules", "rules.toml"], 0),
        (["--rules", "rules.toml", "--environment", "live"], 0),
        (["--rules", "rules.toml", "--retains-data"], 1),
        (["--rules", "rules.toml", "--environment", "live", "--retains-data"], 1),
    ],
)
def test_the_status_is_1_exactly_if_a_rule_blocks_the_plan(here: Path, options: list[str], status: int) -> None:
    assert main(["plan.json", *options]) == status
    assert json.loads((here / "review.json").read_text())["exit_status"] == status
    assert left(here) == REVIEW


def test_a_review_has_the_environment_that_is_given(here: Path) -> None:
    main(["plan.json", "--environment", "live"])
    assert json.loads((here / "review.json").read_text())["environment"] == "live"


def test_a_plan_on_standard_input_is_reviewed_and_nothing_is_written_unless_asked(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for more, files in (([], []), (["--output", "."], REVIEW)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(LOSS.encode())))
        assert main(["-", "--json", *more]) == 0
        assert json.loads(capsys.readouterr().out)["title"] == "standard input"
        assert left(here) == files


def test_a_terminal_gets_the_verdict_first(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here == Path.cwd()
    monkeypatch.setenv("COLUMNS", "120")
    main(["plan.json"])
    sha256 = hashlib.sha256(LOSS.encode()).hexdigest()
    assert capsys.readouterr().out.splitlines()[:3] == [
        "plan.json: DANGER: b: would be deleted: its objects lost",
        "1 to delete",
        f"plan sha256 {sha256}",
    ]


def test_several_plans_in_one_file_are_reviewed_one_by_one_with_one_status(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of several stacks, whose JSON was put into one file. The worst status counts."""
    nothing = json.dumps(plan())
    (here / "plan.json").write_text(f"{LOSS}\n{nothing}\n")
    (here / "own.toml").write_text('[[rule]]\nname = "r"\nwhy = "w"\nkinds = ["loss"]\n')
    assert main(["plan.json", "--rules", "own.toml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("plan.json")] == [
        "plan.json, plan 1 of 2: STOPPED: b: would be deleted: its objects lost",
        "plan.json, plan 2 of 2: nothing to do: no changes",
    ]
    verdicts = [json.loads((here / f"plan-{n}" / "review.json").read_text())["verdict"] for n in (1, 2)]
    assert verdicts == ["STOPPED", "nothing to do"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.json"], "none.json: no such file; make one with: terraform show -json PLANFILE"),
        (["rules.toml"], "rules.toml: not JSON, or cut off, at line 2, column 3: Expecting value; make one with: "),
        (["plan.json", "--rules", "none.toml"], "none.toml: no such file; it says what stops CI, and may be empty"),
        (["plan.json", "--rules", "plan.json"], "plan.json: not valid TOML: "),
        (["plan.json", "--output", "plan.json"], "plan.json: the review cannot be left there: File exists; "),
    ],
)
def test_what_cannot_be_read_or_written_is_one_line_and_status_2(
    here: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(message)
    assert len(printed.err.splitlines()) == 1
    assert left(here) == []


def test_a_missing_plan_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "PLAN.json" in capsys.readouterr().err


def test_a_reader_who_goes_early_gets_no_traceback(here: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        (sys.executable, "-m", "plan_review", str(here / "plan.json")),
        env={},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_what_a_form_needs_is_loaded_for_that_form_alone() -> None:
    """And nothing of AWS or cdktf for any."""
    code = "import sys; from plan_review.cli import main; main(['-', '--json']); print([*sys.modules], file=sys.stderr)"
    done = subprocess.run(
        (sys.executable, "-c", code),
        env={},
        input=content("tag"),
        capture_output=True,
        check=True,
    )
    loaded = done.stderr.decode()
    assert "'plan_review.forms.json_form'" in loaded
    assert [
        name for name in ("jinja2", "rich", "boto3", "botocore", "cdktf", "config", "ops") if f"'{name}'" in loaded
    ] == []


def test_a_program_that_waits_for_a_plan_can_load_every_form_before(tmp_path: Path) -> None:
    """Whoever then writes a review, and prints it, waits for no module of ours and of jinja2 or rich."""
    code = """if True:
        import sys
        from plan_review.cli import main
        from plan_review.forms.files import load
        load()
        before = {*sys.modules}
        main(["-", "--output", sys.argv[1]])
        late = [name for name in sys.modules if name not in before]
        print([name for name in late if name.startswith(("plan_review", "jinja2", "rich"))], file=sys.stderr)
    """
    done = subprocess.run(
        (sys.executable, "-c", code, str(tmp_path)),
        env={},
        input=content("tag"),
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "review.html").exists()
    assert done.stderr.decode().splitlines()[-1] == "[]"
