"""Commands typed by hand: python main.py, and cdktf in a fresh shell; and what they say to bad settings."""

import json
from pathlib import Path

import pytest

from tests.checkout import Checkout, make_checkout
from tests.required import VISIBILITY
from tests.stacks.test_settings import BAD as BAD_SETTINGS
from tests.stacks.test_settings import GOOD as GOOD_SETTINGS


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


def test_an_environment_that_is_broken_since_the_last_synthesis_is_left_out_by_cdktfs_cli(checkout: Checkout) -> None:
    """The CLI deletes the folders of what is no longer synthesized, and fails of one that is gone already."""
    assert checkout.run("make", "synth").returncode == 0
    assert (checkout.path / "cdktf.out" / "stacks" / "vpr-async-prod").is_dir()
    spoil(checkout, "prod", 'region = "us-east-1"', 'region = "mars-1"')
    for done in (checkout.run("make", "synth"), checkout.run("make", "synth")):
        assert done.returncode == 0, done.stderr
        assert "prod: not synthesized" in done.stdout + done.stderr
        assert sorted(path.name for path in checkout.path.glob("cdktf.out/stacks/*")) == [
            "state-backend-dev",
            "state-backend-staging",
            "vpr-async-dev",
            "vpr-async-staging",
        ]


def test_a_broken_invariant_of_another_environment_leaves_no_half_made_stack(checkout: Checkout) -> None:
    spoil(checkout, "prod", "timeout_seconds = 300", f"timeout_seconds = {int(VISIBILITY) // 2 + 1}")
    done = checkout.run("python", "main.py")
    assert done.returncode == 0
    assert "environments/prod.toml: vpr_async.worker.timeout_seconds = " in done.stderr
    assert f"allowed: at most {int(VISIBILITY) // 2}, or raise the other to at least " in done.stderr
    assert sorted(path.name for path in checkout.path.glob("cdktf.out/stacks/*")) == [
        "state-backend-dev",
        "state-backend-staging",
        "vpr-async-dev",
        "vpr-async-staging",
    ]


HALF_MADE = """
from dataclasses import replace
import main
from constructs_lib.validation import InvalidConstructError
made = main.STATE_BACKEND
def refused(app, name, *, settings):
    stack = made.stack_class()(app, name, settings=settings)
    if settings.environment == "prod":
        raise InvalidConstructError("State", ["not allowed"])
    return stack
main.STATE_BACKEND = replace(made, stack_class=lambda: refused)
raise SystemExit(main.main())
"""


def test_a_fault_in_one_stack_leaves_none_of_its_environments_stacks_in_the_app(checkout: Checkout) -> None:
    """One that is half made would be deployed as such: cdktf would destroy the rest of what is there."""
    assert checkout.run("python", "main.py").returncode == 0
    assert (checkout.path / "cdktf.out" / "stacks" / "vpr-async-prod" / "cdk.tf.json").exists()
    done = checkout.run("python", "-c", HALF_MADE)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["environments/prod.toml: State: not allowed", "prod: not synthesized"]
    manifest = json.loads((checkout.path / "cdktf.out" / "manifest.json").read_text())
    left = sorted({path.parent.name for path in checkout.path.glob("cdktf.out/stacks/*/*")})
    assert (
        sorted(manifest["stacks"])
        == left
        == [
            "state-backend-dev",
            "state-backend-staging",
            "vpr-async-dev",
            "vpr-async-staging",
        ]
    )


def test_a_state_that_is_nowhere_else_stops_the_synthesis_that_would_delete_it(checkout: Checkout) -> None:
    """The CLI of cdktf deletes the folder of each stack that was not synthesized; its Terraform runs in there."""
    assert checkout.run("python", "main.py").returncode == 0
    state = checkout.path / "cdktf.out" / "stacks" / "vpr-async-prod" / "errored.tfstate"
    state.write_text("{}")
    done = checkout.run("npx", "cdktf", "synth", ENV="dev")
    assert done.returncode != 0
    assert "errored.tfstate: a state that Terraform could not write to the state bucket" in done.stderr + done.stdout
    assert state.read_text() == "{}"
    assert checkout.run("make", "clean").stdout == (
        "kept: unsaved-state/by-hand/vpr-async-prod/errored.tfstate, a state that is in no bucket\n"
    )
    assert (checkout.path / "unsaved-state" / "by-hand" / "vpr-async-prod" / "errored.tfstate").read_text() == "{}"
    assert not (checkout.path / "cdktf.out").exists()


def test_names_of_an_environment_that_cannot_be_synthesized_are_not_said_to_be_right(checkout: Checkout) -> None:
    """What an earlier run left of it is removed and not judged, and the status is 2."""
    assert checkout.run("make", "validate").returncode == 0
    spoil(checkout, "dev", "timeout_seconds = 300", "timeout_seconds = 400")
    done = checkout.run("python", "-m", "ops", "validate")
    assert done.returncode == 2
    assert "dev: not synthesized" in done.stderr
    assert "not synthesized, so not checked: vpr-async-dev, state-backend-dev" in done.stderr
    assert not [*checkout.path.glob("cdktf.out/stacks/vpr-async-dev/*")]


def test_an_exception_for_a_stack_that_cannot_be_synthesized_is_not_said_to_be_needless(checkout: Checkout) -> None:
    spoil(checkout, "dev", "timeout_seconds = 300", "timeout_seconds = 400")
    done = checkout.run("python", "-m", "ops", "harden")
    assert done.returncode == 2
    assert "not synthesized, so not checked: vpr-async-dev, state-backend-dev" in done.stderr
    assert "remove the exception" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" 0 failed")


@pytest.mark.parametrize("value", ["/etc/shrc", "~/.shrc", "$HOME/.shrc"])
def test_a_shells_start_up_file_in_env_is_no_environment(checkout: Checkout, value: str) -> None:
    """POSIX gives the variable to sh; every command goes on, and says how it took it."""
    note = f'ENV = "{value}": a shell\'s start-up file and not an environment, so it counts as not set'
    app = checkout.run("python", "main.py", ENV=value)
    assert (app.returncode, app.stderr) == (0, f"{note}\n")
    assert len(list(checkout.path.glob("cdktf.out/stacks/*"))) == 6
    command = checkout.run("make", "down", ENV=value)
    assert (command.returncode, command.stdout) == (0, "dev: no emulator was running\n")
    assert note in command.stderr


@pytest.mark.parametrize("given", ["env=prod", "Env=prod", "TARGT=aws", "FORCE=yes"])
def test_a_misspelt_variable_stops_make_before_anything_is_done(checkout: Checkout, given: str) -> None:
    """Otherwise `make plan env=prod` would plan dev."""
    done = checkout.run("make", "plan", given)
    assert done.returncode == 2
    assert (
        f"{given.partition('=')[0]}: not known; allowed: ARGS AUTO_APPROVE CONFIRM_DATA_LOSS ENV KEEP LOCK_ID "
        "LOCK_TIMEOUT PLAN STACK TARGET TERRAFORM, in capitals, like make plan ENV=prod"
    ) in done.stderr
    assert not (checkout.path / "plans").exists()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("paln", "make plan"),
        ("deploi", "make deploy"),
        ("TARGT=aws", "TARGET"),
        *((unlike, "") for unlike in ("README.md", "FORCE=yes")),
        # Like env, but meant as an environment.
        ("dev", ""),
    ],
)
def test_a_misspelling_is_answered_with_what_it_is_close_to(checkout: Checkout, given: str, meant: str) -> None:
    said = checkout.run("make", given).stderr
    assert ("did you mean" in said) is bool(meant)
    assert f"; did you mean {meant}?" in said or not meant


@pytest.mark.parametrize("given", ["ENV=", "TARGET=", "STACK= ", "TERRAFORM="])
def test_a_variable_that_is_given_empty_stops_make_before_anything_is_done(checkout: Checkout, given: str) -> None:
    """Otherwise `make destroy ENV=$E TARGET=aws`, in a script that never set E, would destroy dev."""
    done = checkout.run("make", "plan", given)
    assert done.returncode == 2
    name = given.partition("=")[0]
    assert f"{name}: given, and empty; give it a value, or leave it out for its default" in done.stderr
    assert not (checkout.path / "plans").exists()


@pytest.mark.parametrize("given", ["prod", "plna", "README.md"])
def test_a_word_that_is_no_command_stops_make_before_anything_is_done(checkout: Checkout, given: str) -> None:
    """Otherwise `make down prod` would end dev's emulator, and then say that there is no rule for prod."""
    done = checkout.run("make", "plan", given)
    assert done.returncode == 2
    assert (
        f"{given}: no command; make help lists them, and an environment is named like make plan ENV=prod" in done.stderr
    )
    assert not (checkout.path / "plans").exists()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CDKTF_OUTDIR": "README.md/out"}, "cdktf could not synthesize: ENOTDIR: not a directory"),
        ({"CDKTF_OUTDIR": "no/such/folder"}, "cdktf could not synthesize: ENOENT: no such file or directory"),
        ({"CDKTF_CONTEXT_JSON": "nonsense"}, "cdktf could not synthesize: "),
    ],
)
def test_what_cdktf_cannot_do_is_said_without_a_traceback(
    checkout: Checkout, variables: dict[str, str], said: str
) -> None:
    done = checkout.run("python", "main.py", **variables)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert "Traceback" not in done.stderr


BAD: list[tuple[dict[str, str], str, str, str]] = [
    ({}, 'region = "us-east-1"', 'region = "mars-1"', 'environments/dev.toml: region = "mars-1": not allowed'),
    (
        {},
        "timeout_seconds = 300",
        "timeout_seconds = 900",
        "environments/dev.toml: vpr_async.worker.timeout_seconds = 900: the",
    ),
    ({}, "account_id = ", "acount_id = ", "environments/dev.toml: account_id: missing"),
    ({}, "[vpr_async.worker]", "[worker", "environments/dev.toml: not valid TOML"),
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
    assert checkout.run("python", "-m", "ops", "destroy").stdout == (
        "dev: no emulator is running, so nothing is deployed to one; on AWS: make destroy ENV=dev TARGET=aws\n"
    )
