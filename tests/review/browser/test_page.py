"""The page in a real browser: at a phone's and a desktop's width, light and dark, by keyboard, and without script."""

import fcntl
import hashlib
import json
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from plan_review.forms.html import html
from tests.fuzz.planted import all_planted
from tests.surroundings import HANG_SECONDS

from review_sample import CREATES, NOTHING, REVIEW, large

FOLDER = Path(__file__).parent
CACHE = PROJECT_ROOT / ".cache" / "browser"
pytestmark = pytest.mark.xdist_group("browser")


def run(*command: str, folder: Path) -> str:
    """Return what the command prints; the test fails with what it said if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
    if done.returncode:
        pytest.fail(f"the browser tests could not run {' '.join(command[:3])}:\n{done.stderr[-3000:]}")
    return done.stdout


@pytest.fixture(scope="module")
def browser() -> Path:
    """Return the folder with the npm packages, installed as the lock beside this file says.

    The browser among them is built for Linux on x86-64 and brings its libraries and fonts.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.fail(f"the browser tests need Linux on x86-64, not {platform.system()} on {platform.machine()}")
    lock = FOLDER / "package-lock.json"
    installed = CACHE / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as only:
        fcntl.flock(only, fcntl.LOCK_EX)
        if not (installed / "complete").exists():
            shutil.rmtree(installed, ignore_errors=True)
            installed.mkdir()
            for source in (lock, FOLDER / "package.json"):
                shutil.copyfile(source, installed / source.name)
            run("npm", "ci", "--no-audit", "--no-fund", folder=installed)
            (installed / "complete").touch()
    return installed


@pytest.fixture(scope="module")
def seen(browser: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the browser found on the pages of five reviews."""
    folder = tmp_path_factory.mktemp("pages")
    for name, review in {"everything": REVIEW, "creates": CREATES, "nothing": NOTHING}.items():
        (folder / f"{name}.html").write_text(html(review))
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("MOST_IN_FULL", "MOST_BY_NAME", "MOST_DIFFERENCES", "MOST_LISTED"):
            patch.setattr(f"plan_review.forms.html.{limit}", 3)
        (folder / "cut.html").write_text(html(large(12, 4, 5)))
    (folder / "planted.html").write_text(html(all_planted()))
    pages = [str(folder / f"{name}.html") for name in ("everything", "creates", "nothing", "cut", "planted")]
    return json.loads(
        run("node", str(FOLDER / "look.mjs"), str(browser), str(browser / "unpacked"), *pages, folder=folder)
    )


def test_nobody_stumbles(seen: dict[str, Any]) -> None:
    """No message on the console, no request, no violation of axe-core's rules, and nothing wider than the screen.

    Nor on the page of a plan in which every text means harm: no script of its runs, and nothing is asked for.
    """
    assert len(seen["looks"]) == 20
    assert {look: stumbles for look, stumbles in seen["looks"].items() if stumbles} == {}


def test_the_keyboard_reaches_and_works_everything(seen: dict[str, Any]) -> None:
    assert seen["keyboard"] == {
        "first_focus": "Skip to the review",
        "after_skipping": "main",
        "next_focus": "text",
        "all": "13 of 13 changes, 8 of 8 findings",
        "by_text": "1 of 13 changes, 2 of 8 findings",
        "by_absent_text": "0 of 13 changes, 0 of 8 findings",
        "by_action": "1 of 13 changes, 1 of 8 findings",
        "visible": "acmecorp-prod-app-results",
        "by_kind": "2 of 13 changes, 2 of 8 findings",
        "all_open": True,
        "all_folded": True,
        "open_in_print": True,
        "folded_after_print": True,
        "followed": "acmecorp-app-jobs-queue-prod",
        "stumbles": [],
    }


def test_everything_can_be_read_without_script(seen: dict[str, Any]) -> None:
    assert seen["scriptless"] == {
        "filter": False,
        "headings": [
            "Needs attention",
            "What changes",
            "Intent against plan",
            "Noise, folded away",
            "Drift, moves, imports, outputs and checks",
            "Picture",
        ],
        "unfolds": True,
        "stumbles": [],
    }
