"""A short sample of what `make fuzz` does for as long as it is told, and all that it ever found, again."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from config.request import PROJECT_ROOT
from tests.fuzz.campaign import REQUIREMENTS
from tests.fuzz.large import LARGE
from tests.fuzz.readers import READERS, read, warm
from tests.fuzz.shapes import CORPUS, SHAPES

SAMPLE = 25
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
MOST_CORPUS_BYTES = 60_000


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm()


@pytest.mark.parametrize("reader", READERS)
def test_what_was_found_once_stays_mended(reader: str, tmp_path: Path) -> None:
    """Each input is refused with a message or read: no traceback, nothing touched, nothing obeyed."""
    files = sorted((CORPUS / reader).iterdir())
    assert files
    for file in files:
        read(reader, file.read_bytes(), tmp_path / "read")


@pytest.mark.parametrize("reader", READERS)
def test_no_input_is_too_odd(reader: str, tmp_path: Path) -> None:
    seen: list[bytes] = []

    @settings(max_examples=SAMPLE, deadline=None, database=None, derandomize=True, suppress_health_check=SLOW)
    @given(SHAPES[reader])
    def one(content: bytes) -> None:
        seen.append(content)
        read(reader, content, tmp_path / "read")

    one()
    assert len(set(seen)) > SAMPLE // 2


@pytest.mark.parametrize("name", LARGE)
def test_no_input_takes_long(name: str, tmp_path: Path) -> None:
    """Five seconds of the processor are what is allowed, and memory in measure."""
    reader, content = LARGE[name]
    assert len(content) > 500
    read(reader, content, tmp_path / "read")


def test_every_reader_has_a_corpus_and_a_shape_and_all_of_it_is_small() -> None:
    folders = {path.name for path in CORPUS.iterdir()}
    assert folders == READERS.keys() == SHAPES.keys()
    assert {reader for reader, _ in LARGE.values()} <= folders
    assert sum(file.stat().st_size for file in CORPUS.rglob("*") if file.is_file()) < MOST_CORPUS_BYTES


def test_what_the_long_run_alone_needs_is_pinned_by_hash() -> None:
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if not line.startswith("#")]
    assert [line.split("==")[0] for line in lines] == ["atheris", "cmarkgfm"]
    assert all(" --hash=sha256:" in line for line in lines)
    assert not (PROJECT_ROOT / "Pipfile").read_text().count("atheris")
    assert os.access(REQUIREMENTS, os.R_OK)
