"""What the API answers about gift certificates. Only they load it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from shared.api.answers import hex_text, instant_text
from shared.domain.account import Account
from shared.domain.certificates import CertificatePrinted, expires_on, left_minor, state_of
from shared.domain.codes import code_canonical
from shared.domain.ledger import Row, unpacked
from shared.domain.sentences import Speaker
from shared.domain.tables import CERTIFICATE

if TYPE_CHECKING:
    from shared.api import shapes


def certificate_answer(row: Row, store: str, certificate_id: str, code: str) -> shapes.CertificateAnswer:
    """A certificate as it was issued, of the row that opened it."""
    amount_minor, currency, member_id = unpacked(row["gc"])
    last = unpacked(row["x"])["l"][CERTIFICATE][0][1]
    return {
        "certificate": {
            "store": store,
            "certificate_id": certificate_id,
            "code": code,
            "amount_minor": amount_minor,
            "currency": currency,
            "member_id": member_id or None,
            "issued_at": instant_text(row["t"]),
            "expires_on": date.fromordinal(last).isoformat() if last else None,
        },
        "entry": {"sequence": int(row["n"]), "hash": hex_text(row["h"])},
    }


def certificate_printed(account: Account, today: date, told: CertificatePrinted, speaker: Speaker) -> str:
    """A certificate that can be used, to print, or its QR code alone."""
    from shared.domain.printed import certificate_page, code_picture

    code = code_canonical(told.code)
    if told.format == "svg":
        return code_picture(code)
    return certificate_page(speaker, left_minor(account, today), expires_on(account), today, code)


def certificate_found(account: Account, today: date) -> shapes.CertificateFound:
    """What is on a certificate that can be used."""
    purse, last = account.purses[CERTIFICATE], expires_on(account)
    points = purse.on(today, account.held(CERTIFICATE))
    return {
        "certificate": {
            "balance_minor": points.posted - points.lapsed,
            "available_minor": left_minor(account, today),
            "currency": str(account.attributes["currency"]),
            # Any other state is told by refusing the code.
            "state": cast("shapes.CertificateState", state_of(account, today)),
            "expires_on": last.isoformat() if last else None,
        }
    }
