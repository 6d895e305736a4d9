"""An outside double-entry tool recomputes every balance from the exported ledger, and finds what does not balance."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from club.export import Told, as_beancount, as_csv, commodity, stories
from shared.store.rows import account_row
from tests.laws.shop import OPENED, Shop, bought, came_back
from tests.laws.test_certificates import GIFTS
from tests.laws.test_certificates import Club as Till
from tests.laws.test_proof import accounts, busy_shop, put
from tests.laws.test_redemptions import PAYING

# `make install` puts it beside the environment's packages and not among them.
BEANCOUNT = Path(sys.prefix) / "beancount"


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    """`bean-check` of a file, in an interpreter that sees no other package."""
    command = [sys.executable, "-S", "-m", "beancount.scripts.check", "--no-cache", str(path)]
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(BEANCOUNT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def exported(shop: Shop, path: Path) -> str:
    with path.open("w", encoding="utf-8") as file:
        for _ in as_beancount(file, told(shop)):
            pass
    return path.read_text("utf-8")


def told(shop: Shop) -> list[Told]:
    return list(stories(shop.club.store, shop.club.laws, accounts(shop)))


@pytest.fixture
def shop() -> Shop:
    """Returns, redemptions, lapses, adjustments, a conversion into another wallet, and a debt."""
    shop, one, two = busy_shop()
    shop.now += timedelta(days=61)
    shop.buy(bought("A-8", shop.now, ("CD-1", 1, 5_000)) | {"member_id": one})
    shop.hold("RD-9", one, units=50)
    shop.capture("RD-9")
    shop.bring_back(came_back("R-9", shop.now, "A-8"))
    shop.adjust(two, 20, "ADJ-2")
    shop.adjust(two, -5, "ADJ-3")
    kinds = {str(row["c"]) for member in (one, two) for row in shop.rows(member)}
    assert kinds == {"join", "purchase", "return", "hold", "capture", "void", "reversal", "adjust", "expiry"}
    assert shop.account(one).posted < 0
    assert shop.account(two).posted > 0
    return shop


def test_an_outside_tool_agrees_with_every_balance(shop: Shop, tmp_path: Path) -> None:
    text = exported(shop, tmp_path / "club.beancount")
    done = checked(tmp_path / "club.beancount")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert text.count(" balance Assets:Members:") == 3
    assert text.count("\n  sequence: ") == sum(account.sequence for account in accounts(shop))


@pytest.mark.parametrize(
    ("leg", "altered", "why"),
    [
        ("  200 POINTS\n", "  201 POINTS\n", "Transaction does not balance"),
        ("  7 POINTS\n  Equity:Adjusted  -7", "  8 POINTS\n  Equity:Adjusted  -8", "Balance failed"),
    ],
    ids=["a leg", "both legs"],
)
def test_an_outside_tool_finds_what_was_altered(shop: Shop, tmp_path: Path, leg: str, altered: str, why: str) -> None:
    path = tmp_path / "club.beancount"
    text = exported(shop, path)
    assert text.count(leg) == 1
    path.write_text(text.replace(leg, altered), "utf-8")
    done = checked(path)
    assert done.returncode == 1
    assert why in done.stderr


def test_an_outside_tool_finds_a_stored_balance_that_no_posting_explains(shop: Shop, tmp_path: Path) -> None:
    one = accounts(shop)[0]
    put(shop, "accounts", account_row(one._replace(posted=one.posted + 1)))
    exported(shop, tmp_path / "club.beancount")
    assert "Balance failed" in checked(tmp_path / "club.beancount").stderr


def test_a_transaction_names_the_key_the_kind_and_the_reason(shop: Shop, tmp_path: Path) -> None:
    text = exported(shop, tmp_path / "club.beancount")
    assert (
        '2025-01-01 * "purchase" "purchase#main#A-1"\n'
        "  sequence: 2\n"
        '  reason: "Purchase A-1 at main: 200 points."\n'
        "  Assets:Members:M0000000000000001  200 POINTS\n"
        "  Equity:Issued  -200 POINTS\n"
    ) in text
    assert '"capture" "capture#main#RD-3"' in text
    assert "Assets:Members:M0000000000000001  5 MONEY\n" in text


def test_what_is_named_strangely_is_still_read(tmp_path: Path) -> None:
    wallets = ["7", "a-wallet-with-a-name-of-forty-characters", "ends-in-a-hyphen-"]
    text = PAYING + "".join(f'[[wallet]]\nid = "{name}"\n' for name in wallets)
    shop = Shop(text)
    member = shop.join()
    for number, name in enumerate(wallets):
        shop.adjust(member, 5, f"ADJ-{number}", wallet=name)
    assert 'reason: "Changed by the club' in exported(shop, tmp_path / "club.beancount")
    done = checked(tmp_path / "club.beancount")
    assert (done.returncode, done.stderr) == (0, "")
    assert len({commodity(name) for name in [*wallets, "a-wallet-with-a-name-of-thirty-nine-char"]}) == 4


def test_as_csv_the_legs_of_each_posting_sum_to_nothing_and_members_to_their_balance(shop: Shop) -> None:
    file = io.StringIO()
    for _ in as_csv(file, told(shop)):
        pass
    lines = list(csv.DictReader(io.StringIO(file.getvalue())))
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        for place in ((line["key"], line["wallet"]), (line["account"], line["wallet"])):
            sums[place] = sums.get(place, 0) + int(line["units"])
    assert {sums[key, wallet] for key, wallet in sums if "#" in key} == {0}
    for account in accounts(shop):
        assert sums[account.id, "points"] == account.posted
    assert {line["key"] for line in lines} == {str(row["k"]) for one in accounts(shop) for row in shop.rows(one.id)}


def test_no_cell_is_taken_for_a_formula() -> None:
    shop = Shop(PAYING)
    member = shop.join(OPENED)
    account = shop.account(member)
    file = io.StringIO()
    for _ in as_csv(file, [Told(account, shop.rows(member), ["=HYPERLINK(1)"])]):
        pass
    assert "'=HYPERLINK(1)" in file.getvalue()


def test_an_outside_tool_agrees_with_what_is_on_gift_certificates_and_was_topped_up(tmp_path: Path) -> None:
    shop = Till(GIFTS)
    member = shop.join()
    code, top_up = shop.sell("GC-1"), bought("A-1", OPENED, ("CD-1", 1, 10_000), ("TOP", 1, 900))
    top_up["lines"][1] |= {"kind": "top_up"}
    shop.buy(top_up | {"member_id": member})
    shop.hold("R-1", member, reward="gift")
    shop.capture("R-1")
    shop.pay("P-1", code, units=3_000, purchase_id="A-2")
    shop.capture("P-1")
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 4_000)))
    shop.bring_back(came_back("B-1", OPENED, "A-2", amount_minor=1_000))
    shop.reverse("R-1", "B-1")
    text = exported(shop, tmp_path / "club.beancount")
    done = checked(tmp_path / "club.beancount")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert 'reason: "Gift certificate of $50.00 issued."' in text
    assert f"Assets:Members:{shop.sold[code]}  5000 CERTIFICATE\n" in text
    assert text.count("Equity:Sold  -") == 2
