"""A till reports a return: what the purchase gave is undone in proportion, once; without its purchase it waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.actions.caller import Caller
from shared.actions.club import Club, Known, attempts, seen_after_all
from shared.actions.find_member import account_of
from shared.actions.late import told_again
from shared.actions.parking import Parked, no_longer, park
from shared.actions.paying_back import PayingBack
from shared.actions.recording import AHEAD_MAX, Recorded, check_joined, not_of_this_key, owner
from shared.domain.account import Account
from shared.domain.decide import POSTINGS_MAX, is_late
from shared.domain.errors import Invalid, Refused, ReturnDiffers, ReturnUnknown, ReturnWithoutPurchase
from shared.domain.ledger import Posting, Row
from shared.domain.lots import is_lapsed
from shared.domain.posting_return import Facts, given_of, post_guest_return, post_return
from shared.domain.purchase import ID_LENGTH_MAX
from shared.domain.purchase_return import Return
from shared.domain.rebuilding import number
from shared.domain.returned import Returned
from shared.domain.returning import Given, part_of
from shared.domain.rulebook import Rulebook
from shared.domain.stored import occurred_at, purchase_of
from shared.domain.telling import News
from shared.domain.text import clean_id
from shared.store import keys
from shared.store.backend import Contended, Drop, Put, Unanswered
from shared.store.rests import put_rest, rest_of
from shared.store.shelves import put_shelves
from shared.store.store import Committed, Seen, Stale


@dataclass(frozen=True, slots=True)
class _Decided:
    posting: Posting
    besides: Sequence[Put | Drop] = ()


def return_purchase(club: Club, caller: Caller, told: Return, seconds_left: Callable[[], float]) -> Recorded | Parked:
    """Raises Invalid, StoreNotAllowed, MemberUnknown, ReturnExceedsPurchase, ReturnWithoutPurchase, ReturnDiffers (the id is
    known with other content), TooLate, Busy."""
    if told.store != caller.store:
        raise not_of_this_key(caller)
    if told.occurred_at > club.now() + AHEAD_MAX:
        raise Invalid("occurred_at", "is in the future")
    book = club.laws.at(told.occurred_at)
    if told.currency not in (None, book.programme.club.currency):
        raise Invalid("currency", f"is not the programme's, which is {book.programme.club.currency}")
    key = keys.return_of(caller.mode, told.store, told.return_id)
    account_id = None
    if told.purchase_id is None:
        if book.programme.policies.return_without_purchase == "refuse":
            raise ReturnWithoutPurchase(field="purchase_id", reason="is missing")
        account_id = owner(club, caller, told, book)
    content = content_of_return(told, account_id)
    besides, stubs = list[Put | Drop](), dict[str, int]()
    for _ in attempts(club, seconds_left):
        try:
            decided = _decided(club, caller, told, account_id, key, content, book)
            if isinstance(decided, Parked):
                return decided
            outcome = club.store.commit(decided.posting, [*decided.besides, *besides], stubs)
        except Contended:
            continue
        except Unanswered:
            outcome = seen_after_all(club, key)
        except Known as known:
            outcome = Seen(known.row)
        except Refused:
            # What was returned once cannot be returned again; but it may be the same return, told twice.
            row = club.store.posting(key)
            if row is None or row["c"] != "return":
                raise
            outcome = Seen(row)
        match outcome:
            case Committed():
                assert not isinstance(decided, Parked)
                return Recorded(decided.posting.row, replayed=False)
            case Seen(row):
                fingerprint = row["f"]
                assert isinstance(fingerprint, bytes)
                if not club.peppers.same(fingerprint, content):
                    raise ReturnDiffers(store=told.store, return_id=told.return_id)
                if row["c"] == "return":
                    return Recorded(row, replayed=True)
                # It waited and was not applied with its purchase: now it is.
                besides, stubs = list(no_longer(caller, told.store, [row])), {key: number(row, "m")}
            case Stale():
                pass
    raise AssertionError("attempts end with Busy")


def content_of_return(told: Return, account_id: str | None) -> str:
    """What makes two returns the same: everything but how the member was named."""
    body = told.model_dump_json(exclude={"member_id", "card", "phone", "email"}, exclude_defaults=True)
    return f"{account_id or ''}#{body}"


def _decided(
    club: Club, caller: Caller, told: Return, account_id: str | None, key: str, content: str, book: Rulebook
) -> _Decided | Parked:
    fingerprint = club.peppers.fingerprint(content)
    if told.purchase_id is None:
        assert account_id is not None
        assert told.amount_minor is not None
        account = account_of(club, caller, account_id)
        check_joined(account, told.occurred_at, book)
        facts = Facts(told, None, Returned(), told.amount_minor)
        if _needs_the_story(account, None, told.occurred_at, key, book, club.now()):
            posting = told_again(club, account, [News(facts, key, fingerprint, book)], book)
        else:
            posting = post_return(facts, None, Returned(), account, book, club.now(), key=key, fingerprint=fingerprint)
        return _Decided(posting, put_shelves(club.store.backend, caller.mode, posting, book))
    purchase_key = keys.purchase(caller.mode, told.store, told.purchase_id)
    bought = club.store.posting(purchase_key)
    if bought is None or bought["c"] != "purchase":
        return park(club, caller, told, key, purchase_key, bought, fingerprint, content)
    law = club.laws.version(number(bought, "v"))
    rest = rest_of(club.store.backend, purchase_key)
    member = account_of(club, caller, str(bought["a"])) if "a" in bought else None
    paying = PayingBack(club, caller, rest, member.id if member is not None else None, law)
    facts = facts_of(told, key, bought, rest.returned, paying, law)
    returned = rest.returned.more(facts.part)
    besides = [put_rest(rest._replace(returned=returned)), *paying.besides]
    if "of" in bought and returned.whole and not rest.returned.whole:
        from shared.actions.take_offers import offers_given_back

        besides += offers_given_back(club, caller.mode, bought, law)
    if member is None:
        posting = post_guest_return(facts, law, club.now(), key=key, fingerprint=fingerprint)
        return _Decided(posting._replace(others=paying.others), besides)
    given = given_of(bought, law)
    # Of a purchase that came with a merged membership the story of this one tells nothing.
    is_own = bought["a"] == member.id
    if is_own and _needs_the_story(member, given, told.occurred_at, key, law, club.now()):
        posting = told_again(club, member, [News(facts, key, fingerprint, law)], law)
    else:
        posting = post_return(facts, given, rest.returned, member, law, club.now(), key=key, fingerprint=fingerprint)
    shelves = put_shelves(club.store.backend, caller.mode, posting, law)
    return _Decided(posting._replace(others=paying.others), [*besides, *shelves])


def facts_of(told: Return, key: str, bought: Row, so_far: Returned, paying: PayingBack, law: Rulebook) -> Facts:
    """What of a purchase a return is about, and what goes back of what had paid for it. Raises Invalid, ReturnExceedsPurchase."""
    if told.occurred_at < occurred_at(bought):
        raise Invalid("occurred_at", "is before the purchase")
    purchase, purchase_key = purchase_of(bought, law), str(bought["k"])
    part = part_of(told, purchase, so_far, law)
    coupons: tuple[str, ...] = ()
    if "of" in bought and so_far.more(part).whole and not so_far.whole:
        from shared.domain.coupons import coupons_in

        coupons = coupons_in(bought)
    return Facts(told, purchase_key, part, back=paying.of(key, purchase_key, purchase, so_far, part), coupons=coupons)


def _needs_the_story(
    account: Account, given: Given | None, at: datetime, key: str, law: Rulebook, now: datetime
) -> bool:
    """Whether the purchase's row alone no longer says what it gave, what it gave has a memory, or what was there at the return's
    own time may have lapsed since."""
    if is_late(account, at, key):
        return True
    if account.sequence > POSTINGS_MAX:
        return False
    if law.remembering:
        return True
    today = now.astimezone(law.zone).date()
    if law.lapses and at.astimezone(law.zone).date() < today:
        return True
    return given is not None and (account.retold or any(is_lapsed(lot, today) for lot in given.lots.values()))


def recorded_return(club: Club, caller: Caller, store: str, return_id: str) -> Row:
    """A return that was applied. Raises StoreNotAllowed, Invalid, ReturnUnknown."""
    try:
        known = clean_id(return_id, ID_LENGTH_MAX)
    except ValueError as fault:
        raise Invalid("return_id", str(fault)) from None
    if store != caller.store:
        raise not_of_this_key(caller)
    row = club.store.posting(keys.return_of(caller.mode, store, known))
    if row is None or row["c"] != "return":
        raise ReturnUnknown(field="return_id", reason="is of no return that this store reported and that was applied")
    return row
