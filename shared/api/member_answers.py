"""What the API answers about a member: joining, what they have, their statement, and the rules as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from shared.api.answers import earned_of, hex_text, instant_text
from shared.domain.account import Account, Purse
from shared.domain.goals import Held as HeldRewards
from shared.domain.ledger import PostingKind, Row, unpacked
from shared.domain.lots import Lot
from shared.domain.reasons import Fired
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tier_tables import TierRules
from shared.domain.tiers import Held, held_on
from shared.domain.wallet_tables import Wallet

if TYPE_CHECKING:
    from shared.api import shapes


def join_answer(row: Row) -> shapes.JoinAnswer:
    return {
        "member_id": str(row["a"]),
        "joined_at": instant_text(row["o"]),
        "entry": {"sequence": int(row["n"]), "hash": hex_text(row["h"])},
    }


def moved_answer(member_id: str, zone: str) -> shapes.MovedAnswer:
    return {"member_id": member_id, "zone": zone}


NO_REWARDS: Mapping[str, HeldRewards] = MappingProxyType({})


def member_answer(
    account: Account, today: date, book: Rulebook, rewards: Mapping[str, HeldRewards] = NO_REWARDS
) -> shapes.MemberAnswer:
    """What the member has, may use when, and what is missing to the next tier. `rewards` are those of full cards, by wallet."""
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
            "held": points.held,
            "debt": max(0, -points.balance),
            "decimals": book.programme.points.decimals,
            "value_minor": points.balance * book.programme.points.value_minor // 10**book.programme.points.decimals,
            "currency": book.programme.club.currency,
        },
        "wallets": [_wallet(wallet, account, today, speaker, rewards) for wallet in book.programme.wallet],
        "tier": next((_held(one, speaker, book) for one in held if not one.set), None),
        "tier_sets": [_held(one, speaker, book) for one in held if one.set],
        "status": account.status or "active",
        "purchases": account.purchases,
        "spend_minor": account.spend_minor,
        "last_purchase_on": day.isoformat() if (day := account.last_purchase_on(today)) else None,
    }


def statement_answer(
    account: Account, rows: list[Row], lapsed: tuple[Lot, ...], cursor: str | None, book_of: Callable[[int], Rulebook],
    names: Callable[[Row], tuple[str, ...]],
) -> shapes.StatementAnswer:  # fmt: skip
    """Entries, newest first. `lapsed` are points past their last day whose entry is not booked yet: with them the sum of all
    entries is the balance."""
    return {
        "member_id": account.id,
        "entries": [_entry(row, book_of(int(row["v"])), account.language, names) for row in rows],
        "lapsed": [_lot(lot) for lot in lapsed],
        "next_cursor": cursor,
    }


def rules_answer(book: Rulebook, language: str) -> shapes.RulesAnswer:
    """The club's rules for people, as sentences in one language."""
    speaker = Speaker(book, language)
    earning: list[shapes.RuleTold] = [
        {"rule": rule.earn.id, "sentence": speaker.rule(rule)} for rule in book.rules + book.event_rules
    ]
    earning += [{"rule": one.id, "sentence": speaker.achievement(one, when)} for one, when in book.achievements]
    return {
        "language": language,
        "direction": "rtl" if speaker.right_to_left else "ltr",
        "programme_version": book.version,
        "heading": speaker.heading(),
        "earning": earning,
        "tiers": [{"tier": tier.id, "sentence": speaker.tier(tier)} for tier in book.programme.tier],
        "points": speaker.points_rules(),
        "rewards": [{"reward": one.reward.id, "sentence": speaker.reward(one)} for one in book.rewards],
        # Who has a code was told it; everybody reads of the others.
        "offers": [{"offer": one.offer.id, "sentence": speaker.offer(one)} for one in book.offers if one.offer.is_open],
    }


def _wallet(
    wallet: Wallet, account: Account, today: date, speaker: Speaker, rewards: Mapping[str, HeldRewards]
) -> shapes.WalletHeld:
    """A wallet beside the points as it stands today."""
    purse = account.purses.get(wallet.id, Purse())
    units = purse.on(today, account.held(wallet.id))
    held = rewards.get(wallet.id, HeldRewards(purse.completed, 0, 0, None))
    return {
        "wallet": wallet.id,
        "name": speaker.wallet_name(wallet.id),
        "balance": units.balance,
        "available": units.available,
        "pending": units.pending,
        "decimals": wallet.decimals,
        "goal": int(wallet.goal * 10**wallet.decimals) if wallet.goal is not None else None,
        "completed": purse.completed,
        "rewards": {
            "issued": held.issued,
            "waiting": held.waiting,
            "waiting_until": held.until.isoformat() if held.until else None,
            "owed": held.owed,
        },
    }


def _held(held: Held, speaker: Speaker, book: Rulebook) -> shapes.TierHeld:
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
        "unit": _UNIT[rules.basis],
        "value": _whole(held.value, rules, book),
        "next": {"id": held.next.id, "name": speaker.tier_name(held.next), "missing": _whole(held.missing, rules, book)}
        if held.next
        else None,
    }


_UNIT: Mapping[str, Literal["minor", "purchases", "points"]] = {
    "spend": "minor", "purchases": "purchases", "points": "points", "balance": "points",
}  # fmt: skip


def _whole(value: Decimal, rules: TierRules, book: Rulebook) -> int:
    """What counts towards tiers as a whole number: minor units, purchases, or the smallest units of a point."""
    return int(value.scaleb(book.programme.points.decimals) if rules.basis in ("points", "balance") else value)


def _entry(row: Row, book: Rulebook, language: str, names: Callable[[Row], tuple[str, ...]]) -> shapes.StatementEntry:
    speaker = Speaker(book, str(row.get("la", language or book.programme.club.languages[0])))
    points, posted = unpacked(row["d"])
    head: shapes.EntryHead = {
        "sequence": int(row["n"]),
        "kind": cast(PostingKind, row["c"]),
        "occurred_at": instant_text(row.get("o", row["t"])),
        "recorded_at": instant_text(row["t"]),
        "points": points,
        "balance": posted,
        "programme_version": int(row["v"]),
    }
    named: shapes.EntryNames = {}
    if row["c"] == "join":
        return {**head, **named, "reason": speaker.joined(), "reasons": []}
    if row["c"] not in ("purchase", "event"):
        from shared.api.entries import purchase_id_of, reason_of

        said, more = reason_of(row, names(row), speaker)
        if row["c"] == "return":
            store, return_id = names(row)
            named = {"store": store, "return_id": return_id}
            if (purchase_id := purchase_id_of(row)) is not None:
                named["purchase_id"] = purchase_id
        return {**head, **named, "reason": said, "reasons": more}
    earned = earned_of(row, book)
    fired = [speaker.reason(reason) for reason in earned.reasons if isinstance(reason, Fired)]
    told = [*fired, *([speaker.not_active()] if "q" in row else speaker.total(earned))]
    if row["c"] == "event":
        store, kind, source_id = names(row)
        named = {"store": store, "event": kind, "source_id": source_id}
        reason = speaker.event(store, kind, source_id, points)
    else:
        store, purchase_id = names(row)
        named = {"store": store, "purchase_id": purchase_id}
        reason = speaker.purchase(store, purchase_id, points)
    return {**head, **named, "reason": reason, "reasons": told}


def _lot(lot: Lot) -> shapes.LotTold:
    return {"points": lot.points, "expires_on": lot.expires_on.isoformat() if lot.expires_on else None}
