"""A sample of `make bench`, which takes the better part of an hour; and that the document says what was measured."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from tests.bench import aims, document, first_plan, installed, machine, programs, suite
from tests.bench.commands import length
from tests.bench.growth import json_of
from tests.bench.installed import BenchError
from tests.bench.measure import measure
from tests.bench.quantities import slopes
from tests.bench.synthesis import rounds
from tests.bench.usage import by_folder, options
from tests.checkout import plain_variables

HOLD_100_MEGABYTES = "import sys, time; held = bytearray(100_000_000); time.sleep(0.2); sys.exit(int(sys.argv[1]))"
START_ANOTHER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD_100_MEGABYTES!r}, '0'])"

FORK_100_MEGABYTES = """
import os, sys, time
held = bytearray(100_000_000)
child = os.fork()
if not child:
    time.sleep(0.2)
    os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(0.2)"])
os.waitpid(child, 0)
"""


def variables() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}


def test_a_run_tells_the_time_and_memory_of_all_its_processes(tmp_path: Path) -> None:
    """The child's 100 MB count for the run that started it, and none of it for Node."""
    found = measure((sys.executable, "-c", START_ANOTHER), variables(), tmp_path)
    assert found.wall_seconds > 0.2
    assert found.cpu_seconds > 0
    assert 100 < found.python_megabytes < 200
    assert found.node_megabytes == 0
    assert len([span for span in found.spans if span.program.startswith("python")]) == 2


def test_a_process_that_has_yet_to_execute_its_program_counts_once(tmp_path: Path) -> None:
    """It is then a copy of its parent, with the parent's memory, of which nothing is its own."""
    found = measure((sys.executable, "-c", FORK_100_MEGABYTES), variables(), tmp_path)
    assert 100 < found.python_megabytes < 200
    assert len(found.spans) == 2


def test_a_run_that_fails_is_said_with_its_last_line(tmp_path: Path) -> None:
    """And with its exit status, so that no figure is kept of what did not work."""
    with pytest.raises(BenchError, match=r"status 3: the reason$"):
        measure((sys.executable, "-c", "print('much\\nthe reason'); raise SystemExit(3)"), variables(), tmp_path)


def test_one_round_measures_the_floor_and_the_app_side_by_side(tmp_path: Path) -> None:
    """What is timed is a whole synthesis, with its Python and its Node."""
    found = rounds({"floor": programs.floor(), "ours": programs.app("dev")}, 1)
    for name in ("floor", "ours"):
        assert [len(values) for values in found[name].values()] == [1, 1, 1, 1]
        assert found[name]["node_megabytes"][0] > 50
        assert found[name]["python_megabytes"][0] > 15
    programs.run(programs.pipelines(2), output=tmp_path / "out")
    assert json_of(tmp_path / "out")["resources"] == 2 * 11


def test_time_in_which_several_are_at_work_counts_once() -> None:
    assert length([]) == 0
    assert length([(1, 3), (2, 4), (6, 7), (6.5, 6.75)]) == 4


def test_a_slope_is_what_one_more_costs() -> None:
    """2 s at first and 30 ms for each pipeline of ten resources, 1 MB each: 3 ms and 102.4 kB a resource."""
    points = {
        str(count): {
            "wall_seconds": [2 + 0.03 * count],
            "cpu_seconds": [2 + 0.06 * count],
            "python_megabytes": [40],
            "node_megabytes": [100 + count],
            "resources": 10 * count,
        }
        for count in (1, 10, 100)
    }
    found = slopes(points)
    assert {name: round(slope, 6) for name, slope in found.items()} == {
        "wall_ms_per_pipeline": 30,
        "wall_ms_per_resource": 3,
        "cpu_ms_per_resource": 6,
        "kilobytes_per_resource": 102.4,
    }


TEST_THAT_WORKS = """
import subprocess, sys, pytest

WORK = "import time\\nend = time.process_time() + 0.3\\nwhile time.process_time() < end: pass"

@pytest.mark.hard
def test_by_itself():
    exec(WORK)

def test_in_a_process_of_its_own():
    subprocess.run((sys.executable, "-c", WORK), check=True)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_tests_of_a_folder_or_package_count_with_the_processes_that_they_start(
    workers: tuple[str, ...], tmp_path: Path
) -> None:
    """Alone and in workers: each test once, in the first two folders of its path, and at least the CPU that it used."""
    project, kept = tmp_path / "project", tmp_path / "kept"
    kept.mkdir()
    for folder in ("tests/journeys/verify", "packages/plan-review/tests"):
        (project / folder).mkdir(parents=True)
        (project / folder / f"test_of_{Path(folder).parts[1].replace('-', '_')}.py").write_text(TEST_THAT_WORKS)
    # Its marks are unknown to any configuration but its own.
    (project / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\nmarkers = hard\n")
    done = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", *options(kept), *workers),
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = by_folder(kept)
    assert {name: used["tests"] for name, used in found.items()} == {"tests/journeys": 2, "packages/plan-review": 2}
    assert [used["cpu_seconds"] >= 0.6 for used in found.values()] == [True, True]


def test_each_run_of_the_suite_takes_the_plugin(tmp_path: Path) -> None:
    """The fast tests by `make unit`, the others by `make test`: what `make check` runs on the way counts once."""
    (tmp_path / "usage.mk").write_text("PYTEST += -p tests.bench.usage\n")
    make = ("make", "--dry-run", "-f", "Makefile", "-f", str(tmp_path / "usage.mk"))
    shown = {
        target: subprocess.run((*make, target), cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout
        for target in ("check", "unit", "test")
    }
    assert {target: text.count("-p tests.bench.usage") for target, text in shown.items()} == {
        "check": 0,
        "unit": 1,
        "test": 1,
    }


def test_a_target_that_fails_keeps_its_figures_and_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets after it are measured too, and its row says that it failed."""
    (tmp_path / "Makefile").write_text("lint:\n\t@false\nunit:\n\t@true\n")
    monkeypatch.setattr(suite, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(suite, "TARGETS", ("make lint", "make unit"))
    targets = suite.measure_suite()["targets"]
    assert {target: (took["status"], took["wall_seconds"] < 60) for target, took in targets.items()} == {
        "make lint": (2, True),
        "make unit": (0, True),
    }
    took = {"wall_seconds": 8.0, "cpu_seconds": 5.0}
    measured = {"make check": {**took, "status": 2}, "make test": {**took, "status": 0}}
    part = {"day": "2026-11-28", "load": [0, 0], "machine": {}, "figures": {"targets": measured, "folders": {}}}
    shown = document.tables({"suite": part})
    assert shown["targets"].splitlines()[-2:] == ["| make check: **failed** | 8 | 5 |", "| make test | 8 | 5 |"]
    assert "| `make check`, s | at most 30 | inf: **not reached** |" in shown["aims"]


def test_an_aim_that_is_missed_is_marked() -> None:
    """At most and at least: the limit itself is reached."""

    def seen(figures: Mapping[str, float]) -> float:
        return figures["seen"]

    most = aims.Aim("seconds", (aims.MOST, 1.5), "x", seen)
    least = aims.Aim("times", (aims.LEAST, 12), "x", seen)
    assert most.row({"seen": 1.5}) == ("seconds", "at most 1.5", "1.50")
    assert most.row({"seen": 1.6}) == ("seconds", "at most 1.5", "1.60: **not reached**")
    assert least.row({"seen": 12}) == ("times", "at least 12", "12.0")
    assert least.row({"seen": 11.9}) == ("times", "at least 12", "11.9: **not reached**")


def test_the_kept_figures_are_of_the_pinned_peers() -> None:
    """Otherwise somebody changed the pins and did not measure again."""
    kept: dict[str, Any] = json.loads(document.FIGURES.read_text())
    pinned = {package: installed.version_of(name, package) for name, package in machine.PEERS}
    for part in ("synthesis", "lean", "growth", "feature"):
        found = kept[part]["machine"]
        assert {**pinned, **found} == {**found, **pinned}, part


def test_the_parts_that_are_asked_for_are_no_options_of_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make bench ARGS=times` exports ARGS, which `make verify` would take for its own."""
    monkeypatch.setenv("ARGS", "times")
    assert "ARGS" not in plain_variables()


def test_a_clone_that_lacks_the_earlier_commit_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shallow one does."""
    monkeypatch.setattr(first_plan, "BEFORE", "0" * 40)
    expected = f"^first-plan: this clone has no commit {'0' * 40}; git fetch --unshallow brings the whole history$"
    with pytest.raises(BenchError, match=expected):
        first_plan.measure_first_plan()


def test_the_document_has_the_tables_of_the_figures_that_are_kept() -> None:
    """`make bench` writes both; neither is changed by hand."""
    kept: dict[str, Any] = json.loads(document.FIGURES.read_text())
    made = document.documents(kept)
    assert sorted(path.name for path in made) == ["README.md", "constructs.md", "performance.md"]
    assert len(made[document.PERFORMANCE]) >= 5
    assert list(made[document.CONSTRUCTS]) == ["feature"]
    for path, tables in made.items():
        assert document.filled(path, tables) == path.read_text()
    text = document.PERFORMANCE.read_text()
    for drawing in ("performance.png", "performance.svg"):
        assert (document.FIGURES.parent / drawing).stat().st_size > 10_000
        assert f"performance/{drawing}" in text


def test_a_document_without_a_tables_place_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    with pytest.raises(BenchError, match=r"page\.md: needs one line <!-- warm -->"):
        document.filled(page, {"warm": "| a |"})


def test_a_peer_that_cannot_be_installed_is_one_line_and_status_2(tmp_path: Path) -> None:
    """Nothing is measured, and no environment is left that would be taken for a whole one."""
    say = (
        "import sys; from pathlib import Path; from tests.bench import __main__, installed;"
        f"installed.CACHE = Path({str(tmp_path)!r});"
        "__main__.PARTS = {'synthesis': lambda: installed.python_of('cdktn')};"
        "sys.exit(__main__.main())"
    )
    nowhere = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    done = subprocess.run(
        (sys.executable, "-c", say, "synthesis"), env=nowhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("cdktn: cannot be installed: ERROR: ")
    assert not (tmp_path / "cdktn" / "made-from.sha256").exists()


@pytest.mark.parametrize(
    "name", ["aws-cdk", "aws-solutions-constructs", "cdk-monitoring-constructs", "cdktf", "cdktn", "plot"]
)
def test_what_the_benchmark_alone_installs_is_pinned_by_hash(name: str) -> None:
    """Every package has one version and at least one hash, and no index is named."""
    text = (installed.PINS / f"{name}.txt").read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line]
    assert len(packages) >= 10
    assert all("==" in line and "--hash=sha256:" in line for line in packages)


def test_a_part_that_is_not_there_is_refused_with_those_that_are() -> None:
    done = subprocess.run((sys.executable, "-m", "tests.bench", "speed"), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    allowed = "synthesis, lean, growth, feature, commands, apply, times, set-up, first-plan, suite"
    assert done.stderr.splitlines()[-1].endswith(f'"speed": no such part; allowed: {allowed}')
