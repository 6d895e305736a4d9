"""The bill beside what was metered, service by service: the difference in money and percent, and what nobody metered at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from shared.domain.reports import Column, Report, Section, Value

# A cent either way is rounding.
CENT = Fraction(1, 100)
_CENTS = 100
NOT_METERED = "not metered"


def reconciled(
    billed: Mapping[str, Fraction],
    metered: Mapping[str, Fraction],
    first: date,
    last: date,
    *,
    is_estimated: bool = False,
) -> Report:
    """Both in US dollars by the service's name on the bill. A service that only the bill knows was not metered, and is
    named; one that only the meters know was not billed."""
    rows: list[tuple[Value, ...]] = []
    for service in sorted({*billed, *metered}, key=lambda one: (-billed.get(one, Fraction(0)), one)):
        on_bill, counted = billed.get(service), metered.get(service)
        more = on_bill - counted if on_bill is not None and counted is not None else None
        share = (
            more * Fraction(1) * Fraction(counted.denominator, counted.numerator)
            if more is not None and counted
            else None
        )
        rows.append((service, _cents(on_bill), _cents(counted), _cents(more), share, _standing(on_bill, counted)))
    whole, known = sum(billed.values(), Fraction(0)), sum(metered.values(), Fraction(0))
    apart = (whole - known) * Fraction(known.denominator, known.numerator) if known else None
    rows.append(("all", _cents(whole), _cents(known), _cents(whole - known), apart, ""))
    columns = (
        Column("service", "text"), Column("billed_minor", "minor"), Column("metered_minor", "minor"),
        Column("difference_minor", "minor"), Column("of_metered", "share"), Column("standing", "text"),
    )  # fmt: skip
    notes = tuple(_notes(billed, metered, whole, is_estimated=is_estimated))
    return Report("bill", "USD", first, last, (Section("by_service", columns, tuple(rows)),), notes)


def unmetered(report: Report) -> list[str]:
    """The services that cost something and that no meter knows, as the report names them."""
    (section,) = report.sections
    places = {column.name: place for place, column in enumerate(section.columns)}
    rows = [row for row in section.rows if row[places["standing"]] == NOT_METERED and row[places["billed_minor"]]]
    return [str(row[places["service"]]) for row in rows]


def _standing(billed: Fraction | None, metered: Fraction | None) -> str:
    if metered is None:
        return NOT_METERED
    if billed is None:
        return "not on the bill"
    return "agrees to the cent" if abs(billed - metered) <= CENT else "differs"


def _notes(
    billed: Mapping[str, Fraction], metered: Mapping[str, Fraction], whole: Fraction, *, is_estimated: bool
) -> Iterator[str]:
    missed = {service: usd for service, usd in billed.items() if service not in metered and usd}
    if missed:
        share = (
            sum(missed.values(), Fraction(0)) * 100 * Fraction(whole.denominator, whole.numerator)
            if whole
            else Fraction(0)
        )
        yield f"NOT METERED: {', '.join(missed)}. This is {share.numerator // share.denominator}% of the bill."
    if unbilled := [service for service in metered if service not in billed]:
        yield f"Metered and not on the bill: {', '.join(unbilled)}. It may be free each month, or billed without the club's tag."
    if is_estimated:
        yield "AWS says that these amounts are estimates still."


def _cents(usd: Fraction | None) -> Fraction | None:
    return usd * _CENTS if usd is not None else None
