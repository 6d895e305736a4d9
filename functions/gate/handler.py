"""The API's authorizer: whose key is this, and may it take this route? It answers for one key and one route at a time."""

from __future__ import annotations

from typing import Any

from shared.actions.keys_of_stores import caller_of
from shared.actions.metered import metered
from shared.api.routes import SCOPE_OF_ROUTE
from shared.observe import log, logged
from shared.store import connection

_BEARER = "Bearer "
_DENIED: dict[str, Any] = {"isAuthorized": False}

connection.dynamodb()


@metered(log, logged)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The gateway's simple response; its context is what the room behind learns of the caller."""
    authorization = str((event.get("headers") or {}).get("authorization", ""))
    scope = SCOPE_OF_ROUTE.get(str(event.get("routeKey")))
    if not authorization.startswith(_BEARER) or scope is None:
        return _DENIED
    found = caller_of(connection.tables(), authorization.removeprefix(_BEARER))
    if found is None:
        return _DENIED
    caller, scopes = found
    if scope not in scopes:
        return _DENIED
    return {"isAuthorized": True, "context": {"store": caller.store, "mode": caller.mode, "key": caller.key_id}}
