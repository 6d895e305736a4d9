"""What the API answers to people who work here: about themselves, and about what they did by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from shared.api.answers import account_after, hex_text, instant_text
from shared.api.routes import STAFF_ROUTES
from shared.domain.ledger import Row, unpacked
from shared.domain.rebuilding import posted_by
from shared.domain.rulebook import Rulebook
from shared.domain.staff_requests import Adjustment
from shared.domain.staffing import moved_by
from shared.domain.tables import MAIN_WALLET

if TYPE_CHECKING:
    from shared.api import shapes


def staff_answer(actor: str, groups: Sequence[str]) -> shapes.StaffAnswer:
    """Who asks, and which operations the groups open: a page shows no button that would be refused."""
    opened = [route.operation for route in STAFF_ROUTES if set(route.groups) & set(groups)]
    return {"actor": actor, "groups": list(groups), "operations": opened}


def staff_posted(row: Row, named: str, book: Rulebook) -> shapes.StaffPosted:
    """What staff did, of its row; or what waits or was refused. `named` is the id that it was asked for under."""
    if row["c"] in ("waiting", "refused"):
        return {"done": waiting_told(row, named, book)}
    wallet, units, last_day = _moved(row)
    reason, actor, approver, *_ = unpacked(row["wy"])
    points, posted = unpacked(row["d"])
    return {
        "done": {
            "kind": row["c"],  # type: ignore[typeddict-item]
            "id": named,
            "member_id": str(row["a"]),
            "state": "applied",
            "wallet": wallet,
            "units": units,
            "decimals": book.decimals(wallet),
            "expires_on": last_day.isoformat() if last_day else None,
            "reason": reason,
            "actor": actor,
            "approver": approver or None,
            "asked_at": instant_text(row["t"]),
        },
        "account": account_after(row),
        "entry": {"sequence": int(row["n"]), "points": points, "balance": posted, "hash": hex_text(row["h"])},
    }


def waiting_told(row: Row, named: str, book: Rulebook) -> shapes.StaffDone:
    """An adjustment that waits for a second person, or that one refused."""
    told = Adjustment.model_validate_json(str(row["z"]))
    return {
        "kind": told.kind,
        "id": named,
        "member_id": told.member_id,
        "state": "waiting" if row["c"] == "waiting" else "refused",
        "wallet": told.wallet,
        "units": told.units,
        "decimals": book.decimals(told.wallet),
        "expires_on": told.expires_on.isoformat() if told.expires_on else None,
        "reason": told.reason,
        "actor": str(row["by"]),
        "approver": str(row["no"]) if "no" in row else None,
        "asked_at": instant_text(row["t"]),
    }


def _moved(row: Row) -> tuple[str, int, date | None]:
    """The wallet that is told, what moved in it, and the last day that was given with it."""
    if row["c"] in ("extend", "reinstate"):
        return moved_by(row)
    posted = posted_by(row)
    wallet = MAIN_WALLET if MAIN_WALLET in posted or not posted else next(iter(posted))
    return wallet, posted.get(wallet, 0), None
