"""What the API answers about a purchase or an activity. An answer and its replay come from the same row and the same words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from shared.domain.explanation import is_tier, reasons_of
from shared.domain.ledger import Row, unpacked
from shared.domain.money import exact_text
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tables import MAIN_WALLET

if TYPE_CHECKING:
    from shared.api import shapes

Json = dict[str, Any]


def purchase_answer(
    row: Row, store: str, purchase_id: str, book: Rulebook, *, quote: bool = False, repeated: bool = False
) -> shapes.PurchaseAnswer:
    """A purchase with its points, the account after it, and every reason. `book` is the version that the row names.

    `repeated`: it is answered as one that was counted before and earns nothing more.
    """
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    totals = [*unpacked(row["s"]), *[0] * 7]
    purchase: shapes.PurchaseTold = {
        "store": store,
        "purchase_id": purchase_id,
        "member_id": _text(row.get("a")),
        "occurred_at": instant_text(row["o"]),
        "channel": _text(row.get("ch")),
        "currency": book.programme.club.currency,
        "lines": [_line(*line) for line in unpacked(row["l"])],
        "discount_minor": totals[1],
        "shipping_minor": totals[2],
        "tax_minor": totals[3],
        "shipping_tax_minor": totals[4],
        "prices_include_tax": bool(totals[5]),
        "points_payment_minor": totals[6],
        "stored_value_payment_minor": totals[7],
        "codes": unpacked(row["co"]) if "co" in row else [],
        "total_minor": totals[0],
    }
    said = list[str]()
    if "of" in row:
        from shared.api.offer_answers import offers_said, offers_told

        purchase["offers"] = offers_told(row)
        said = offers_said(row, speaker)
    if "a" not in row or repeated:
        return {
            "purchase": purchase,
            "points": {
                "earned": 0,
                "decimals": book.programme.points.decimals,
                "usable_from": None,
                "expires_on": None,
            },
            "wallets": [],
            "account": None,
            "explanation": _explanation(
                speaker, book, [], [*said, speaker.repeated() if repeated else speaker.guest()]
            ),
        }
    entry: shapes.EntryMade = {} if quote else {"entry": _points_entry(row)}
    earned = _earned_answer(row, book, speaker)
    earned["explanation"]["total"][:0] = said
    return {"purchase": purchase, **earned, **entry}


def event_answer(row: Row, event: shapes.EventKey, book: Rulebook) -> shapes.EventAnswer:
    """An activity as it was recorded, and what it earned. `event` is its store, kind and source id."""
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    return {
        "event": {**event, "member_id": str(row["a"]), "occurred_at": instant_text(row["o"])},
        **_earned_answer(row, book, speaker),
        "entry": _points_entry(row),
    }


def account_after(row: Row) -> shapes.AccountAfter:
    """The member's points right after a posting."""
    available, pending, tier = unpacked(row["b"])
    return {"balance": available + pending, "available": available, "pending": pending, "tier": tier or None}


def _earned_answer(row: Row, book: Rulebook, speaker: Speaker) -> shapes.EarnedAnswer:
    """What a posting earned, by wallet, the account after it, and why."""
    points, _ = unpacked(row["d"])
    usable_on, expires_on = unpacked(row["u"]) if "u" in row else (None, None)
    earned = earned_of(row, book)
    said = [speaker.not_active()] if "q" in row else speaker.total(earned)
    sold = unpacked(row["tu"]) if "tu" in row else {}
    wallets: list[shapes.WalletEarned] = [
        {
            "wallet": name,
            "earned": units - sold.get(name, 0),
            "balance": balance,
            "decimals": book.decimals(name),
            "completed": completed,
            "waiting": _waiting(more)[0],
            "waiting_until": _waiting(more)[1],
        }
        for name, (units, balance, completed, *more) in (unpacked(row["w"]) if "w" in row else {}).items()
    ]
    for one in wallets:
        if bought := sold.get(one["wallet"], 0):
            one["topped_up"] = bought
        said += speaker.wallet(one["wallet"], one["earned"] + bought, one["completed"])
        if one["waiting_until"] is not None:
            said.append(speaker.waiting(one["wallet"], one["waiting"], date.fromisoformat(one["waiting_until"])))
    if usable_on is not None:
        said.append(
            speaker.usable(date.fromisoformat(usable_on), date.fromisoformat(expires_on) if expires_on else None)
        )
    held = unpacked(row["ti"]) if "ti" in row else {}
    explanation = _explanation(speaker, book, list(earned.reasons), said)
    explanation["tier"] = held.get("") or None
    return {
        "points": {
            "earned": points,
            "decimals": book.programme.points.decimals,
            "usable_from": usable_on,
            "expires_on": expires_on,
        },
        "wallets": wallets,
        "account": account_after(row),
        "explanation": explanation,
    }


def _waiting(rewards: list[Any]) -> tuple[int, str | None]:
    """How many rewards that a posting reached wait, and until when: the last of what its row says of a wallet."""
    new = [one for one in rewards[2] if one[1] > 0] if len(rewards) > 2 else []
    until = max((one[0] for one in new), default=0)
    day = date.fromordinal(until).isoformat() if until else None
    return sum(one[1] for one in new), day


def _points_entry(row: Row) -> shapes.PointsEntry:
    points, posted = unpacked(row["d"])
    return {"sequence": int(row["n"]), "points": points, "balance": posted, "hash": hex_text(row["h"])}


def earned_of(row: Row, book: Rulebook) -> Earned:
    """What was earned and why, read back from a purchase's row under the version that decided it."""
    reasons = reasons_of(unpacked(row["e"]), book, str(row["ev"]) if "ev" in row else None)
    exact = sum((one.points for one in reasons if isinstance(one, Fired) and _is_points(one, book)), Fraction())
    return Earned(unpacked(row["d"])[0], exact, reasons)


def _is_points(fired: Fired, book: Rulebook) -> bool:
    """Whether a reason is about the points, and not about another wallet."""
    if is_tier(fired.rule):
        return True
    kind, _, known = fired.rule.rpartition(":")
    if kind == "achievement":
        return next(one.wallet for one, _ in book.achievements if one.id == known) == MAIN_WALLET
    return book.rule(known).earn.wallet == MAIN_WALLET


def _explanation(
    speaker: Speaker, book: Rulebook, reasons: list[Fired | NotFired], said: list[str]
) -> shapes.Explanation:
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


def _fired(fired: Fired, speaker: Speaker, book: Rulebook) -> shapes.FiredRule:
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
    told = {
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
    # The name of the basis is chosen as it is told.
    return cast("shapes.FiredRule", told)


def _not_fired(reason: NotFired, speaker: Speaker, book: Rulebook) -> shapes.SilentRule:
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
) -> shapes.LineTold:
    known = more or {}
    told: shapes.LineTold = {
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
    if "o" in known:
        told["offer_minor"] = known["o"]
    return told


def _exact(points: Fraction) -> str:
    """Points before rounding, as people write them; `…` stands after what goes on."""
    return exact_text(points.numerator, points.denominator)


def instant_text(ms: object) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, `2026-11-22T10:00:00.000Z`."""
    assert isinstance(ms, int)
    at = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{at.isoformat()[:19]}.{ms % 1000:03d}Z"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def hex_text(digest: object) -> str:
    assert isinstance(digest, bytes)
    return digest.hex()
