"""The figures of a month: what each is called, in which unit, what it counts, of what it is a share. `club kpis` prints them.

Days are civil days of the club's zone, money is in minor units. Where there is nothing to divide by it is None: "no data", and
never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from shared.domain import rfm
from shared.domain.census_parts import MARGIN, SINCE, YEAR, Counted
from shared.domain.cohorts import cohort_sections
from shared.domain.concentration import Spread
from shared.domain.kpi import ACTIVE_DAYS
from shared.domain.late_figures import Late, days_section, late_section
from shared.domain.owed import said_uncounted
from shared.domain.reports import Column, Report, Section, Unit, Value
from shared.domain.sums import under
from shared.domain.tables import MAIN_WALLET


class Month(NamedTuple):
    """What a month is counted from: its first and last day, the members as they were counted, and its days' tallies together.
    `decimals` of the points. `days`: each day's own; `late`: what is known since of earlier months that are closed."""

    first: date
    last: date
    census: Counted
    tallies: Mapping[str, int]
    currency: str
    decimals: int = 0
    days: Mapping[date, Mapping[str, int]] = MappingProxyType({})
    late: Sequence[Late] = ()

    def many(self, name: str) -> int:
        """One of the census' figures."""
        return self.census.figure(name)

    def told(self, name: str) -> int:
        return self.tallies.get(name, 0)

    def net(self, name: str) -> int:
        """Units that went one way, less those that went the other."""
        return self.told(f"{name}.{MAIN_WALLET}") - self.told(f"{name}_back.{MAIN_WALLET}")

    @property
    def revenue(self) -> Spread:
        """How what was spent within a year spreads over those who bought in it."""
        return self.census.spreads[YEAR]

    @property
    def margin(self) -> Spread | None:
        """None where the cost of some goods is not known."""
        return None if self.many("margin_unknown") else self.census.spreads[MARGIN]


# The zone of `[club] time_zone`, as the law has it by which a posting was decided.
CLUBS_ZONE = "the club's"


class Kpi(NamedTuple):
    """One figure. `of`: what it is divided by, "" for a figure that is none of something. `zone`: whose civil days it counts."""

    name: str
    unit: Unit
    what: str
    of: str
    value: Callable[[Month], Value]
    zone: str = CLUBS_ZONE


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _median_gap(month: Month) -> Fraction | None:
    """The middle one; of an even number the mean of the two in the middle."""
    gaps = sorted((days, times) for (days,), times in under(month.census.sums, "gap").items())
    many = sum(times for _, times in gaps)
    if not many:
        return None
    return Fraction(_nth(gaps, (many - 1) // 2) + _nth(gaps, many // 2), 2)


def _nth(gaps: Sequence[tuple[int, int]], place: int) -> int:
    for days, times in gaps:
        if place < times:
            return days
        place -= times
    raise AssertionError("there are fewer")


_YEAR = f"within the {ACTIVE_DAYS} days until its last day"
KPIS: tuple[Kpi, ...] = (
    Kpi("members", "number", "enrolled at the end of the month; of two memberships that became one, one", "",
        lambda m: m.many("members")),
    Kpi("members_new", "number", "of these, those who joined within the month", "",
        lambda m: m.many("members_new")),
    Kpi("members_active", "number", f"of these, those who bought {_YEAR}", "", lambda m: m.many("members_active")),
    Kpi("members_dormant", "number", f"of these, those who bought before, and not {_YEAR}", "",
        lambda m: m.many("members_dormant")),
    Kpi("members_without_purchase", "number", "of these, those who never bought anything they kept", "",
        lambda m: m.many("members_without_purchase")),
    Kpi("members_churned", "number", "active at the end of the month before, and dormant at the end of this one", "",
        lambda m: m.many("members_churned")),
    Kpi("churn_rate", "share", "members_churned", "members who were active at the end of the month before",
        lambda m: _share(m.many("members_churned"), m.many("members_active_before"))),
    Kpi("members_returning", "number", "had become dormant, and bought within the month", "",
        lambda m: m.many("members_returning")),
    Kpi("buyers", "number", "members who bought within the month, and kept something of it", "",
        lambda m: m.many("buyers")),
    Kpi("buyers_again", "number", "of these, those who had bought before the month", "",
        lambda m: m.many("buyers_again")),
    Kpi("active_rate", "share", "members_active", "members",
        lambda m: _share(m.many("members_active"), m.many("members"))),
    Kpi("purchases", "number", "purchases of members on the month's days, as they were told", "",
        lambda m: m.told("purchases")),
    Kpi("spend_minor", "minor", "what these came to, before anything came back", "", lambda m: m.told("spend_minor")),
    Kpi("returns", "number", "returns of members on the month's days, of whatever purchase", "", lambda m: m.told("returns")),
    Kpi("returned_minor", "minor", "what was paid back for these", "", lambda m: m.told("returned_minor")),
    Kpi("guest_purchases", "number", "purchases where nobody was known: a guest is never a member", "",
        lambda m: m.told("guest_purchases")),
    Kpi("guest_spend_minor", "minor", "what these came to", "", lambda m: m.told("guest_spend_minor")),
    Kpi("member_share_of_purchases", "share", "purchases", "purchases and guest_purchases",
        lambda m: _share(m.told("purchases"), m.told("purchases") + m.told("guest_purchases"))),
    Kpi("member_share_of_revenue", "share", "spend_minor", "spend_minor and guest_spend_minor",
        lambda m: _share(m.told("spend_minor"), m.told("spend_minor") + m.told("guest_spend_minor"))),
    Kpi("member_share_of_customers", "share", "buyers",
        "buyers and guest_purchases: nobody knows which guests are the same person, so each counts as one",
        lambda m: _share(m.many("buyers"), m.many("buyers") + m.told("guest_purchases"))),
    Kpi("basket_minor", "minor", "spend_minor", "purchases", lambda m: _share(m.told("spend_minor"), m.told("purchases"))),
    Kpi("guest_basket_minor", "minor", "guest_spend_minor", "guest_purchases",
        lambda m: _share(m.told("guest_spend_minor"), m.told("guest_purchases"))),
    Kpi("frequency", "number", "purchases of the month that were kept", "buyers",
        lambda m: _share(m.many("purchases_month"), m.many("buyers"))),
    Kpi("points_issued", "units", "points given for purchases and activities of the month's days, as corrected since", "",
        lambda m: m.net("issued")),
    Kpi("points_clawed_back", "units", "points that returns took back, less those that corrections gave again", "",
        lambda m: m.net("clawed_back")),
    Kpi("points_used", "units", "points taken for rewards and payments, less those given back", "",
        lambda m: m.net("redeemed")),
    Kpi("points_expired", "units", "points that lapsed, as far as it was booked", "", lambda m: m.net("expired")),
    Kpi("redemption_rate", "share", "points_used", "points_issued", lambda m: _share(m.net("redeemed"), m.net("issued"))),
    Kpi("coupons_given", "number", "coupons that automations and campaigns gave", "", lambda m: m.told("coupons")),
    Kpi("offers_used", "number", "times an offer was taken in a purchase, of guests too", "",
        lambda m: m.told("offers") + m.told("guest_offers")),
    Kpi("offers_minor", "minor", "what these took off", "", lambda m: m.told("offers_minor") + m.told("guest_offers_minor")),
    Kpi("top_fifth_of_revenue", "share", f"what the fifth of members brought who brought most {_YEAR}, returns taken off",
        f"what all brought who bought {_YEAR}", lambda m: m.revenue.top_share),
    Kpi("gini_of_revenue", "share", "how unequal that is: 0, each the same; 1, one brings all", "",
        lambda m: m.revenue.gini),
    Kpi("top_fifth_of_margin", "share", "the same of margin: after tax and the cost of the goods",
        "the margin of all; no data where the cost of some goods is not known",
        lambda m: m.margin.top_share if m.margin is not None else None),
    Kpi("gini_of_margin", "share", "how unequal the margin is; no data as above", "",
        lambda m: m.margin.gini if m.margin is not None else None),
    Kpi("rhythm_days", "number", "days between two days of a member's purchases, ever: the median of all such pairs", "",
        _median_gap),
)  # fmt: skip


LATE = (
    "Under `late` is what was told since of months that are closed, under its own date: it is in no figure above, and no closed "
    "month changes."
)
_COHORT = (
    "members by the month of their first purchase; month_k: those who bought in the k-th month after it, month_0 being that "
    "month itself; a purchase that came back whole is none"
)
_RFM = (
    f"members who bought {_YEAR}, by recency score and frequency score, with their spend after returns and the mean of their "
    "money scores. A score is 1 + the whole part of 5 times the share of these members who stand strictly lower (bought last "
    "longer ago; bought less often; spent less): members who are alike have the same score"
)
_SEGMENTS = "the same members under the names that are usual, by scores of recency and frequency: " + "; ".join(
    f"{one.name} {one.recency.start}-{one.recency.stop - 1} and {one.frequency.start}-{one.frequency.stop - 1}"
    for one in rfm.SEGMENTS
)
_SAID_LATE = (
    "what is known of a day of a closed month beyond what was closed, and beyond what was late in a month since"
)
# The tables below the figures: what each is called, what it counts, and of what its shares are.
TABLES: tuple[tuple[str, str, str], ...] = (
    ("cohorts_by_first_purchase", _COHORT, "members of the cohort"),
    ("cohorts_by_joining", "the same by the month of joining, with those who never bought", "members of the cohort"),
    ("rfm_12m", _RFM, ""),
    ("rfm_12m_bounds", "from which value to which each score goes", ""),
    ("rfm_12m_segments", _SEGMENTS, "members who bought in these days; what they spent"),
    ("rfm_ever …", "the three tables again, of all purchases ever", ""),
    ("late", _SAID_LATE, ""),
    ("days", "what each day adds to the sums of the month", ""),
)


def report_of_month(month: Month) -> Report:
    figures = tuple((kpi.name, kpi.unit, kpi.value(month)) for kpi in KPIS)
    columns = (Column("figure", "text"), Column("unit", "text"), Column("value", "by_row", month.decimals))
    last = month.last.toordinal()
    sections = (
        Section("figures", columns, figures),
        *cohort_sections(month.census.sums, month.last),
        *(one for name in SINCE for one in rfm.rfm_sections(month.census.scored[name], last, f"rfm_{name}")),
        late_section(month.late),
        days_section(month.days),
    )
    notes = (*((LATE,) if month.late else ()), *said_uncounted(month.census.owed))
    return Report("kpi", month.currency, month.first, month.last, sections, notes)
