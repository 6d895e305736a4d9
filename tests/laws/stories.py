"""Stories of small clubs, in which each thing happens that an account can live through. What they come to stands in
`statements/`, one file a story: every posting and the account in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shared.actions.book_expiry import book_expiry
from shared.actions.certificates import code_of_row, issue_certificate
from shared.actions.enrol_member import enrol_member
from shared.actions.extend_points import extend_points, reinstate_points
from shared.actions.redemptions import hold_redemption
from shared.actions.staff import Staff
from shared.actions.transfer_points import transfer_points
from shared.domain.certificates import Certificate
from shared.domain.ledger import Row
from shared.domain.member import Joining
from shared.domain.redemption import Redemption
from shared.domain.staff_requests import Extension, Reinstatement
from shared.domain.transfer import Transferring
from shared.store.laws import publish
from tests.laws.shop import HEAD, MAIN, OPENED, Shop, bought, came_back, plenty

DAY = timedelta(days=1)
NOA = Staff("noa", ("finance",))
BASE = """
[[earn]]
id = "base"
points = 1
per_minor = 100
"""
STAMP = """
[[earn]]
id = "stamp"
wallet = "stamps"
points = 1
per = "unit"
[[wallet]]
id = "stamps"
goal = 4
"""


class Story(Shop):
    """A club whose days are counted from its first. Dana is its first member."""

    language = "en"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.dana = self.join()
        self.members = [self.dana]

    def join_as(self, key: str, joined_at: datetime = OPENED) -> Row:
        body = {
            "name": "Dana", "language": self.language, "source": "till", "card": f"CARD-{key}",
            "joined_at": joined_at.isoformat(),
        }  # fmt: skip
        return enrol_member(self.club, MAIN, key, Joining.model_validate(body), plenty).row

    def another(self) -> str:
        self.members.append(self.join())
        return self.members[-1]

    def until(self, day: float) -> None:
        self.now = OPENED + day * DAY

    def publishes(self, text: str) -> None:
        publish(self.memory, HEAD + text, self.now, at_once=True)

    def buys(self, purchase_id: str, day: float, *lines: tuple[str, int, int], who: str = "", **more: Any) -> Row:
        """Lines are of a product, its units and what all of them cost together, in whole dollars."""
        cents = [(sku, units, price * 100) for sku, units, price in lines]
        return self.buy(bought(purchase_id, OPENED + day * DAY, *cents, **more) | {"member_id": who or self.dana})

    def returns(self, return_id: str, day: float, purchase_id: str | None, units: int = 0, **more: Any) -> Row:
        if units:
            more["lines"] = [{"sku": "CD-1", "quantity": units}]
        if purchase_id is None:
            more["member_id"] = self.dana
        return self.bring_back(came_back(return_id, OPENED + day * DAY, purchase_id, **more))

    def redeems(self, redemption_id: str, **what: Any) -> None:
        self.hold(redemption_id, what.pop("who", self.dana), **what)
        self.capture(redemption_id)

    def reviews(self, source_id: str, day: float) -> Row:
        at = (OPENED + day * DAY).isoformat()
        return self.tell({"store": "main", "kind": "review", "source_id": source_id, "occurred_at": at} | {
            "member_id": self.dana})  # fmt: skip

    def lapses(self, who: str = "") -> Row:
        row = book_expiry(self.club, MAIN, who or self.dana, plenty)
        assert row is not None, "something had lapsed"
        return row

    def extends(self, extension_id: str, day: int, **what: Any) -> Row:
        told = Extension(extension_id=extension_id, member_id=self.dana, expires_on=_day(day), reason="Ill", **what)
        return extend_points(self.club, NOA, told, plenty).row

    def reinstates(self, sequence: int, day: int) -> Row:
        told = Reinstatement(member_id=self.dana, sequence=sequence, expires_on=_day(day), reason="Ill")
        return reinstate_points(self.club, NOA, told, plenty).row

    def gives_to(self, transfer_id: str, who: str, units: int) -> Row:
        what = Transferring("points", units, "gift", "staff-1")
        return transfer_points(self.club, MAIN, transfer_id, self.dana, who, what, plenty).row

    def sells(self, certificate_id: str, dollars: int) -> str:
        """The code of a new certificate."""
        told = {"store": "main", "certificate_id": certificate_id, "amount_minor": dollars * 100, "currency": "USD"}
        return code_of_row(self.club, issue_certificate(self.club, MAIN, Certificate.model_validate(told), plenty).row)


class HebrewStory(Story):
    """Its members are spoken to in Hebrew, which is not the club's first language."""

    language = "he"


def _day(day: int) -> str:
    return (OPENED + day * DAY).date().isoformat()


CD = "CD-1"


def late_purchase_lifts_a_tier() -> Story:
    """What was bought later is worth half as much again, twice; it is corrected twice, and then it all comes back."""
    story = Story(BASE + """
[tiers]
window_days = 90
[[tier]]
id = "silver"
spend_minor = 10_000
multiply = 1.5
[[tier]]
id = "gold"
spend_minor = 30_000
multiply = 2
""")  # fmt: skip
    story.until(5)
    story.buys("A-1", 5, (CD, 1, 50))
    story.until(20)
    story.buys("A-2", 20, (CD, 2, 80))
    story.until(30)
    story.buys("A-3", 1, (CD, 2, 120))
    story.buys("A-4", 2, (CD, 1, 180))
    story.returns("B-1", 21, "A-2", 1)
    story.until(31)
    story.returns("B-2", 3, "A-3", 1)
    story.returns("B-3", 31, "A-4")
    return story


def late_purchase_that_lapses() -> Story:
    """What is told late has lapsed by now, is taken by what was redeemed, and comes back in part."""
    story = Story(BASE + "[points]\nvalue_minor = 5\npending_days = 2\nexpiry = { days = 30 }\n")
    story.until(5)
    story.buys("A-1", 5, (CD, 1, 100))
    story.until(10)
    story.redeems("R-1", units=70)
    story.hold("R-2", story.dana, units=10)
    story.void("R-2")
    story.until(12)
    story.buys("A-2", 1, (CD, 2, 40))
    story.until(33)
    story.buys("A-3", 2, (CD, 4, 60))
    story.until(34)
    story.returns("B-1", 33, "A-3", 1)
    story.until(50)
    story.lapses()
    story.buys("A-4", 3, (CD, 1, 30))
    story.returns("B-2", 34, "A-2")
    return story


def late_purchase_completes_a_card() -> Story:
    """Stamps, a first purchase, a limit and an achievement all turn out otherwise."""
    story = Story(BASE + STAMP + """
[[event]]
id = "review"
[[earn]]
id = "review"
event = "review"
points = 20
limits = [{ per = "month", times = 1 }]
[[earn]]
id = "first"
when = "purchase.number == 1"
points = 500
per = "purchase"
[[achievement]]
id = "three"
when = "member.purchases >= 3"
points = 77
""")  # fmt: skip
    story.until(40)
    story.buys("A-1", 5, (CD, 3, 30))
    story.reviews("E-1", 12)
    story.buys("A-2", 20, (CD, 2, 10))
    story.until(41)
    story.buys("A-3", 2, (CD, 2, 20))
    story.reviews("E-2", 11)
    story.returns("B-1", 6, "A-1", 2)
    story.until(42)
    story.returns("B-2", 42, "A-3")
    story.buys("A-4", 30, (CD, 1, 5))
    return story


def late_purchase_completes_a_card_whose_rewards_wait() -> Story:
    """Rewards that wait, of which a purchase gives one and loses what is above; a loss is the club's."""
    story = Story(BASE + STAMP + "reward_pending_days = 20\nrewards_per_purchase = 1\nexpiry = { days = 60 }\n"
    + '[policies]\nexcess_above_reward_cap = "dropped"\nclawback_when_spent = "record_loss"\n')  # fmt: skip
    story.until(40)
    story.buys("A-1", 25, (CD, 3, 30))
    story.buys("A-2", 26, (CD, 6, 60))
    story.buys("A-3", 24, (CD, 2, 20))
    story.returns("B-1", 27, "A-3", 1)
    story.returns("B-2", 40, "A-2", 4)
    story.until(50)
    story.buys("A-4", 48, (CD, 4, 4))
    story.returns("B-3", 49, "A-1")
    return story


def late_purchase_of_rewards_that_may_run_out() -> Story:
    """What was given of a card of two rewards stays, what is owed waits in line, what comes back is free again."""
    story = Story(
        BASE + STAMP + 'reward_pending_days = 10\nreward_stock = 2\n[policies]\nreward_out_of_stock = "owe"\n'
    )
    avi = story.another()
    story.until(10.5)
    story.buys("A-1", 10, (CD, 5, 50))
    story.buys("A-2", 10, (CD, 4, 40), who=avi)
    story.buys("A-3", 10.5, (CD, 4, 40))
    story.until(12)
    story.buys("A-4", 8, (CD, 3, 30))
    story.returns("B-1", 11, "A-1", 3)
    story.returns("B-2", 12, "A-2")
    story.until(14)
    story.returns("B-3", 13, "A-3", 2)
    return story


def card_is_taken_out_of_the_programme() -> Story:
    """Rewards that wait lapse with their card; then something comes late, and what gave them comes back."""
    text = BASE + STAMP + "reward_pending_days = 30\n"
    story = Story(text + 'after_end = "delete"\n')
    story.until(2)
    story.buys("A-1", 2, (CD, 9, 90))
    story.until(5)
    story.publishes(BASE + '[[wallet]]\nid = "stamps"\n')
    story.until(6)
    story.buys("A-2", 6, (CD, 1, 10))
    story.until(8)
    story.buys("A-3", 1, (CD, 1, 7))
    story.returns("B-1", 4, "A-1", 5)
    story.until(9)
    story.returns("B-2", 9, "A-1")
    return story


PAYING = (
    BASE
    + """
[points]
value_minor = 5
expiry = { days = 60 }
[[reward]]
id = "coffee"
kind = "product"
sku = "COFFEE"
price = 40
stock = 2
limits = [{ per = "month", times = 2 }]
[[reward]]
id = "credit"
kind = "conversion"
price = 10
into = "money"
gives = 5
[[wallet]]
id = "money"
value_minor = 10
expiry = { days = 20 }
"""
)


def late_purchase_after_redemptions() -> Story:
    """A reward, a change into another wallet, a payment, a void and reversals stay as they were posted; what lapsed differs."""
    story = Story(PAYING)
    story.until(1)
    story.buys("A-1", 1, (CD, 1, 100))
    story.redeems("R-1", reward="credit")
    story.redeems("R-2", reward="coffee")
    story.until(2)
    story.redeems("R-3", units=30, purchase_id="A-2")
    story.buys("A-2", 2, (CD, 2, 20), points_payment_minor=150)
    story.until(3)
    story.reverse("R-1", "V-1", units=3)
    story.reverse("R-3", "V-2", units=10)
    story.hold("R-4", story.dana, units=5)
    story.until(10)
    story.buys("A-3", 0.5, (CD, 4, 40))
    story.returns("B-1", 3, "A-2", 1)
    story.reverse("R-2", "V-3")
    story.reverse("R-1", "V-4")
    story.until(62)
    story.buys("A-4", 5, (CD, 1, 10))
    story.returns("B-2", 62, "A-1")
    return story


def late_purchase_while_points_are_held() -> Story:
    """What is held does not lapse, and is taken after its last day."""
    story = Story(BASE + "[points]\nvalue_minor = 5\nexpiry = { days = 10 }\n[policies]\ncapture_rest = 'stays_held'\n")
    story.until(1)
    story.buys("A-1", 1, (CD, 1, 60))
    story.until(11.4)
    story.hold("R-1", story.dana, units=40)
    story.buys("A-2", 3, (CD, 1, 25))
    story.until(11.405)
    story.capture("R-1", units=15)
    story.until(11.41)
    story.buys("A-3", 2, (CD, 1, 5))
    story.capture("R-1", units=20, capture_id="2")
    story.until(30)
    story.buys("A-4", 30, (CD, 1, 1))
    story.buys("A-5", 4, (CD, 1, 1))
    return story


def late_purchase_after_staff() -> Story:
    """Points given, taken, brought along, made to live longer and brought back; and what had given them comes back."""
    story = Story(BASE + "[points]\nexpiry = { days = 20 }\n[[wallet]]\nid = 'money'\nexpiry = { days = 30 }\n")
    story.until(1)
    story.buys("A-1", 1, (CD, 2, 100))
    story.adjust(story.dana, 30, "J-1")
    story.adjust(story.dana, -25, "J-2")
    story.adjust(story.dana, 40, "J-3", wallet="money")
    story.adjust(story.dana, 12, "J-4", kind="opening", has_own_day=True)
    story.until(5)
    story.extends("E-1", 40, last_day=_day(21))
    story.extends("E-2", 50, wallet="money")
    story.until(41)
    lapsed = story.lapses()
    story.until(42)
    story.reinstates(int(lapsed["n"]), 70)
    story.buys("A-2", 2, (CD, 1, 15))
    story.until(43)
    story.returns("B-1", 6, "A-1", 1)
    story.until(71)
    story.lapses()
    story.buys("A-3", 3, (CD, 1, 9))
    story.returns("B-2", 71, "A-1")
    story.returns("B-3", 4, "A-2")
    return story


def late_purchase_after_two_became_one() -> Story:
    """One membership takes the other's points, stamps, tiers, limits and figures; what comes late lands on the one that stays."""
    story = Story(BASE + STAMP + "reward_pending_days = 30\n" + """
[points]
value_minor = 5
expiry = { days = 60 }
[tiers]
window = "calendar_month"
grace_days = 10
[[tier]]
id = "silver"
spend_minor = 10_000
multiply = 2
[[earn]]
id = "visit"
points = 10
per = "purchase"
limits = [{ per = "month", times = 1 }]
cooldown_days = 5
""")  # fmt: skip
    avi = story.another()
    story.until(1)
    story.buys("A-1", 1, (CD, 5, 150))
    story.buys("A-2", 1, (CD, 2, 30), who=avi)
    story.until(2)
    story.redeems("R-1", units=20)
    story.until(3)
    story.merge(story.dana, avi, "M-1")
    story.until(4)
    story.buys("A-3", 4, (CD, 2, 20), who=avi)
    story.buys("A-4", 0.5, (CD, 1, 10), who=avi)
    story.returns("B-1", 4, "A-1", 2)
    story.returns("B-2", 2, "A-2", 1)
    story.until(40)
    story.buys("A-5", 6, (CD, 1, 10), who=avi)
    return story


def late_return_without_purchase() -> Story:
    """What cannot be taken is forgiven; a return that names no purchase is worth what its day would give."""
    story = Story(BASE + STAMP + "expiry = { days = 90 }\n" + """
[tiers]
window_days = 90
[[tier]]
id = "silver"
spend_minor = 10_000
multiply = 2
[points]
value_minor = 5
[policies]
clawback_when_spent = "clamp"
return_without_purchase = "by_amount"
""")  # fmt: skip
    story.until(2)
    story.buys("A-1", 2, (CD, 2, 100))
    story.until(3)
    story.redeems("R-1", units=90)
    story.returns("B-1", 3, None, amount_minor=900)
    story.until(6)
    story.buys("A-2", 5, (CD, 1, 30))
    story.returns("B-2", 4, None, amount_minor=700)
    story.buys("A-3", 1, (CD, 1, 8))
    story.returns("B-3", 6, "A-1")
    return story


def tiers_with_a_memory() -> Story:
    """A tier is kept through its days of grace; what comes back is as if it had never been bought."""
    story = Story(BASE + """
[tiers]
window = "calendar_month"
grace_days = 10
[[tier]]
id = "silver"
spend_minor = 10_000
multiply = 1.5
[[tier]]
id = "gold"
spend_minor = 30_000
multiply = 2
""")  # fmt: skip
    story.until(5)
    story.buys("A-1", 5, (CD, 2, 200))
    story.until(20)
    story.buys("A-2", 20, (CD, 1, 150))
    story.until(35)
    story.buys("A-3", 35, (CD, 1, 40))
    story.returns("B-1", 34, "A-1", 1)
    story.until(60)
    story.buys("A-4", 33, (CD, 3, 120))
    story.returns("B-2", 60, "A-2")
    return story


def points_that_slide() -> Story:
    """Every purchase lets all points live anew, also those that are told late."""
    story = Story(BASE + "[points]\nexpiry = { days = 40, sliding = true }\n"
    + "[[wallet]]\nid = 'miles'\nexpiry = { days = 30, sliding = true }\n"
    + "[[earn]]\nid = 'mile'\nwallet = 'miles'\npoints = 2\nper = 'purchase'\n"
    + "when = \"'LP' in purchase.categories\"\n")  # fmt: skip
    story.until(1)
    story.buys("A-1", 1, (CD, 1, 30), ("LP-2", 1, 5))
    story.until(30)
    story.buys("A-2", 30, (CD, 2, 20))
    story.until(60)
    story.buys("A-3", 15, (CD, 1, 10))
    story.returns("B-1", 31, "A-2", 1)
    story.buys("A-4", 60, ("LP-2", 1, 5))
    story.until(101)
    story.lapses()
    return story


def money_of_the_ledger() -> Story:
    """A top-up, stored value and a gift certificate are paid with and given back, with points for the rest."""
    story = Story(BASE + """
[points]
value_minor = 5
[[reward]]
id = "gift"
kind = "gift_certificate"
amount_minor = 2_500
expiry = { days = 30 }
price = 50
[[wallet]]
id = "purse"
decimals = 2
value_minor = 100
top_up = true
[[reward]]
id = "money"
kind = "stored_value"
amount_minor = 700
into = "purse"
price = 10
""")  # fmt: skip
    story.until(1)
    body = bought("A-1", OPENED + DAY, (CD, 1, 10_000), ("TOP-1", 2, 4_000)) | {"member_id": story.dana}
    body["lines"][1]["kind"] = "top_up"
    story.buy(body)
    story.until(2)
    story.redeems("R-1", reward="gift")
    story.redeems("R-2", reward="money")
    story.redeems("R-3", wallet="purse", units=1_500, purchase_id="A-2")
    story.buys("A-2", 2, (CD, 2, 30), stored_value_payment_minor=1_500)
    story.until(3)
    code = story.sells("GC-1", 20)
    held = Redemption.model_validate(
        {"store": "main", "redemption_id": "P-1", "code": code, "units": 1_200, "purchase_id": "A-4"}
    )
    hold_redemption(story.club, MAIN, held, plenty)
    story.capture("P-1", units=1_000)
    story.returns("B-1", 3, "A-2", 1)
    story.returns("B-2", 3, "A-1", lines=[{"sku": "TOP-1", "quantity": 1}])
    story.buys("A-4", 3, (CD, 2, 30), stored_value_payment_minor=1_000)
    story.buys("A-3", 1.5, (CD, 1, 10))
    story.reverse("R-2", "V-1", units=4)
    story.returns("B-3", 3, "A-4", 1)
    return story


def points_move_between_members() -> Story:
    """Points go to another member, something comes late, and a debt is taken over."""
    story = Story(BASE + "[points]\nexpiry = { days = 30 }\n")
    avi = story.another()
    story.until(1)
    story.buys("A-1", 1, (CD, 1, 100))
    story.until(2)
    story.gives_to("T-1", avi, 60)
    story.until(3)
    story.buys("A-2", 0.5, (CD, 1, 20))
    story.returns("B-1", 3, "A-1")
    story.until(4)
    story.merge(story.dana, avi, "M-1")
    return story


def late_purchase_in_the_evening() -> Story:
    """In Greenwich it is the next day already. Points count by the day for a tier, and a rule asks for the member's language."""
    story = HebrewStory(
        """
[[earn]]
id = "base"
points = 1
per_minor = 100
when = "member.language == 'he'"
[points]
expiry = { days = 30 }
value_minor = 5
[tiers]
basis = "points"
window_days = 90
[[tier]]
id = "silver"
at_least = 150
multiply = 2
[policies]
return_without_purchase = "by_amount"
""",
        head=HEAD.replace('["en"]', '["en", "he"]'),
    )
    story.until(1.6)
    story.buys("A-1", 1.6, (CD, 1, 100))
    story.until(5.6)
    story.buys("A-2", 5.6, (CD, 2, 40))
    story.redeems("R-1", units=30)
    story.until(31.6)
    story.buys("A-3", 3.6, (CD, 1, 60))
    story.returns("B-1", 5.61, "A-2", 1)
    story.returns("B-2", 4.6, None, amount_minor=1_000)
    story.until(32.55)
    story.returns("B-3", 32.55, "A-1", amount_minor=5_000)
    story.returns("B-4", 6.6, "A-1")
    story.until(61.65)
    story.lapses()
    return story


def _held_when_what_it_was_taken_from_comes_back(policy: str) -> Story:
    story = Story(BASE + STAMP + f"""
[points]
value_minor = 5
[policies]
clawback_when_spent = "{policy}"
""")  # fmt: skip
    story.until(1)
    story.buys("A-1", 1, (CD, 2, 100))
    story.until(3)
    story.buys("A-2", 3, (CD, 1, 20))
    story.hold("R-1", story.dana, units=90)
    story.returns("B-1", 2, "A-1", 1)
    story.returns("B-2", 2.5, "A-1")
    story.buys("A-3", 2.8, (CD, 1, 1))
    story.capture("R-1", units=80)
    story.buys("A-4", 2.9, (CD, 1, 15))
    return story


def held_when_it_comes_back_and_owed() -> Story:
    """What is held is the redemption's: the return leaves a debt."""
    return _held_when_what_it_was_taken_from_comes_back("negative")


def held_when_it_comes_back_and_forgiven() -> Story:
    """What is held is the redemption's: the return takes what is left."""
    return _held_when_what_it_was_taken_from_comes_back("clamp")


def held_when_it_comes_back_and_lost() -> Story:
    """What is held is the redemption's: what the return cannot take is the club's loss."""
    return _held_when_what_it_was_taken_from_comes_back("record_loss")


def late_return_puts_rewards_back_on_their_shelf() -> Story:
    """What comes back late breaks rewards: of those that were there, some are free again; of those owed, places in line."""
    story = Story(
        BASE + STAMP + 'reward_pending_days = 30\nreward_stock = 3\n[policies]\nreward_out_of_stock = "owe"\n'
    )
    avi = story.another()
    story.until(10)
    story.buys("A-1", 10, (CD, 9, 90))
    story.buys("A-2", 10, (CD, 4, 40), who=avi)
    story.until(12)
    story.buys("A-3", 12, (CD, 17, 170))
    story.until(14)
    story.buys("A-4", 14, (CD, 1, 10))
    story.returns("B-1", 13, "A-3", 6)
    story.until(15)
    story.returns("B-2", 11, "A-1", 7)
    story.until(16)
    story.buys("A-5", 9, (CD, 3, 30))
    story.returns("B-3", 15.5, "A-2", 1)
    story.returns("B-4", 15.6, "A-3")
    return story


def return_of_what_was_bought_before_two_became_one() -> Story:
    """It takes a reward that came along and is a loss in part: both are told once, whatever comes late."""
    story = Story(BASE + STAMP + "reward_pending_days = 30\n" + """
[points]
value_minor = 5
[policies]
clawback_when_spent = "record_loss"
""")  # fmt: skip
    avi = story.another()
    story.until(1)
    story.buys("A-1", 1, (CD, 5, 50))
    story.buys("A-2", 1, (CD, 2, 30), who=avi)
    story.until(3)
    story.redeems("R-1", units=40)
    story.merge(story.dana, avi, "M-1")
    story.until(4)
    story.returns("B-1", 4, "A-1")
    story.until(5)
    story.buys("A-3", 2, (CD, 1, 10), who=avi)
    story.until(6)
    story.buys("A-4", 2.5, (CD, 1, 10), who=avi)
    return story


def two_cards_and_a_purse() -> Story:
    """Two cards of different size, one with a day of its own, filled at once, late, and emptied by returns."""
    story = Story(BASE + STAMP + "reward_pending_days = 5\nexpiry = { days = 20 }\n" + """
[[earn]]
id = "mark"
wallet = "marks"
points = 3
per = "purchase"
[[wallet]]
id = "marks"
goal = 5
reward_stock = 2
[[earn]]
id = "cash"
wallet = "cash"
points = 2
per_minor = 100
[[wallet]]
id = "cash"
value_minor = 1
expiry = { days = 10 }
pending_days = 1
""")  # fmt: skip
    story.until(10)
    story.buys("A-1", 10, (CD, 3, 30))
    story.buys("A-2", 9, (CD, 2, 20))
    story.until(12)
    story.redeems("R-1", wallet="cash", units=35, purchase_id="A-3")
    story.buys("A-3", 12, (CD, 2, 40))
    story.buys("A-4", 11, (CD, 4, 10))
    story.until(13)
    story.returns("B-1", 12, "A-3", 1)
    story.returns("B-2", 10.5, "A-1", 3)
    story.returns("B-3", 11.5, "A-4", 2)
    story.until(40)
    story.lapses()
    story.buys("A-5", 8, (CD, 1, 5))
    story.returns("B-4", 40, "A-2")
    return story


STORIES: dict[str, Callable[[], Story]] = {
    story.__name__: story
    for story in (
        card_is_taken_out_of_the_programme, held_when_it_comes_back_and_forgiven, held_when_it_comes_back_and_lost,
        held_when_it_comes_back_and_owed, late_purchase_after_redemptions, late_purchase_in_the_evening,
        late_return_puts_rewards_back_on_their_shelf, two_cards_and_a_purse, late_purchase_after_staff,
        late_purchase_after_two_became_one, late_purchase_completes_a_card, late_purchase_completes_a_card_whose_rewards_wait,
        late_purchase_lifts_a_tier, late_purchase_of_rewards_that_may_run_out, late_purchase_that_lapses,
        late_purchase_while_points_are_held, late_return_without_purchase, money_of_the_ledger, points_move_between_members,
        points_that_slide,
        return_of_what_was_bought_before_two_became_one, tiers_with_a_memory,
    )
}  # fmt: skip
