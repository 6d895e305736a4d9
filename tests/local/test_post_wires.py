"""The wires of the running club: a mail and a text message that the local AWS took, what SES tells of it, and a member's link."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import pytest

from club import aws, ministack
from club.store import tables
from club.up import OpenClub
from infra.stage import stage_named
from shared.actions.take_notice import MARKS
from shared.domain.messages import Intent
from shared.domain.notices import Label
from shared.settings import AwsKeys
from shared.store import keys
from shared.store.backend import Put
from shared.store.people import person_of
from shared.store.peppers import Peppers
from shared.store.sender import SES, SNS, Sender, Service
from shared.store.wires import Email, Refused, Sms
from tests import ses
from tests.local.test_rights import NOTICED, PAGED, root, without
from tests.local.test_tallies import becomes
from tests.storefront import Storefront, new_id, person

STAGE = stage_named("local")
SENDER = "club@rimon.example"
LAW_IS_KEPT_S = 2.1
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
# A function that starts on a busy machine.
PATIENCE_S = 30.0


class Written(NamedTuple):
    subject: str = "יום הולדת שמח, نوا"
    text: str = "מתנה מחכה לך: 100 נקודות"
    html: str = '<p dir="rtl">מתנה</p>'
    sender: str = f"=?utf-8?B?16jXmdee15XXnw==?= <{SENDER}>"
    headers: Mapping[str, str] = MappingProxyType({"List-Unsubscribe": "<https://club.example/v1/preferences/x>"})


def sender(club: OpenClub, service: Service) -> Sender:
    return Sender(service, club.running.endpoint, ministack.REGION, lambda: AwsKeys(*aws.LOCAL_KEYS.values()))


def label(member: str) -> Label:
    return Label(member, f"1795366800000-{new_id('a').lower().replace('-', '')}", "birthday", "marketing")


def recorded(club: OpenClub, path: str) -> str:
    """What the local AWS says that it has sent, as one text."""
    answer = httpx.get(f"{club.running.endpoint}/_ministack/{path}")
    assert answer.status_code == 200
    return json.dumps(answer.json(), ensure_ascii=False)


@pytest.fixture(scope="module")
def verified(club: OpenClub) -> None:
    root("sesv2", club).create_email_identity(EmailIdentity=SENDER)


def test_a_mail_is_taken_with_its_subject_and_both_its_bodies(club: OpenClub, verified: None) -> None:
    address = f"{new_id('dana').lower()}@example.com"
    sent = Email(sender(club, SES), STAGE.mail).send(address, Written(), label("M0123456789ABCDEF"))
    told = recorded(club, "ses/messages")
    assert sent.id in told
    (mail,) = (one for one in _mails(json.loads(told)) if one["MessageId"] == sent.id)
    assert (mail["To"], mail["Source"]) == ([address], Written().sender)
    assert (mail["Subject"], mail["BodyText"], mail["BodyHtml"]) == (Written().subject, Written().text, Written().html)


def _mails(told: Any) -> Iterator[dict[str, Any]]:
    """Every mail in what the local AWS says, however deep it lies."""
    if isinstance(told, dict):
        if "MessageId" in told:
            yield told
        for one in told.values():
            yield from _mails(one)
    elif isinstance(told, list):
        for one in told:
            yield from _mails(one)


def test_mail_from_a_sender_that_nobody_has_verified_stops_the_channel(club: OpenClub) -> None:
    letter = Written()._replace(sender="club@nobody.example")
    with pytest.raises(Refused) as refused:
        Email(sender(club, SES), STAGE.mail).send("dana@example.com", letter, label("M0123456789ABCDEF"))
    assert (refused.value.why, refused.value.code) == ("paused", "MessageRejected")


def test_a_text_message_is_taken_as_what_somebody_waits_for_or_as_an_advertisement(club: OpenClub) -> None:
    number = "+972502345678"
    wire = Sms(sender(club, SNS), ["IL"], "Rimon")
    for purpose, kind in (("marketing", "Promotional"), ("urgent", "Transactional")):
        sent = wire.send(number, Written(), label("M0123456789ABCDEF")._replace(purpose=purpose))  # type: ignore[arg-type]
        (text,) = (one for one in _mails(json.loads(recorded(club, "sns/sms-messages"))) if one["MessageId"] == sent.id)
        assert (text["PhoneNumber"], text["Message"]) == (number, Written().text)
        assert kind in json.dumps(text["MessageAttributes"])
        assert "Rimon" in json.dumps(text["MessageAttributes"])


class Known(NamedTuple):
    """A member who agreed to mail, their address and the link that their messages carry."""

    member: str
    email: str
    link: str


@pytest.fixture
def known(club: OpenClub, main: Storefront) -> Known:
    email = f"{new_id('dana').lower()}@example.com"
    agreed = [{"kind": "email_marketing", "granted": True, "text_version": "2026-01"}]
    joined = main.join(person() | {"email": email, "consents": agreed})
    assert joined.status_code == 201, joined.text
    member = str(joined.json()["member_id"])
    secret = aws.client("ssm").get_parameter(Name=STAGE.peppers, WithDecryption=True)["Parameter"]["Value"]
    return Known(member, email, f"{club.url}/v1/preferences/{Peppers(secret).sealed(member)}")


def consents(member: str) -> dict[str, bool]:
    found = person_of(tables().listed("people", member))
    assert found is not None
    return {kind: consent.granted for kind, consent in found.consents.items()}


def test_the_page_is_shown_and_one_click_of_a_mail_program_is_enough(known: Known) -> None:
    shown = httpx.get(known.link, timeout=PATIENCE_S)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert known.email not in shown.text
    assert consents(known.member) == {"email_marketing": True}
    for how in ({"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}):
        assert httpx.post(known.link, timeout=PATIENCE_S, **how).status_code == 200  # type: ignore[arg-type]
        assert consents(known.member) == {"email_marketing": False}
    assert len(tables().listed("people", known.member)) == 3


def test_a_link_with_one_letter_changed_opens_nothing(known: Known) -> None:
    changed = known.link[:-1] + ("A" if known.link[-1] != "A" else "B")
    answer = httpx.post(changed, data=ONE_CLICK, timeout=PATIENCE_S)
    assert answer.status_code == 404
    assert consents(known.member) == {"email_marketing": True}


@pytest.mark.parametrize("right", sorted(PAGED), ids=" ".join)
def test_without_one_of_its_rights_the_page_changes_nothing(
    club: OpenClub, known: Known, right: tuple[str, str, str]
) -> None:
    with without(club, *right):
        if right[2] == "club":
            time.sleep(LAW_IS_KEPT_S)
        assert httpx.post(known.link, data=ONE_CLICK, timeout=PATIENCE_S).status_code == 500
    assert consents(known.member) == {"email_marketing": True}
    assert httpx.post(known.link, data=ONE_CLICK, timeout=PATIENCE_S).status_code == 200
    assert consents(known.member) == {"email_marketing": False}


def delivered(club: OpenClub, member: str) -> Label:
    """Hands the deployed function a message that somebody waits for, as its queue does."""
    now = datetime.now(UTC)
    one = Intent(
        label(member).message_id, member, f"join#main#{member}", "welcome", "welcome", "urgent", ("email",),
        int(now.timestamp() * 1000), now.date() + timedelta(days=2), 0, {},
    )  # fmt: skip
    for _ in range(2):
        assert _invoked(club, "notify", one.text) == []
    return Label(member, one.id, one.source, one.purpose)


def test_a_message_of_the_queue_is_a_mail_with_a_link_that_ends_it_and_what_ses_tells_of_it_is_marked(
    club: OpenClub, known: Known
) -> None:
    one = delivered(club, known.member)
    row = tables().get("post", {"m": one.member, "s": keys.message(one.message_id)})
    assert row is not None
    assert row["st"] == "SENT", row
    (mail,) = (sent for sent in _mails(json.loads(recorded(club, "ses/messages"))) if known.email in sent.get("To", ()))
    assert mail["MessageId"] == row["p"]
    link = next(iter(re.findall(r"http://[^\s\"<>]+/v1/preferences/[A-Za-z0-9_-]+", mail["BodyText"])))
    assert link == known.link
    assert httpx.post(link, data=ONE_CLICK, timeout=PATIENCE_S).status_code == 200
    assert consents(known.member) == {"email_marketing": False}
    now = datetime.now(UTC)
    assert _invoked(club, "notices", ses.notice("Open", one, now, ses.opened(now))) == []
    assert marks(one) == {"opened"}
    after = tables().get("post", {"m": one.member, "s": keys.message(one.message_id)})
    assert after is not None
    assert (after["st"], after["p"]) == ("SENT", mail["MessageId"])


def suppressed(member: str) -> str | None:
    row = tables().get("post", {"m": member, "s": "suppressed#email"})
    return row["kind"] if row else None


def said(member: str) -> Label:
    """A message that the club has sent to a member."""
    one = label(member)
    tables().write([Put("post", {"m": member, "s": keys.message(one.message_id), "n": 1, "st": "SENT"})])
    return one


def marks(one: Label) -> set[str]:
    row = tables().get("post", {"m": one.member, "s": keys.message(one.message_id)})
    assert row is not None
    return set(row.get(MARKS, {}))


def test_a_notice_goes_from_the_topic_through_the_queue_to_the_member_whose_address_is_dead(
    club: OpenClub, known: Known
) -> None:
    one, now = said(known.member), datetime.now(UTC)
    topic = f"arn:aws:sns:{ministack.REGION}:000000000000:{STAGE.mail}"
    for text in (
        "Successfully validated SNS topic for Amazon SES event publishing.",
        ses.notice("Send", one, now, {}),
        ses.notice("Bounce", one, now, ses.bounce(now + timedelta(seconds=1), known.email, "stranger@example.com")),
    ):
        for _ in range(2):
            root("sns", club).publish(TopicArn=topic, Message=text)
    becomes(lambda: (suppressed(known.member), marks(one)), lambda: ("hard_bounce", {"sent", "bounced"}))
    day = now.date().isoformat()
    assert sum(row["sent"] for row in tables().listed("post", f"mails#live#{day}")) >= 1


def _invoked(club: OpenClub, function: str, *bodies: str) -> list[str]:
    """Hands a deployed function messages as its queue does; the ids of those that failed."""
    records = [{"messageId": str(at), "body": body} for at, body in enumerate(bodies)]
    answer = root("lambda", club).invoke(
        FunctionName=STAGE.function(function), Payload=json.dumps({"Records": records}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    return [one["itemIdentifier"] for one in json.loads(answer["Payload"].read())["batchItemFailures"]]


@pytest.mark.parametrize("right", sorted(NOTICED), ids=" ".join)
def test_without_one_of_its_rights_a_notice_comes_again_and_with_it_it_is_taken(
    club: OpenClub, known: Known, right: tuple[str, str, str]
) -> None:
    one, now = said(known.member), datetime.now(UTC)
    told = ses.notice("Complaint", one, now, ses.complaint(now, known.email))
    with without(club, *right):
        assert _invoked(club, "notices", told) == ["0"]
    assert _invoked(club, "notices", told, "{") == ["1"]
    assert (suppressed(known.member), marks(one)) == ("complaint", {"complained"})
