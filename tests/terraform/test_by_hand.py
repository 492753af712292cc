"""Commands typed by hand: python main.py, and cdktf in a fresh shell; and what they say to bad settings."""

from pathlib import Path

import pytest

from tests.checkout import Checkout, make_checkout
from tests.unit.test_settings import BAD as BAD_SETTINGS
from tests.unit.test_settings import GOOD as GOOD_SETTINGS


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return make_checkout(tmp_path)


def spoil(checkout: Checkout, environment: str, good: str, bad: str) -> None:
    file = checkout.path / "environments" / f"{environment}.toml"
    content = file.read_text()
    assert good in content
    file.write_text(content.replace(good, bad))


def test_a_broken_environment_does_not_stop_the_others(checkout: Checkout) -> None:
    spoil(checkout, "prod", 'region = "us-east-1"', 'region = "mars-1"')
    done = checkout.run("python", "main.py")
    assert done.returncode == 0
    assert 'environments/prod.toml: region = "mars-1": not allowed' in done.stderr
    assert "prod: not synthesized" in done.stderr
    assert sorted(path.name for path in checkout.path.glob("cdktf.out/stacks/*")) == [
        "state-backend-dev",
        "state-backend-staging",
        "vpr-async-dev",
        "vpr-async-staging",
    ]
    assert checkout.run("make", "synth", "ENV=dev").returncode == 0


def test_a_broken_invariant_of_another_environment_leaves_no_half_made_stack(checkout: Checkout) -> None:
    spoil(checkout, "prod", "timeout_seconds = 300", "timeout_seconds = 331")
    done = checkout.run("python", "main.py")
    assert done.returncode == 0
    assert "environments/prod.toml: vpr-async-prod/Jobs: visibility_timeout_seconds = 660: shorter than" in done.stderr
    assert "a consumer timeout of at most 330 s" in done.stderr
    assert sorted(path.name for path in checkout.path.glob("cdktf.out/stacks/*")) == [
        "state-backend-dev",
        "state-backend-staging",
        "vpr-async-dev",
        "vpr-async-staging",
    ]


BAD: list[tuple[dict[str, str], str, str, str]] = [
    ({}, 'region = "us-east-1"', 'region = "mars-1"', 'environments/dev.toml: region = "mars-1": not allowed'),
    ({}, "timeout_seconds = 300", "timeout_seconds = 331", "environments/dev.toml: vpr-async-dev/Jobs: visibility"),
    ({}, "account_id = ", "acount_id = ", "environments/dev.toml: account_id: missing"),
    ({}, "[worker]", "[worker", "environments/dev.toml: not valid TOML"),
    ({"ENV": "qa"}, "", "", 'ENV = "qa": not known; allowed: dev, staging, prod'),
    ({"TARGET": "azure"}, "", "", 'TARGET = "azure": not known; allowed: emulator, aws'),
]


@pytest.mark.parametrize(("variables", "good", "bad", "said"), BAD)
@pytest.mark.parametrize("command", [("python", "main.py"), ("make", "plan")], ids=" ".join)
def test_bad_input_gives_the_clear_error_and_status_2_and_writes_nothing(  # noqa: PLR0913, PLR0917 - its cases
    checkout: Checkout, command: tuple[str, ...], variables: dict[str, str], good: str, bad: str, said: str
) -> None:
    spoil(checkout, "dev", good, bad)
    done = checkout.run(*command, **{"ENV": "dev", **variables})
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (checkout.path / "cdktf.out").exists()
    assert not (checkout.path / "plans").exists()


def test_a_bad_setting_ends_the_app_with_status_2_and_its_one_fault(checkout: Checkout) -> None:
    """Each fourth of the unit tests' cases, through the app: nothing is written, nothing is raised."""
    file = checkout.path / "environments" / "dev.toml"
    for good, bad, key_and_value, allowed in BAD_SETTINGS[::4]:
        file.write_text(GOOD_SETTINGS.replace(good, bad))
        done = checkout.run("python", "main.py", ENV="dev")
        assert done.returncode == 2, bad
        fault, verdict = done.stderr.splitlines()
        assert fault.startswith(f"environments/dev.toml: {key_and_value}")
        assert allowed in fault
        assert verdict == "dev: not synthesized"
        assert done.stdout == ""
    assert not (checkout.path / "cdktf.out").exists()
    assert len(BAD_SETTINGS) >= 30


def test_status_down_and_destroy_say_so_when_nothing_runs(checkout: Checkout) -> None:
    status = checkout.run("python", "-m", "ops", "status")
    assert status.stdout.splitlines() == ["dev: not running", "staging: not running", "prod: not running"]
    assert checkout.run("python", "-m", "ops", "down").stdout == "dev: no emulator was running\n"
    assert (
        checkout.run("python", "-m", "ops", "destroy").stdout == "dev: no emulator is running, so nothing is deployed\n"
    )
