"""A coupon's whole life in the running club: the clock gives it, a member sees and prints it, a till uses it once, a return gives
it back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx

from club.up import OpenClub
from tests.local.holdings import proven_postings
from tests.local.test_clock import invoked, part
from tests.local.test_purchases import problem
from tests.storefront import Json, Storefront, line, new_id, person, purchase

# One in ten is held out; of so many hardly ever all are.
DORMANT = 6


def dormant(main: Storefront) -> str:
    """A member who bought records three times, and then did not for more than two months."""
    member_id = str(main.join(person()).json()["member_id"])
    ago = datetime.now(UTC) - timedelta(days=63)
    for number in range(3):
        at = (ago + timedelta(hours=number)).isoformat(timespec="seconds")
        assert main.buy(purchase(line(9_000, category="vinyl"), member_id=member_id, occurred_at=at)).status_code == 201
    return member_id


def coupon_of(main: Storefront, member_id: str) -> Json | None:
    offers = main.http.get(f"/v1/members/{member_id}/offers").json()["offers"]
    own: list[Json] = [one["coupon"] for one in offers if one["coupon"] is not None]
    return own[0] if own else None


def validated(main: Storefront, member_id: str, code: str, **more: object) -> httpx.Response:
    asked = {"store": "main", "member_id": member_id, "code": code, **more}
    return main.http.post("/v1/coupons/validate", json=asked)


def test_a_coupon_is_given_seen_printed_used_once_by_sixteen_tills_and_given_back(
    club: OpenClub, main: Storefront
) -> None:
    members = [dormant(main) for _ in range(DORMANT)]
    assert invoked(club, part()) == []
    given = {one: coupon for one in members if (coupon := coupon_of(main, one)) is not None}
    assert given
    member_id, coupon = next(iter(given.items()))
    assert invoked(club, part()) == []
    assert coupon_of(main, member_id) == coupon
    code = coupon["code"]
    printed = main.http.get(f"/v1/members/{member_id}/offers/{coupon['coupon']}/certificate")
    assert (printed.status_code, code in printed.text) == (200, True)
    bodies = [purchase(line(5_000), member_id=member_id, codes=[code]) for _ in range(16)]
    told = validated(main, member_id, code, purchase=bodies[0]).json()
    assert (told["coupon"]["offer"], told["purchase"]["discount_minor"]) == ("win-back-fifth", 1_000)
    quoted = [{**main.quote(body).json()["purchase"], "occurred_at": body["occurred_at"]} for body in bodies]
    with ThreadPoolExecutor(16) as tills:
        answers = list(tills.map(main.buy, quoted))
    accepted = [answer for answer in answers if answer.status_code == 201]
    assert len(accepted) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {"offers_differ", "busy"}
    assert sum(1 for row in proven_postings(member_id) if "of" in row) == 1
    problem(validated(main, member_id, code), 422, "code_unusable")
    assert coupon_of(main, member_id) is None
    back = {"store": "main", "return_id": new_id("R"), "occurred_at": datetime.now(UTC).isoformat(timespec="seconds")}
    back |= {"purchase_id": accepted[0].json()["purchase"]["purchase_id"]}
    assert main.http.post("/v1/returns", json=back).status_code == 201
    assert coupon_of(main, member_id) == coupon
    stranger = main.new_member()
    problem(validated(main, stranger, code), 422, "code_unusable")
    proven_postings(member_id)
