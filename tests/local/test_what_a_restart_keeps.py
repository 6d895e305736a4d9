"""The local AWS is stopped cleanly and started again: every answer is the same, every balance is the same."""

from __future__ import annotations

from club import ministack, staff
from club.home import here
from club.up import OpenClub
from tests.local.holdings import proven_postings, row_counts
from tests.storefront import Storefront, new_id, person, purchase


def test_after_a_restart_repeats_answer_the_same_and_balances_are_the_same(club: OpenClub, main: Storefront) -> None:
    joining, join_key = person(), new_id("join")
    joined = main.join(joining, join_key)
    member_id = joined.json()["member_id"]
    bodies = [purchase(member_id=member_id) for _ in range(5)] + [purchase()]
    answers = [main.buy(body) for body in bodies]
    held, balance = row_counts(), main.member(member_id).content
    statement = main.statement(member_id, limit=3)

    home = here()
    token = staff.token(staff.demo_email("clerk"))
    seen = _seen_by_staff(club, token, member_id)
    before = ministack.running(home)
    assert before is not None
    assert ministack.stop(home)
    assert ministack.running(home) is None
    after = ministack.start(home, club.running.port)
    assert (after.port, after.state_lost) == (before.port, False)
    assert after.pid != before.pid

    assert row_counts() == held
    for body, answer in zip(bodies, answers, strict=True):
        again = main.buy(body)
        assert (again.status_code, again.content) == (201, answer.content)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert main.join(joining, join_key).content == joined.content
    assert main.member(member_id).content == balance
    assert main.statement(member_id, limit=3).content == statement.content
    cursor = statement.json()["next_cursor"]
    assert main.statement(member_id, limit=3, cursor=cursor).status_code == 200
    assert row_counts() == held
    # Who was signed in still is, and who works here can sign in again.
    for shown in (token, staff.token(staff.demo_email("clerk"))):
        assert _seen_by_staff(club, shown, member_id) == seen
    # And the club goes on where it was.
    assert main.buy(purchase(member_id=member_id)).json()["entry"]["sequence"] == 7
    assert len(proven_postings(member_id)) == 7


def _seen_by_staff(club: OpenClub, token: str, member_id: str) -> bytes:
    with Storefront(club.url, token) as desk:
        answer = desk.http.get(f"/v1/staff/members/{member_id}")
    assert answer.status_code == 200, answer.text
    return answer.content
