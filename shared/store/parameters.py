"""A parameter of Parameter Store, kept for a while once it was read."""

from __future__ import annotations

import time

from shared.domain.errors import Busy
from shared.store.connection import parameter_store
from shared.store.sender import Lost, Refused

# A new secret is in use everywhere after so long; the older ones recognise until then and after.
KEPT_SECONDS_MAX = 300


class Kept:
    """The text of one parameter, decrypted where it is a secret. `missing`: its text where there may be none."""

    def __init__(self, name: str, missing: str | None = None) -> None:
        self._name = name
        self._missing = missing
        self._text = ""
        self._read_at = float("-inf")

    def text(self) -> str:
        """Raises Busy when it cannot be read."""
        if time.monotonic() - self._read_at >= KEPT_SECONDS_MAX:
            self._text = self._asked()
            self._read_at = time.monotonic()
        return self._text

    def _asked(self) -> str:
        try:
            found = parameter_store().call("GetParameter", {"Name": self._name, "WithDecryption": True})
        except Refused as no:
            if self._missing is not None and no.code == "ParameterNotFound":
                return self._missing
            raise Busy from no
        except Lost as error:
            raise Busy from error
        return str(found["Parameter"]["Value"])
