"""What a programme must not say of writing to members is told with its line, before anybody relies on it."""

from __future__ import annotations

import pytest

from shared.domain.rulebook import ProgrammeFaulty, rulebook
from tests.domain.shop import BASE, CLUB

HEAD = CLUB.lstrip() + BASE.strip() + "\n[contact]\n"
MAIL = 'channels = ["email"]\nsender_email = "club@shop.example"\nsender_address = "1 Main St"\nlink_hosts = ["shop.example"]\n'


def faults(keys: str) -> list[tuple[int, str]]:
    """Line, counted from the first of `keys`, and sentence of every fault."""
    try:
        rulebook(HEAD + keys)
    except ProgrammeFaulty as faulty:
        return [(fault.line - len(HEAD.splitlines()), fault.sentence) for fault in faulty.faults]
    return []


@pytest.mark.parametrize(
    "keys",
    [
        "",
        MAIL,
        'channels = ["push"]\nday_max = 2\nquiet_hours = { from = "22:30", until = "06:00" }',
        'channels = ["sms"]\nsms_countries = ["IL"]\nprice_minor = { sms = 2.5 }\nmonth_max_minor = { sms = 500 }',
        'observes = ["sabbath", "jewish_holidays", "iranian_holidays"]\nclosed = ["hebrew 05-09", "jalali 01-13", "12-25"]',
    ],
)
def test_a_contact_table_that_fits_is_taken(keys: str) -> None:
    assert faults(keys) == []


@pytest.mark.parametrize(
    ("keys", "line", "said"),
    [
        ('channels = ["email", "email"]', 1, "an entry of channels stands twice"),
        ('channels = ["whatsapp"]', 1, "nothing sends by whatsapp yet"),
        (MAIL + 'staff_email = "nobody"', 5, "staff_email must"),
        (MAIL + 'finance_email = "nobody"', 5, "finance_email must"),
        ('finance_email = "sums@shop.example"', 1, "finance is written to by email, which is none of the channels"),
        ('channels = ["fax"]', 1, "contact.channels must be one of 'email', 'sms', 'push' or 'whatsapp'"),
        ('channels = ["email"]', 1, "sender_email is missing"),
        (MAIL.replace("sender_address", "sender"), 1, "sender_address is missing"),
        (MAIL.replace('"shop.example"]', "]"), 1, "link_hosts names no host"),
        (MAIL.replace("club@", ""), 2, "sender_email must have exactly one '@'"),
        (MAIL.replace('["shop', '["https://shop'), 4, "is not a host in lower case without a scheme"),
        ('channels = ["sms"]', 1, "sms goes to the countries of sms_countries alone, and there is none"),
        ('channels = ["sms"]\nsms_countries = ["XQ"]', 2, "'XQ' is not a country that phones can be dialled in"),
        ('channels = ["sms"]\nsms_countries = ["il"]', 2, "must be two capital letters"),
        ('channels = ["push"]\nprice_minor = { sms = 2 }', 2, "speaks of sms, which is none of the channels"),
        ('channels = ["push"]\nmonth_max_minor = { push = 2 }', 2, "price_minor does not say what it costs"),
        ('observes = ["jewish_holidays", "jewish_holidays_abroad"]', 1, "either as in Israel or as abroad"),
        ("day_max = 5\nweek_max = 2", 1, "day_max is above week_max"),
        ("day_max = 0", 1, "contact.day_max must be at least 1"),
        ('quiet_hours = { from = "09:00", until = "09:00" }', 1, "quiet_hours end where they begin"),
        ('quiet_hours = { from = "24:00" }', 1, "is not a time of day"),
        ('quiet_hours = { from = "9:00" }', 1, "is not a time of day"),
        ('closed = ["02-30"]', 1, "'02-30' is not a day of the gregorian year"),
        ('closed = ["jalali 13-01"]', 1, "is not a day of the jalali year"),
        ('locale_pack = "france"', 1, "must be one of 'plain' or 'israel'"),
    ],
)
def test_a_contradiction_is_told_in_a_sentence_where_it_stands(keys: str, line: int, said: str) -> None:
    told = faults(keys)
    assert any(at == line and said in sentence for at, sentence in told), told


def test_a_note_to_staff_needs_their_address() -> None:
    note = '[[automation]]\nid = "a"\non = "join"\nstaff_note = "Call them"\n'
    told = "automation 'a' writes to staff, and [contact] has no staff_email or does not send by email"
    assert [said for _, said in faults(MAIL + note)] == [told]
    assert faults(MAIL + 'staff_email = "team@shop.example"\n' + note) == []
