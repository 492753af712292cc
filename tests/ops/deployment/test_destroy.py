"""The command `destroy`, before it looks at anything deployed."""

import attrs
import pytest

from config.environments import Environment
from config.request import read_request
from ops.deployment import destroy
from ops.errors import CommandError
from stacks.features import load_settings
from stacks.settings import DataProtection, Settings
from stacks.state_backend import FEATURE as STATE_BACKEND
from stacks.vpr_async import FEATURE as VPR_ASYNC


def test_where_data_is_kept_several_stacks_are_destroyed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is confirmed is one of them: the next would be refused when that one is gone."""

    def settings(environment: Environment) -> Settings:
        return attrs.evolve(load_settings(environment), data_protection=DataProtection.DESTROY)

    monkeypatch.setattr(destroy, "features_of", lambda _: (VPR_ASYNC, STATE_BACKEND))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(destroy, "load_settings", settings)
    message = (
        "^CONFIRM_DATA_LOSS names one stack, and prod has 2: nothing was changed; destroy one after the other, with "
        "STACK=vpr-async, STACK=state-backend; docs/runbooks/decommission.md has the two steps of a decommission$"
    )
    with pytest.raises(CommandError, match=message):
        destroy.destroy(read_request({"ENV": "prod", "CONFIRM_DATA_LOSS": "vpr-async-prod"}))
