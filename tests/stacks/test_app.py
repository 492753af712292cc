"""The app as a whole: an environment is synthesized entirely, or not at all."""

from pathlib import Path

from config.request import PROJECT_ROOT
from tests.conftest import run_app

FAULTY_DEV = """
import dataclasses, sys
import main
from constructs_lib.validation import InvalidConstructError

def add(scope, settings):
    made = sound.add_stack(scope, settings)
    if settings.environment == "dev":
        raise InvalidConstructError(made.node.id, ["lock = 7: not allowed"])
    return made

sound = main.STATE_BACKEND
main.STATE_BACKEND = dataclasses.replace(sound, add_stack=add)
sys.exit(main.main())
"""


def test_of_an_environment_with_a_fault_in_one_stack_no_stack_is_synthesized(tmp_path: Path) -> None:
    """Not the one before it, and not what there is of its own; the other environments are."""
    done = run_app(tmp_path, "-c", FAULTY_DEV)
    assert done.stderr.splitlines() == [
        "environments/dev.toml: state-backend-dev: lock = 7: not allowed",
        "dev: not synthesized",
    ]
    assert done.returncode == 0
    assert {folder.name for folder in (tmp_path / "stacks").iterdir()} == {
        *("state-backend-prod", "state-backend-staging", "vpr-async-prod", "vpr-async-staging"),
    }


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
