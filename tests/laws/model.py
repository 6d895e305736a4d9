"""What a member of a plain club should have, worked out by hand: sums in dicts, written apart from the product's code.

The club gives some points for each whole dollar, rounded down; they last LASTS_DAYS days; what is spent and then taken back is a
debt; a hold ends after HOLD_MINUTES. Each function changes the dicts as the club should, or returns the code of its refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

LASTS_DAYS = 20
HOLD_MINUTES = 15
HOLDS_MAX = 8
PARKED_MAX = 6
REVIEW_POINTS = 20
POINT_MINOR = 5
ZONE = ZoneInfo("America/New_York")

Json = dict[str, Any]
Parts = list[tuple[date, int]]


def programme(rate: int) -> str:
    return f"""
[points]
value_minor = {POINT_MINOR}
expiry = {{ days = {LASTS_DAYS} }}
[[event]]
id = "review"
[[earn]]
id = "base"
points = {rate}
per_minor = 100
[[earn]]
id = "review"
event = "review"
points = {REVIEW_POINTS}
"""


def new_model(rate: int, now: datetime) -> Json:
    return {
        "laws": [(now, rate)],
        "members": {},
        "purchases": {},
        "waiting": {},
        "returns": {},
        "holds": {},
        "captures": {},
    }


def joined(model: Json, member: str) -> None:
    """`has` is what the member should have in all, were it not for what lapsed. `told_late`: something came late, and which lots
    are left is the club's to say; `retold`: so it will be for returns from now on."""
    model["members"][member] = {
        "lots": {}, "holds": {}, "posted": 0, "lapsed": 0, "has": 0, "newest": (0, False, 0, ""), "told_late": False,
        "retold": False, "keys": set(), "granted": {},
    }  # fmt: skip


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def rate_at(model: Json, at: datetime) -> int:
    return max(((since, rate) for since, rate in model["laws"] if since <= at), default=model["laws"][0])[1]


def time_passes(one: Json, now: datetime) -> None:
    """Holds that are over go back to their lots; lots past their last day are gone."""
    for name in [name for name, hold in one["holds"].items() if hold["until"] <= now]:
        give(one, one["holds"].pop(name)["parts"])
    for last in [last for last in one["lots"] if last < day_of(now)]:
        gone = one["lots"].pop(last)
        one["posted"] -= gone
        one["lapsed"] += gone


def held(one: Json) -> int:
    return sum(units for hold in one["holds"].values() for _, units in hold["parts"])


def available(one: Json) -> int:
    return one["posted"] - held(one)


def give(one: Json, parts: Iterable[tuple[date, int]]) -> None:
    """Into lots; the balance is the caller's. What is owed is repaid first, from what lapses first."""
    for last, units in parts:
        one["lots"][last] = one["lots"].get(last, 0) + units
    repay(one)


def repay(one: Json) -> None:
    owed = sum(one["lots"].values()) - available(one)
    if owed > 0:
        take(one, sorted(one["lots"]), owed)


def take(one: Json, lasts: Iterable[date], units: int) -> Parts:
    """Out of lots, in this sequence, as far as there is something in them."""
    parts = []
    for last in lasts:
        part = min(units, one["lots"].get(last, 0))
        if part:
            parts.append((last, part))
            units -= part
            one["lots"][last] -= part
            if not one["lots"][last]:
                del one["lots"][last]
    return parts


def of_time(one: Json, at: datetime, name: str, *, is_return: bool = False) -> None:
    """What happened before something that is known already is told late."""
    where = (int(at.timestamp() * 1000), is_return, len(name), name)
    one["told_late"] |= where < one["newest"]
    one["newest"] = max(one["newest"], where)


def taken_over(
    one: Json, posted: int, lapsed: int, lots: Mapping[date, int], holds: Mapping[str, Parts], *, retold: bool
) -> None:
    """What the club says it is after something came late: from here on the model knows again what has to be."""
    one |= {"posted": posted, "lapsed": lapsed, "lots": dict(lots), "told_late": False, "retold": retold}
    for name, parts in holds.items():
        one["holds"][name]["parts"] = parts


def buys(model: Json, member: str, told: Json, now: datetime) -> str | None:
    one, name, at = model["members"][member], told["purchase_id"], datetime.fromisoformat(told["occurred_at"])
    time_passes(one, now)
    paid_minor = told["total_minor"] - told.get("points_payment_minor", 0)
    earned = paid_minor * rate_at(model, at) // 100
    bought = {
        "member": member, "at": at, "earned": earned, "kept": earned, "total": told["total_minor"],
        "lines": {line["sku"]: (line["quantity"], line["amount_minor"]) for line in told["lines"]},
        "units": {}, "money": 0, "back": 0, "whole": False,
    }  # fmt: skip
    model["purchases"][name] = bought | {"payments": model["purchases"].get(name, {}).get("payments", [])}
    of_time(one, at, f"purchase#main#{name}")
    one["keys"].add(f"purchase#main#{name}")
    earns(one, at, earned, now)
    waiting = model["waiting"].pop(name, [])
    one["told_late"] |= bool(waiting)
    for back in sorted(waiting, key=lambda some: (some["occurred_at"], some["return_id"])):
        if returns(model, back, now) is not None:
            model["waiting"].setdefault(name, []).append(back)
    return None


def earns(one: Json, at: datetime, units: int, now: datetime) -> None:
    one["posted"] += units
    one["has"] += units
    if units:
        give(one, [granted(one, at, units)])
    time_passes(one, now)


def granted(one: Json, at: datetime, units: int) -> tuple[date, int]:
    """What was ever given with one last day: there is never more of it."""
    last = day_of(at) + timedelta(days=LASTS_DAYS)
    one["granted"][last] = one["granted"].get(last, 0) + units
    return last, units


def reviews(model: Json, member: str, told: Json, now: datetime) -> str | None:
    one, at = model["members"][member], datetime.fromisoformat(told["occurred_at"])
    time_passes(one, now)
    key = f"event#main#review#{told['source_id']}"
    of_time(one, at, key)
    one["keys"].add(key)
    earns(one, at, REVIEW_POINTS, now)
    return None


def brings_back(model: Json, told: Json, now: datetime) -> str | None:
    """A return, of a purchase that is known or one that it waits for."""
    bought = model["purchases"].get(told["purchase_id"])
    if bought is None or "earned" not in bought:
        waiting = model["waiting"].setdefault(told["purchase_id"], [])
        if len(waiting) == PARKED_MAX:
            return "parked_too_many"
        waiting.append(told)
        return None
    return returns(model, told, now)


def returns(model: Json, told: Json, now: datetime) -> str | None:
    bought = model["purchases"][told["purchase_id"]]
    one, at = model["members"][bought["member"]], datetime.fromisoformat(told["occurred_at"])
    if at < bought["at"]:
        return "invalid"
    worth_before, kept_before = worth_share(bought), bought["kept"]
    fault = comes_back(bought, told)
    if fault is not None:
        return fault
    time_passes(one, now)
    key = f"return#main#{told['return_id']}"
    of_time(one, at, key, is_return=True)
    own = day_of(bought["at"]) + timedelta(days=LASTS_DAYS)
    one["told_late"] |= one["retold"] or (bool(bought["earned"]) and own < day_of(now))
    bought["kept"] = int(bought["earned"] * (1 - worth_share(bought)))
    model["returns"][told["return_id"]] = bought["member"]
    for name in bought["payments"]:
        paid = model["captures"][name]
        units = min(
            int(paid["units"] * worth_share(bought)) - int(paid["units"] * worth_before), paid["units"] - paid["back"]
        )
        if units:
            payer = model["members"][paid["member"]]
            if payer is not one:
                payer["keys"].add(f"{key}@{paid['member']}")
            gives_back(payer, paid, units, now, settled=payer is not one)
    due = kept_before - bought["kept"]
    take(one, [own, *sorted(one["lots"])], due)
    one["posted"] -= due
    one["has"] -= due
    one["keys"].add(key)
    repay(one)
    return None


def comes_back(bought: Json, told: Json) -> str | None:
    """What of the purchase is back after this."""
    left = bought["total"] - bought["back"]
    if bought["whole"] or told.get("amount_minor", 0) > left:
        return "return_exceeds_purchase"
    if "lines" not in told:
        amount = told.get("amount_minor", left)
        bought["whole"] = amount == left
        bought["money"] += amount
        bought["back"] += amount
        return None
    (line,) = told["lines"]
    sku, quantity = line["sku"], line["quantity"]
    if bought["units"].get(sku, 0) + quantity > bought["lines"][sku][0]:
        return "return_exceeds_purchase"
    before = int(lines_worth(bought))
    bought["units"][sku] = bought["units"].get(sku, 0) + quantity
    all_back = all(bought["units"].get(one, 0) == count for one, (count, _) in bought["lines"].items())
    bought["whole"] = all_back and not bought["money"]
    bought["back"] += left if bought["whole"] else min(int(lines_worth(bought)) - before, left)
    return None


def lines_worth(bought: Json) -> Fraction:
    return sum(
        (Fraction(bought["lines"][sku][1] * units, bought["lines"][sku][0]) for sku, units in bought["units"].items()),
        Fraction(0),
    )


def worth_share(bought: Json) -> Fraction:
    """The share of the purchase that came back."""
    if bought["whole"]:
        return Fraction(1)
    return min(Fraction(1), (lines_worth(bought) + bought["money"]) / bought["total"])


def gives_back(one: Json, paid: Json, units: int, now: datetime, *, settled: bool) -> None:
    """Units of a capture go back where they came from, those used last first."""
    time_passes(one, now)
    back = [last for last, count in reversed(paid["parts"]) for _ in range(count)][paid["back"] : paid["back"] + units]
    paid["back"] += units
    one["posted"] += units
    one["has"] += units
    for last in back:
        one["lots"][last] = one["lots"].get(last, 0) + 1
    if settled:
        repay(one)


def holds(model: Json, member: str, told: Json, now: datetime) -> str | None:
    one, name, units = model["members"][member], told["redemption_id"], told["units"]
    time_passes(one, now)
    if units > available(one):
        return "points_insufficient"
    if len(one["holds"]) == HOLDS_MAX:
        return "holds_exhausted"
    parts = take(one, sorted(one["lots"]), units)
    one["holds"][name] = {"until": now + timedelta(minutes=HOLD_MINUTES), "parts": parts}
    one["keys"].add(f"redemption#main#{name}")
    model["holds"][name] = {"member": member, "purchase": told.get("purchase_id")}
    return None


def captures(model: Json, name: str, told: Json, now: datetime) -> str | None:
    member = model["holds"][name]["member"]
    one = model["members"][member]
    time_passes(one, now)
    hold = one["holds"].get(name)
    if hold is None:
        return "redemption_ended"
    there = sum(units for _, units in hold["parts"])
    units = told.get("units", there)
    if units > there:
        return "capture_exceeds_hold"
    del one["holds"][name]
    used: Parts = []
    rest: Parts = []
    left = units
    for last, count in hold["parts"]:
        part = min(left, count)
        used += [(last, part)] if part else []
        rest += [(last, count - part)] if count > part else []
        left -= part
    one["posted"] -= units
    one["has"] -= units
    give(one, rest)
    model["captures"][name] = {"member": member, "units": units, "parts": used, "back": 0, "told": told}
    one["keys"].add(f"capture#main#{name}")
    purchase = model["holds"][name]["purchase"]
    if purchase is not None:
        model["purchases"].setdefault(purchase, {"payments": []})["payments"].append(name)
    return None


def voids(model: Json, name: str, now: datetime) -> str | None:
    one = model["members"][model["holds"][name]["member"]]
    time_passes(one, now)
    hold = one["holds"].pop(name, None)
    if hold is None:
        return "redemption_ended"
    give(one, hold["parts"])
    one["keys"].add(f"void#main#{name}")
    return None


def reverses(model: Json, name: str, told: Json, now: datetime) -> str | None:
    paid = model["captures"][name]
    left = paid["units"] - paid["back"]
    units = told.get("units", left)
    if units > left or not units:
        return "capture_exceeds_hold"
    one = model["members"][paid["member"]]
    gives_back(one, paid, units, now, settled=True)
    time_passes(one, now)
    one["keys"].add(f"reversal#main#{name}#{told['reversal_id']}")
    return None


def adjusts(model: Json, member: str, name: str, units: int, now: datetime) -> str | None:
    one = model["members"][member]
    time_passes(one, now)
    if units < 0:
        if -units > sum(one["lots"].values()):
            return "points_insufficient"
        take(one, sorted(one["lots"]), -units)
    one["posted"] += units
    one["has"] += units
    if units > 0:
        give(one, [granted(one, now, units)])
    one["keys"].add(f"adjust#{name}")
    return None


def merges(model: Json, left: str, into: str, name: str, now: datetime) -> str | None:
    """One membership takes another over: its lots with their own days, and all that was bought, held and taken by it."""
    old, one = model["members"][left], model["members"][into]
    time_passes(old, now)
    time_passes(one, now)
    if old["holds"] or one["holds"]:
        return "merge_refused"
    for last, units in old["granted"].items():
        one["granted"][last] = one["granted"].get(last, 0) + units
    one["posted"] += old["posted"]
    one["has"] += old["posted"]
    give(one, old["lots"].items())
    old["has"] -= old["posted"]
    old |= {"posted": 0, "lots": {}}
    for known in (model["purchases"], model["holds"], model["captures"]):
        for what in known.values():
            if what.get("member") == left:
                what["member"] = into
    # What the two owed and had may have repaid each other: which lots are left is the club's to say.
    one["told_late"] = True
    one["keys"].add(f"merge#{name}")
    old["keys"].add(f"merge#{name}@{left}")
    return None
