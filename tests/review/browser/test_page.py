"""The page in a real browser: at a phone's and a desktop's width, light and dark, by keyboard, and without script."""

import fcntl
import hashlib
import json
import platform
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from config.request import PROJECT_ROOT
from plan_review.forms.html import html
from plan_review.forms.markdown import markdown
from plan_review.model import Review
from plan_review.review import review
from plan_review.rules import load_rules
from tests.fuzz.planted import all_planted
from tests.surroundings import HANG_SECONDS

from golden_plans import PLANS, content
from review_sample import CREATES, NOTHING, REVIEW, large

KEPT = sorted({path.name.removesuffix(".json.gz") for path in PLANS.iterdir()} - {"destroy", "destroy-dev"})
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
AS_ON_GITHUB = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: 16px/1.5 sans-serif; overflow-wrap: anywhere; }
h3, h4 { margin: 24px 0 16px; font-size: 16px; }
p, ul, details, pre, blockquote, table { margin: 0 0 16px; }
blockquote { padding: 8px 16px; border-left: 4px solid; }
pre { padding: 16px; font-size: 85%; line-height: 1.45; }
code { font: 85% monospace; }
</style>
"""
"""The distances and sizes of GitHub's own style, as far as they make a comment long."""
FOLDER = Path(__file__).parent
CACHE = PROJECT_ROOT / ".cache" / "browser"
pytestmark = pytest.mark.xdist_group("browser")


def judged(name: str) -> Review:
    """Return the review of a kept plan, by the project's rules."""
    environment, today = "dev" if name.endswith("-dev") else "prod", date(2026, 11, 27)
    return review(
        json.loads(content(name)),
        title="vpr-async",
        where="AWS (account 333333333333, us-east-1)",
        environment=environment,
        retains=environment == "prod",
        rules=load_rules(PROJECT_ROOT / "review.toml", today),
        today=today,
        plan_sha256="5f3c" * 16,
    )


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
    for name, sample in {"everything": REVIEW, "creates": CREATES, "nothing": NOTHING}.items():
        (folder / f"{name}.html").write_text(html(sample))
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("MOST_IN_FULL", "MOST_BY_NAME", "MOST_DIFFERENCES", "MOST_LISTED"):
            patch.setattr(f"plan_review.forms.html.{limit}", 3)
        (folder / "cut.html").write_text(html(large(12, 4, 5)))
    (folder / "planted.html").write_text(html(all_planted()))
    for name in KEPT:
        kept = judged(name)
        (folder / f"size-{name}-page.html").write_text(html(kept))
        (folder / f"size-{name}-comment.html").write_text(AS_ON_GITHUB + MARKDOWN.render(markdown(kept)))
    pages = [str(folder / f"{name}.html") for name in ("everything", "creates", "nothing", "cut", "planted")]
    pages += map(str, sorted(folder.glob("size-*.html")))
    return json.loads(
        run("node", str(FOLDER / "look.mjs"), str(browser), str(browser / "unpacked"), *pages, folder=folder)
    )


@pytest.mark.parametrize("name", KEPT)
def test_a_comment_is_short_and_a_printed_page_is_few_sheets(seen: dict[str, Any], name: str) -> None:
    """At most 1,800 px at a width of 1,000, and at most 4 sheets of A4; but for a plan that deletes everything."""
    assert seen["sizes"][f"{name}-comment"]["height"] <= 1_800
    assert seen["sizes"][f"{name}-page"]["printed"] <= 4


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
        "chip": "delete 1",
        "by_action": "1 of 13 changes, 1 of 8 findings",
        "visible": "acmecorp-prod-app-results",
        "by_kind": "2 of 13 changes, 2 of 8 findings",
        "by_slash": "text",
        "all_open": True,
        "all_folded": True,
        "followed": "acmecorp-prod-app-results",
        "stumbles": [],
    }


def test_everything_can_be_read_without_script(seen: dict[str, Any]) -> None:
    assert seen["scriptless"] == {
        "filter": False,
        "headings": [
            "Look at these first",
            "Actions that would run",
            "What changes",
            "Requirement",
            "Drift, moves, imports, outputs and checks",
            "Diagram",
            "Formatting only",
        ],
        "unfolds": True,
        "stumbles": [],
    }
