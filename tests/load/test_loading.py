"""A whole load against a club on loopback: what is accepted, repeated and refused, and what a bad line does to it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from club.home import Home
from club.load import Report, cdnow, load_cdnow, load_csv
from club.load.problems import ClubHoldsOther, LoadStopped, SettingMissing
from tests.load.loopback_club import KEY, LoopbackClub

File = Callable[..., Path]
HEADER = "purchase_id,occurred_at,amount,currency,card"
TODAY = date(2026, 11, 22)


def cdnow_into(club: LoopbackClub, home: Home, customers: int | None = 40, **how: Any) -> Report:
    return load_cdnow(club.url, KEY, "main", home=home, customers_max=customers, **{"today": TODAY, **how})


def csv_into(club: LoopbackClub, home: Home, path: Path, **how: Any) -> Report:
    return load_csv(path, club.url, KEY, "main", home=home, **how)


def outcomes(report: Report) -> tuple[int, int, int]:
    return report.accepted, report.repeated, report.refused


def test_every_customer_joins_at_the_first_purchase_and_every_row_is_taken(club: LoopbackClub, home: Home) -> None:
    rows = cdnow.rows(cdnow.folder(), "sample", 40)
    report = cdnow_into(club, home)
    assert outcomes(report) == (len(rows), 0, 0)
    assert report.clean
    assert report.members_joined == report.buyers == 40
    assert report.points == club.points == sum(row.amount_minor // 100 for row in rows)
    assert report.money_minor == {"USD": sum(row.amount_minor for row in rows)}
    assert set(club.recorded) == {str(row.number) for row in rows}
    for card, member in club.cards.items():
        bought = [each.occurred_at for each, _ in club.recorded.values() if each.card == card]
        assert member["joined_at"] == min(bought).isoformat()
        assert (member["name"], member["source"]) == (card.replace("-", " "), "cdnow")


def test_the_last_day_of_the_whole_log_lands_on_yesterday(club: LoopbackClub, home: Home) -> None:
    cdnow_into(club, home, 3)
    row = cdnow.rows(cdnow.folder(), "sample", 1)[0]
    moved = club.recorded[str(row.number)][0].occurred_at.astimezone(cdnow.ZONE).date()
    assert moved - row.day == TODAY - timedelta(days=1) - date(1998, 6, 30)


def test_the_same_load_again_is_repeated_row_by_row_and_issues_nothing(club: LoopbackClub, home: Home) -> None:
    first = cdnow_into(club, home)
    again = cdnow_into(club, home)
    assert outcomes(again) == (0, first.accepted, 0)
    assert again.points == first.points == club.points
    assert (again.members_joined, again.members_known) == (0, 40)


def test_the_same_load_on_a_later_day_and_from_another_machine_keeps_its_dates(
    club: LoopbackClub, home: Home, tmp_path: Path
) -> None:
    first = cdnow_into(club, home)
    later = cdnow_into(club, Home(tmp_path / "elsewhere"), today=TODAY + timedelta(days=9))
    assert outcomes(later) == (0, first.accepted, 0)


def test_the_whole_log_after_the_sample_doubles_nothing(club: LoopbackClub, home: Home) -> None:
    first = cdnow_into(club, home, 30)
    wider = cdnow_into(club, home, 60, part="all")
    assert wider.repeated == first.accepted
    assert wider.accepted == len(club.recorded) - first.accepted > 0


def test_the_log_is_not_loaded_under_two_datings(club: LoopbackClub, home: Home) -> None:
    cdnow_into(club, home, 2)
    with pytest.raises(ClubHoldsOther, match="without --as-dated"):
        cdnow_into(club, home, 2, as_dated=True)
    club.forget_everything()
    cdnow_into(club, home, 2, as_dated=True)
    assert {each.occurred_at.year for each, _ in club.recorded.values()} <= {1997, 1998}
    with pytest.raises(ClubHoldsOther, match="with --as-dated"):
        cdnow_into(club, home, 2)


def test_a_first_purchase_that_is_not_the_logs_stops_before_anything_is_sent(club: LoopbackClub, home: Home) -> None:
    cdnow_into(club, home, 1)
    first = next(iter(club.recorded.values()))[1]["purchase"]
    first["occurred_at"] = "2026-11-01T08:15:00Z"
    club.posts.clear()
    with pytest.raises(ClubHoldsOther, match="not noon"):
        cdnow_into(club, home, 20)
    assert club.posts == []


def test_a_refused_first_purchase_stops_the_log_before_the_others_are_sent(club: LoopbackClub, home: Home) -> None:
    club.faults["join CDNOW-00004"] = ["refused"]
    with pytest.raises(LoadStopped, match=r"nothing else was sent.*join_invalid"):
        cdnow_into(club, home)
    assert club.recorded == {}
    assert club.posts == []


def test_rows_of_amount_zero_and_equal_rows_are_purchases_of_their_own(
    club: LoopbackClub, home: Home, file: File
) -> None:
    equal = "2026-11-01,9.99,USD,C1"
    path = file(HEADER, f"1,{equal}", f"2,{equal}", "3,2026-11-01,0.00,USD,C1")
    report = csv_into(club, home, path, join=True)
    assert outcomes(report) == (3, 0, 0)
    assert report.points == 9 + 9 + 0
    assert club.recorded["3"][0].total_minor == 0


@pytest.mark.parametrize(
    "faults",
    [["503", "503"], ["429"], ["500"], ["lost_before"], ["lost_after"], ["lost_after", "503", "lost_before"]],
)
def test_what_may_pass_is_tried_again_and_counted_once(
    club: LoopbackClub, home: Home, file: File, faults: list[str]
) -> None:
    club.faults["A-2"] = list(faults)
    report = csv_into(club, home, file(HEADER, *(f"A-{n},2026-11-01,5,USD,C1" for n in range(4))), join=True)
    assert report.clean
    assert (report.accepted + report.repeated, report.points, club.points) == (4, 20, 20)
    assert report.repeated == ("lost_after" in faults)
    assert report.retries >= len(faults)


def test_a_row_at_which_the_club_keeps_failing_is_refused_and_the_rest_goes_on(
    club: LoopbackClub, home: Home, file: File
) -> None:
    club.faults["A-1"] = ["500"] * 50
    report = csv_into(club, home, file(HEADER, *(f"A-{n},2026-11-01,5,USD,C1" for n in range(4))), join=True)
    assert outcomes(report) == (3, 0, 1)
    assert report.refusals[0].code == "http_500"
    assert club.posts.count("A-1") == 9


def test_a_club_that_stays_busy_stops_the_load_and_the_next_one_goes_on(
    club: LoopbackClub, home: Home, file: File
) -> None:
    path = file(HEADER, *(f"A-{n},2026-11-01T10:0{n}:00Z,5,USD,C1" for n in range(4)))
    club.faults["A-2"] = ["503"] * 50
    with pytest.raises(LoadStopped, match="not able to answer"):
        csv_into(club, home, path, join=True)
    club.faults.clear()
    club.posts.clear()
    report = csv_into(club, home, path, join=True)
    assert club.posts == ["A-2", "A-3"]
    assert outcomes(report) == (4, 0, 0)


def test_a_wrong_key_stops_the_load_at_once(club: LoopbackClub, home: Home, file: File) -> None:
    path = file(HEADER, *(f"A-{n},2026-11-01,5,USD,C{n}" for n in range(50)))
    with pytest.raises(LoadStopped, match="refuses the key: Unauthorized"):
        load_csv(path, club.url, "ck_test_wrong", "main", home=home)


def test_a_key_that_cannot_be_one_is_refused_before_it_is_sent(club: LoopbackClub, home: Home, file: File) -> None:
    with pytest.raises(SettingMissing, match="not a key"):
        load_csv(file(HEADER), club.url, "ck_test_\nX-Injected: 1", "main", home=home)


def test_a_row_of_a_store_that_the_key_does_not_open_is_refused_alone(
    club: LoopbackClub, home: Home, file: File
) -> None:
    path = file(HEADER + ",store", "A-1,2026-11-01,5,USD,,north", "A-2,2026-11-01,5,USD,,")
    report = csv_into(club, home, path)
    assert outcomes(report) == (1, 0, 1)
    assert report.refusals[0] == ("store_not_allowed", 1, "This key is bound to another store (store: north)", (2,))


def test_a_club_that_is_not_there_is_said_in_one_sentence(club: LoopbackClub, home: Home, file: File) -> None:
    with pytest.raises(LoadStopped, match="cannot be reached"):
        load_csv(file(HEADER, "A-1,2026-11-01,5,USD,C1"), "http://127.0.0.1:9", KEY, "main", home=home)


@pytest.mark.parametrize("url", ["ftp://club.example", "club.example", "http://club.example", "http://[", ""])
def test_the_key_is_never_sent_in_the_clear_to_another_machine(home: Home, file: File, url: str) -> None:
    with pytest.raises(SettingMissing):
        load_csv(file(HEADER, "A-1,2026-11-01,5,USD,C1"), url, KEY, "main", home=home)


def test_refused_rows_are_counted_with_their_reason_and_written_row_by_row(
    club: LoopbackClub, home: Home, file: File
) -> None:
    path = file(
        HEADER,
        "A-1,2026-11-01,5,USD,C1",
        "A-2,2026-11-01,oops,USD,C1",
        "A-3,2026-11-01,5,usd,C1",
        "=1+1,2026-11-01,5,USD,C1",
        "A-5,2026-11-01,5,USD,",
        "A-1,2026-11-02,7,USD,C1",
    )
    report = csv_into(club, home, path, join=True)
    assert outcomes(report) == (2, 0, 4)
    assert (report.purchases, report.buyers, report.guests) == (6, 1, 1)
    assert {(each.code, each.rows) for each in report.refusals} == {
        ("cell_unreadable", 1),
        ("invalid", 2),
        ("purchase_id_used_twice", 1),
    }
    with report.rows_csv.open(newline="") as written:
        rows = list(csv.DictReader(written))
    assert [(row["line"], row["purchase_id"], row["outcome"], row["code"]) for row in rows] == [
        ("2", "A-1", "accepted", ""),
        ("3", "A-2", "refused", "cell_unreadable"),
        ("4", "A-3", "refused", "invalid"),
        ("5", "'=1+1", "refused", "invalid"),
        ("6", "A-5", "accepted", ""),
        ("7", "A-1", "refused", "purchase_id_used_twice"),
    ]
    assert "line 2 has this purchase_id already" in rows[5]["reason"]
    assert rows[0]["points"] == "5"


def test_a_purchase_the_club_holds_with_other_content_is_refused(club: LoopbackClub, home: Home, file: File) -> None:
    csv_into(club, home, file(HEADER, "A-1,2026-11-01,5,USD,C1"), join=True)
    report = csv_into(club, home, file(HEADER, "A-1,2026-11-01,6,USD,C1"), join=True)
    assert outcomes(report) == (0, 0, 1)
    assert report.refusals[0].code == "purchase_differs"
    assert club.points == 5


def test_unknown_cards_join_only_when_asked(club: LoopbackClub, home: Home, file: File) -> None:
    path = file(HEADER, "A-1,2026-11-01,5,USD,C1")
    assert csv_into(club, home, path).refusals[0].code == "member_unknown"
    assert club.cards == {}
    joined = csv_into(club, home, path, join=True)
    assert (outcomes(joined), joined.members_joined) == ((1, 0, 0), 1)


def test_a_card_that_is_a_member_already_is_no_reason_to_refuse(club: LoopbackClub, home: Home, file: File) -> None:
    club.cards["C1"] = {"card": "C1"}
    report = csv_into(club, home, file(HEADER, "A-1,2026-11-01,5,USD,C1"), join=True)
    assert (outcomes(report), report.members_known) == ((1, 0, 0), 1)


def test_purchases_of_a_buyer_who_could_not_join_are_not_sent(club: LoopbackClub, home: Home, file: File) -> None:
    club.faults["join C1"] = ["refused"]
    path = file(HEADER, "A-1,2026-11-01,5,USD,C1", "A-2,2026-11-01,5,USD,C2")
    report = csv_into(club, home, path, join=True)
    assert outcomes(report) == (1, 0, 1)
    assert club.posts == ["A-2"]
    assert report.refusals[0].code == "join_invalid"


def test_a_members_purchases_are_sent_one_after_another_in_the_order_of_time(
    club: LoopbackClub, home: Home, file: File
) -> None:
    club.pause_s = 0.003
    days = [f"{member}-{day},2026-10-{day:02d},5,USD,C{member}" for day in range(12, 0, -1) for member in range(6)]
    report = csv_into(club, home, file(HEADER, *days), join=True)
    assert report.clean
    assert club.overlaps == 0
    for member in range(6):
        sent = [int(each.split("-")[1]) for each in club.posts if each.startswith(f"{member}-")]
        assert sent == list(range(1, 13))
