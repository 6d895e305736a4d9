"""What the API answers: postings and accounts as JSON. An answer and its replay come from the same row and the same words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from shared.domain.account import Account, Lot
from shared.domain.earning import Earned, Fired, NotFired, kind
from shared.domain.explanation import is_tier, reasons_of
from shared.domain.ledger import Row
from shared.domain.money import exact_text
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tiers import next_tier, tier_on

Json = dict[str, Any]


def purchase_answer(row: Row, store: str, purchase_id: str, book: Rulebook, *, quote: bool = False) -> Json:
    """A purchase with its points, the account after it, and every reason. `book` is the version that the row names."""
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    totals = [*json.loads(str(row["s"])), 0, 0, 0]
    answer: Json = {
        "purchase": {
            "store": store,
            "purchase_id": purchase_id,
            "member_id": row.get("a"),
            "occurred_at": instant_text(row["o"]),
            "channel": row.get("ch"),
            "currency": book.programme.club.currency,
            "lines": [_line(*line) for line in json.loads(str(row["l"]))],
            "discount_minor": totals[1],
            "shipping_minor": totals[2],
            "tax_minor": totals[3],
            "total_minor": totals[0],
        }
    }
    if "a" not in row:
        return answer | {
            "points": {"earned": 0, "usable_from": None, "expires_on": None},
            "account": None,
            "explanation": _explanation(speaker, book, [], [speaker.guest()]),
        }
    points, posted = json.loads(str(row["d"]))
    available, pending, tier = json.loads(str(row["b"]))
    usable_on, expires_on = json.loads(str(row["u"])) if "u" in row else (None, None)
    earned = _earned(row, book)
    said = speaker.total(earned)
    if usable_on is not None:
        said.append(
            speaker.usable(date.fromisoformat(usable_on), date.fromisoformat(expires_on) if expires_on else None)
        )
    answer |= {
        "points": {"earned": points, "usable_from": usable_on, "expires_on": expires_on},
        "account": {
            "balance": available + pending,
            "available": available,
            "pending": pending,
            "tier": tier or None,
        },
        "explanation": _explanation(speaker, book, list(earned.reasons), said),
    }
    if not quote:
        answer["entry"] = {"sequence": row["n"], "points": points, "balance": posted, "hash": _hex(row["h"])}
    return answer


def join_answer(row: Row) -> Json:
    return {
        "member_id": row["a"],
        "joined_at": instant_text(row["o"]),
        "entry": {"sequence": row["n"], "hash": _hex(row["h"])},
    }


def member_answer(account: Account, today: date, book: Rulebook) -> Json:
    """What the member has, may use when, and what is missing to the next tier."""
    points, expiry = account.points_on(today), account.next_expiry(today)
    tier, above = tier_on(account, today, book), next_tier(account, today, book)
    speaker = Speaker(book, account.language or book.programme.club.languages[0])
    return {
        "member_id": account.id,
        "joined_on": account.joined_on.isoformat(),
        "language": account.language or book.programme.club.languages[0],
        "points": {
            "balance": points.balance,
            "available": points.available,
            "pending": points.pending,
            "pending_lots": [
                {"points": lot.points, "usable_from": lot.usable_on.isoformat()} for lot in account.pending_on(today)
            ],
            "next_expiry": _lot(expiry) if expiry else None,
            "posted": points.posted,
            "lapsed": points.lapsed,
            "value_minor": points.balance * book.programme.points.value_minor,
            "currency": book.programme.club.currency,
        },
        "tier": {
            "id": tier.id if tier else None,
            "name": speaker.tier_name(tier) if tier else None,
            "spend_minor": account.bought_within(today, book.programme.tiers.window_days)[1],
            "window_days": book.programme.tiers.window_days,
            "next": {"id": above[0].id, "name": speaker.tier_name(above[0]), "missing_minor": above[1]}
            if above
            else None,
        },
        "purchases": account.purchases,
        "spend_minor": account.spend_minor,
        "last_purchase_on": day.isoformat() if (day := account.last_purchase_on(today)) else None,
    }


def statement_answer(
    account: Account, rows: list[Row], lapsed: tuple[Lot, ...], cursor: str | None, book_of: Callable[[int], Rulebook],
    names: Callable[[Row], tuple[str, str]],
) -> Json:  # fmt: skip
    """Entries, newest first. `lapsed` are points past their last day whose entry is not booked yet: with them the sum of all
    entries is the balance."""
    return {
        "member_id": account.id,
        "entries": [_entry(row, book_of(int(row["v"])), account.language, names) for row in rows],
        "lapsed": [_lot(lot) for lot in lapsed],
        "next_cursor": cursor,
    }


def rules_answer(book: Rulebook, language: str) -> Json:
    """The club's rules for people, as sentences in one language."""
    speaker = Speaker(book, language)
    return {
        "language": language,
        "direction": "rtl" if speaker.right_to_left else "ltr",
        "programme_version": book.version,
        "heading": speaker.heading(),
        "earning": [{"rule": rule.earn.id, "sentence": speaker.rule(rule)} for rule in book.rules],
        "tiers": [{"tier": tier.id, "sentence": speaker.tier(tier)} for tier in book.programme.tier],
        "points": speaker.points_rules(),
    }


def _entry(row: Row, book: Rulebook, language: str, names: Callable[[Row], tuple[str, str]]) -> Json:
    speaker = Speaker(book, str(row.get("la", language or book.programme.club.languages[0])))
    points, posted = json.loads(str(row["d"]))
    entry: Json = {
        "sequence": row["n"],
        "kind": row["c"],
        "occurred_at": instant_text(row["o"]),
        "recorded_at": instant_text(row["t"]),
        "points": points,
        "balance": posted,
        "programme_version": row["v"],
    }
    if row["c"] == "join":
        return entry | {"reason": speaker.joined(), "reasons": []}
    store, purchase_id = names(row)
    earned = _earned(row, book)
    fired = [speaker.reason(reason) for reason in earned.reasons if isinstance(reason, Fired)]
    return entry | {
        "store": store,
        "purchase_id": purchase_id,
        "reason": speaker.purchase(store, purchase_id, points),
        "reasons": [*fired, *speaker.total(earned)],
    }


def _earned(row: Row, book: Rulebook) -> Earned:
    """What was earned and why, read back from a purchase's row under the version that decided it."""
    reasons = reasons_of(json.loads(str(row["e"])), book)
    exact = sum((reason.points for reason in reasons if isinstance(reason, Fired)), Fraction())
    return Earned(json.loads(str(row["d"]))[0], exact, reasons)


def _explanation(speaker: Speaker, book: Rulebook, reasons: list[Fired | NotFired], said: list[str]) -> Json:
    rounding = book.programme.points.rounding
    return {
        "language": speaker.language,
        "programme_version": book.version,
        "rounding": {"mode": rounding.mode, "per": rounding.per},
        "fired": [_fired(reason, speaker, book) for reason in reasons if isinstance(reason, Fired)],
        "not_fired": [_not_fired(reason, speaker, book) for reason in reasons if isinstance(reason, NotFired)],
        "total": said,
    }


def _fired(fired: Fired, speaker: Speaker, book: Rulebook) -> Json:
    if is_tier(fired.rule):
        tier = book.tier(fired.rule.partition(":")[2])
        assert tier is not None
        how, cap = "multiply", None
        rate: Json = {"factor": _exact(Fraction(tier.multiply))}
    else:
        rule = book.rule(fired.rule)
        how, cap = kind(rule), rule.earn.cap
        if how == "multiply":
            rate = {"factor": _exact(Fraction(*rule.number))}
        else:
            rate = {"points": _exact(Fraction(*rule.number))} | (
                {"per_minor": rule.earn.per_minor} if how == "amount" else {}
            )
    basis = {"amount": "minor", "multiply": "minor", "purchase": "purchases", "line": "lines", "unit": "units"}[how]
    return {
        "rule": fired.rule,
        "kind": how,
        f"basis_{basis}": fired.basis,
        "rate": rate,
        "points": _exact(fired.points),
        "cap": cap,
        "uncapped": _exact(fired.uncapped) if fired.uncapped is not None else None,
        "sentence": speaker.reason(fired),
    }


def _not_fired(reason: NotFired, speaker: Speaker, book: Rulebook) -> Json:
    rule = book.rule(reason.rule)
    condition: str | None = None
    if reason.why == "when":
        condition = rule.when.clauses[reason.clause].text
    elif reason.why == "lines":
        condition = rule.earn.lines
    return {
        "rule": reason.rule,
        "why": reason.why,
        "condition": condition,
        "observed": list(reason.observed),
        "sentence": speaker.reason(reason),
    }


def _line(sku: str, category: str, quantity: int, amount_minor: int, discount_minor: int = 0) -> Json:
    return {
        "sku": sku,
        "category": category or None,
        "quantity": quantity,
        "amount_minor": amount_minor,
        "discount_minor": discount_minor,
    }


def _lot(lot: Lot) -> Json:
    return {"points": lot.points, "expires_on": lot.expires_on.isoformat() if lot.expires_on else None}


def _exact(points: Fraction) -> str:
    """Points before rounding, as people write them; `…` stands after what goes on."""
    return exact_text(points.numerator, points.denominator)


def instant_text(ms: object) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, `2026-11-22T10:00:00.000Z`."""
    assert isinstance(ms, int)
    at = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _hex(digest: object) -> str:
    assert isinstance(digest, bytes)
    return digest.hex()
