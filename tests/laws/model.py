"""What the ledger must come to, worked out in plain dicts. It shares no code with the product, and knows one small programme.

The programme: so many points for each whole dollar, the rate by the time of the purchase; a point lives sixty days; a return
takes points in proportion, from its own purchase first, and what is spent becomes a debt; a coffee costs forty points.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
LIFE_DAYS = 60
HOLD_MINUTES = 15
HOLDS_MAX = 8
PAYMENTS_MAX = 4
COFFEE, COFFEES = 40, 6


def day_of(at: datetime) -> int:
    return at.astimezone(ZONE).date().toordinal()


class Model:
    """`lots` of a member are units by their last day; `owed` is a debt. What an operation must answer is a code, or None."""

    def __init__(self) -> None:
        self.rates: list[tuple[datetime, int]] = []
        self.members: dict[str, dict[str, Any]] = {}
        self.purchases: dict[str, dict[str, Any]] = {}
        self.redemptions: dict[str, dict[str, Any]] = {}
        self.waiting: dict[str, list[dict[str, Any]]] = {}
        self.paid: dict[str, list[str]] = {}
        self.coffees = 0

    def join(self, member: str) -> None:
        self.members[member] = {"lots": {}, "owed": 0}

    def available(self, member: str) -> int:
        return sum(self.members[member]["lots"].values()) - int(self.members[member]["owed"])

    def held(self, member: str) -> int:
        return sum(sum(units for _, units in one["parts"]) for one in self._open(member))

    def _open(self, member: str) -> list[dict[str, Any]]:
        return [one for one in self.redemptions.values() if one["member"] == member and one["state"] == "held"]

    def time_is(self, now: datetime) -> None:
        """Holds that are over go back, and then what is past its last day lapses."""
        for one in self.redemptions.values():
            if one["state"] == "held" and (now - one["at"]).total_seconds() >= 60 * HOLD_MINUTES:
                one["state"] = "over"
                self._give(one["member"], one["parts"])
        for member in self.members.values():
            member["lots"] = {day: units for day, units in member["lots"].items() if day >= day_of(now)}

    def _give(self, member: str, parts: list[tuple[int, int]]) -> None:
        lots = self.members[member]["lots"]
        for day, units in parts:
            lots[day] = lots.get(day, 0) + units
        self._settle(member)

    def _settle(self, member: str) -> None:
        one = self.members[member]
        for day in sorted(one["lots"]):
            paid = min(one["owed"], one["lots"][day])
            one["owed"] -= paid
            one["lots"][day] -= paid
        one["lots"] = {day: units for day, units in one["lots"].items() if units}

    def _take(self, member: str, units: int, first: int | None = None) -> list[tuple[int, int]]:
        """From the lots of a day first, then from those that lapse first; what is not there is owed."""
        one, parts = self.members[member], []
        days = sorted(one["lots"], key=lambda day: (day != first, day))
        for day in days:
            part = min(units, one["lots"][day])
            if part:
                parts.append((day, part))
                one["lots"][day] -= part
                units -= part
        one["owed"] += units
        self._settle(member)
        return parts

    def buy(self, member: str, purchase: str, at: datetime, total: int, units: int) -> None:
        rate = [rate for begins, rate in self.rates if begins <= at][-1]
        one = {"member": member, "day": day_of(at), "at": at, "total": total, "units": units, "back": 0,
               "earned": total * rate // 100}  # fmt: skip
        self.purchases[purchase] = one
        self._give(member, [(one["day"] + LIFE_DAYS, one["earned"])])
        for told in sorted(self.waiting.pop(purchase, []), key=lambda told: (told["at"], told["id"])):
            self.bring_back(purchase, told["minor"])

    def is_alive(self, purchase: str, now: datetime) -> bool:
        return int(self.purchases[purchase]["day"]) + LIFE_DAYS >= day_of(now)

    def wait(self, purchase: str, return_id: str, at: datetime, minor: int) -> None:
        self.waiting.setdefault(purchase, []).append({"id": return_id, "at": at, "minor": minor})

    def bring_back(self, purchase: str, minor: int | None) -> str | None:
        one = self.purchases[purchase]
        left = one["total"] - one["back"]
        minor = left if minor is None else minor
        if not left or minor > left:
            return "return_exceeds_purchase"
        before, one["back"] = one["back"], one["back"] + minor
        for name in self.paid.get(purchase, []):
            paid = self.redemptions[name]
            spent = sum(units for _, units in paid["parts"])
            due = spent * one["back"] // one["total"] - spent * before // one["total"]
            self._give_back(paid, min(due, spent - paid["back"]), settled=False)
        kept_before = one["earned"] * (one["total"] - before) // one["total"]
        kept = one["earned"] * (one["total"] - one["back"]) // one["total"]
        self._take(one["member"], kept_before - kept, one["day"] + LIFE_DAYS)
        for name in self.paid.get(purchase, []):
            self._settle(self.redemptions[name]["member"])
        return None

    def _give_back(self, paid: dict[str, Any], units: int, *, settled: bool = True) -> None:
        """What was used last comes back first."""
        skip, lots = paid["back"], self.members[paid["member"]]["lots"]
        paid["back"] += units
        for day, part in reversed(paid["parts"]):
            passed = min(skip, part)
            skip -= passed
            given = min(units, part - passed)
            units -= given
            if given:
                lots[day] = lots.get(day, 0) + given
        if settled:
            self._settle(paid["member"])

    def hold(self, member: str, redemption: str, at: datetime, units: int, purchase: str | None) -> str | None:
        if units > self.available(member):
            return "points_insufficient"
        if len(self._open(member)) >= HOLDS_MAX:
            return "holds_exhausted"
        self._held(member, redemption, at, units, purchase, coffee=False)
        return None

    def hold_coffee(self, member: str, redemption: str, at: datetime) -> str | None:
        open_ones = [one for one in self.redemptions.values() if one["coffee"] and one["state"] == "held"]
        if self.coffees + len(open_ones) >= COFFEES or self.available(member) < COFFEE:
            return "reward_refused"
        if len(self._open(member)) >= HOLDS_MAX:
            return "holds_exhausted"
        self._held(member, redemption, at, COFFEE, None, coffee=True)
        return None

    def _held(
        self, member: str, redemption: str, at: datetime, units: int, purchase: str | None, *, coffee: bool
    ) -> None:
        parts = self._take(member, units)
        self.redemptions[redemption] = {"member": member, "at": at, "parts": parts, "state": "held", "back": 0,
                                        "purchase": purchase, "coffee": coffee}  # fmt: skip

    def capture(self, redemption: str, units: int | None) -> str | None:
        one = self.redemptions[redemption]
        if one["state"] != "held":
            return "redemption_ended"
        held = sum(part for _, part in one["parts"])
        units = held if units is None else units
        if units > held:
            return "capture_exceeds_hold"
        if one["coffee"] and units != held:
            return "invalid"
        if one["purchase"] is not None:
            if len(self.paid.get(one["purchase"], [])) >= PAYMENTS_MAX:
                return "invalid"
            self.paid.setdefault(one["purchase"], []).append(redemption)
        used: list[tuple[int, int]] = []
        rest: list[tuple[int, int]] = []
        for day, part in one["parts"]:
            now_used = min(units, part)
            units -= now_used
            used += [(day, now_used)] if now_used else []
            rest += [(day, part - now_used)] if part > now_used else []
        one["state"], one["parts"] = "captured", used
        self._give(one["member"], rest)
        self.coffees += one["coffee"]
        return None

    def void(self, redemption: str) -> str | None:
        one = self.redemptions[redemption]
        if one["state"] != "held":
            return "redemption_ended"
        one["state"] = "void"
        self._give(one["member"], one["parts"])
        return None

    def reverse(self, redemption: str, units: int | None) -> str | None:
        one = self.redemptions[redemption]
        left = sum(part for _, part in one["parts"]) - one["back"]
        units = left if units is None else units
        if units > left or not units:
            return "capture_exceeds_hold"
        self._give_back(one, units)
        self.coffees -= one["coffee"] and units == left
        return None

    def adjust(self, member: str, units: int, now: datetime) -> str | None:
        if units < 0 and -units > sum(self.members[member]["lots"].values()):
            return "points_insufficient"
        if units < 0:
            self._take(member, -units)
        else:
            self._give(member, [(day_of(now) + LIFE_DAYS, units)])
        return None
