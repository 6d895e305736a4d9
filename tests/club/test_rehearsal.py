"""A year in memory: what would be granted and sent, by the law of the real gate, and nothing of it leaves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from club.automations import of_messages
from club.rehearsal import Copy, End, Rehearsal
from shared.store.backend import KEYS, Put
from shared.store.keys import is_account_id
from shared.store.rows import account_of, account_row
from tests.laws.post_office import ALL, PostOffice


def daily(number: int, worth_minor: int) -> str:
    """What would be written to everybody every day."""
    message = f'message = {{ template = "welcome", worth_minor = {worth_minor}, days = 2 }}'
    head = f'[[automation]]\nid = "daily-{number}"\non = "state"\nwhen = "true"\nevery_days = 1'
    return f"{head}\n{message}\n{ALL}"


BIRTHDAY = (
    '[[automation]]\nid = "birthday"\non = "birthday"\npoints = 50\nvalid_days = 30\n'
    f'message = {{ template = "birthday", worth_minor = 900, days = 5 }}\n{ALL}'
)
ZONE = ZoneInfo("America/New_York")


def copy_of(office: PostOffice) -> Copy:
    copy = Copy()
    for table in KEYS:
        for row in office.memory.scanned(table):
            copy.write([Put(table, row)])
    return copy


def lived(text: str, days: int = 40, first: date = date(2027, 3, 1), contact: str = "") -> tuple[Rehearsal, list[str]]:
    office = PostOffice(text, contact=contact)
    members = [office.join(), office.join("profiling"), office.join(email=None, card="C-9")]
    born = account_of(office.memory.get("accounts", {"a": members[0]}))._replace(birthday=("gregorian", 3, 12))  # type: ignore[arg-type]
    office.memory.write([Put("accounts", account_row(born))])
    before = list(office.memory.scanned("ledger"))
    book = office.shop.club.laws.at(office.now)
    rehearsal = Rehearsal(copy_of(office), book, office.shop.club.peppers, first)
    for number in range(days):
        rehearsal.day(first + timedelta(days=number))
    assert list(office.memory.scanned("ledger")) == before
    return rehearsal, members


def test_a_birthday_letter_goes_on_its_day_and_who_did_not_agree_gets_none() -> None:
    rehearsal, members = lived(BIRTHDAY)
    assert rehearsal.ends == {End("birthday", "SENT", "allowed", "email"): 1}
    assert list(rehearsal.contacted) == [members[0]]
    assert rehearsal.contacted[members[0]][0].astimezone(ZONE).date() == date(2027, 3, 12)


def test_what_waits_after_weeks_without_a_letter_goes_when_its_wait_is_over() -> None:
    rehearsal, _ = lived(BIRTHDAY, first=date(2027, 2, 1), days=50, contact='closed = ["2027-03-12"]\n')
    ((at,),) = rehearsal.contacted.values()
    assert at.astimezone(ZONE) == datetime(2027, 3, 13, 9, tzinfo=ZONE)


def test_the_caps_hold_all_year_and_the_birthday_outranks_what_is_worth_less() -> None:
    rehearsal, members = lived(daily(1, 5) + daily(2, 50) + BIRTHDAY)
    times = rehearsal.contacted[members[0]]
    assert all(later - earlier >= timedelta(days=1) for earlier, later in pairwise(times))
    assert max(sum(at - timedelta(days=7) < one <= at for one in times) for at in times) == 3
    assert rehearsal.ends[End("birthday", "SENT", "allowed", "email")] == 1
    assert (
        rehearsal.ends[End("daily-2", "SENT", "allowed", "email")]
        > rehearsal.ends[End("daily-1", "SENT", "allowed", "email")]
    )
    assert rehearsal.ends[End("daily-1", "REFUSED", "no_consent")] == 40
    assert rehearsal.ends[End("daily-1", "REFUSED", "no_address")] == 40


def test_nobody_is_written_to_in_quiet_hours() -> None:
    rehearsal, members = lived(daily(1, 5))
    hours = {at.astimezone(ZONE).hour for at in rehearsal.contacted[members[0]]}
    assert hours <= set(range(9, 21))
    assert all(is_account_id("live", member) for member in rehearsal.contacted)


def test_a_years_messages_are_shown_as_a_table_the_sent_ones_first() -> None:
    rehearsal, _ = lived(daily(1, 5), days=9)
    shown = of_messages(rehearsal.ends)
    assert next(str(cell) for cell in shown.columns[1].cells) == "sent"
    assert shown.row_count == len(rehearsal.ends)
