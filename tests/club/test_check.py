"""`club check` and `club publish` read a programme with the same eyes: every fault with its place, and none lets one through."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from club.__main__ import app
from tests.domain.shop import BASE, CLUB, rule

NEVER = rule("never", points=1, per="line", from_="2026-02-01", until="2026-01-31")


def run(tmp_path: Path, command: str, *tables: str) -> Result:
    path = tmp_path / "draft.toml"
    path.write_text("\n".join((CLUB, *tables)), "utf-8")
    return CliRunner().invoke(app, [command, str(path)], catch_exceptions=False)


@pytest.mark.parametrize("command", ["check", "publish", "rules"])
def test_a_rule_that_can_never_fire_is_a_fault_with_its_line(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command, BASE, NEVER)
    assert done.exit_code == 1
    assert "1 fault in " in done.stdout
    assert "draft.toml:20:1: rule 'never' can never fire: until is before from" in done.stderr


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, "check", rule(points=1, per_minor=100, when="purchase.totl > 1"), rule(points=1, per="basket"))
    assert done.exit_code == 1
    assert "per must be one of" in done.stderr


def test_a_good_programme_is_told_with_what_it_holds_and_what_to_know(tmp_path: Path) -> None:
    small = rule("small", points=9, per="purchase", when="purchase.items_minor < 5000")
    done = run(tmp_path, "check", BASE, small, '[[event]]\nid = "review"')
    assert done.exit_code == 0
    assert "no fault; 2 earning rules, 1 activity; en, he, fa." in done.stdout
    assert "to know: rule 'small' ends where purchase.items_minor grows" in done.stdout


def test_the_rules_as_members_read_them_end_with_what_points_buy(tmp_path: Path) -> None:
    tea = '[[reward]]\nid = "tea"\nkind = "product"\nsku = "TEA"\nprice = 50'
    done = run(tmp_path, "rules", BASE, tea)
    assert done.exit_code == 0
    assert done.stdout.rstrip().endswith("• tea: for 50 points, 1 unit of product TEA.")
    assert "1 earning rule, 1 reward; en, he, fa." in run(tmp_path, "check", BASE, tea).stdout


def test_each_automation_and_campaign_is_explained_in_a_sentence(tmp_path: Path) -> None:
    gift = 'points = 50\nholdout = 0\nno_holdout_because = "few"\n'
    told = (
        '[[automation]]\nid = "birthday"\non = "birthday"\npoints = 100\n',
        f'[[automation]]\nid = "silent"\non = "state"\nwhen = "member.days_since_purchase > 60"\nevery_days = 90\n{gift}',
        '[[segment]]\nid = "many"\nwhen = "member.purchases > 9"\n',
        f'[[campaign]]\nid = "thanks"\nsegment = "many"\n{gift}',
    )
    said = run(tmp_path, "check", BASE, *told).stdout.splitlines()
    assert "birthday: on a birthday, 100 points; 10% of members are held out, to measure it." in said
    assert (
        "silent: 50 points, when the number of days since the last purchase is above 60, again after 90 days at the "
        "earliest; nobody is held out: few." in said
    )
    assert "thanks: to the segment “many”, 50 points; nobody is held out: few." in said
