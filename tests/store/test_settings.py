"""How many buckets there are for marks is written down with the minute from which on it holds, and read strictly."""

from __future__ import annotations

import pytest

from shared.settings import PARTS_MAX, SEEN_BUCKETS_MAX, SettingWrong, read_buckets, settings
from shared.store.tallies import mark_of, seen_key

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("text", "read"), [("0:1", ((0, 1),)), ("0:1 29756160:4  29800000:16", ((0, 1), (29756160, 4), (29800000, 16)))]
)
def test_what_is_written_is_read(text: str, read: tuple[tuple[int, int], ...]) -> None:
    assert read_buckets(text) == read


@pytest.mark.parametrize(
    "text", ["", "4", "1:4", "0:0", "0:-1", f"0:{SEEN_BUCKETS_MAX + 1}", "0:1 9:2 9:4", "0:1 9:2 8:4", "0:1,9:2", "0:x"]
)
def test_what_could_mean_something_else_is_refused_by_its_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CLUB_STAGE": "local", "CLUB_TABLES": "{}", "CLUB_SEEN_BUCKETS": text}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(SettingWrong, match="CLUB_SEEN_BUCKETS"):
        settings()
    settings.cache_clear()


@pytest.mark.parametrize("text", ["", "-1", "8.0", "x", str(PARTS_MAX + 1)])
def test_a_number_of_parts_that_is_none_is_refused_by_its_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CLUB_STAGE": "local", "CLUB_TABLES": "{}", "CLUB_PARTS": text}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(SettingWrong, match="CLUB_PARTS"):
        settings()
    monkeypatch.setenv("CLUB_PARTS", str(PARTS_MAX))
    assert settings().parts == PARTS_MAX
    settings.cache_clear()


def test_a_posting_is_marked_in_the_bucket_of_its_own_time_for_ever() -> None:
    marks = [mark_of(f"purchase#main#{number}") for number in range(200)]
    before, after = ((0, 4),), ((0, 4), (1_000, 16))
    for mark in marks:
        assert seen_key(mark, 984 * MINUTE_MS, before) == seen_key(mark, 984 * MINUTE_MS, after)
    assert {seen_key(mark, 1_005 * MINUTE_MS, after)[1] for mark in marks} == set(range(16))


def test_postings_of_one_quarter_of_an_hour_are_marked_together() -> None:
    mark, buckets = mark_of("purchase#main#1"), ((0, 1),)
    quarter = [seen_key(mark, minute * MINUTE_MS + 59_999, buckets)[0] for minute in range(30)]
    assert quarter == ["seen#0#0"] * 15 + ["seen#15#0"] * 15
