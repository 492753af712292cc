"""Every action of every handler, taken away: `make privileges`; `make test` tries one of each handler's."""

import pytest

from tests.privileges.conftest import GRANTED, Scene, denied_without

ACTIONS = [(handler, action) for handler, grants in GRANTED.items() for action, _ in grants]


@pytest.mark.parametrize(("handler", "action"), ACTIONS)
def test_without_any_one_action_a_job_does_not_go_through(scene: Scene, handler: str, action: str) -> None:
    """13 actions in all, each of which is needed."""
    assert len(ACTIONS) == 13
    assert action in denied_without(scene, handler, action)
