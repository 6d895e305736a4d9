"""The reasons of a statement's entries that are neither joinings, purchases nor activities: one line of facts for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from shared.api.return_answers import sentences
from shared.domain.ledger import Row, unpacked
from shared.domain.rebuilding import posted_by
from shared.domain.sentences import Fact, Speaker
from shared.domain.staffing import moved_by

Facts = dict[str, Fact]


def reason_of(row: Row, names: tuple[str, ...], speaker: Speaker) -> tuple[str, list[str]]:
    """Why an entry stands in a statement: the sentence, and what else there is to say."""
    kind = str(row["c"])
    key, facts = _FACTS[kind](row, names)
    more = sentences(row, speaker) if kind == "return" else []
    return speaker.entry(key, **facts), more


def purchase_id_of(row: Row) -> str | None:
    """The id of the purchase that a return's row is of."""
    return str(row["pk"]).rpartition("!")[2].split("#", 2)[2] if "pk" in row else None


def _return(row: Row, names: tuple[str, ...]) -> tuple[str, Facts]:
    store, return_id = names
    facts: Facts = {"store": store, "return_id": return_id, "points": _points(row)}
    purchase_id = purchase_id_of(row)
    return ("return_alone", facts) if purchase_id is None else ("return", facts | {"purchase_id": purchase_id})


def _difference(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    _, _, store, what = str(row["k"]).replace("test!", "").split("#", 3)
    return "difference", {"store": store, "id": what.rpartition("#")[2], "points": _points(row)}


def _expiry(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    moves = [move for lots in unpacked(row["x"]).get("l", {}).values() for move in lots if move[1]]
    last = max((move[1] for move in moves), default=0)
    at = row["t"]
    assert isinstance(at, int)
    day = date.fromordinal(last) if last else datetime.fromtimestamp(at // 1000, UTC).date()
    return "expiry", {"day": day, "points": -_points(row)}


def _redemption(row: Row, names: tuple[str, ...]) -> tuple[str, Facts]:
    reward, units, _, _, wallet = unpacked(row["rd"])
    return str(row["c"]), {"what": reward, "store": names[0], "points": units, "wallet": wallet}


def _adjust(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    return "adjust", {"points": _points(row), "text": unpacked(row["wy"])[0]}


def _end(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    told = unpacked(row["x"])
    lapsed = -sum(told.get("c", {}).values())
    waited = -sum(one[1] for some in told["w"].values() for one in some)
    return "end", {"issued": waited - lapsed, "lapsed": lapsed}


def _transfer(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    wallet, giver, _ = unpacked(row["tr"])
    units = sum(lot[2] for lot in unpacked(row["pt"])[0])
    key = "transfer_out" if row["a"] == giver else "transfer_in"
    return key, {"points": units, "text": unpacked(row["wy"])[0], "wallet": wallet}


def _issue(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    return "issue", {"amount_minor": unpacked(row["gc"])[0]}


def _extend(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    _wallet, units, day = moved_by(row)
    facts: Facts = {"points": units, "text": unpacked(row["wy"])[0]}
    return str(row["c"]), facts | ({"day": day} if day is not None else {})


def _merge(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    return "merge_out" if "to" in row else "merge_in", {"points": _points(row), "member_id": unpacked(row["wy"])[3]}


def _due(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    name, _, _, _, units = unpacked(row["au"])
    coupon: Facts = (
        {"offer": unpacked(row["cp"])[0], "day": date.fromisoformat(unpacked(row["cp"])[1])} if "cp" in row else {}
    )
    if not units:
        return ("due_coupon" if coupon else "due_nothing"), {"what": name, **coupon}
    wallet = next(iter(posted_by(row)))
    return ("due_both" if coupon else "due"), {"what": name, "points": units, "wallet": wallet, **coupon}


def _opening(row: Row, _names: tuple[str, ...]) -> tuple[str, Facts]:
    return "opening", {"points": _points(row)}


def _points(row: Row) -> int:
    points: int = unpacked(row["d"])[0]
    return points


_FACTS: Mapping[str, Callable[[Row, tuple[str, ...]], tuple[str, Facts]]] = {
    "return": _return,
    "difference": _difference,
    "expiry": _expiry,
    "hold": _redemption,
    "capture": _redemption,
    "void": _redemption,
    "reversal": _redemption,
    "adjust": _adjust,
    "end": _end,
    "transfer": _transfer,
    "extend": _extend,
    "reinstate": _extend,
    "merge": _merge,
    "opening": _opening,
    "due": _due,
    "issue": _issue,
}
