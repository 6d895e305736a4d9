"""A till redeems: points are held for a reward or a payment, then captured, given back before, or given back after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of, any_account_of
from shared.actions.recording import Committing, Recorded, Recording, not_of_this_key, owner, record
from shared.domain.account import Account
from shared.domain.decide import ms, with_lapses
from shared.domain.errors import (
    CaptureExceedsHold,
    Invalid,
    MemberNotActive,
    RedemptionDiffers,
    RedemptionUnknown,
    RewardRefused,
    RewardUnknown,
)
from shared.domain.ledger import Posting, Row, unpacked
from shared.domain.redeeming import (
    OverTotal,
    Wanted,
    available,
    payable,
    payment_worth,
    post_capture,
    post_hold,
    post_reversal,
    post_void,
)
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.domain.reward_tables import Reward
from shared.domain.rewards import Offered, hold_minutes_of, price_of, refusal_of, worth_minor
from shared.domain.rulebook import RewardRule, Rulebook
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene
from shared.store import keys
from shared.store.backend import Drop, Put
from shared.store.rests import PAYMENTS_MAX, back_of, put_back, put_rest, rest_of
from shared.store.stocks import put_stock, stock_of

Seconds = Callable[[], float]


def hold_redemption(club: Club, caller: Caller, told: Redemption, seconds_left: Seconds) -> Recorded:
    """Raises Invalid, StoreNotAllowed, MemberUnknown, MemberNotActive, RewardUnknown, RewardRefused, PointsInsufficient,
    RedemptionExceedsTotal, HoldsExhausted, RedemptionDiffers (the id is known with other content), Busy; by a code what
    `hold_by_code` raises."""
    if told.store != caller.store:
        raise not_of_this_key(caller)
    now = club.now()
    book = club.laws.at(now)
    if told.code is not None:
        from shared.actions.certificates import hold_by_code

        return hold_by_code(club, caller, told, told.code, book, seconds_left)
    if told.currency not in (None, book.programme.club.currency):
        raise Invalid("currency", f"is not the programme's, which is {book.programme.club.currency}")
    key = keys.redemption(caller.mode, told.store, told.redemption_id)
    account_id = owner(club, caller, told, book)
    body = told.model_dump_json(exclude={"member_id", "card", "phone", "email"}, exclude_defaults=True)
    content = f"{account_id}#{body}"
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Posting | Committing:
        assert account is not None, "a redemption names its member"
        wanted = wanted_of(club, caller, told, account, book, now)
        posting = post_hold(wanted, account, book, now, key=key, fingerprint=fingerprint)
        rule = book.reward(told.reward) if told.reward is not None else None
        if rule is None or rule.reward.stock is None:
            return posting
        stock = stock_of(club.store.backend, caller.mode, rule.reward.id)
        until_ms = posting.row["un"]
        assert isinstance(until_ms, int)
        return Committing(posting, [put_stock(stock.with_hold(key, until_ms, ms(now)))])

    return record(
        club,
        caller,
        Recording(key, content, account_id, decided, _differs(told.store, told.redemption_id)),
        seconds_left,
    )


def quote_redemption(club: Club, caller: Caller, told: Redemption) -> Wanted:
    """What could be held now of what is asked for, and what that is worth: never more than there is. Writes nothing.

    Raises as `hold_redemption` does.
    """
    now = club.now()
    book = club.laws.at(now)
    account_id = owner(club, caller, told, book)
    assert account_id is not None, "a redemption names its member"
    account, _ = with_lapses(account_of(club, caller, account_id), book, now)
    if told.units is not None:
        there = available(account, told.wallet, now.astimezone(book.zone).date())
        told = told.model_copy(update={"units": max(0, min(told.units, there))})
    return wanted_of(club, caller, told, account, book, now, over_total="clamp")


def capture_redemption(
    club: Club, caller: Caller, store: str, redemption_id: str, told: Capturing, seconds_left: Seconds
) -> Recorded:
    """Raises StoreNotAllowed, RedemptionUnknown, RedemptionEnded, CaptureExceedsHold, RewardRefused, RedemptionDiffers, Busy."""
    hold = hold_of(club, caller, store, redemption_id)
    key = keys.ending("capture", str(hold["k"]), told.capture_id or "")
    content = f"{store}#{redemption_id}#{told.model_dump_json(exclude_defaults=True)}"
    fingerprint = club.peppers.fingerprint(content)
    purchase_key = keys.purchase(caller.mode, store, told.purchase_id) if told.purchase_id is not None else ""

    def decided(account: Account | None) -> Committing:
        assert account is not None, "a hold is of a member"
        return captured(club, caller, hold, account, told.units, purchase_key, key, fingerprint)

    return record(club, caller, _of_a_hold(hold, key, content, decided, _differs(store, redemption_id)), seconds_left)


def captured(
    club: Club,
    caller: Caller,
    hold: Row,
    account: Account,
    units: int | None,
    purchase_key: str,
    key: str,
    fingerprint: bytes,
) -> Committing:
    """The capture of a hold, with what is written besides: the shelf, and the link to its purchase."""
    now = club.now()
    book = club.laws.at(now)
    reward_id, _, _, named_key, _ = unpacked(hold["rd"])
    rule = book.reward(reward_id) if reward_id else None
    reward = rule.reward if rule is not None else None
    besides: list[Put | Drop] = []
    issued, certificate = None, ""
    if reward is not None and reward.kind == "gift_certificate":
        from shared.actions.certificates import taken_certificate

        issued, certificate, aliases = taken_certificate(club, caller, reward, book, key, fingerprint)
        besides += aliases
    posting = post_capture(
        hold, hold_id_of(hold), units, reward, account, book, now, key=key, fingerprint=fingerprint, purchase_key=purchase_key,
        certificate=certificate,
    )  # fmt: skip
    if issued is not None:
        posting = posting._replace(others=(issued,))
    if reward is not None and reward.stock is not None:
        stock = stock_of(club.store.backend, caller.mode, reward.id)
        besides.append(put_stock(stock.without(str(hold["k"]), taken=True)))
    if linked := purchase_key or named_key:
        rest = rest_of(club.store.backend, linked)
        if len(rest.payments) >= PAYMENTS_MAX:
            raise Invalid("purchase_id", f"is paid for by {PAYMENTS_MAX} redemptions already: make it one")
        besides.append(put_rest(rest._replace(payments=(*rest.payments, key))))
    return Committing(posting, besides)


def void_redemption(club: Club, caller: Caller, store: str, redemption_id: str, seconds_left: Seconds) -> Recorded:
    """Raises StoreNotAllowed, RedemptionUnknown, RedemptionEnded, Busy."""
    hold = hold_of(club, caller, store, redemption_id)
    key = keys.ending("void", str(hold["k"]))
    content = f"{store}#{redemption_id}"
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Posting | Committing:
        assert account is not None, "a hold is of a member"
        now = club.now()
        book = club.laws.at(now)
        posting = post_void(hold, hold_id_of(hold), account, book, now, key=key, fingerprint=fingerprint)
        reward_id = unpacked(hold["rd"])[0]
        rule = book.reward(reward_id) if reward_id else None
        if rule is None or rule.reward.stock is None:
            return posting
        stock = stock_of(club.store.backend, caller.mode, rule.reward.id)
        return Committing(posting, [put_stock(stock.without(str(hold["k"]), taken=False))])

    return record(club, caller, _of_a_hold(hold, key, content, decided, _differs(store, redemption_id)), seconds_left)


def reverse_redemption(
    club: Club, caller: Caller, store: str, redemption_id: str, told: Reversing, seconds_left: Seconds
) -> Recorded:
    """Gives back what was captured, all that is left of it or a part. Raises StoreNotAllowed, RedemptionUnknown,
    CaptureExceedsHold (more than is left of what was taken), RedemptionDiffers, Busy."""
    hold = hold_of(club, caller, store, redemption_id)
    capture_key = keys.ending("capture", str(hold["k"]), told.capture_id or "")
    capture = club.store.posting(capture_key)
    if capture is None:
        raise RedemptionUnknown(field="redemption_id", reason="was not captured")
    key = keys.ending("reversal", str(hold["k"]), told.reversal_id)
    content = f"{store}#{redemption_id}#{told.model_dump_json(exclude_defaults=True)}"
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Committing:
        assert account is not None, "a hold is of a member"
        now = club.now()
        rest = rest_of(club.store.backend, capture_key)
        back = back_of(rest)
        left = sum(units for _, _, units in unpacked(capture["pt"])[1]) - back
        units = left if told.units is None else told.units
        if units > left or not units:
            raise CaptureExceedsHold(requested=units, held=left)
        book = club.laws.at(now)
        posting = post_reversal(capture, units, back, account, book, now, key=key, fingerprint=fingerprint)
        besides = [put_back(rest, units)]
        reward_id = unpacked(capture["rd"])[0]
        rule = book.reward(reward_id) if reward_id and units == left else None
        if rule is not None and rule.reward.stock is not None:
            besides.append(put_stock(stock_of(club.store.backend, caller.mode, rule.reward.id).put_back()))
        if "cf" in capture:
            from shared.actions.certificates import annulled

            posting = posting._replace(others=(annulled(club, caller, capture, units, book, key),))
        return Committing(posting, besides)

    return record(club, caller, _of_a_hold(hold, key, content, decided, _differs(store, redemption_id)), seconds_left)


def _of_a_hold(
    hold: Row,
    key: str,
    content: str,
    decided: Callable[[Account | None], Posting | Committing],
    differs: Callable[[], RedemptionDiffers],
) -> Recording:
    """What becomes of a hold, which may be of a certificate."""
    return Recording(key, content, str(hold["a"]), decided, differs, read=any_account_of)


def hold_of(club: Club, caller: Caller, store: str, redemption_id: str) -> Row:
    """The row of a redemption. Raises StoreNotAllowed, RedemptionUnknown."""
    if store != caller.store:
        raise not_of_this_key(caller)
    row = club.store.posting(keys.redemption(caller.mode, store, redemption_id))
    if row is None:
        raise RedemptionUnknown(field="redemption_id", reason="is of no redemption of this store")
    return row


def hold_id_of(hold: Row) -> str:
    """What the account calls a hold."""
    return str(hold["k"]).rpartition("redemption#")[2]


def rewards_for(club: Club, caller: Caller, account_id: str) -> list[Offered]:
    """The programme's rewards as a member sees them now. Raises MemberUnknown."""
    now = club.now()
    book = club.laws.at(now)
    account, _ = with_lapses(account_of(club, caller, account_id), book, now)
    return [_offered(club, caller, rule, account, book, now) for rule in book.rewards]


def wanted_of(
    club: Club, caller: Caller, told: Redemption, account: Account, book: Rulebook, now: datetime,
    over_total: OverTotal | None = None,
) -> Wanted:  # fmt: skip
    """What a redemption would hold. Raises MemberNotActive, RewardUnknown, RewardRefused, and what `payable` raises."""
    if account.status:
        raise MemberNotActive(member_id=account.id, member_status=account.status)
    account, _ = with_lapses(account, book, now)
    hold_id = f"{told.store}#{told.redemption_id}"
    purchase_key = keys.purchase(caller.mode, told.store, told.purchase_id) if told.purchase_id is not None else ""
    today = now.astimezone(book.zone).date()
    if told.reward is None:
        assert told.units is not None
        there = available(account, told.wallet, today)
        if told.wallet not in ("points", *(one.id for one in book.programme.wallet)):
            raise Invalid("wallet", "is no [[wallet]] of the programme")
        units = payable(told.wallet, told.units, told.total_minor, there, book, over_total=over_total)
        if not units:
            raise Invalid("units", "pay nothing: it is less than the programme lets be used, or than a step")
        worth = payment_worth(told.wallet, units, book)
        return Wanted(hold_id, told.wallet, units, "", worth, hold_minutes_of(None, book), purchase_key)
    rule = book.reward(told.reward)
    if rule is None:
        raise RewardUnknown(field="reward", reason="is no [[reward]] of the programme")
    offered = _offered(club, caller, rule, account, book, now, told.total_minor or 0)
    if offered.refusal is not None:
        missing = {"missing": offered.refusal.missing} if offered.refusal.missing else {}
        raise RewardRefused(reward=told.reward, why=offered.refusal.why, **missing)
    reward = rule.reward
    minutes = hold_minutes_of(reward, book)
    return Wanted(hold_id, reward.wallet, offered.price, reward.id, offered.worth_minor or 0, minutes, purchase_key)


def _offered(
    club: Club, caller: Caller, rule: RewardRule, account: Account, book: Rulebook, now: datetime, total_minor: int = 0
) -> Offered:
    at = now.astimezone(book.zone)
    tiers = tiers_on(account, at.date(), book)
    reward = rule.reward
    refusal = refusal_of(rule, Scene(at, account, tiers), book, _left(club, caller, reward, now))
    return Offered(rule, price_of(reward, tiers, book), worth_minor(reward, book, total_minor), refusal)


def _left(club: Club, caller: Caller, reward: Reward, now: datetime) -> int | None:
    if reward.stock is None:
        return None
    return stock_of(club.store.backend, caller.mode, reward.id).left(reward.stock, ms(now))


def _differs(store: str, redemption_id: str) -> Callable[[], RedemptionDiffers]:
    return lambda: RedemptionDiffers(store=store, redemption_id=redemption_id)
