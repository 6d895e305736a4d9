"""Notices of SES come back one to three times, in any sequence, of several people: each has its effect once."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.actions import opening
from shared.actions.club import Club
from shared.actions.take_notice import take_notice
from shared.domain.breaker import Mails
from shared.domain.notices import Label, NoticeUnreadable
from shared.domain.said import MARKS
from shared.store import keys
from shared.store.backend import Contended, Item, Put, Unanswered, Write
from shared.store.breaker import breaker_of, judge, put_closed
from shared.store.laws import Laws
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.post import DAY
from shared.store.store import Store
from tests import ses
from tests.api.gateway import Context

PEPPERS = Peppers(json.dumps([{"version": 2, "secret": "5e" * 32}, {"version": 1, "secret": "6f" * 32}]))
SENT_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
AT = SENT_AT + timedelta(minutes=3)
NOW = SENT_AT + timedelta(hours=1)
DANA, NOA = "MDANA000000000000", "MNOA0000000000000"
LABEL = Label(DANA, "1795366800000-0a1b2c", "birthday", "marketing")
MESSAGE = {"m": DANA, "s": keys.message(LABEL.message_id)}
SUPPRESSED = {"m": DANA, "s": "suppressed#email"}
# What whoever sent the message has written into its row.
WRITTEN = {"n": 3, "st": "SENT", "b": "[]", "p": "0107", "x": 1}


class Post(Memory):
    """Rows in which messages and addresses stand, of which a write may be answered badly."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception] = []
        for number, (member, address) in enumerate({DANA: ses.DANA, NOA: "noa@example.com"}.items()):
            # Noa's was written before the newer pepper was there.
            self.write([Put("aliases", {"k": PEPPERS.aliases("live", "email", address)[number], "a": member})])

    def write(self, puts: Any) -> dict[int, Item]:
        written: list[Write] = list(puts)
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Unanswered):
                super().write(written)
            raise fault
        return super().write(written)

    def said(self, label: Label = LABEL) -> None:
        self.write([Put("post", {"m": label.member, "s": keys.message(label.message_id), **WRITTEN})])

    def marks(self) -> dict[str, int]:
        row = self.get("post", MESSAGE)
        assert row is not None
        assert {**row, "n": 3} | WRITTEN == {**row, "n": 3}, "what the sender wrote stays"
        return dict(row.get(MARKS, {}))

    def of(self, partition: str) -> dict[str, int]:
        """The sums of a partition's rows."""
        sums: dict[str, int] = {}
        for row in self.listed("post", partition):
            for name, value in row.items():
                if name not in ("m", "s", "x"):
                    sums[name] = sums.get(name, 0) + value
        return sums


@pytest.fixture
def post() -> Post:
    made = Post()
    made.said()
    return made


@pytest.fixture
def club(post: Post) -> Club:
    return Club(Store(post), Laws(post, 0), PEPPERS, now=lambda: NOW, sleep=lambda _: None, chance=lambda: 0.5)


def take(club: Club, kind: str, about: dict[str, Any], label: Label | None = LABEL) -> str:
    return take_notice(club, ses.notice(kind, label, SENT_AT, about), lambda: 10.0)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


LIFE = (
    ("Send", {}),
    ("Delivery", ses.delivery(AT, ses.DANA)),
    ("Open", ses.opened(AT + timedelta(minutes=5))),
    ("Open", ses.opened(AT + timedelta(minutes=9))),
    ("Click", ses.clicked(AT + timedelta(minutes=10))),
)


@pytest.mark.parametrize("seed", range(20))
def test_each_notice_one_to_three_times_in_any_sequence_counts_once_with_its_first_time(
    club: Club, post: Post, seed: int
) -> None:
    chance = random.Random(seed)
    told = [one for one in LIFE for _ in range(chance.randint(1, 3))]
    chance.shuffle(told)
    for kind, about in told:
        take(club, kind, about)
    assert post.marks() == {
        "sent": ms(SENT_AT),
        "delivered": ms(AT),
        "opened": ms(AT + timedelta(minutes=5)),
        "clicked": ms(AT + timedelta(minutes=10)),
    }
    assert post.of("source#live#birthday") == {"sent": 1, "delivered": 1, "opened": 1, "clicked": 1}
    assert post.of("mails#live#2026-11-20") == {"sent": 1}
    assert post.get("post", SUPPRESSED) is None


def test_what_a_provider_tells_counts_on_the_civil_day_on_which_the_message_was_asked_for(
    club: Club, post: Post
) -> None:
    post.write([Put("post", {**MESSAGE, **WRITTEN, DAY: "2026-11-19"})])
    take(club, "Delivery", ses.delivery(AT, ses.DANA))
    assert [row["s"][:10] for row in post.listed("post", "source#live#birthday")] == ["2026-11-19"]
    assert post.of("source#live#birthday") == {"delivered": 1}


def test_who_bounced_is_written_to_no_more_and_the_row_says_since_when_and_which_address(
    club: Club, post: Post
) -> None:
    assert take(club, "Bounce", ses.bounce(AT, ses.DANA)) == "marked"
    row = post.get("post", SUPPRESSED)
    assert row is not None
    assert (row["kind"], datetime.fromisoformat(row["at"])) == ("hard_bounce", AT)
    assert row["address"] == PEPPERS.aliases("live", "email", ses.DANA)[0]
    assert "example.com" not in repr(post._tables)
    assert post.marks() == {"bounced": ms(AT)}


def test_a_full_mailbox_suppresses_nobody_and_counts_against_nobody(club: Club, post: Post) -> None:
    take(club, "Bounce", ses.bounce(AT, ses.DANA, kind="Transient"))
    assert post.get("post", SUPPRESSED) is None
    assert post.of("mails#live#2026-11-20") == {}
    assert post.marks() == {"soft_bounced": ms(AT)}


def test_what_ses_did_not_even_try_suppresses_and_counts_for_the_automation_alone(club: Club, post: Post) -> None:
    take(club, "Bounce", ses.bounce(AT, ses.DANA, why="OnAccountSuppressionList"))
    assert post.get("post", SUPPRESSED) is not None
    assert post.of("source#live#birthday") == {"bounced": 1}
    assert post.of("mails#live#2026-11-20") == {}


def test_a_notice_of_several_suppresses_each_of_them_and_nobody_else(club: Club, post: Post) -> None:
    take(club, "Complaint", ses.complaint(AT, "NOA@Example.com", ses.DANA, "stranger@example.com", "no address"))
    suppressed = {key[0]: row["kind"] for key, row in post._tables["post"].items() if key[1] == "suppressed#email"}
    assert suppressed == {DANA: "complaint", NOA: "complaint"}
    assert post.of("mails#live#2026-11-20") == {"complained": 1}


def test_an_address_that_its_member_has_given_up_is_remembered_as_theirs(club: Club, post: Post) -> None:
    take(club, "Bounce", ses.bounce(AT, "old@example.com"))
    row = post.get("post", SUPPRESSED)
    assert row is not None
    assert row["address"] == PEPPERS.aliases("live", "email", "old@example.com")[0]


def test_what_becomes_of_several_notices_of_one_address_does_not_hang_on_their_sequence(club: Club, post: Post) -> None:
    told = [
        ("Bounce", ses.bounce(AT, ses.DANA)),
        ("Bounce", ses.bounce(AT - timedelta(seconds=30), ses.DANA)),
        ("Complaint", ses.complaint(AT + timedelta(days=1), ses.DANA)),
        ("Complaint", ses.complaint(AT + timedelta(days=2), ses.DANA)),
    ]
    ends = set()
    for sequence in itertools.permutations(told):
        post._tables["post"].clear()
        for kind, about in sequence:
            take(club, kind, about)
        row = post.get("post", SUPPRESSED)
        assert row is not None
        ends.add((row["kind"], row["at"]))
    assert ends == {("complaint", (AT + timedelta(days=1)).isoformat(timespec="milliseconds"))}


def test_a_message_that_the_club_never_said_is_marked_nowhere(club: Club, post: Post) -> None:
    stranger = LABEL._replace(message_id="1795366800000-ffffff")
    before = dict(post._tables["post"])
    assert take(club, "Open", ses.opened(AT), stranger) == "ignored"
    assert take(club, "Open", ses.opened(AT), None) == "ignored"
    assert post._tables["post"] == before


def test_what_is_no_marketing_counts_for_its_automation_and_not_for_the_breaker(club: Club, post: Post) -> None:
    receipt = LABEL._replace(purpose="urgent", source="code")
    take(club, "Send", {}, receipt)
    take(club, "Bounce", ses.bounce(AT, ses.DANA), receipt)
    assert post.of("source#live#code") == {"sent": 1, "bounced": 1}
    assert post.of("mails#live#2026-11-20") == {}


def test_a_test_members_mail_never_counts_against_the_live_club(club: Club, post: Post) -> None:
    test = LABEL._replace(member="TDANA000000000000")
    post.said(test)
    take(club, "Send", {}, test)
    assert post.of("mails#live#2026-11-20") == {}
    assert post.of("mails#test#2026-11-20") == {"sent": 1}


@pytest.mark.parametrize("fault", [Contended(), Unanswered()])
@pytest.mark.parametrize("at", [0, 1])
def test_what_was_not_answered_is_done_once(club: Club, post: Post, fault: Exception, at: int) -> None:
    post.faults = [fault] if at == 0 else []
    if at == 1:
        post.write([Put("post", {**SUPPRESSED, "n": 1, "kind": "complaint", "at": "2020", "address": "x"})])
        post.faults = [fault, fault]
    take(club, "Bounce", ses.bounce(AT, ses.DANA))
    take(club, "Bounce", ses.bounce(AT, ses.DANA))
    row = post.get("post", SUPPRESSED)
    assert row is not None
    assert row["kind"] == "hard_bounce"
    assert post.of("mails#live#2026-11-20") == {"bounced": 1}


def campaign(club: Club, post: Post, size: int, sent_at: datetime, **back: int) -> None:
    """So many mails, of which the first ones come back."""
    for number in range(size):
        label = LABEL._replace(message_id=f"{ms(sent_at)}-{number:06x}", source="campaign")
        post.said(label)
        text = ses.notice("Send", label, sent_at + timedelta(seconds=number), {})
        take_notice(club, text, lambda: 10.0)
        for kind, about in (
            ("Bounce", ses.bounce(AT, "x@example.com")),
            ("Complaint", ses.complaint(AT, "x@example.com")),
        ):
            if number < back.get(kind.lower(), 0):
                take_notice(club, ses.notice(kind, label, sent_at + timedelta(seconds=number), about), lambda: 10.0)


@pytest.mark.parametrize(("bounced", "stops"), [(1, False), (2, True)])
def test_marketing_stops_when_two_of_a_hundred_bounced(club: Club, post: Post, bounced: int, stops: bool) -> None:
    campaign(club, post, 98, SENT_AT)
    campaign(club, post, bounced, SENT_AT - timedelta(minutes=1), bounce=bounced)
    assert (breaker_of(post, "live").opened is not None) is stops
    assert breaker_of(post, "test").opened is None


def test_marketing_stops_at_the_second_complaint_of_a_small_club(club: Club, post: Post) -> None:
    campaign(club, post, 200, SENT_AT, complaint=2)
    # The second came when two mails had left; they are judged when there are enough.
    assert breaker_of(post, "live").opened is None
    assert judge(post, "live", NOW).opened == NOW


def test_the_breaker_stays_open_until_somebody_has_looked_and_then_forgets_what_was(club: Club, post: Post) -> None:
    campaign(club, post, 120, SENT_AT, bounce=3)
    judge(post, "live", NOW)
    campaign(club, post, 200, SENT_AT + timedelta(minutes=10))
    assert judge(post, "live", NOW).opened == NOW
    post.write([put_closed("live", breaker_of(post, "live"), NOW)])
    assert judge(post, "live", NOW + timedelta(minutes=1)).opened is None
    campaign(club, post, 120, NOW + timedelta(minutes=5), bounce=3)
    assert judge(post, "live", NOW + timedelta(hours=1)).opened is not None


def test_old_mail_is_forgotten_and_a_day_without_mail_is_passed_over(club: Club, post: Post) -> None:
    campaign(club, post, 120, SENT_AT - timedelta(days=40), bounce=120)
    campaign(club, post, 120, SENT_AT - timedelta(days=3))
    assert judge(post, "live", NOW).opened is None
    campaign(club, post, 5, SENT_AT - timedelta(days=4), bounce=5)
    assert judge(post, "live", NOW).opened == NOW


def test_minutes_are_counted_in_rows_that_end_by_themselves(club: Club, post: Post) -> None:
    campaign(club, post, 300, SENT_AT)
    rows = post.listed("post", "mails#live#2026-11-20")
    assert Mails(sum(row["sent"] for row in rows)) == Mails(300)
    assert {row["s"].partition("#")[0] for row in rows} == {"0570", "0571", "0572", "0573", "0574"}
    assert all(SENT_AT + timedelta(days=30) < datetime.fromtimestamp(row["x"], UTC) for row in rows)


@pytest.fixture
def queue(club: Club, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    from functions.notices import handler as notices

    monkeypatch.setattr(opening, "club", lambda: club)
    return lambda *bodies: notices.handler(
        {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}, Context()
    )


def test_a_notice_that_cannot_be_read_holds_up_no_other(
    queue: Callable[..., Any], post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    good = ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT, ses.DANA))
    told = queue(
        "{", good, "Successfully validated SNS topic for Amazon SES event publishing.", json.dumps({"a": ses.DANA})
    )
    assert told == {"batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "3"}]}
    assert post.get("post", SUPPRESSED) is not None
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one.get("error") for one in said] == ["NoticeUnreadable", "NoticeUnreadable", None]
    assert (said[-1]["records"], said[-1]["folded"], said[-1]["failed"]) == (4, 1, 2)
    assert ses.DANA not in repr(said)


def test_the_log_says_when_the_breaker_opens(
    queue: Callable[..., Any], club: Club, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign(club, post, 98, SENT_AT)
    bounced = LABEL._replace(message_id="1795366800000-00b0")
    for label in (bounced, LABEL):
        post.said(label)
        assert queue(
            ses.notice("Send", label, SENT_AT, {}), ses.notice("Bounce", label, SENT_AT, ses.bounce(AT, ses.DANA))
        )
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["code"] for one in said if one["level"] == "error"] == ["breaker_opened"]


def test_a_notice_that_is_none_is_refused_and_writes_nothing(club: Club, post: Post) -> None:
    before = dict(post._tables["post"])
    with pytest.raises(NoticeUnreadable):
        take_notice(club, "{}", lambda: 10.0)
    assert post._tables["post"] == before
