"""Which club to load into: from the environment, else from what `make up` wrote into `.club/env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from club.home import Home, read_env
from club.load.problems import SettingMissing


class Where(NamedTuple):
    """The club's address, a storefront's key, and its store. The key is never an argument: every process sees those."""

    url: str
    key: str
    store: str


def where(home: Home, store: str | None = None, environment: Mapping[str, str] = os.environ) -> Where:
    """Raises SettingMissing that says what to do."""
    # Address and key come from one place: an address from here and a key from there would show a key to a strange club.
    said = environment if environment.get("CLUB_URL") else {**environment, **read_env(home)}
    if not said.get("CLUB_URL") or not said.get("CLUB_KEY"):
        raise SettingMissing("Which club? Start one with `make up`, or set CLUB_URL and CLUB_KEY.")
    return Where(said["CLUB_URL"], said["CLUB_KEY"], store or said.get("CLUB_STORE") or "main")
