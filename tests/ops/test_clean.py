"""What make clean removes and what it keeps, and that it waits until no other command is at work."""

from pathlib import Path

import pytest

from ops import clean, emulators, unsaved_state, work_lock
from ops.cli import main
from ops.work_lock import at_work


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep all that is removed in a folder of the test's own."""
    for module in (clean, unsaved_state):
        monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(clean, "STACKS", tmp_path / ".cache" / "stacks")
    monkeypatch.setattr(clean, "BOOTSTRAPS", tmp_path / ".cache" / "bootstrap")
    monkeypatch.setattr(clean, "CDKTF_OUT", tmp_path / "cdktf.out")
    monkeypatch.setattr(emulators, "FOLDER", tmp_path / ".emulator")
    monkeypatch.setattr(unsaved_state, "UNSAVED_STATES", tmp_path / "unsaved-state")
    monkeypatch.setattr(work_lock, "LOCKS", tmp_path / ".cache" / "locks")
    return tmp_path


def written(checkout: Path, *names: str) -> None:
    for name in names:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(name)


def left(checkout: Path) -> dict[str, str]:
    """Return the content of each file but the locks, by its path."""
    files = (file for file in checkout.rglob("*") if file.is_file() and file.parent.name != "locks")
    return {str(file.relative_to(checkout)): file.read_text() for file in files}


@pytest.mark.parametrize(
    ("on", "command"),
    [
        ("dev on emulator", "make plan ENV=dev"),
        ("prod on aws", "make apply ENV=prod TARGET=aws"),
        ("cdktf.out", "make synth"),
    ],
)
def test_nothing_is_removed_while_another_command_is_at_work(
    on: str, command: str, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its state would go before it is in a bucket, and its emulator would end under it."""
    ended: list[str] = []
    monkeypatch.setattr(emulators, "stop", ended.append)
    written(checkout, ".cache/stacks/aws/vpr-async-prod/cdk.tf.json", "cdktf.out/manifest.json", "plans/aws/x/tfplan")
    before = left(checkout)
    with at_work(on, command):
        assert main(["clean"]) == 2
    assert capsys.readouterr().err.startswith(f"{on}: {command} (process ")
    assert ended == []
    assert left(checkout) == before


def test_every_state_that_is_in_no_bucket_is_kept(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bootstrap's own stays where the next bootstrap looks for it."""
    bootstrap = ".cache/bootstrap/aws/state-backend-prod"
    written(
        checkout,
        ".cache/stacks/aws/vpr-async-prod/errored.tfstate",
        f"{bootstrap}/stack/errored.tfstate",
        f"{bootstrap}/terraform.tfstate",
        "cdktf.out/stacks/vpr-async-dev/errored.tfstate",
    )
    written(
        checkout, ".cache/bootstrap/aws/state-backend-dev/stack/cdk.tf.json", "plans/aws/x/tfplan", ".cache/tools/x"
    )
    assert main(["clean"]) == 0
    assert left(checkout) == {
        ".cache/bootstrap/aws/state-backend-prod/terraform.tfstate": f"{bootstrap}/terraform.tfstate",
        ".cache/tools/x": ".cache/tools/x",
        "unsaved-state/aws/vpr-async-prod/errored.tfstate": ".cache/stacks/aws/vpr-async-prod/errored.tfstate",
        "unsaved-state/aws/state-backend-prod/errored.tfstate": f"{bootstrap}/stack/errored.tfstate",
        "unsaved-state/by-hand/vpr-async-dev/errored.tfstate": "cdktf.out/stacks/vpr-async-dev/errored.tfstate",
    }
    assert capsys.readouterr().out == (
        "kept: unsaved-state/aws/vpr-async-prod/errored.tfstate, a state that is in no bucket\n"
        "kept: unsaved-state/aws/state-backend-prod/errored.tfstate, a state that is in no bucket\n"
        "kept: unsaved-state/by-hand/vpr-async-dev/errored.tfstate, a state that is in no bucket\n"
        "kept: .cache/bootstrap/aws/state-backend-prod/terraform.tfstate, a state that is in no bucket; make bootstrap "
        "ENV=prod TARGET=aws goes on from it\n"
    )
