"""What a till may report as a purchase, and what is refused before anything is decided."""

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.purchase import LINES_MAX, QUANTITY_MAX, Purchase
from tests.domain import shop
from tests.domain.shop import line

GOOD = {
    "store": "main",
    "purchase_id": "A-1001",
    "occurred_at": "2026-11-22T10:00:00+02:00",
    "currency": "USD",
    "channel": "web",
    "lines": [{"sku": "CD-1", "category": "music", "quantity": 2, "amount_minor": 2990, "discount_minor": 90}],
    "discount_minor": 400,
    "shipping_minor": 300,
    "tax_minor": 50,
    "total_minor": 2850,
}


def read(**changes):
    return Purchase.model_validate({**copy.deepcopy(GOOD), **changes})


def read_line(**changes):
    """A purchase of one line, with as much of a total as the line's price."""
    one = {"sku": "CD-1", "amount_minor": 100} | changes
    price = one["amount_minor"] if isinstance(one["amount_minor"], int) else 100
    return read(lines=[one], discount_minor=0, shipping_minor=0, tax_minor=0, total_minor=price)


def faults(reading, **changes):
    with pytest.raises(ValidationError) as refusal:
        reading(**changes)
    return [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in refusal.value.errors()]


def refused(reading, **changes):
    return faults(reading, **changes)[0][0]


def test_a_purchase_is_read_as_the_till_reported_it():
    bought = read()
    assert bought.occurred_at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert (bought.lines_minor, bought.items_minor, bought.total_minor, bought.units) == (2900, 2500, 2850, 2)
    assert bought.lines[0].category == "music"


def test_category_quantity_discounts_channel_and_member_may_be_left_out():
    bought = shop.purchase(1000)
    assert (bought.channel, bought.member_id, bought.card, bought.phone, bought.email) == (None,) * 5
    assert (bought.lines[0].category, bought.lines[0].quantity, bought.lines[0].discount_minor) == (None, 1, 0)


@pytest.mark.parametrize("amount", [-1, 10.5, 10.0, "100", True, None, 10**12 + 1, [], {}])
@pytest.mark.parametrize("field", ["discount_minor", "shipping_minor", "tax_minor", "total_minor"])
def test_an_amount_that_is_no_whole_number_of_cents_is_refused(field, amount):
    assert refused(read, **{field: amount}) == field


@pytest.mark.parametrize("amount", [-1, 10.5, 10.0, "100", True, None, 10**12 + 1])
@pytest.mark.parametrize("field", ["amount_minor", "discount_minor"])
def test_a_price_that_is_no_whole_number_of_cents_is_refused(field, amount):
    assert refused(read_line, **{field: amount}) == f"lines.0.{field}"


def test_an_amount_may_be_nothing_and_may_be_as_large_as_the_largest():
    assert read_line(amount_minor=0).total_minor == 0
    assert read_line(amount_minor=10**12).total_minor == 10**12


@pytest.mark.parametrize("currency", ["usd", "US", "USDD", "", "U$D", "USD\n", None, 5, "ＵＳＤ"])
def test_a_currency_is_three_capital_letters(currency):
    assert refused(read, currency=currency) == "currency"


@pytest.mark.parametrize(
    "purchase_id",
    ["", " ", "A 1", " A1", "A1 ", "A" * 65, "A\x00", "A\n1", "\u202eA1", "A\u200b1", "A\ufeff", "A#1", "A|1", "../admin",
     "A/1", "🎁", "A\ud800", "-1", "\u0301A", "A\u00ad1", None, 5, True, []],
)  # fmt: skip
def test_an_id_that_hides_or_breaks_something_is_refused(purchase_id):
    assert refused(read, purchase_id=purchase_id) == "purchase_id"


@pytest.mark.parametrize("purchase_id", ["A" * 64, "1", "A-1_b.c:d", "הזמנה-7", "خرید-۷", "é", "12345678901234567890"])
def test_an_id_of_letters_and_digits_of_any_script_is_kept(purchase_id):
    assert read(purchase_id=purchase_id).purchase_id == purchase_id


def test_an_id_in_two_unicode_forms_is_one_purchase():
    assert read(purchase_id="Cafe\u0301-1").purchase_id == read(purchase_id="Caf\u00e9-1").purchase_id


def test_case_makes_another_id():
    assert read(purchase_id="a-1").purchase_id != read(purchase_id="A-1").purchase_id


@pytest.mark.parametrize(
    "store", ["", "Main", "main ", "main\n", "ma in", "m" * 33, "-main", "מסעדה", "ma#in", None, 1]
)
def test_a_store_is_a_short_plain_word(store):
    assert refused(read, store=store) == "store"


@pytest.mark.parametrize("channel", ["", "Web", "w" * 17, "we b", "web\n", 1])
def test_a_channel_is_a_short_plain_word(channel):
    assert refused(read, channel=channel) == "channel"


@pytest.mark.parametrize(
    "occurred_at",
    ["2026-11-22T10:00:00", "2026-11-22", "22/11/2026 10:00:00+02:00", "2026-11-22T10:00:00+25:00", "", "now", None,
     1795334400, "1900-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
     "2026-11-22T10:61:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-22T10:00:00Z" + " " * 40],
)  # fmt: skip
def test_a_time_without_its_offset_or_out_of_this_world_is_refused(occurred_at):
    assert refused(read, occurred_at=occurred_at) == "occurred_at"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00:00+02:00", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        ("2026-11-21T23:30:00-05:00", datetime(2026, 11, 22, 4, 30, tzinfo=UTC)),
        ("2026-11-22T10:00:00.123456Z", datetime(2026, 11, 22, 10, 0, 0, 123000, tzinfo=UTC)),
        ("2026-11-22T10:00:00.0009Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("1990-01-01T00:00:00Z", datetime(1990, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_an_instant_cut_to_milliseconds(text, instant):
    assert read(occurred_at=text).occurred_at == instant


def test_a_purchase_has_at_least_one_line_and_at_most_a_thousand():
    one = {"sku": "CD-1", "amount_minor": 1}
    assert refused(read, lines=[]) == "lines"
    assert refused(read, lines=[one] * (LINES_MAX + 1)) == "lines"
    whole = read(lines=[one] * LINES_MAX, discount_minor=0, shipping_minor=0, tax_minor=0, total_minor=LINES_MAX)
    assert len(whole.lines) == LINES_MAX == 1000


@pytest.mark.parametrize("lines", [None, {}, "CD-1", [5], [None], [["CD-1"]], 5])
def test_lines_that_are_no_list_of_lines_are_refused(lines):
    assert refused(read, lines=lines).startswith("lines")


@pytest.mark.parametrize("quantity", [0, -1, 89_638, QUANTITY_MAX + 1, 1.5, "2", True, None])
def test_a_quantity_is_a_whole_number_of_units_a_person_would_buy(quantity):
    assert refused(read_line, quantity=quantity) == "lines.0.quantity"


def test_the_largest_quantity_is_taken():
    assert read_line(quantity=QUANTITY_MAX).units == QUANTITY_MAX


@pytest.mark.parametrize("field", ["sku", "category"])
@pytest.mark.parametrize("text", ["", "  ", "x" * 65, "a\x00b", "a\nb", "a\u202eb", "a\u200bb", 5, True])
def test_a_product_and_a_category_are_visible_text(field, text):
    assert refused(read_line, **{field: text}) == f"lines.0.{field}"


def test_a_category_in_two_unicode_forms_or_with_stray_spaces_is_one_category():
    assert read_line(category=" Cafe\u0301  bar ").lines[0].category == "Caf\u00e9 bar"


def test_a_discount_above_the_price_is_refused():
    assert refused(read_line, discount_minor=101) == "lines.0"
    assert faults(read_line, discount_minor=101)[0][1].endswith("discount_minor is above amount_minor")


def test_a_discount_above_what_the_lines_cost_is_refused():
    assert "above what the lines cost" in faults(read, discount_minor=2901, total_minor=0)[0][1]


@pytest.mark.parametrize("total", [2849, 2851, 0])
def test_a_total_that_is_not_the_sum_is_refused_and_the_sum_is_named(total):
    ((_, said),) = faults(read, total_minor=total)
    assert "2850" in said


@pytest.mark.parametrize(
    "names",
    [
        {"member_id": "M1", "card": "1"},
        {"card": "1", "phone": "+12025550100"},
        {"email": "a@b.co", "phone": "+12025550100"},
    ],
)
def test_a_member_is_named_once(names):
    assert "not by several" in faults(read, **names)[0][1]


@pytest.mark.parametrize("field", ["member_id", "card", "phone", "email"])
@pytest.mark.parametrize("name", ["", "x" * 255, 5, True])
def test_a_name_of_a_member_is_a_text_of_some_length(field, name):
    assert refused(read, **{field: name}) == field


@pytest.mark.parametrize("field", ["points", "earned", "tier", "balance", "__proto__", "Total_minor"])
def test_a_field_that_nobody_asked_for_is_refused(field):
    assert refused(read, **{field: 5}) == field


def test_a_line_holds_nothing_that_nobody_asked_for():
    assert refused(read_line, points=5) == "lines.0.points"


@pytest.mark.parametrize("field", ["store", "purchase_id", "occurred_at", "currency", "lines", "total_minor"])
def test_what_makes_a_purchase_may_not_be_missing(field):
    body = copy.deepcopy(GOOD)
    del body[field]
    with pytest.raises(ValidationError) as refusal:
        Purchase.model_validate(body)
    assert [(fault["loc"], fault["type"]) for fault in refusal.value.errors()] == [((field,), "missing")]


def test_an_order_discount_is_shared_by_the_lines_in_proportion():
    bought = shop.purchase(line(1000), line(3000), discount_minor=400)
    assert bought.net_by_line() == [900, 2700]


def test_a_line_s_own_discount_comes_before_its_share_of_the_order_s():
    bought = shop.purchase(line(1000, discount_minor=500), line(500), discount_minor=100)
    assert bought.net_by_line() == [450, 450]


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20), st.data())
def test_an_order_discount_is_shared_exactly(prices, data):
    discount = data.draw(st.integers(0, sum(prices)))
    bought = shop.purchase(*prices, discount_minor=discount)
    assert sum(bought.net_by_line()) == bought.items_minor == sum(prices) - discount


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20), st.data())
def test_no_line_is_ever_given_for_less_than_nothing(prices, data):
    """Also when the discount is all but the whole price."""
    off = data.draw(st.integers(0, min(5, sum(prices))))
    bought = shop.purchase(*prices, discount_minor=sum(prices) - off)
    assert all(0 <= net <= price for net, price in zip(bought.net_by_line(), prices, strict=True))


def test_more_text_than_a_row_can_hold_is_refused_with_the_limit():
    many = [{"sku": f"{number:04d}" + "א" * 60, "amount_minor": 0} for number in range(600)]
    nothing = dict.fromkeys(("discount_minor", "shipping_minor", "tax_minor", "total_minor"), 0)
    assert "60,000 bytes" in faults(read, lines=many, **nothing)[0][1]
    assert read(lines=many[:480], **nothing).total_minor == 0
