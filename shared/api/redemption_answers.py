"""What the API answers about redemptions and rewards. Only they load it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.api.answers import account_after, hex_text, instant_text
from shared.domain.account import Account
from shared.domain.ledger import Row, unpacked
from shared.domain.rewards import Offered
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tables import CERTIFICATE

if TYPE_CHECKING:
    from shared.api import shapes


def redemption_answer(
    row: Row, store: str, redemption_id: str, state: shapes.RedemptionState, book: Rulebook, code: str | None = None
) -> shapes.RedemptionAnswer:
    """A hold, a capture, a void or a reversal, of its row. `book` is the version that the row names; `code` is that of the
    certificate which was taken."""
    reward, units, worth_minor, purchase_key, wallet = unpacked(row["rd"])
    points, posted = unpacked(row["d"])
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    is_member = wallet != CERTIFICATE
    answer: shapes.RedemptionAnswer = {
        "redemption": {
            "store": store,
            "redemption_id": redemption_id,
            "member_id": str(row["a"]) if is_member else None,
            "state": state,
            "reward": reward or None,
            "wallet": wallet,
            "units": units,
            "decimals": book.decimals(wallet),
            "worth_minor": worth_minor,
            "currency": book.programme.club.currency,
            "purchase_id": purchase_key.rpartition("!")[2].split("#", 2)[2] if purchase_key else None,
            "held_until": instant_text(row["un"]) if "un" in row else None,
        },
        "account": account_after(row) if is_member else None,
        "reason": speaker.entry(str(row["c"]), what=reward, store=store, points=units, wallet=wallet),
        "entry": {"sequence": int(row["n"]), "points": points, "balance": posted, "hash": hex_text(row["h"])},
    }
    currency = book.programme.club.currency
    if not is_member:
        answer["left"] = {"available_minor": unpacked(row["b"])[0], "currency": currency}
    if code is not None:
        _, amount_minor, last = unpacked(row["cf"])
        answer["certificate"] = {"code": code, "amount_minor": amount_minor, "currency": currency, "expires_on": last}
    return answer


def rewards_answer(account: Account, offered: Sequence[Offered], book: Rulebook) -> shapes.RewardsAnswer:
    """Every reward of the programme with what stands in its way, for one member."""
    speaker = Speaker(book, account.language or book.programme.club.languages[0])
    return {"member_id": account.id, "rewards": [_offered(one, speaker, book) for one in offered]}


def _offered(one: Offered, speaker: Speaker, book: Rulebook) -> shapes.RewardOffered:
    reward, refusal = one.rule.reward, one.refusal
    return {
        "reward": reward.id,
        "name": speaker.named(reward.name, reward.id),
        "kind": reward.kind,
        "wallet": reward.wallet,
        "price": one.price,
        "decimals": book.decimals(reward.wallet),
        "worth_minor": None if reward.kind == "percent" else one.worth_minor,
        "can_be_taken": refusal is None,
        "why_not": refusal.why if refusal is not None else None,
        "missing": refusal.missing if refusal is not None else 0,
        "sentence": speaker.reward(one.rule) if refusal is None else speaker.refusal(one.rule, refusal),
    }
