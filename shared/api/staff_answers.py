"""What the API answers to people who work here about themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.api.routes import STAFF_ROUTES

if TYPE_CHECKING:
    from shared.api import shapes


def staff_answer(actor: str, groups: Sequence[str]) -> shapes.StaffAnswer:
    """Who asks, and which operations the groups open: a page shows no button that would be refused."""
    opened = [route.operation for route in STAFF_ROUTES if set(route.groups) & set(groups)]
    return {"actor": actor, "groups": list(groups), "operations": opened}
