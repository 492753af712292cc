"""`make help`: every command in its group, in columns that a terminal has room for."""

import re
import subprocess

from config.request import PROJECT_ROOT
from ops.cli import MODULES
from tests.bench.times import ELSEWHERE, LIFE, times_of

GROUPS = ["", "Deploy", "Look", "Handlers", "Repair", "Check", "Develop", "Prove, which takes long"]
NOT_LISTED = {"lint", "types", "unit", "runtime", "handlers", "cli", "tools"}
"""Targets that are parts of others, or install what others need."""


def shown() -> list[str]:
    done = subprocess.run(("make", "help"), cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_target_is_listed_once_and_every_command_has_one() -> None:
    (phony,) = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)$", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = [found[1] for line in shown() if (found := re.match(r"  make ([a-z-]+) ", line))]
    assert sorted(listed) == sorted(set(phony.replace("\\", "").split()) - NOT_LISTED)
    assert set(MODULES) <= set(listed)


def test_the_groups_stand_in_the_order_in_which_they_are_needed() -> None:
    """What takes long, and nobody needs who only deploys or writes a handler, comes last."""
    lines = shown()
    titles = [line for line in lines if re.match(r"[A-Z][a-z]+(,|$)", line)]
    assert ["", *titles] == GROUPS
    assert lines.index("  make help           Show this list") < lines.index("Deploy")


def test_no_name_or_time_leaves_its_column_and_no_line_is_wider_than_100() -> None:
    for line in shown():
        assert len(line) <= 100, line
        if line.startswith("  make "):
            assert re.fullmatch(r"  make [a-z-]{1,13} +", line[:22]), line
            assert line[22] != " ", line
            summary, time = line[22:82], line[82:]
            assert re.fullmatch(r"\S.*  ", summary) if time else not summary.endswith(" "), line
            assert not time.startswith(" "), line


def test_a_time_is_given_only_where_the_benchmark_measures_it() -> None:
    times = times_of("\n".join(shown()))
    assert {name for name, time in times.items() if time.startswith("about ")} <= {*LIFE, *ELSEWHERE}
    assert (times["plan"], times["status"], times["audit"]) == ("about 8 s", "", "by network")


def test_who_waits_without_a_word_reads_the_time_before_and_programs_do_not() -> None:
    given = ("make", "smoke", "STACK=none")
    done = subprocess.run(given, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    assert said[0] == f"make smoke: {times_of(chr(10).join(shown()))['smoke']}" == "make smoke: about 4 s"
    assert said[1].startswith('STACK = "none": not known')
    assert done.stdout == ""
