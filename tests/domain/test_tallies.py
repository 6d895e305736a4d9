"""What each kind of posting adds to the tallies of its day, and what cannot be counted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from shared.domain.decide import COMPLETED, ISSUED, SOLD, ms
from shared.domain.lapsing import EXPIRED
from shared.domain.ledger import PostingKind, packed
from shared.domain.merging import MERGING
from shared.domain.returning import CLAWED_BACK, LOST, REDEEMED
from shared.domain.staffing import ADJUSTED, OPENING
from shared.domain.tallies import (
    BETWEEN_MEMBERS,
    CLUB_ACCOUNTS,
    KINDS,
    NUMBER_MAX,
    Uncountable,
    counted,
    is_posting,
)
from shared.domain.transfer import CLEARING

ZONE = ZoneInfo("America/New_York")
# Two in the morning in Greenwich is the evening before in New York.
NIGHT = datetime(2026, 11, 22, 2, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)


def row(kind: str, *legs: tuple[str, int], key: str = "x#1", member: str | None = "M1", **more: Any) -> dict[str, Any]:
    """A row as it stands in the ledger. It happened in the night, and was recorded three days later."""
    told = {"k": key, "c": kind, "t": ms(LATER), "o": ms(NIGHT), "v": 1}
    told |= {name: packed(value) if isinstance(value, list | dict) else value for name, value in more.items()}
    return told | ({"a": member, "g": packed([list(leg) for leg in legs])} if member is not None else {})


def figures(*args: Any, **more: Any) -> dict[str, int]:
    return dict(counted(row(*args, **more), ZONE).figures)


# Each posting, and what it adds.
SAID: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "a person who joins is one more joining": (row("join"), {"joins": 1}),
    "a purchase is counted with its money and the points it gave": (
        row("purchase", ("M1", 29), ("issued", -29), s=[2_990, 100]),
        {"purchases": 1, "spend_minor": 2_990, "issued.points": 29},
    ),
    "a purchase that gives nothing is a purchase": (row("purchase", s=[50]), {"purchases": 1, "spend_minor": 50}),
    "a purchase of nothing is one too": (row("purchase", s=[0]), {"purchases": 1}),
    "a guest's purchase is counted apart": (
        row("purchase", member=None, s=[700]),
        {"guest_purchases": 1, "guest_spend_minor": 700},
    ),
    "points of another wallet are counted as those of that wallet": (
        row("purchase", ("M1", 9), ("issued", -9), ("M1/stars", 2), ("issued/stars", -2), s=[900]),
        {"purchases": 1, "spend_minor": 900, "issued.points": 9, "issued.stars": 2},
    ),
    "what was bought as a top-up was sold, not given": (
        row("purchase", ("M1/purse", 500), ("sold/purse", -500), s=[500]),
        {"purchases": 1, "spend_minor": 500, "sold.purse": 500},
    ),
    "an activity is one more event": (
        row("event", ("M1", 5), ("issued", -5), ev="review"),
        {"events": 1, "issued.points": 5},
    ),
    "who is due for an automation is counted with what it gives": (
        row("due", ("M1", 50), ("issued", -50), au=["birthday", "2026-11-21", "2026-11-21", "treated", 50]),
        {"dues": 1, "issued.points": 50, "treated.birthday": 1, "gave.birthday": 50},
    ),
    "who is held out is due and gets nothing": (
        row("due", au=["birthday", "2026-11-21", "2026-11-21", "held_out", 0]),
        {"dues": 1, "held_out.birthday": 1},
    ),
    "a return is counted with the money paid back and the points taken back": (
        row("return", ("M1", -10), ("clawed_back", 10), s=[0, 1_000, 1], pk="purchase#main#A-1"),
        {"returns": 1, "returned_minor": 1_000, "clawed_back.points": 10},
    ),
    "a coupon that a purchase used counts for what gave it": (
        row("purchase", s=[1_000], of=[["fifth", 200, 0, "fifth.back.2026-11-20"]]),
        {"purchases": 1, "spend_minor": 1_000, "offers": 1, "offers_minor": 200, "used.back": 1},
    ),
    "a coupon that came back with the whole purchase counts for what gave it": (
        row("return", s=[0, 1_000, 1], pk="purchase#main#A-1", cb=["fifth.back.2026-11-20"]),
        {"returns": 1, "returned_minor": 1_000, "used_back.back": 1},
    ),
    "a return gives back the points that had paid": (
        row("return", ("M1", 40), ("redeemed", -40), s=[0, 200, 1], pk="purchase#main#A-1"),
        {"returns": 1, "returned_minor": 200, "redeemed_back.points": 40},
    ),
    "what could not be taken back is lost": (
        row("return", ("clawed_back", 10), ("lost", -10), s=[0, 1_000, 1]),
        {"returns": 1, "returned_minor": 1_000, "clawed_back.points": 10, "lost.points": 10},
    ),
    "a guest's return is counted apart": (
        row("return", member=None, s=[0, 300, 0], pk="purchase#main#A-1"),
        {"guest_returns": 1, "guest_returned_minor": 300},
    ),
    "a correction counts what it corrects": (
        row("difference", ("M1", -3), ("issued", 3), z=[]),
        {"differences": 1, "issued_back.points": 3},
    ),
    "a hold moves nothing": (row("hold", rd=["", 40, 200, "", "points"]), {"holds": 1}),
    "a redemption is counted when it is taken, with what it was worth": (
        row("capture", ("M1", -40), ("redeemed", 40), rd=["mug", 40, 200, "", "points"]),
        {"redemptions": 1, "redeemed_minor": 200, "redeemed.points": 40},
    ),
    "points turned into store credit are redeemed, and the credit is issued": (
        row("capture", ("M1", -50), ("redeemed", 50), ("M1/cash", 500), ("issued/cash", -500),
            rd=["cashback", 50, 500, "", "points"]),
        {"redemptions": 1, "redeemed_minor": 500, "redeemed.points": 50, "issued.cash": 500},
    ),
    "paying with a gift certificate is no redemption of points": (
        row("capture", ("G1/certificate", -900), ("redeemed/certificate", 900), member="G1",
            rd=["", 900, 900, "", "certificate"]),
        {"certificate_redemptions": 1, "certificate_redeemed_minor": 900, "redeemed.certificate": 900},
    ),
    "a void is one": (row("void", rd=["", 40, 200, "", "points"]), {"voids": 1}),
    "a reversal gives redeemed points back": (
        row("reversal", ("M1", 7), ("redeemed", -7), rd=["", 7, 35, "", "points"]),
        {"reversals": 1, "redeemed_back.points": 7},
    ),
    "what a return gives back to another account is not one more reversal": (
        row("reversal", ("M2", 7), ("redeemed", -7), key="return#main#R-1@M2", member="M2", rd=["", 7, 0, "", "points"]),
        {"redeemed_back.points": 7},
    ),
    "not even in another wallet": (
        row("reversal", ("M2/cash", 7), ("redeemed/cash", -7), key="return#main#R-1@M2/cash", member="M2",
            rd=["", 7, 0, "", "cash"]),
        {"redeemed_back.cash": 7},
    ),
    "points that lapsed have expired": (
        row("expiry", ("M1", -12), ("expired", 12)),
        {"expiries": 1, "expired.points": 12},
    ),
    "rewards of a card that ended expire": (
        row("end", ("completed/stamps", -10), ("expired/stamps", 10)),
        {"cards_ended": 1, "completed_back.stamps": 10, "expired.stamps": 10},
    ),
    "a full card completes its stamps": (
        row("purchase", ("M1/stamps", -9), ("completed/stamps", 9), s=[100]),
        {"purchases": 1, "spend_minor": 100, "completed.stamps": 9},
    ),
    "points given by hand are adjusted": (
        row("adjust", ("M1", 100), ("adjusted", -100), wy=["late", "dana", ""]),
        {"adjustments": 1, "adjusted.points": 100},
    ),
    "points taken by hand do not hide those that were given": (
        row("adjust", ("M1", -100), ("adjusted", 100), wy=["mistake", "dana", ""]),
        {"adjustments": 1, "adjusted_back.points": 100},
    ),
    "a balance from another system is an opening": (
        row("opening", ("M1", 80), ("opening", -80), wy=["move", "dana", ""]),
        {"openings": 1, "opening.points": 80},
    ),
    "a longer life moves nothing": (row("extend", wy=["sorry", "dana", ""]), {"extensions": 1}),
    "what comes back after it lapsed is expired no more": (
        row("reinstate", ("M1", 12), ("expired", -12)),
        {"reinstatements": 1, "expired_back.points": 12},
    ),
    "a transfer is nothing to the club but one transfer": (
        row("transfer", ("M1", -40), ("clearing", 40), key="transfer#T-1"),
        {"transfers": 1},
    ),
    "nor is its other side a second one": (
        row("transfer", ("M2", 40), ("clearing", -40), key="transfer#T-1@M2", member="M2"),
        {},
    ),
    "two memberships that become one are one merge": (
        row("merge", ("M1", 40), ("merging", -40), key="merge#1"),
        {"merges": 1},
    ),
    "and not two": (row("merge", ("M2", -40), ("merging", 40), key="merge#1@M2", member="M2"), {}),
    "a gift certificate that is sold is counted with its money": (
        row("issue", ("G1/certificate", 5_000), ("sold/certificate", -5_000), member="G1", gc=[5_000, "USD", ""]),
        {"certificates": 1, "certificates_minor": 5_000, "sold.certificate": 5_000},
    ),
    "one that was taken for points is a certificate too": (
        row("issue", ("G1/certificate", 2_500), ("issued/certificate", -2_500), key="capture#main#H-1@G1", member="G1",
            gc=[2_500, "USD", ""]),
        {"certificates": 1, "certificates_minor": 2_500, "issued.certificate": 2_500},
    ),
    "one that is given back with its points is no void of its own": (
        row("void", ("G1/certificate", -2_500), ("issued/certificate", 2_500), key="reversal#main#H-1#B-1@G1", member="G1",
            rd=["", 2_500, 2_500, "", "certificate"]),
        {"issued_back.certificate": 2_500},
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_each_posting_adds_what_happened(said: str) -> None:
    told, adds = SAID[said]
    assert counted(told, ZONE).figures == adds


def test_every_kind_of_posting_is_counted_and_tried() -> None:
    assert set(KINDS) == set(get_args(PostingKind)) == {str(told["c"]) for told, _ in SAID.values()}


def test_every_account_of_the_clubs_own_is_known() -> None:
    assert set(CLUB_ACCOUNTS) == {
        ISSUED, SOLD, COMPLETED, EXPIRED, CLAWED_BACK, LOST, REDEEMED, ADJUSTED, OPENING,
    }  # fmt: skip
    assert {CLEARING, MERGING} == BETWEEN_MEMBERS


def test_it_counts_on_the_day_on_which_it_happened_where_the_club_is() -> None:
    assert counted(row("purchase", s=[1]), ZONE).day == date(2026, 11, 21)
    assert counted(row("purchase", s=[1]), ZoneInfo("Asia/Jerusalem")).day == date(2026, 11, 22)


def test_what_has_no_time_of_its_own_counts_on_the_day_it_was_recorded() -> None:
    told = row("expiry", ("M1", -1), ("expired", 1))
    del told["o"]
    assert counted(told, ZONE).day == date(2026, 11, 25)


@pytest.mark.parametrize("kind", ["parked", "waiting", "refused"])
def test_what_waits_is_no_posting_yet(kind: str) -> None:
    assert not is_posting(row(kind))
    assert is_posting(row("purchase"))


BROKEN: dict[str, dict[str, Any]] = {
    "a kind of a later release": row("raffle"),
    "no kind": {name: value for name, value in row("join").items() if name != "c"},
    "no time": {name: value for name, value in row("join").items() if name not in "ot"},
    "a time that is no number": row("join") | {"o": "yesterday"},
    "a time that no calendar knows": row("join") | {"o": 10**15},
    "a purchase without money": row("purchase"),
    "a coupon of nothing, come back": row("return", s=[0, 1, 1], cb=["fifth.NOBODY!.2026-11-20"]),
    "money that is a text": row("purchase", s=["2990"]),
    "money that is no whole number": row("purchase", s=[29.9]),
    "money that is a truth": row("purchase", s=[True]),
    "money beyond all measure": row("purchase", s=[NUMBER_MAX + 1]),
    "sums that are no JSON": row("purchase", s="[2990"),
    "legs that are no JSON": row("join") | {"g": "[["},
    "legs that are no pairs": row("join") | {"g": '[["M1"]]'},
    "legs of no account": row("join") | {"g": "[[7, 7]]"},
    "legs of an account that the club has not": row("adjust", ("M1", 1), ("raffles", -1)),
    "legs of a wallet that none is called": row("adjust", ("M1", 1), ("issued/No Wallet", -1)),
    "legs with halves": row("adjust") | {"g": '[["M1", 0.5], ["issued", -0.5]]'},
    "legs of nobody": row("purchase", member=None, s=[1]) | {"g": '[["issued", -1]]'},
    "a redemption that does not say of what": row("capture"),
    "a redemption that is cut short": row("capture", rd=["mug", 40]),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_row_is_called_so_and_its_content_is_not_repeated(what: str) -> None:
    with pytest.raises(Uncountable) as found:
        counted(BROKEN[what], ZONE)
    assert found.value.why.startswith("it ")
    assert not any(word in found.value.why for word in ("M1", "2990", "raffle", "No Wallet"))
