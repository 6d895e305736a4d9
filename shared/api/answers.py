"""What the API answers: postings and accounts as JSON. An answer and its replay come from the same row and the same words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shared.domain.account import Account, Lot, Purse
from shared.domain.explanation import is_tier, reasons_of
from shared.domain.ledger import Row
from shared.domain.money import exact_text
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tables import MAIN_WALLET
from shared.domain.tier_tables import TierRules
from shared.domain.tiers import Held, held_on

Json = dict[str, Any]


def purchase_answer(row: Row, store: str, purchase_id: str, book: Rulebook, *, quote: bool = False) -> Json:
    """A purchase with its points, the account after it, and every reason. `book` is the version that the row names."""
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    totals = [*json.loads(str(row["s"])), *[0] * 7]
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
            "shipping_tax_minor": totals[4],
            "prices_include_tax": bool(totals[5]),
            "points_payment_minor": totals[6],
            "stored_value_payment_minor": totals[7],
            "codes": json.loads(str(row.get("co", "[]"))),
            "total_minor": totals[0],
        }
    }
    if "a" not in row:
        return answer | {
            "points": {
                "earned": 0,
                "decimals": book.programme.points.decimals,
                "usable_from": None,
                "expires_on": None,
            },
            "wallets": [],
            "account": None,
            "explanation": _explanation(speaker, book, [], [speaker.guest()]),
        }
    return answer | _earned_answer(row, book, speaker, quote=quote)


def event_answer(row: Row, event: Json, book: Rulebook) -> Json:
    """An activity as it was recorded, and what it earned. `event` is its store, kind and source id."""
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    told: Json = {"event": event | {"member_id": row["a"], "occurred_at": instant_text(row["o"])}}
    return told | _earned_answer(row, book, speaker, quote=False)


def _earned_answer(row: Row, book: Rulebook, speaker: Speaker, *, quote: bool) -> Json:
    """What a posting earned, by wallet, the account after it, and why."""
    points, posted = json.loads(str(row["d"]))
    available, pending, tier = json.loads(str(row["b"]))
    usable_on, expires_on = json.loads(str(row["u"])) if "u" in row else (None, None)
    earned = _earned(row, book)
    said = [speaker.not_active()] if "q" in row else speaker.total(earned)
    wallets = [
        {
            "wallet": name,
            "earned": units,
            "balance": balance,
            "decimals": book.decimals(name),
            "completed": completed,
        }
        for name, (units, balance, completed) in json.loads(str(row.get("w", "{}"))).items()
    ]
    for one in wallets:
        said += speaker.wallet(str(one["wallet"]), int(str(one["earned"])), int(str(one["completed"])))
    if usable_on is not None:
        said.append(
            speaker.usable(date.fromisoformat(usable_on), date.fromisoformat(expires_on) if expires_on else None)
        )
    held = json.loads(str(row.get("ti", "{}")))
    answer: Json = {
        "points": {
            "earned": points,
            "decimals": book.programme.points.decimals,
            "usable_from": usable_on,
            "expires_on": expires_on,
        },
        "wallets": wallets,
        "account": {
            "balance": available + pending,
            "available": available,
            "pending": pending,
            "tier": tier or None,
        },
        "explanation": _explanation(speaker, book, list(earned.reasons), said) | {"tier": held.get("") or None},
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
    held = held_on(account, today, book)
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
            "decimals": book.programme.points.decimals,
            "value_minor": points.balance * book.programme.points.value_minor // 10**book.programme.points.decimals,
            "currency": book.programme.club.currency,
        },
        "wallets": [
            {
                "wallet": wallet.id,
                "name": speaker.wallet_name(wallet.id),
                "balance": (purse := account.purses.get(wallet.id, Purse())).posted,
                "decimals": wallet.decimals,
                "goal": int(wallet.goal * 10**wallet.decimals) if wallet.goal is not None else None,
                "completed": purse.completed,
            }
            for wallet in book.programme.wallet
        ],
        "tier": next((_held(one, speaker, book) for one in held if not one.set), None),
        "tier_sets": [_held(one, speaker, book) for one in held if one.set],
        "status": account.status or "active",
        "purchases": account.purchases,
        "spend_minor": account.spend_minor,
        "last_purchase_on": day.isoformat() if (day := account.last_purchase_on(today)) else None,
    }


def _held(held: Held, speaker: Speaker, book: Rulebook) -> Json:
    """A tier as it is, what counts towards the next one, and what becomes of it if nothing more is bought."""
    rules = book.tier_sets[held.set]
    tier = held.tier
    return {
        "set": held.set or None,
        "id": tier.id if tier else None,
        "name": speaker.tier_name(tier) if tier else None,
        "since": held.since.isoformat() if held.since else None,
        "until": held.until.isoformat() if held.until else None,
        "kept_until": held.kept_until.isoformat() if held.kept_until else None,
        "then": held.after.id if held.after else None,
        "benefits": speaker.benefits(tier) if tier else [],
        "basis": rules.basis,
        "window": rules.window,
        "unit": {"spend": "minor", "purchases": "purchases"}.get(rules.basis, "points"),
        "value": _whole(held.value, rules, book),
        "next": {"id": held.next.id, "name": speaker.tier_name(held.next), "missing": _whole(held.missing, rules, book)}
        if held.next
        else None,
    }


def _whole(value: Decimal, rules: TierRules, book: Rulebook) -> int:
    """What counts towards tiers as a whole number: minor units, purchases, or the smallest units of a point."""
    return int(value.scaleb(book.programme.points.decimals) if rules.basis in ("points", "balance") else value)


def statement_answer(
    account: Account, rows: list[Row], lapsed: tuple[Lot, ...], cursor: str | None, book_of: Callable[[int], Rulebook],
    names: Callable[[Row], tuple[str, ...]],
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
        "earning": [
            *({"rule": rule.earn.id, "sentence": speaker.rule(rule)} for rule in book.rules + book.event_rules),
            *({"rule": one.id, "sentence": speaker.achievement(one, when)} for one, when in book.achievements),
        ],
        "tiers": [{"tier": tier.id, "sentence": speaker.tier(tier)} for tier in book.programme.tier],
        "points": speaker.points_rules(),
    }


def _entry(row: Row, book: Rulebook, language: str, names: Callable[[Row], tuple[str, ...]]) -> Json:
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
    earned = _earned(row, book)
    fired = [speaker.reason(reason) for reason in earned.reasons if isinstance(reason, Fired)]
    told = [*fired, *([speaker.not_active()] if "q" in row else speaker.total(earned))]
    if row["c"] == "event":
        store, kind, source_id = names(row)
        reason = speaker.event(store, kind, source_id, points)
        return entry | {"store": store, "event": kind, "source_id": source_id, "reason": reason, "reasons": told}
    store, purchase_id = names(row)
    return entry | {
        "store": store,
        "purchase_id": purchase_id,
        "reason": speaker.purchase(store, purchase_id, points),
        "reasons": told,
    }


def _earned(row: Row, book: Rulebook) -> Earned:
    """What was earned and why, read back from a purchase's row under the version that decided it."""
    reasons = reasons_of(json.loads(str(row["e"])), book, str(row["ev"]) if "ev" in row else None)
    exact = sum((one.points for one in reasons if isinstance(one, Fired) and _is_points(one, book)), Fraction())
    return Earned(json.loads(str(row["d"]))[0], exact, reasons)


def _is_points(fired: Fired, book: Rulebook) -> bool:
    """Whether a reason is about the points, and not about another wallet."""
    if is_tier(fired.rule):
        return True
    kind, _, known = fired.rule.rpartition(":")
    if kind == "achievement":
        return next(one.wallet for one, _ in book.achievements if one.id == known) == MAIN_WALLET
    return book.rule(known).earn.wallet == MAIN_WALLET


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


# What the basis of each kind of rule counts.
_BASIS = {"amount": "minor", "multiply": "minor", "purchase": "purchases", "event": "events", "line": "lines", "unit": "units",
          "product": "products", "formula": "values", "cap": "points", "achievement": "achievements"}  # fmt: skip


def _fired(fired: Fired, speaker: Speaker, book: Rulebook) -> Json:
    kind, _, known = fired.rule.rpartition(":")
    wallet, cap, how = MAIN_WALLET, None, kind
    rate: Json = {}
    if kind == "tier":
        tier = book.tier(known)
        assert tier is not None
        how, rate = "multiply", {"factor": _exact(Fraction(tier.multiply))}
    elif kind == "achievement":
        wallet = next(one.wallet for one, _ in book.achievements if one.id == known)
    else:
        rule = book.rule(known)
        wallet, cap = rule.earn.wallet, rule.earn.cap
        how = kind or rule.kind
        if rule.kind == "multiply":
            rate = {"factor": _exact(Fraction(*rule.number))}
        elif rule.formula is not None:
            rate = {"formula": rule.formula.text}
        else:
            rate = {"points": _exact(Fraction(*rule.number))} | (
                {"per_minor": rule.earn.per_minor} if rule.kind == "amount" else {}
            )
    return {
        "rule": fired.rule,
        "kind": how,
        "wallet": wallet,
        f"basis_{_BASIS[how]}": fired.basis,
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


def _line(
    sku: str, category: str, quantity: int, amount_minor: int, discount_minor: int = 0, more: Json | None = None
) -> Json:
    known = more or {}
    return {
        "sku": sku,
        "category": category or None,
        "brand": known.get("b"),
        "kind": known.get("k", "goods"),
        "labels": known.get("g", {}),
        "quantity": quantity,
        "amount_minor": amount_minor,
        "discount_minor": discount_minor,
        "tax_minor": known.get("t", 0),
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
