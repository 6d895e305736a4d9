"""A case's purchase as our door takes it: lines and sums as a till reports them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from club.conform.cases import Untranslatable
from club.conform.earning import MATCHING
from club.conform.facts import GIVEN_POINTS, QUALIFIES, codes_of
from club.conform.words import Table, channel_of, exponent_of, label_of, minor, number, whole
from shared.domain.money import ratio, rounded

# What one plain sum of a purchase may be called, and what a line's price may be: of the whole line, of one unit.
_TOTALS = ("amount_minor", "gross_minor", "untaxed_minor", "items_total_minor", "order_total_minor")
_WHOLE = ("gross_minor", "line_total_minor")
_EACH = ("unit_minor", "unit_net_minor", "untaxed_minor")
_NET = ("unit_net_minor", "untaxed_minor")
PRICES = (*_TOTALS, "tax_minor", "item_tax_minor", "order_tax_minor", "unit_minor", "unit_price", "unit_prices", "qty",
          "lines")  # fmt: skip
FACTS = ("channel", "codes", "discount_minor", "other_discounts_minor", "shipping_minor", "units", "matching_units",
         "percent_off", "qualifies_for_base", *GIVEN_POINTS)  # fmt: skip
# Lines of these are no goods.
KINDS = {"WALLET_TOPUP": "top_up", "GIFT_CARD": "gift_card"}
_LINE = ("sku", "id", "product", "category", "labels", "is_delivery", "qty", "unit", *_WHOLE, *_EACH)


def body(event: Table, programme: Mapping[str, Any]) -> Table:
    """The purchase without who, when and where."""
    exponent = exponent_of(programme)
    lines = _lines(event, exponent)
    goods = sum(line["amount_minor"] for line in lines)
    discount = sum(minor(event.get(key, 0), exponent) for key in ("discount_minor", "other_discounts_minor"))
    if "percent_off" in event:
        percent, per = ratio(number(event["percent_off"]))
        discount += rounded((goods - discount) * percent, 100 * per, "half_up")
    shipping = minor(event.get("shipping_minor", 0), exponent)
    if "order_total_minor" in event and "items_total_minor" in event:
        rest = minor(event["order_total_minor"], exponent) - goods
        shipping, discount = max(0, rest), max(0, -rest)
    included = not _is_net(event, programme)
    told = _taxes(event, programme, goods - discount + shipping, included)
    tax = told["tax_minor"]
    if "item_tax_minor" in event:
        lines[0]["tax_minor"] = minor(event["item_tax_minor"], exponent)
        told["shipping_tax_minor"] = tax - lines[0]["tax_minor"]
    return told | {
        "lines": lines,
        "codes": _codes(event),
        **({"channel": channel_of(event["channel"])} if "channel" in event else {}),
        "discount_minor": discount,
        "shipping_minor": shipping,
        "prices_include_tax": included and tax > 0,
        "total_minor": goods - discount + shipping + (0 if included else tax),
    }


def _is_net(event: Table, programme: Mapping[str, Any]) -> bool:
    """Whether the prices are without tax."""
    lines = event.get("lines", ())
    named = "untaxed_minor" in event or any(key in line for line in lines for key in _NET)
    return named or programme.get("prices") == "excl_tax"


def _taxes(event: Table, programme: Mapping[str, Any], paid: int, included: bool) -> Table:
    """The tax as the case names it, or as its rate gives it on what is paid."""
    named = next((event[key] for key in ("order_tax_minor", "item_tax_minor", "tax_minor") if key in event), None)
    if named is not None:
        return {"tax_minor": minor(named, exponent_of(programme))}
    percent, per = ratio(number(programme.get("tax_percent", "0")))
    return {"tax_minor": rounded(paid * percent, 100 * per + (percent if included else 0), "half_up")}


def _codes(event: Table) -> list[str]:
    codes = [*(str(code) for code in event.get("codes", ())), *codes_of(event)]
    return [*codes, QUALIFIES] if event.get("qualifies_for_base") else codes


def _lines(event: Table, exponent: int) -> list[Table]:
    if "lines" in event:
        return [_line(line, place, exponent) for place, line in enumerate(event["lines"])]
    if "unit_prices" in event:
        prices = enumerate(event["unit_prices"])
        return [{"sku": f"line-{place}", "amount_minor": _major(price, 1, exponent)} for place, price in prices]
    return [_plain(event, exponent)]


def _plain(event: Table, exponent: int) -> Table:
    """A purchase of one sum, as a purchase of one line."""
    quantity = int(event.get("qty", 1))
    line: Table = {"sku": "goods", "quantity": quantity}
    if "unit_minor" in event:
        line["amount_minor"] = minor(event["unit_minor"], exponent) * quantity
    elif "unit_price" in event:
        line["amount_minor"] = _major(event["unit_price"], quantity, exponent)
    else:
        line["amount_minor"] = next((minor(event[key], exponent) for key in _TOTALS if key in event), 0)
    if matching := int(event.get("matching_units", 0)):
        line |= {"quantity": matching, "labels": {MATCHING: "yes"}}
    if "units" in event:
        line["quantity"] = int(event["units"])
    return line


def _line(line: Table, place: int, exponent: int) -> Table:
    for key in line:
        if key not in _LINE:
            raise Untranslatable(f"a line has no {key!r} here yet")
    quantity = int(line.get("qty", 1))
    of_all = next((minor(line[key], exponent) for key in _WHOLE if key in line), None)
    if of_all is None:
        of_all = _of_units(line, quantity, exponent)
    return {
        "sku": str(line.get("sku", line.get("id", line.get("product", f"line-{place}")))),
        "category": line.get("category"),
        "labels": {label_of(name): str(value) for name, value in dict(line.get("labels", {})).items()},
        "kind": "shipping" if line.get("is_delivery") else KINDS.get(str(line.get("sku")), "goods"),
        "quantity": quantity,
        "amount_minor": of_all,
    }


def _of_units(line: Table, quantity: int, exponent: int) -> int:
    each = next((minor(line[key], exponent) for key in _EACH if key in line), None)
    if each is not None:
        return each * quantity
    return _major(line["unit"], quantity, exponent) if "unit" in line else 0


def _major(price: object, quantity: int, exponent: int) -> int:
    """What so many units cost whose price is told in major units."""
    return whole(Decimal(str(price)).scaleb(exponent) * quantity)
