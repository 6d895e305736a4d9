"""Writes an account anew from its postings: what `club verify` calls for where the account is broken and the ledger is not."""

from __future__ import annotations

from datetime import date

from shared.actions.prove_ledger import postings_of
from shared.domain.account import Account
from shared.domain.proving import Broken, agreed, chain, made_of
from shared.store.backend import Contended, Put
from shared.store.laws import Laws
from shared.store.rows import account_if_readable, account_row
from shared.store.store import Store


def rebuild_account(store: Store, laws: Laws, account_id: str) -> tuple[Account | None, Account]:
    """The account as it was stored, None where it was not or cannot be read, and as its postings make it, which is what is
    stored now.

    The ledger is not touched, and the account only if nobody wrote it meanwhile. What the ledger never holds (language, birthday,
    attributes, source) stays as it was stored. Raises Broken where the ledger itself is, Contended, Busy.
    """
    row = store.backend.get("accounts", {"a": account_id})
    stored = account_if_readable(row) if row is not None else None
    at = stored if stored is not None else Account(account_id, date.min)
    rows = chain(postings_of(store, at), at.sequence)
    if not rows:
        raise Broken("account", "has no postings", "ledger")
    made = made_of(rows, laws.version, stored)
    if stored is not None:
        try:
            agreed(stored, made, rows)
        except Broken as broken:
            if broken.mend == "ledger":
                raise
        else:
            return stored, made
        made = made._replace(unknown=stored.unknown)
    where = ("n", row["n"]) if row is not None else None
    if store.backend.write([Put("accounts", account_row(made), absent=where is None, where=where)]):
        raise Contended
    return stored, made
