"""The post of the running club: what happens at a till calls for a letter, which goes through stream, queues and gate to SES."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from club import programme
from club.store import tables
from club.up import PROGRAMME, OpenClub
from infra.stage import stage_named
from shared.domain.ledger import unpacked
from shared.domain.messages import Intent
from shared.store.people import person_of
from shared.store.post import Said, messages_of, put_waiting, quarter_of
from shared.store.runs import put_last_quarter
from tests.local.holdings import proven_postings
from tests.local.test_post_wires import _mails
from tests.local.test_rights import DELIVERED, LAW_IS_KEPT_S, WOKEN, root, without
from tests.local.test_tallies import becomes
from tests.storefront import Storefront, new_id, person

STAGE = stage_named("local")
AGREED = [{"kind": "email_marketing", "granted": True, "text_version": "2026-01"}]


@pytest.fixture(scope="module", autouse=True)
def always_open(club: OpenClub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demo's law, but nobody sleeps or rests at this hour: a test cannot wait for the morning."""
    here = datetime.now(UTC)
    far = (here + timedelta(hours=6)).strftime("%H:00"), (here + timedelta(hours=7)).strftime("%H:00")
    kept = []
    for line in PROGRAMME.read_text("utf-8").splitlines():
        if line.startswith(("observes", "rest =", "closed =")):
            continue
        if line.startswith("time_zone"):
            line = 'time_zone = "Etc/UTC"'
        if line.startswith("quiet_hours"):
            line = f'quiet_hours = {{ from = "{far[0]}", until = "{far[1]}" }}'
        kept.append(line)
    folder = tmp_path_factory.mktemp("law")
    for name, text in (("open.toml", "\n".join(kept)), ("demo.toml", PROGRAMME.read_text("utf-8"))):
        (folder / name).write_text(text + "\n", "utf-8")
    programme.publish(folder / "open.toml", at_once=True)
    # Functions keep the law that they have read for so long.
    time.sleep(LAW_IS_KEPT_S)
    yield
    programme.publish(folder / "demo.toml", at_once=True)
    time.sleep(LAW_IS_KEPT_S)


def joined(main: Storefront, **more: Any) -> str:
    """Somebody who joins at this moment."""
    answer = main.join(person() | {"joined_at": datetime.now(UTC).isoformat(timespec="seconds"), **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["member_id"])


def said(member: str) -> dict[str, Said]:
    return {one.intent.source: one for one in messages_of(tables(), member)}


def states(member: str) -> dict[str, tuple[str, str]]:
    return {source: (one.state, one.decisions[-1][2]) for source, one in said(member).items()}


def recorded(club: OpenClub, path: str) -> list[dict[str, Any]]:
    return list(_mails(httpx.get(f"{club.running.endpoint}/_ministack/{path}").json()))


def test_who_joins_gets_a_letter_of_welcome_in_their_language_by_ses(club: OpenClub, main: Storefront) -> None:
    email = f"{new_id('noa').lower()}@example.com"
    member = joined(main, name="נועה לוי", language="he", email=email)
    becomes(lambda: states(member), lambda: {"welcome": ("SENT", "allowed")})
    (mail,) = (one for one in recorded(club, "ses/messages") if one["To"] == [email])
    assert mail["MessageId"] == said(member)["welcome"].provider_id
    assert "נועה" in mail["BodyText"]
    assert 'dir="rtl"' in mail["BodyHtml"]
    proven_postings(member)


def test_who_can_be_reached_by_telephone_alone_gets_a_text_message(club: OpenClub, main: Storefront) -> None:
    number = f"+1 201 555 {int(datetime.now(UTC).timestamp()) % 10_000:04d}"
    member = joined(main, phone=number)
    becomes(lambda: states(member), lambda: {"welcome": ("SENT", "allowed")})
    (text,) = (one for one in recorded(club, "sns/sms-messages") if one["PhoneNumber"] == number.replace(" ", ""))
    assert "Noa" in text["Message"] or "Welcome" in text["Message"]


def test_a_phone_that_the_app_told_of_is_pushed_to_and_one_that_is_forgotten_is_not(
    club: OpenClub, main: Storefront
) -> None:
    """The local AWS says that it took what was pushed, and hands it to no maker of phones."""
    pushed, forgotten = (joined(main, joined_at="2025-01-05T10:00:00+02:00") for _ in range(2))
    token = f"{new_id('phone')}:APA91bF"
    for member in (pushed, pushed, forgotten):
        told = main.http.post(f"/v1/members/{member}/devices", json={"platform": "fcm", "token": f"{token}{member}"})
        assert (told.status_code, token in told.text) == (201, False)
    gone = main.http.post(
        f"/v1/members/{forgotten}/devices/forget", json={"platform": "fcm", "token": f"{token}{forgotten}"}
    )
    assert gone.status_code == 200
    assert (
        main.http.post(f"/v1/members/{pushed}/devices", json={"platform": "apns", "token": "a" * 64}).status_code == 422
    )
    person = person_of(tables().listed("people", pushed))
    assert person is not None
    known = root("sns", club).get_endpoint_attributes(EndpointArn=person.addresses["push"])["Attributes"]
    assert (known["Token"], known["Enabled"]) == (f"{token}{pushed}", "true")
    for member in (pushed, forgotten):
        assert handed(club, "notify", asked_for(member, "welcome").text) == []
    sent = said(pushed)["welcome"]
    assert (sent.state, sent.channel, bool(sent.provider_id)) == ("SENT", "push", True), sent.decisions
    assert states(forgotten)["welcome"] == ("REFUSED", "no_address")


def test_who_cannot_be_reached_is_not_and_the_reason_is_kept(club: OpenClub, main: Storefront) -> None:
    member = joined(main)
    becomes(lambda: states(member), lambda: {"welcome": ("REFUSED", "no_address")})


def test_a_purchase_calls_for_an_offer_of_what_goes_with_it(club: OpenClub, main: Storefront) -> None:
    members = [joined(main, email=f"{new_id('dana').lower()}@example.com", consents=AGREED) for _ in range(4)]
    for member in members:
        now = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="milliseconds")
        lines = [{"sku": "LP-1", "category": "vinyl", "quantity": 1, "amount_minor": 3_000}]
        body = {"store": "main", "purchase_id": new_id("A"), "occurred_at": now, "currency": "USD", "lines": lines}
        assert main.buy(body | {"total_minor": 3_000, "member_id": member}).status_code == 201

    def called(member: str) -> list[str]:
        told = [unpacked(row["au"]) for row in proven_postings(member) if row["c"] == "due"]
        return sorted(name for name, *_ in told)

    becomes(lambda: [called(member) for member in members], lambda: [["after-purchase", "welcome"]] * 4)
    treated = [member for member in members if "after-purchase" in said(member)]
    # It waits a minute for others of its kind, of which the most valuable goes.
    for member in treated:
        assert said(member)["after-purchase"].state in ("PENDING", "CLAIMED", "SENT")


def asked_for(member: str, source: str) -> Intent:
    """A message that something has called for just now."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    name = f"{now_ms:013d}-{hashlib.sha256(source.encode()).hexdigest()[:20]}"
    today = datetime.now(UTC).date()
    return Intent(name, member, f"due#{source}", source, "welcome", "service", (), now_ms, today, 0, {})


def handed(club: OpenClub, function: str, body: str) -> list[str]:
    """Hands a deployed function one message as its queue does; its id, where it failed."""
    event = {"Records": [{"messageId": "1", "body": body}]}
    answer = root("lambda", club).invoke(FunctionName=STAGE.function(function), Payload=json.dumps(event).encode())
    return [one["itemIdentifier"] for one in json.loads(answer["Payload"].read())["batchItemFailures"]]


@pytest.mark.parametrize("right", sorted(WOKEN), ids=" ".join)
def test_without_one_of_its_rights_nothing_that_waits_is_lost(club: OpenClub, right: tuple[str, str, str]) -> None:
    """A row that waited is still there, and goes on its way once the right is given back."""
    intent, until = asked_for("M0000000000000000", new_id("welcome").lower()), datetime.now(UTC) - timedelta(minutes=20)
    tables().write([put_waiting(intent, until)])
    put_last_quarter(tables(), "waiting", quarter_of(until) - 1)
    with without(club, *right):
        assert handed(club, "scheduler", json.dumps({"job": "waiting"})) == ["1"]
    assert handed(club, "scheduler", json.dumps({"job": "waiting"})) == []
    becomes(lambda: states("M0000000000000000").get(intent.source), lambda: ("REFUSED", "erased"))


@pytest.mark.parametrize("right", sorted(DELIVERED), ids=" ".join)
def test_without_one_of_its_rights_a_letter_is_not_sent_and_with_it_it_goes_once(
    club: OpenClub, main: Storefront, right: tuple[str, str, str]
) -> None:
    email = f"{new_id('noa').lower()}@example.com"
    member = joined(main, email=email, joined_at="2025-01-05T10:00:00+02:00")
    intent = asked_for(member, "welcome")
    with without(club, *right):
        if right[2] == "club":
            time.sleep(LAW_IS_KEPT_S)
        assert handed(club, "notify", intent.text) == ["1"]
    assert [one for one in recorded(club, "ses/messages") if one["To"] == [email]] == []
    for _ in range(2):
        assert handed(club, "notify", intent.text) == []
    assert states(member) == {"welcome": ("SENT", "allowed")}
    assert len([one for one in recorded(club, "ses/messages") if one["To"] == [email]]) == 1
