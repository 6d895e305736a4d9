"""What the API answers about a return: what came back, what that took and gave back, and why. Only returns load it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.api.answers import account_after, hex_text, instant_text
from shared.domain.ledger import Row, unpacked
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tables import MAIN_WALLET

if TYPE_CHECKING:
    from shared.api import shapes


def return_answer(row: Row, store: str, return_id: str, purchase_id: str | None, book: Rulebook) -> shapes.ReturnAnswer:
    """A return as it was applied. `book` is the version that the row names: the purchase's own."""
    money_minor, paid_back_minor, whole = unpacked(row["s"])
    counted, uncounted = unpacked(row["l"]) if "l" in row else ([], [])
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    due, taken, lost, back, *more = unpacked(row["rt"]) if "rt" in row else ({}, {}, {}, {})
    kept = more[0] if more else {}
    wallets = [name for name in dict.fromkeys([*due, *taken, *lost, *back]) if name != MAIN_WALLET]
    entry: shapes.EntryMade = {}
    if "a" in row:
        points, posted = unpacked(row["d"])
        entry = {"entry": {"sequence": int(row["n"]), "points": points, "balance": posted, "hash": hex_text(row["h"])}}
    back_minor: shapes.ToCertificates = {"certificates_minor": int(row["gb"])} if "gb" in row else {}
    return {
        "return": {
            "store": store,
            "return_id": return_id,
            "purchase_id": purchase_id,
            "member_id": str(row["a"]) if "a" in row else None,
            "occurred_at": instant_text(row["o"]),
            "currency": book.programme.club.currency,
            "lines": [{"line": place + 1, "quantity": units} for place, units in sorted([*counted, *uncounted])],
            "amount_minor": paid_back_minor,
            "counted_by": "amount" if money_minor or "pk" not in row else "lines",
            "whole": bool(whole),
            "state": "applied",
        },
        "points": _moved(due, taken, lost, back, kept, MAIN_WALLET, book),
        "wallets": [{"wallet": name, **_moved(due, taken, lost, back, kept, name, book)} for name in wallets],
        "account": account_after(row) if "a" in row else None,
        "explanation": {
            "language": speaker.language,
            "programme_version": book.version,
            "total": sentences(row, speaker),
        },
        **back_minor,
        **entry,
    }


def parked_answer(row: Row, store: str, return_id: str, purchase_id: str) -> shapes.ParkedReturn:
    """A return that waits for its purchase."""
    return {
        "store": store,
        "return_id": return_id,
        "purchase_id": purchase_id,
        "parked_at": instant_text(row["t"]),
        "state": "parked",
    }


def sentences(row: Row, speaker: Speaker) -> list[str]:
    """What a return took and gave back, in words."""
    if "rt" not in row:
        return [speaker.guest()]
    _due, taken, lost, back, *kept = unpacked(row["rt"])
    said = []
    ways = [("returned_taken", taken), ("returned_lost", lost), ("returned_back", back)]
    for key, units_by in (*ways, *(("returned_kept", some) for some in kept)):
        for wallet, units in units_by.items():
            if units:
                amount = speaker.amount(wallet, Fraction(units, 10 ** speaker.book.decimals(wallet)))
                said.append(speaker.say(f"total.{key}", points=amount))
    return said or [speaker.say("total.returned_none")]


def _moved(
    due: Mapping[str, int], taken: Mapping[str, int], lost: Mapping[str, int], back: Mapping[str, int],
    kept: Mapping[str, int], wallet: str,
    book: Rulebook,
) -> shapes.PointsReturned:  # fmt: skip
    return {
        "due": due.get(wallet, 0),
        "taken_back": taken.get(wallet, 0),
        "lost": lost.get(wallet, 0),
        "kept": kept.get(wallet, 0),
        "given_back": back.get(wallet, 0),
        "decimals": book.decimals(wallet),
    }
