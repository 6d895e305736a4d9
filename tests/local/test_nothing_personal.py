"""Names, phones, e-mails and ID numbers sent through every door are in no log of the club's and in no answer that refuses."""

from __future__ import annotations

import secrets
from typing import Any

from club.home import here
from club.up import OpenClub
from tests.local.holdings import all_rows
from tests.local.test_rights import root, without
from tests.storefront import Storefront, new_id, person, phone, purchase

LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def all_that_was_logged(club: OpenClub) -> str:
    """Every line of every log of the local AWS, and what it says itself."""
    logs: Any = root("logs", club)
    said = [here().ministack_log.read_text("utf-8", "replace")]
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        said += [event["message"] for page in pages for event in page["events"]]
    return "\n".join(said)


def test_what_is_personal_reaches_no_log_and_no_refusal(club: OpenClub, main: Storefront) -> None:
    mark = secrets.token_hex(5).translate(LETTERS)
    name, email, number = f"Zohra {mark.title()}", f"{mark}@example.com", phone()
    personal: dict[str, Any] = {
        "name": name, "email": email, "phone": number, "card": f"card-{mark}", "id_number": f"{mark}{mark}",
    }  # fmt: skip
    attributes = {"street": f"{mark} street 7"}
    member_id = main.new_member(**personal, attributes=attributes, birthday={"month": 2, "day": 29, "year": 1992})
    assert mark in repr(all_rows("people")).lower()

    refusals = [
        main.join(person(**personal)),
        main.join(person(**personal), "a b"),
        main.join(person(**personal) | {"name": f"<{name}>"}),
        main.join(person(**personal) | {"email": f"{email}@"}),
        main.join(person(**personal) | {"phone": f"{number}{mark}"}),
        main.join(person(**personal) | {"card": f"#{mark}"}),
        main.join(person(**personal) | {"language": mark[:2]}),
        main.join(person(**personal) | {"attributes": {"street": f"{mark}\x00"}}),
        main.look_up(email=f"other-{email}"),
        main.look_up(id_number=f"{mark}9"),
        main.look_up(**{kind: personal[kind] for kind in ("card", "phone")}),
        main.buy(purchase(card=f"other-{mark}")),
        main.buy(purchase(email=f"{email}\n")),
        main.quote(purchase(email=f"other-{email}")),
        main.http.post("/v1/members/lookup", content=f'{{"email": "{email}"'.encode()),
    ]
    with without(club, "member", "PutItem", "people"):
        refusals.append(main.join(person(**personal) | {"card": new_id("CARD"), "email": f"x{email}", "phone": phone()}
                                  | {"id_number": f"{mark}77"}))  # fmt: skip
    assert refusals[-1].status_code == 500
    assert {answer.status_code for answer in refusals} <= {400, 404, 409, 415, 422, 500}
    for contact in ("card", "phone", "email", "id_number"):
        assert main.look_up(**{contact: personal[contact]}).json()["member_id"] == member_id
        if contact != "id_number":
            assert main.buy(purchase(**{contact: personal[contact]})).status_code == 201

    told = "\n".join(answer.text + repr(answer.headers) for answer in refusals).lower()
    logged = all_that_was_logged(club).lower()
    assert '"route":"post /v1/members/lookup"' in logged
    for secret in (mark, number.removeprefix("+1"), number[-7:]):
        assert secret not in logged
        assert secret not in told


def test_a_line_of_the_log_is_short_and_says_only_what_may_be_said(club: OpenClub, main: Storefront) -> None:
    main.buy(purchase(member_id=main.new_member()))
    lines = [line for line in all_that_was_logged(club).splitlines() if line.startswith('{"level"')]
    assert lines
    assert max(map(len, lines)) <= 300
