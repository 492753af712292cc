"""The app as a whole: an environment is synthesized entirely, or not at all."""

from pathlib import Path

from config.request import PROJECT_ROOT
from tests.conftest import run_app

FAULTY_DEV = """
import dataclasses, sys
import main
from constructs_lib.validation import InvalidConstructError

def add(scope, name, *, settings):
    made = sound.stack_class()(scope, name, settings=settings)
    if settings.environment == "dev":
        raise InvalidConstructError(made.node.id, ["lock = 7: not allowed"])
    return made

sound = main.STATE_BACKEND
main.STATE_BACKEND = dataclasses.replace(sound, stack_class=lambda: add)
sys.exit(main.main())
"""
ERROR_OF_A_STACK = """
import dataclasses, sys
import main

def add(scope, name, *, settings):
    raise RuntimeError("of the stack's own")

main.STATE_BACKEND = dataclasses.replace(main.STATE_BACKEND, stack_class=lambda: add)
sys.exit(main.main())
"""
WHAT_IS_LOADED = """
import sys
import main

def show():
    print(*sorted(name for name in sys.modules if name.startswith("stacks.") and name.count(".") == 2))

def app():
    show()
    return made()

made, main.App = main.App, app
status = main.main()
show()
sys.exit(status)
"""


def test_of_an_environment_with_a_fault_in_one_stack_no_stack_is_synthesized(tmp_path: Path) -> None:
    """Not the one before it, and not what there is of its own; the other environments are.

    Of an earlier synthesis a folder alone is left: cdktf's CLI deletes it, and fails if it is gone.
    """
    left = tmp_path / "stacks" / "vpr-async-dev"
    left.mkdir(parents=True)
    (left / "cdk.tf.json").touch()
    done = run_app(tmp_path, "-c", FAULTY_DEV)
    assert done.stderr.splitlines() == [
        "environments/dev.toml: state-backend-dev: lock = 7: not allowed",
        "dev: not synthesized",
    ]
    assert done.returncode == 0
    made = {folder.name for folder in (tmp_path / "stacks").iterdir()}
    assert made >= {"state-backend-prod", "state-backend-staging", "vpr-async-prod", "vpr-async-staging"}
    assert {name for name in made if name.endswith("-dev")} == {"vpr-async-dev"}
    assert not [*left.iterdir()]


def test_beside_a_stack_is_the_provider_of_the_program_that_was_asked_for_and_of_no_other(tmp_path: Path) -> None:
    """Also in a folder in which the synthesis before, as cdktf's CLI keeps it, was for the other one."""
    stack = tmp_path / "stacks" / "vpr-async-dev"

    def beside(program: str) -> tuple[str, bool]:
        assert run_app(tmp_path, ENV="dev", TERRAFORM=program).returncode == 0
        lock, link = stack / ".terraform.lock.hcl", stack / "terraform.d"
        (locked,) = (line for line in lock.read_text().splitlines() if line.startswith("provider "))
        return locked, link.is_symlink() and link.resolve() == (PROJECT_ROOT / "terraform.d").resolve()

    assert beside("terraform") == ('provider "registry.terraform.io/hashicorp/aws" {', True)
    assert beside("tofu") == ('provider "registry.opentofu.org/hashicorp/aws" {', False)
    assert beside("terraform") == ('provider "registry.terraform.io/hashicorp/aws" {', True)


def test_a_synthesis_loads_its_stacks_while_node_starts_and_nothing_that_only_the_tools_use(tmp_path: Path) -> None:
    """Loaded later, Node waits for Python; a requirement alone is a fiftieth of a synthesis of dev."""
    done = run_app(tmp_path, "-c", WHAT_IS_LOADED, ENV="dev")
    assert done.returncode == 0, done.stderr
    before_the_app, at_the_end = (line.split() for line in done.stdout.splitlines())
    assert before_the_app == at_the_end
    assert {"stacks.state_backend.stack", "stacks.vpr_async.stack"} <= set(at_the_end)
    assert {name.rsplit(".", 1)[-1] for name in at_the_end}.isdisjoint({"requirement", "smoke"})


def test_an_error_in_a_stacks_own_code_is_shown_where_it_is_and_not_as_one_of_cdktfs(tmp_path: Path) -> None:
    """Who writes a feature is to find the line. cdktf's own error is one line: tests/journeys/test_by_hand.py."""
    done = run_app(tmp_path, "-c", ERROR_OF_A_STACK, ENV="dev")
    assert done.returncode == 1
    assert "stacks/feature.py" in done.stderr
    assert done.stderr.splitlines()[-1] == "RuntimeError: of the stack's own"
