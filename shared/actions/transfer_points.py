"""Staff move points between two members, and take a transfer back: one transaction over both accounts, once."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.recording import Recorded, Recording, record
from shared.domain.account import Account
from shared.domain.errors import Differs, Invalid, Unknown
from shared.domain.ledger import Posting, packed, unpacked
from shared.domain.transfer import Transferring, post_transfer, post_transfer_back
from shared.store import keys


class TransferUnknown(Unknown):
    code = "transfer_unknown"
    title = "No transfer is recorded under this id."


class TransferDiffers(Differs):
    code = "transfer_differs"
    title = "This transfer id was recorded before with other content; nothing was changed."


def transfer_points(
    club: Club,
    caller: Caller,
    transfer_id: str,
    from_id: str,
    to_id: str,
    what: Transferring,
    seconds_left: Callable[[], float],
) -> Recorded:
    """Raises Invalid (the same member twice, nothing to move, no such wallet), MemberUnknown, PointsInsufficient, TransferDiffers
    (the id is known with other content), Busy."""
    now = club.now()
    book = club.laws.at(now)
    if from_id == to_id:
        raise Invalid("to_member_id", "is the member whose points they are")
    if what.units <= 0:
        raise Invalid("units", "must be above zero")
    if what.wallet not in ("points", *(one.id for one in book.programme.wallet)):
        raise Invalid("wallet", "is no [[wallet]] of the programme")
    key = keys.transfer(caller.mode, transfer_id)
    content = f"{from_id}#{to_id}#{packed(list(what))}"
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Posting:
        assert account is not None, "a transfer is of a member"
        receiver = account_of(club, caller, to_id)
        if receiver.id == account.id:
            raise Invalid("to_member_id", "is the member whose points they are")
        return post_transfer(
            what, account, receiver, book, now, key=key, other_key=keys.elsewhere(key, to_id), fingerprint=fingerprint
        )

    return record(club, caller, Recording(key, content, from_id, decided, _differs(transfer_id)), seconds_left)


def take_transfer_back(
    club: Club, caller: Caller, transfer_id: str, why: tuple[str, str, str], seconds_left: Callable[[], float]
) -> Recorded:
    """`why` is the reason, who takes it back, and with whose approval. Raises TransferUnknown, MemberUnknown, PointsInsufficient
    (the receiver has used them), TransferDiffers, Busy."""
    row = club.store.posting(keys.transfer(caller.mode, transfer_id))
    if row is None:
        raise TransferUnknown(field="transfer_id", reason="is of no transfer that was made")
    _, from_id, to_id = unpacked(row["tr"])
    now = club.now()
    book = club.laws.at(now)
    key = keys.transfer_back(caller.mode, transfer_id)
    content = f"{transfer_id}#{packed(list(why))}"
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Posting:
        assert account is not None, "a transfer is of a member"
        receiver = account_of(club, caller, to_id)
        if receiver.id == account.id:
            raise TransferUnknown(field="transfer_id", reason="is of two memberships that are one now")
        other_key = keys.elsewhere(key, to_id)
        return post_transfer_back(
            row, account, receiver, book, now, key=key, other_key=other_key, fingerprint=fingerprint, why=why
        )

    return record(club, caller, Recording(key, content, from_id, decided, _differs(transfer_id)), seconds_left)


def _differs(transfer_id: str) -> Callable[[], TransferDiffers]:
    return lambda: TransferDiffers(transfer_id=transfer_id)
