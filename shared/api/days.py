"""Which days or month a report is asked for: `from` and `until`, or `month`, of the query; civil days of the club's zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from shared.domain.errors import Invalid

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def days_asked(query: Mapping[str, str], today: date, days_default: int, days_max: int) -> tuple[date, date]:
    """The first and the last day, both included; the last few days until today where nothing else is said. Raises Invalid."""
    last = _day(query, "until") or today
    first = _day(query, "from") or _before(last, days_default)
    if first > last:
        raise Invalid("from", "is after until")
    if (last - first).days >= days_max:
        raise Invalid("from", f"is more than {days_max} days before until")
    return first, last


def month_asked(query: Mapping[str, str], today: date) -> str:
    """A civil month as `2026-10`; the one before today's where nothing else is said. Raises Invalid."""
    told = query.get("month")
    if told is None:
        return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    if not _MONTH.fullmatch(told):
        raise Invalid("month", "must be a month of this century as YYYY-MM")
    return told


def days_of_month(month: str) -> dict[str, str]:
    """The first and the last day of a month, as a query names them."""
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return {"from": first.isoformat(), "until": last.isoformat()}


def _before(last: date, days: int) -> date:
    try:
        return last - timedelta(days=days - 1)
    except OverflowError:
        raise Invalid("until", "is before there were clubs") from None


def _day(query: Mapping[str, str], name: str) -> date | None:
    told = query.get(name)
    if told is None:
        return None
    try:
        # `fromisoformat` takes more ways of writing a day than one.
        return date.fromisoformat(told if _DAY.fullmatch(told) else "")
    except ValueError:
        raise Invalid(name, "must be a day as YYYY-MM-DD") from None
