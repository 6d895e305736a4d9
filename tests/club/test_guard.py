"""`club guard` and `club check` show the arithmetic before an offer loses money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from club.__main__ import app
from club.console import Trouble
from club.guard import usually_bought
from tests.domain.shop import BASE, CLUB
from tests.laws.shop import Shop, bought

MARGIN = "[margin]\nfloor_percent = 20\n[[cost]]\npercent = 60"
PAIR = '[[offer]]\nid = "three"\nbuy = 3\nget = 1\n[[offer]]\nid = "tenth"\npercent = 10'


def run(tmp_path: Path, *words: str, tables: tuple[str, ...] = (MARGIN, BASE, PAIR)) -> Result:
    path = tmp_path / "draft.toml"
    path.write_text("\n".join((CLUB, *tables)), "utf-8")
    return CliRunner().invoke(app, [words[0], str(path), *words[1:]], catch_exceptions=False)


def test_the_worst_stacking_is_shown_for_each_kind_of_goods(tmp_path: Path) -> None:
    told = run(tmp_path, "guard").stdout
    assert "32.5%" in told
    assert "25%" in told
    assert "lowered" in told
    assert "Of $100.00, $67.50 would be left, but the floor asks for $75.00" in " ".join(told.split())


def test_a_check_says_it_too_and_lets_the_programme_through(tmp_path: Path) -> None:
    done = run(tmp_path, "check")
    assert done.exit_code == 0
    assert "to know: All other goods: up to 32.5% off (three, tenth)." in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", ["check", "publish"])
def test_an_offer_below_the_floor_is_refused_with_the_arithmetic(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command, tables=(MARGIN, BASE, '[[offer]]\nid = "half"\npercent = 50'))
    assert done.exit_code == 1
    assert "offer 'half' passes the floor of margin: All other goods: up to 50% off (half)." in " ".join(
        done.stderr.split()
    )


def test_a_floor_without_costs_is_a_fault(tmp_path: Path) -> None:
    done = run(tmp_path, "check", tables=("[margin]\nfloor_percent = 20", BASE))
    assert done.exit_code == 1
    assert "no [[cost]] says what goods cost" in done.stderr


def test_a_member_is_told_of_another_offer(tmp_path: Path) -> None:
    told = run(tmp_path, "guard", "--offer", "three", "--usual", "5").stdout
    assert "of which 1 would be bought anyway" in " ".join(told.split())
    assert "instead 6+1" in told
    hebrew = run(tmp_path, "guard", "--offer", "three", "--language", "he").stdout
    assert "אפשר לתת" in hebrew


PERSONAL = '[[offer]]\nid = "pair"\nbuy = 1\nget = 1\npersonal = true\nvalid_days = 30\n'
GIVES = '[[automation]]\nid = "again"\non = "anniversary"\noffer = "pair"\n'


def test_a_check_says_which_coupons_are_for_few_and_what_could_take_their_place(tmp_path: Path) -> None:
    told = " ".join(run(tmp_path, "check", tables=(BASE, PERSONAL, GIVES)).stdout.split())
    assert (
        "who usually buys more than 1 is given no coupon of offer 'pair': a personal offer of 3+1 could stand" in told
    )
    assert (
        "Automation again reads the ledger, of who passes the rest of its condition: what the member usually buys"
        in told
    )
    three = PERSONAL.replace("pair", "three").replace("buy = 1", "buy = 3")
    better = PERSONAL + 'instead = "three"\n'
    told = " ".join(run(tmp_path, "check", tables=(BASE, better, three, GIVES)).stdout.split())
    assert (
        "who usually buys more than 3 is given no coupon of offer 'three': a personal offer of 5+1 could stand" in told
    )
    assert "offer 'pair'" not in told


def test_what_a_member_usually_buys_is_read_of_the_ledger() -> None:
    shop = Shop('[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n' + PERSONAL)
    member, book = shop.join(), shop.club.laws.latest()
    shop.now = datetime.now(UTC)
    for number in (1, 2, 3):
        shop.buy(
            bought(f"A-{number}", shop.now - timedelta(days=number), ("lp-1", number, 500)) | {"member_id": member}
        )
    assert usually_bought(book.offers[0], member, shop.club.store, book) == 2
    with pytest.raises(Trouble, match="There is no member 'M-NONE'"):
        usually_bought(book.offers[0], "M-NONE", shop.club.store, book)


def test_what_cannot_be_guarded_is_said(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="has no floor of margin"):
        run(tmp_path, "guard", tables=(BASE, PAIR))
    with pytest.raises(Trouble, match="There is no offer 'four'"):
        run(tmp_path, "guard", "--offer", "four")
