"""An activity as a storefront reports it: the demo programme knows reviews."""

from __future__ import annotations

from tests.storefront import Json, new_id, yesterday


def activity(member_id: str | None = None, **changes: object) -> Json:
    """A review of yesterday."""
    body: Json = {"store": "main", "kind": "review", "source_id": new_id("R"), "occurred_at": yesterday()}
    return body | ({"member_id": member_id} if member_id else {}) | changes
