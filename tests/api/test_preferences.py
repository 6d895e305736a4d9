"""The page behind a message's link: looking changes nothing, one click is enough, the newest word stands, nobody is named."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions import opening
from shared.actions.club import Club
from shared.api.form import FORM_BYTES_MAX
from shared.domain.contact_gate import Consent
from shared.domain.preferences import Kind, chosen
from shared.store.backend import Contended, Put, Unanswered
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.people import person_of
from shared.store.peppers import Peppers
from shared.store.store import Store
from tests.api.gateway import Context, Heard, event, heard

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DANA = "MDANA000000000000"
NEW, OLD = {"version": 2, "secret": "5e" * 32}, {"version": 1, "secret": "6f" * 32}
PEPPERS = Peppers(json.dumps([OLD, NEW]))
LAW = """
[club]
name = "Rimon & Sons <b>"
currency = "ILS"
time_zone = "Asia/Jerusalem"
languages = ["he", "en", "fa"]
phone_region = "IL"
[points]
value_minor = 5
[[earn]]
id = "base"
points = 1
per_minor = 100
[contact]
channels = ["email", "sms"]
sender_email = "club@rimon.example"
sender_address = "1 Orchard Street"
link_hosts = ["rimon.example"]
sms_countries = ["IL"]
price_minor = { email = 0.01, sms = 8 }
"""
FORM = "application/x-www-form-urlencoded"
KINDS = ["email_marketing", "sms_marketing", "email_service", "sms_service"]


class Faulty(Memory):
    """Rows of which a write may be answered badly."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception] = []

    def write(self, puts: Any) -> Any:
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Unanswered):
                super().write(puts)
            raise fault
        return super().write(puts)


class Page:
    """The page's function on a club in memory, of which Dana is a member who agreed to mail."""

    def __init__(self, ask: Callable[..., dict[str, Any]]) -> None:
        self._ask = ask
        self.memory = Faulty()
        self.now = NOW
        self.club = Club(
            Store(self.memory),
            Laws(self.memory, 0),
            PEPPERS,
            now=lambda: self.now,
            sleep=lambda _: None,
            chance=lambda: 0.5,
        )
        publish(self.memory, LAW, NOW - timedelta(days=1), at_once=True)
        profile = {
            "m": DANA, "p": "profile", "name": "Dana Levi", "language": "he", "source": "till", "joined_at": "2026-01-01",
            "contacts": {"email": "dana@example.com", "phone": "+972502345678"}, "attributes": {},
        }  # fmt: skip
        self.memory.write([Put("people", profile)])
        self.agree("email_marketing", NOW - timedelta(days=30))
        self.token = PEPPERS.sealed(DANA)

    def agree(self, kind: str, at: datetime, granted: bool = True) -> None:
        row = {"m": DANA, "p": f"consent#{at.isoformat(timespec='milliseconds')}#{kind}"}
        self.memory.write([Put("people", row | {"granted": granted, "text_version": "2026-01", "source": "till"})])

    def get(self, token: str | None = None, **query: str) -> Heard:
        return self._heard(event("GET", f"/v1/preferences/{token or self.token}", query=query))

    def post(self, body: str | bytes, content_type: str | None = FORM, token: str | None = None, **query: str) -> Heard:
        sent = body.encode() if isinstance(body, str) else body
        path = f"/v1/preferences/{token or self.token}"
        return self._heard(event("POST", path, sent, content_type=content_type, query=query))

    def choose(self, *ticked: str, shown: list[str] = KINDS, **query: str) -> Heard:
        return self.post(urlencode([("shown", one) for one in shown] + [("ticked", one) for one in ticked]), **query)

    def _heard(self, asked: dict[str, Any]) -> Heard:
        asked["requestContext"].pop("authorizer")
        return heard(self._ask(asked, Context()))

    def consents(self) -> dict[str, bool]:
        person = person_of(self.memory.listed("people", DANA))
        assert person is not None
        return {kind: consent.granted for kind, consent in person.consents.items()}

    def rows(self) -> list[Any]:
        return self.memory.listed("people", DANA)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    from functions.page import handler

    made = Page(handler.handler)
    monkeypatch.setattr(opening, "club", lambda: made.club)
    return made


class Read(HTMLParser):
    """What a browser would make of a page: boxes that are ticked, the tags that were opened, and the attributes of the first."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.boxes: dict[str, bool] = {}
        self.shown: list[str] = []
        self.tags: list[str] = []
        self.root: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attrs)
        if tag == "html":
            self.root = told
        if told.get("type") == "checkbox":
            self.boxes[str(told["value"])] = "checked" in told
        if told.get("type") == "hidden":
            self.shown.append(str(told["value"]))


def test_the_page_shows_what_the_club_may_send_and_changes_nothing(page: Page) -> None:
    before = page.rows()
    answer = page.get()
    read = Read(answer.text)
    assert answer.status == 200
    assert read.boxes == {"email_marketing": True, "sms_marketing": False, "email_service": True, "sms_service": True}
    assert read.shown == list(read.boxes)
    assert page.rows() == before


def test_the_page_says_nothing_of_who_it_is(page: Page) -> None:
    for answer in (page.get(), page.choose("email_marketing"), page.post("List-Unsubscribe=One-Click")):
        assert not re.search(r"dana|levi|9725|example\.com|MDANA", answer.text, re.IGNORECASE)
    assert DANA not in page.token
    assert base64.urlsafe_b64encode(DANA.encode()).decode()[:8] not in page.token


def test_the_name_of_a_club_is_no_markup(page: Page) -> None:
    text = page.get(language="en").text
    assert "Rimon &amp; Sons &lt;b&gt;" in text
    assert "b" not in Read(text).tags
    assert "script" not in Read(text).tags


@pytest.mark.parametrize(
    ("language", "direction", "says"), [("he", "rtl", "שמירה"), ("fa", "rtl", "ذخیره"), ("en", "ltr", "Save")]
)
def test_the_page_speaks_the_members_language_or_the_one_that_is_asked_for(
    page: Page, language: str, direction: str, says: str
) -> None:
    text = page.get(language=language).text
    assert Read(text).root == {"lang": language, "dir": direction}
    assert says in text
    assert Read(page.get().text).root["lang"] == "he"
    assert Read(page.get(language="xx").text).root["lang"] == "he"


def multipart(*fields: tuple[str, str]) -> tuple[bytes, str]:
    parts = "".join(
        f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    return f"{parts}--b0--\r\n".encode(), 'multipart/form-data; boundary="b0"'


ONE_CLICK = {
    "as a form": (b"List-Unsubscribe=One-Click", FORM),
    "as a form with a charset": (b"List-Unsubscribe=One-Click", f"{FORM}; charset=utf-8"),
    "in parts": multipart(("List-Unsubscribe", "One-Click")),
}


@pytest.mark.parametrize("how", ONE_CLICK)
def test_the_button_of_a_mail_program_ends_advertising_by_mail_at_once(page: Page, how: str) -> None:
    answer = page.post(*ONE_CLICK[how])
    assert answer.status == 200
    assert page.consents() == {"email_marketing": False}
    row = page.rows()[-2]
    assert row["p"].startswith("consent#2026-11-27T12:00:00.000+00:00#email_marketing")
    assert (row["granted"], row["text_version"], row["source"]) == (False, "page-1", "one_click")


def test_who_presses_the_button_again_adds_no_word(page: Page) -> None:
    page.post("List-Unsubscribe=One-Click")
    before = page.rows()
    for _ in range(3):
        assert page.post("List-Unsubscribe=One-Click").status == 200
    assert page.rows() == before
    assert len(before) == 3


def test_words_are_only_added_and_the_newest_stands(page: Page) -> None:
    for number, ticked in enumerate((["sms_marketing"], ["email_marketing"], [], ["email_marketing", "email_service"])):
        before = page.rows()
        page.now = NOW + timedelta(days=number)
        assert page.choose(*ticked).status == 200
        assert all(row in page.rows() for row in before)
        assert Read(page.get().text).boxes == {kind: kind in ticked for kind in KINDS}


def test_the_other_button_ends_advertising_by_every_channel_and_nothing_else(page: Page) -> None:
    page.agree("sms_marketing", NOW - timedelta(days=2))
    page.post("stop=marketing")
    assert page.consents() == {"email_marketing": False, "sms_marketing": False}


def test_a_word_is_the_newest_though_the_clock_went_back(page: Page) -> None:
    page.now = NOW + timedelta(minutes=5)
    page.choose("email_marketing", "sms_marketing", "email_service", "sms_service")
    page.now = NOW
    page.post("stop=marketing")
    assert page.consents() == {"email_marketing": False, "sms_marketing": False}


def test_what_the_page_did_not_show_is_not_changed(page: Page) -> None:
    page.agree("sms_marketing", NOW - timedelta(days=2))
    page.choose("email_service", shown=["email_marketing", "email_service"])
    assert page.consents() == {"email_marketing": False, "sms_marketing": True}
    page.choose("profiling", "email_urgent", "admin", shown=["profiling", "email_urgent", "admin"])
    assert page.consents() == {"email_marketing": False, "sms_marketing": True}


@pytest.mark.parametrize("fault", [Contended(), Unanswered()])
def test_a_choice_that_was_not_answered_is_kept_once(page: Page, fault: Exception) -> None:
    page.memory.faults = [fault]
    assert page.post("List-Unsubscribe=One-Click").status == 200
    assert page.consents() == {"email_marketing": False}
    assert len(page.rows()) == 3


def test_two_who_choose_in_the_same_millisecond_both_have_their_word(page: Page) -> None:
    page.agree("email_marketing", NOW - timedelta(milliseconds=1), granted=False)
    page.choose("email_marketing")
    page.choose()
    page.choose("email_marketing")
    assert page.consents()["email_marketing"] is True
    assert len({row["p"] for row in page.rows() if "#email_marketing" in row["p"]}) == 5


BAD_TOKENS = {
    "nothing": "x", "another's": Peppers(json.dumps([{"version": 2, "secret": "aa" * 32}])).sealed(DANA),
    "too short": PEPPERS.sealed(DANA)[:-1], "too long": PEPPERS.sealed(DANA) + "A", "dots": "." * 46, "percent": "%ff%0d%0a",
    "an unknown pepper": Peppers(json.dumps([{"version": 9, "secret": "5e" * 32}])).sealed(DANA), "a member": DANA,
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_link_that_is_none_of_ours_opens_nothing(page: Page, name: str) -> None:
    before = page.rows()
    answers = [page.get(BAD_TOKENS[name]), page.post("List-Unsubscribe=One-Click", token=BAD_TOKENS[name])]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert page.rows() == before


def test_no_sign_of_a_link_can_be_changed() -> None:
    token = PEPPERS.sealed(DANA)
    for at in range(len(token)):
        for sign in "AZaz09_-":
            changed = token[:at] + sign + token[at + 1 :]
            assert PEPPERS.unsealed(changed) == (DANA if changed == token else None)


def test_a_link_opens_as_long_as_its_pepper_is_kept() -> None:
    old = Peppers(json.dumps([OLD])).sealed(DANA)
    assert PEPPERS.unsealed(old) == DANA
    assert PEPPERS.sealed(DANA) != old
    assert Peppers(json.dumps([NEW])).unsealed(old) is None


@given(st.text("ABCDEFGHJKMNPQRSTVWXYZ0123456789", min_size=17, max_size=17))
def test_a_link_names_one_member_and_no_other(member: str) -> None:
    token = PEPPERS.sealed(member)
    assert PEPPERS.unsealed(token) == member
    assert (token == PEPPERS.sealed(DANA)) == (member == DANA)
    assert re.fullmatch(r"[A-Za-z0-9_-]{46}", token)


def test_who_has_left_is_answered_as_ever_and_nothing_is_written(page: Page) -> None:
    ghost = PEPPERS.sealed("MGONE000000000000")
    assert page.get(ghost).status == 200
    assert page.post("List-Unsubscribe=One-Click", token=ghost).status == 200
    assert page.memory.listed("people", "MGONE000000000000") == []


NESTED = (
    b'--b0\r\nContent-Type: multipart/mixed; boundary="b1"\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"--b1\r\n\r\nOne-Click\r\n--b1--\r\n--b0--\r\n"
)
BAD_FORMS: dict[str, tuple[bytes, str | None, int]] = {
    "no type": (b"List-Unsubscribe=One-Click", None, 415),
    "JSON": (b'{"List-Unsubscribe": "One-Click"}', "application/json", 415),
    "text": (b"List-Unsubscribe=One-Click", "text/plain", 415),
    "too large": (b"shown=" + b"a" * FORM_BYTES_MAX, FORM, 413),
    "far too large": (b"a" * 100_000, FORM, 413),
    "no UTF-8": (b"shown=\xff", FORM, 400),
    "no UTF-8, escaped": (b"shown=%ff", FORM, 400),
    "no fields": (b"hello", FORM, 400),
    "41 fields": (b"&".join([b"shown=email_marketing"] * 41), FORM, 400),
    "empty": (b"", FORM, 400),
    "other fields": (b"a=b&ticked=sms_marketing", FORM, 400),
    "another click": (b"List-Unsubscribe=Two-Clicks", FORM, 400),
    "parts without a boundary": (b"--b0\r\n\r\n--b0--", "multipart/form-data", 400),
    "parts that are none": (b"List-Unsubscribe=One-Click", 'multipart/form-data; boundary="b0"', 400),
    "a part without a name": (b"--b0\r\n\r\nOne-Click\r\n--b0--\r\n", 'multipart/form-data; boundary="b0"', 400),
    "parts within parts": (
        NESTED,
        'multipart/form-data; boundary="b0"',
        400,
    ),
}


@pytest.mark.parametrize("name", BAD_FORMS)
def test_a_form_that_is_none_is_refused_and_changes_nothing(page: Page, name: str) -> None:
    before = page.rows()
    body, content_type, status = BAD_FORMS[name]
    answer = page.post(body, content_type)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.rows() == before


def test_a_page_whose_rows_cannot_be_written_asks_to_come_again(page: Page) -> None:
    page.memory.faults = [Contended()] * 200
    answer = page.post("List-Unsubscribe=One-Click")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert page.consents() == {"email_marketing": True}


def test_a_mistake_of_ours_is_told_without_its_inside(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    page.memory.faults = [RuntimeError("dana@example.com")]
    answer = page.post("List-Unsubscribe=One-Click")
    assert answer.status == 500
    assert "dana" not in answer.text + capsys.readouterr().out


@pytest.mark.parametrize(
    "ask", [lambda page: page.get(), lambda page: page.get("x"), lambda page: page.post(b"", FORM)]
)
def test_no_cache_keeps_the_page_no_site_is_told_its_address_and_it_runs_nothing(
    page: Page, ask: Callable[[Page], Heard]
) -> None:
    headers = ask(page).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_the_style_is_the_one_that_the_policy_lets_in(page: Page) -> None:
    import hashlib

    answer = page.get()
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text)
    digest = base64.b64encode(hashlib.sha256(html.unescape(style).encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_what_is_logged_names_the_route_and_nobody(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    page.get()
    page.post("List-Unsubscribe=One-Click")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["route"] for one in lines] == ["GET /v1/preferences/{token}", "POST /v1/preferences/{token}"]
    assert all(set(one) <= {"level", "route", "status", "ms", "request"} for one in lines)


def test_a_word_is_said_of_what_is_now_another_and_of_nothing_else() -> None:
    kinds = (Kind("email", "marketing"), Kind("email", "service"))
    granted = {"email_marketing": Consent(True, NOW)}
    assert chosen(kinds, ["email_marketing", "email_service"], granted, NOW) == []
    words = chosen(kinds, [], granted, NOW - timedelta(minutes=5))
    assert [(word.kind, word.granted) for word in words] == [("email_marketing", False), ("email_service", False)]
    assert words[0].at > NOW
