"""An administrator's clients of an emulator, whoever the commands act as."""

from typing import Any

from ops.clients import Credentials, Place


def client(service: str, endpoint: str, *, region: str = "us-east-1") -> Any:
    """Return a client of one service, with a key that the emulator takes for its administrator's."""
    place = Place(region=region, endpoint=endpoint)
    return place.client(service, session=place.session(Credentials(key_id="test", secret="test")))  # noqa: S106 - of nobody
