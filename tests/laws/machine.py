"""T1: whatever a club is asked for, in whatever sequence, and however its line to DynamoDB breaks, the ledger tells the truth.

A machine of hypothesis draws the steps, each with a fault. A step that is not answered is asked again, as a till would, with
the same id. After each step the laws are checked, and what members have against a model that knows nothing of the product's
code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shared.actions.book_expiry import book_expiry
from shared.domain.account import Account
from shared.domain.errors import Busy, Refused
from shared.domain.lapsing import lapsing
from shared.domain.ledger import Row
from shared.domain.rebuilding import proven
from shared.store.backend import KEYS
from shared.store.laws import publish
from shared.store.table import Tables
from tests.laws import model as by_hand
from tests.laws.dynamo import Dynamo
from tests.laws.line import FAULTS, Fault, Line, Overtaken
from tests.laws.shop import HEAD, MAIN, OPENED, Shop, bought, came_back, plenty

Act = Callable[[], Row | None]
Expect = Callable[[], str | None]

ATTEMPTS_OF_A_TILL = 4
ROW_BYTES_MAX = 100 * 1024
MEMBERS_MAX = 3
LAWS_MAX = 4

members = st.integers(0, MEMBERS_MAX - 1)
some = st.integers(0, 7)
faults = st.one_of(st.just("none"), st.sampled_from(sorted(FAULTS)))
# What another till does meanwhile, or nothing.
races = st.sampled_from(["", "", "", "buys", "holds all", "captures", "gives all back"])
again = st.sampled_from(["no", "no", "same", "other"])


class Ledger(RuleBasedStateMachine):
    """One club from its opening. `opened_line` is its line to a DynamoDB, and what its tables are called there."""

    opened_line: ClassVar[Callable[[ExitStack], tuple[Line, dict[str, str]]]] = staticmethod(
        lambda until_the_end: (Line(Dynamo()), {table: table for table in KEYS})
    )
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.until_the_end = ExitStack()
        self.line, names = self.opened_line(self.until_the_end)
        self.shop = Shop(by_hand.programme(1), memory=Tables(self.line, names))  # type: ignore[arg-type]
        # Its own teardown proves it: the tables may be gone when the test has ended.
        self.shop.broken = True
        self.model = by_hand.new_model(1, OPENED)
        self.members: list[str] = []
        self.purchases: list[dict[str, Any]] = []
        self.redemptions: list[str] = []
        self.captured: list[str] = []
        self.done: list[tuple[Act, Row | None]] = []
        self.number = 0
        # While another till does something between the reading and the writing of this one.
        self.overtaking = False
        # Within a step, which may end in a failure.
        self.is_within = False
        # By member: the newest posting that was checked, and what had lapsed by then.
        self.checked: dict[str, tuple[bytes, int]] = {}

    @initialize()
    def opens(self) -> None:
        self.joins("none")

    @precondition(lambda self: len(self.members) < MEMBERS_MAX)
    @rule(fault=faults)
    def joins(self, fault: str) -> None:
        name = self._name("J")
        made: list[str] = []

        def act() -> Row:
            row = self.shop.join_as(name)
            made[:] = [str(row["a"])]
            return row

        def expect() -> None:
            by_hand.joined(self.model, made[0])
            self.members.append(made[0])

        self._step("join", act, expect, fault)

    @rule(member=members, dollars=st.integers(0, 40), cents=st.sampled_from([0, 0, 50, 99]), lines=st.integers(1, 2),
          late_days=st.sampled_from([0, 0, 0, 0, 0, 1, 9, 25]), fault=faults, race=races, how=again)  # fmt: skip
    def buys(
        self,
        member: int,
        dollars: int,
        cents: int,
        lines: int,
        late_days: int,
        fault: str,
        race: str,
        how: str,
    ) -> None:
        self._buys(self._name("A"), member, dollars, cents, lines, late_days, fault, race, how)

    def _buys(
        self,
        name: str,
        member: int,
        dollars: int,
        cents: int,
        lines: int,
        late_days: int,
        fault: str,
        race: str,
        how: str,
    ) -> None:
        at = max(OPENED, self.shop.now - timedelta(days=late_days))
        body = bought(
            name, at, *[(f"CD-{place}", 1 + (dollars + place) % 3, dollars * 100 + cents) for place in range(lines)],
            member_id=self._member(member),
        )  # fmt: skip
        if not body["total_minor"]:
            return
        # A purchase that is paid with points is told so: the rest of it earns.
        points = sum(
            self.model["captures"][paid]["units"] for paid in self.model["purchases"].get(name, {}).get("payments", [])
        )
        if points and lines == 1:
            body["points_payment_minor"] = min(body["total_minor"], points * by_hand.POINT_MINOR)

        def expect() -> str | None:
            self.purchases.append(body)
            return by_hand.buys(self.model, body["member_id"], body, self.shop.now)

        other = body | {"occurred_at": (at + timedelta(seconds=1)).isoformat()}
        self._step(
            "purchase", lambda: self.shop.buy(body), expect, fault, race, how,
            other=lambda: self.shop.buy(other), differs="purchase_differs",
        )  # fmt: skip

    @rule(member=members, late_days=st.sampled_from([0, 0, 0, 3]), fault=faults, race=races, how=again)
    def reviews(self, member: int, late_days: int, fault: str, race: str, how: str) -> None:
        at = max(OPENED, self.shop.now - timedelta(days=late_days))
        body = {
            "store": "main", "kind": "review", "source_id": self._name("E"), "member_id": self._member(member),
            "occurred_at": at.isoformat(),
        }  # fmt: skip

        def expect() -> str | None:
            return by_hand.reviews(self.model, body["member_id"], body, self.shop.now)

        other = body | {"occurred_at": (at + timedelta(seconds=1)).isoformat()}
        self._step(
            "event", lambda: self.shop.tell(body), expect, fault, race, how,
            other=lambda: self.shop.tell(other), differs="event_differs",
        )  # fmt: skip

    @precondition(lambda self: self.purchases)
    @rule(which=some, part=st.sampled_from(["whole", "line", "line", "amount"]), size=st.integers(1, 4),
          back_days=st.sampled_from([0, 0, 0, 0, 0, 2]), fault=faults, race=races, how=again)  # fmt: skip
    def brings_back(self, which: int, part: str, size: int, back_days: int, fault: str, race: str, how: str) -> None:
        self._brings_back(self._name("R"), self._one(self.purchases, which), part, size, back_days, fault, race, how)

    def _brings_back(
        self, name: str, purchase: dict[str, Any], part: str, size: int, back_days: int, fault: str, race: str, how: str
    ) -> None:
        at = max(datetime.fromisoformat(purchase["occurred_at"]), self.shop.now - timedelta(days=back_days))
        more: dict[str, Any] = {}
        if part == "line":
            more["lines"] = [{"sku": self._one(purchase["lines"], size)["sku"], "quantity": 1 + size % 2}]
        elif part == "amount":
            more["amount_minor"] = max(1, purchase["total_minor"] * size // 5)
        body = came_back(name, at, purchase["purchase_id"], **more)

        def expect() -> str | None:
            return by_hand.brings_back(self.model, body, self.shop.now)

        other = body | {"amount_minor": 1 + more.get("amount_minor", 0)}
        self._step(
            "return", lambda: self.shop.bring_back(body), expect, fault, race, how,
            other=lambda: self.shop.bring_back(other), differs="return_differs",
        )  # fmt: skip

    @rule(member=members, parts=st.integers(1, 3), dollars=st.integers(1, 30), wait_hours=st.sampled_from([0, 30, 600]),
          fault=faults, race=races)  # fmt: skip
    def brings_back_early(self, member: int, parts: int, dollars: int, wait_hours: int, fault: str, race: str) -> None:
        """Returns that come before the purchase they are of; the purchase itself comes after a while."""
        name, at = self._name("A"), self.shop.now
        for part in range(parts):
            body = came_back(self._name("R"), at + timedelta(seconds=1 + part), name, amount_minor=40 * (part + 1))
            self.shop.now = max(self.shop.now, at + timedelta(seconds=1 + part))
            self._step(
                "parked return", lambda body=body: self.shop.bring_back(body),  # type: ignore[misc]
                lambda body=body: by_hand.brings_back(self.model, body, self.shop.now), fault if part == 0 else "none",
                how="same", keeps=False,
            )  # fmt: skip
        self.shop.now += timedelta(hours=wait_hours)
        body = bought(name, at, ("CD-0", 2, dollars * 100), member_id=self._member(member))

        def expect() -> str | None:
            self.purchases.append(body)
            return by_hand.buys(self.model, body["member_id"], body, self.shop.now)

        self._step("purchase waited for", lambda: self.shop.buy(body), expect, fault, race, "same")

    @rule(
        member=members,
        share=st.sampled_from([1, 3, 7, 10, 12]),
        paying=st.booleans(),
        fault=faults,
        race=races,
        how=again,
    )
    def holds(self, member: int, share: int, paying: bool, fault: str, race: str, how: str) -> None:
        """Some tenths of what can be used are held; sometimes to pay for a purchase that comes at once."""
        purchase = self._name("A") if paying else None
        name = self._holds(member, share, purchase, fault, race, how)
        if purchase is not None and name in self.redemptions:
            self._captures(name, 10, "none", "", "no")
            self._buys(purchase, member, 20, 0, 1, 0, "none", "", "no")

    def _holds(self, member: int, share: int, purchase: str | None, fault: str, race: str, how: str) -> str:
        name, member_id = self._name("H"), self._member(member)
        one = self.model["members"][member_id]
        by_hand.time_passes(one, self.shop.now)
        units = max(1, by_hand.available(one) * share // 10)
        what: dict[str, Any] = {"units": units} | ({"purchase_id": purchase} if purchase else {})

        def expect() -> str | None:
            told = by_hand.holds(self.model, member_id, {"redemption_id": name, **what}, self.shop.now)
            self.redemptions += [name] if told is None else []
            return told

        self._step(
            "hold", lambda: self.shop.hold(name, member_id, **what), expect, fault, race, how,
            other=lambda: self.shop.hold(name, member_id, **what | {"units": units + 1}), differs="redemption_differs",
        )  # fmt: skip
        return name

    @precondition(lambda self: self.redemptions)
    @rule(which=some, share=st.sampled_from([1, 5, 10, 10, 12]), fault=faults, race=races, how=again)
    def captures(self, which: int, share: int, fault: str, race: str, how: str) -> None:
        self._captures(self._one(self.redemptions, which), share, fault, race, how)

    def _captures(self, name: str, share: int, fault: str, race: str, how: str) -> None:
        if name in self.captured:
            return
        hold = self.model["members"][self.model["holds"][name]["member"]]["holds"].get(name)
        there = sum(units for _, units in hold["parts"]) if hold else 1
        told = {} if share == 10 else {"units": max(1, there * share // 10)}

        def expect() -> str | None:
            if name in self.captured:
                # Another till was as quick with the same words: it is one capture.
                return None if self.model["captures"][name]["told"] == told else "redemption_differs"
            refused = by_hand.captures(self.model, name, told, self.shop.now)
            self.captured += [name] if refused is None else []
            return refused

        other = {"units": told.get("units", there) + 1}
        self._step(
            "capture", lambda: self.shop.capture(name, **told), expect, fault, race, how,
            other=lambda: self.shop.capture(name, **other), differs="redemption_differs",
        )  # fmt: skip

    @precondition(lambda self: self.redemptions)
    @rule(which=some, fault=faults, race=races, how=again)
    def voids(self, which: int, fault: str, race: str, how: str) -> None:
        name = self._one(self.redemptions, which)
        # Whose it was then may have been merged into another membership since.
        if any(f"void#main#{name}" in one["keys"] for one in self.model["members"].values()):
            return
        self._step(
            "void",
            lambda: self.shop.void(name),
            lambda: by_hand.voids(self.model, name, self.shop.now),
            fault,
            race,
            how,
        )

    @precondition(lambda self: self.captured)
    @rule(which=some, share=st.sampled_from([3, 5, 10, 10, 12]), fault=faults, race=races, how=again)
    def reverses(self, which: int, share: int, fault: str, race: str, how: str) -> None:
        name, reversal = self._one(self.captured, which), self._name("B")
        paid = self.model["captures"][name]
        units = max(1, (paid["units"] - paid["back"]) * share // 10)
        told: dict[str, Any] = {} if share == 10 else {"units": units}

        def expect() -> str | None:
            return by_hand.reverses(self.model, name, {"reversal_id": reversal, **told}, self.shop.now)

        self._step(
            "reversal", lambda: self.shop.reverse(name, reversal, **told), expect, fault, race, how,
            other=lambda: self.shop.reverse(name, reversal, units=units + 1), differs="redemption_differs",
        )  # fmt: skip

    @rule(member=members, units=st.sampled_from([-30, -5, -1, 1, 8, 25]), fault=faults, race=races, how=again)
    def adjusts(self, member: int, units: int, fault: str, race: str, how: str) -> None:
        name, member_id = self._name("ADJ"), self._member(member)

        def expect() -> str | None:
            return by_hand.adjusts(self.model, member_id, name, units, self.shop.now)

        self._step(
            "adjust", lambda: self.shop.adjust(member_id, units, name), expect, fault, race, how,
            other=lambda: self.shop.adjust(member_id, units + 2, name), differs="adjustment_differs",
        )  # fmt: skip

    @rule(member=members, fault=faults, race=races)
    def expires(self, member: int, fault: str, race: str) -> None:
        """The sweep comes by."""
        member_id = self._member(member)
        self._step(
            "expire",
            lambda: book_expiry(self.shop.club, MAIN, member_id, plenty),
            lambda: None,
            fault,
            race,
            "no",
            keeps=False,
        )

    @precondition(lambda self: len(self.members) > 1)
    @rule(which=members, fault=faults, race=races, how=again)
    def become_one(self, which: int, fault: str, race: str, how: str) -> None:
        left, into, name = self._member(which), self._member(which + 1), self._name("M")

        def told(reason: str) -> Act:
            return lambda: self.shop.merge(left, into, name, reason)

        def expect() -> str | None:
            code = by_hand.merges(self.model, left, into, name, self.shop.now)
            if code is None:
                self.members.remove(left)
            return code

        self._step(
            "merge", told("One person"), expect, fault, race, how, other=told("Two"), differs="adjustment_differs"
        )
        self._check(left)

    @rule(hours=st.sampled_from([0.3, 1, 24, 24, 24 * 7, 24 * 12, 24 * 21]))
    def time_passes(self, hours: float) -> None:
        self._count("tick")
        self.shop.now += timedelta(hours=hours)

    @precondition(lambda self: len(self.model["laws"]) < LAWS_MAX)
    @rule(rate=st.integers(1, 3))
    def the_law_changes(self, rate: int) -> None:
        self._count("rule change")
        self.shop.now += timedelta(seconds=1)
        publish(self.shop.memory, HEAD + by_hand.programme(rate), self.shop.now, at_once=True)
        if self.model["laws"][-1][1] != rate:
            self.model["laws"].append((self.shop.now, rate))

    @precondition(lambda self: self.done)
    @rule(which=st.integers(0, 60), fault=faults)
    def is_asked_again(self, which: int, fault: str) -> None:
        """Something that was answered before, however long ago."""
        act, row = self._one(self.done, which)
        written = self.line.written
        assert self._asked(act, FAULTS[fault]()) == row, "a replay is answered as the first time"
        assert self.line.written == written, "a replay writes nothing"
        self._count("replay")

    def teardown(self) -> None:
        """P11: at the end every account is what its postings make of it. A step that failed has said why already."""
        with self.until_the_end:
            self.checked.clear()
            for member_id in self.members if not self.is_within else ():
                self._check(member_id)

    def _step(
        self,
        kind: str,
        act: Act,
        expect: Expect,
        fault: str,
        race: str = "",
        how: str = "no",
        *,
        other: Act | None = None,
        differs: str = "",
        keeps: bool = True,
    ) -> None:
        """One thing is asked for, over a bad line, until it is answered; then the laws are checked."""
        self._count(kind)
        self.is_within = True
        if not self.overtaking:
            self.shop.now += timedelta(seconds=1)
        written = self.line.written
        overtaken: list[str] = []

        def meanwhile() -> None:
            overtaken.append(race)
            self.line.fault, self.overtaking = Fault(), True
            self._meanwhile(race)
            self.overtaking = False

        told = self._asked(act, Overtaken(meanwhile) if race else FAULTS[fault]())
        expected = expect()
        if isinstance(told, str) or expected is not None:
            assert told == expected, f"{kind} should be answered by {expected}, and was by {told}"
            assert overtaken or self.line.written == written, "what was refused has written something"
        elif keeps:
            self.done.append((act, told))
        if how == "same" and not isinstance(told, str):
            written = self.line.written
            assert self._asked(act, FAULTS[fault]()) == told, "a replay is answered as the first time"
            assert self.line.written == written, "a replay writes nothing"
        if how == "other" and other is not None and not isinstance(told, str):
            written = self.line.written
            assert self._asked(other, Fault()) == differs, "an id with other content is refused"
            assert self.line.written == written, "what was refused has written something"
        for member_id in self.members:
            self._check(member_id)
        self.is_within = self.overtaking

    def _asked(self, act: Act, fault: Fault) -> Row | str | None:
        """The answer, or the code of the refusal. A till that is told to try again does, on a line that is good by then."""
        self.line.fault = fault
        try:
            for _ in range(ATTEMPTS_OF_A_TILL):
                try:
                    return act()
                except Busy:
                    self.line.fault = Fault()
        except Refused as refused:
            return refused.code
        finally:
            self.line.fault = Fault()
        raise AssertionError("a till is answered in the end")

    def _meanwhile(self, what: str) -> None:
        """What another till does between this one's reading and its writing."""
        if what == "buys":
            self._buys(self._name("A"), 0, 7, 0, 1, 0, "none", "", "no")
        elif what == "holds all":
            self._holds(0, 10, None, "none", "", "no")
        elif what == "captures" and self.redemptions:
            self._captures(self.redemptions[-1], 10, "none", "", "no")
        elif what == "gives all back" and self.purchases:
            self._brings_back(self._name("R"), self.purchases[-1], "whole", 1, 0, "none", "", "no")

    def _check(self, member_id: str) -> None:
        """The laws, of one member."""
        account, one = self.shop.account(member_id), self.model["members"][member_id]
        if self.checked.get(member_id, (b"", 0))[0] != account.last_hash:
            self.checked[member_id] = (account.last_hash, self._check_rows(account, one))
        lapsed = self.checked[member_id][1]
        told = account.posted + lapsed
        assert told == one["has"], "what is there and what lapsed is what was given less what was taken"
        self._check_lots(account, one, lapsed)

    def _check_rows(self, account: Account, one: dict[str, Any]) -> int:
        """The laws, of a member's postings. What lapsed so far."""
        rows = self.shop.rows(account.id)
        proven(account, rows, self.shop.club.laws.version)
        assert [row["n"] for row in rows] == list(range(1, len(rows) + 1)), "L18: the sequence has no gap"
        legs = [(str(name), int(units)) for row in rows for name, units in json.loads(str(row["g"]))]
        for row in rows:
            assert sum(units for _, units in json.loads(str(row["g"]))) == 0, "L1: legs sum to nothing"
            assert sum(len(str(value)) for value in row.values()) < ROW_BYTES_MAX, "L21"
        assert account.posted == sum(units for name, units in legs if name == account.id), "L2: the balance is the sum"
        recorded = Counter(str(row["k"]) for row in rows if row["c"] not in ("join", "expiry", "difference"))
        assert recorded == Counter(one["keys"]), "L4: one entry for each thing that happened"
        return sum(units for name, units in legs if name == "expired")

    def _check_lots(self, account: Account, one: dict[str, Any], lapsed: int) -> None:
        now, book = self.shop.now, self.shop.club.laws.latest()
        seen, _ = lapsing(account, book, now)
        held = {name.partition("#")[2]: hold for name, hold in seen.holds.items()}
        by_hand.time_passes(one, now)
        lots, kept = Counter[Any](), Counter[Any]()
        for lot in seen.lots:
            lots[lot.expires_on] += lot.points
        for hold in held.values():
            for lot in hold.lots:
                kept[lot.expires_on] += lot.points
        owed = lots.total() + kept.total() - seen.posted
        assert owed >= 0, "L2: lots and holds are not less than the balance"
        assert not owed or not lots, "L6: what is owed is repaid before anything can be used"
        for last, units in (lots + kept).items():
            assert units <= one["granted"].get(last, 0), f"L8: more lapses on {last} than was ever given so"
        # How much is held is the same whatever came late; from which lots, only where nothing did.
        assert {name: hold.units for name, hold in held.items()} == {
            name: sum(units for _, units in hold["parts"]) for name, hold in one["holds"].items()
        }, "L7: what is held"
        if one["told_late"]:
            # Which lots are left depends on all that came after: that is L13, which has a test of its own. The model goes on
            # from what there is now.
            by_hand.taken_over(
                one, seen.posted, lapsed + account.posted - seen.posted, lots,
                {name: [(lot.expires_on, lot.points) for lot in hold.lots] for name, hold in held.items()},
                retold=account.retold,
            )  # fmt: skip
            return
        assert seen.posted == one["posted"], "L2: the balance"
        assert dict(lots) == one["lots"], "L8, L9, L16: the lots"
        assert {name: [(lot.expires_on, lot.points) for lot in hold.lots] for name, hold in held.items()} == {
            name: hold["parts"] for name, hold in one["holds"].items()
        }, "L7: what is held, and of which days"
        assert lapsed + account.posted - seen.posted == one["lapsed"], "L16: what lapsed"

    def _member(self, which: int) -> str:
        return self._one(self.members, which)

    @staticmethod
    def _one(several: Any, which: int) -> Any:
        """The last ones first: what is new is what is asked about."""
        return several[-1 - which % len(several)]

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.number}"

    def _count(self, kind: str) -> None:
        self.steps[kind] += 1
