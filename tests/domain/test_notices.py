"""Notices of SES as it documents them: who bounced, who complained, and of which of our messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.notices import Label, NoticeUnreadable, label_in, notice_in
from tests import ses

SENT_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
AT = SENT_AT + timedelta(minutes=2, milliseconds=412)
LABEL = Label("M0123456789ABCDEF", "1795366800000-0a1b2c", "birthday gift:1", "marketing")


def test_a_dead_address_is_suppressed_and_counts() -> None:
    told = notice_in(ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT, ses.DANA)))
    assert told is not None
    assert (told.mark, told.at, told.sent_at, told.label) == ("bounced", AT, SENT_AT, LABEL)
    assert (told.suppresses, told.recipients, told.counts) == ("hard_bounce", (ses.DANA,), True)


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_a_full_mailbox_is_not_a_dead_one(kind: str) -> None:
    told = notice_in(ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT, ses.DANA, kind=kind, why="MailboxFull")))
    assert told is not None
    assert (told.mark, told.suppresses) == ("soft_bounced", None)


def test_a_complaint_suppresses_everybody_whom_it_names() -> None:
    told = notice_in(ses.notice("Complaint", LABEL, SENT_AT, ses.complaint(AT, ses.DANA, "noa@example.com", ses.DANA)))
    assert told is not None
    assert (told.mark, told.suppresses, told.recipients) == ("complained", "complaint", (ses.DANA, "noa@example.com"))


def test_who_takes_a_mail_out_of_the_spam_folder_does_not_complain() -> None:
    assert (
        notice_in(
            ses.notice("Complaint", LABEL, SENT_AT, ses.complaint(AT, ses.DANA, complaintFeedbackType="not-spam"))
        )
        is None
    )


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("Bounce", ses.bounce(AT, ses.DANA, why="OnAccountSuppressionList")),
        ("Complaint", ses.complaint(AT, ses.DANA, complaintSubType="OnAccountSuppressionList")),
    ],
)
def test_what_ses_did_not_even_try_suppresses_and_counts_against_nobody(kind: str, about: dict[str, object]) -> None:
    told = notice_in(ses.notice(kind, LABEL, SENT_AT, about))
    assert told is not None
    assert told.suppresses
    assert not told.counts


@pytest.mark.parametrize(
    ("kind", "about", "mark", "at"),
    [
        ("Send", {}, "sent", SENT_AT),
        ("Delivery", ses.delivery(AT, ses.DANA), "delivered", AT),
        ("Open", ses.opened(AT), "opened", AT),
        ("Click", ses.clicked(AT), "clicked", AT),
        ("Reject", {"reason": "Bad content"}, "rejected", SENT_AT),
        (
            "DeliveryDelay",
            {
                "delayType": "MailboxFull",
                "expirationTime": ses.stamp(AT + timedelta(days=1)),
                "delayedRecipients": [{"emailAddress": ses.DANA}],
                "timestamp": ses.stamp(AT),
            },
            "delayed",
            AT,
        ),
    ],
)
def test_what_else_happens_is_marked_with_its_own_time(
    kind: str, about: dict[str, object], mark: str, at: datetime
) -> None:
    told = notice_in(ses.notice(kind, LABEL, SENT_AT, about))
    assert told is not None
    assert (told.mark, told.at, told.label, told.suppresses) == (mark, at, LABEL, None)


@pytest.mark.parametrize("kind", ["Rendering Failure", "Subscription", "Something New"])
def test_what_has_no_effect_here_is_passed_over(kind: str) -> None:
    assert notice_in(ses.notice(kind, LABEL, SENT_AT, {"errorMessage": "no such field", "templateName": "x"})) is None


def test_feedback_of_an_identity_is_read_as_a_notice_is_and_names_no_message() -> None:
    told = json.loads(ses.notice("Bounce", None, SENT_AT, ses.bounce(AT, ses.DANA, "noa@example.com")))
    del told["mail"]["tags"]
    told["notificationType"] = told.pop("eventType")
    read = notice_in(json.dumps(told))
    assert read is not None
    assert (read.mark, read.suppresses, read.label) == ("bounced", "hard_bounce", None)
    assert read.recipients == (ses.DANA, "noa@example.com")


def test_the_words_with_which_ses_greets_a_topic_are_no_notice() -> None:
    assert notice_in("Successfully validated SNS topic for Amazon SES event publishing.") is None


def _without(*path: str) -> str:
    told = json.loads(ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT, ses.DANA)))
    at = told
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return json.dumps(told)


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", '"x"', "{", "{}", "[" * 100_000, "hello",
        _without("eventType"), _without("mail"), _without("mail", "timestamp"), _without("bounce"),
        _without("bounce", "timestamp"), _without("bounce", "bouncedRecipients"), _without("bounce", "bounceType"),
        ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT)),
        ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT, *[f"a{n}@example.com" for n in range(51)])),
        ses.notice("Bounce", LABEL, SENT_AT, ses.bounce(AT, ses.DANA)).replace(".412Z", ""),
        json.dumps({"eventType": 5, "mail": {"timestamp": "2026-11-20T09:30:00Z"}}),
        json.dumps({"eventType": "Open", "mail": [], "open": {}}),
    ],
)  # fmt: skip
def test_what_is_no_notice_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(NoticeUnreadable) as refused:
        notice_in(text)
    assert "example.com" not in str(refused.value)


def test_a_mail_that_is_none_of_ours_has_no_label() -> None:
    told = notice_in(ses.notice("Bounce", None, SENT_AT, ses.bounce(AT, ses.DANA)))
    assert told is not None
    assert told.label is None


names = st.text("ABCDEFGHJKMNPQRSTVWXYZ0123456789", min_size=1, max_size=17)


@given(
    names,
    st.from_regex(r"[0-9]{13}-[0-9a-f]{20}", fullmatch=True),
    st.text(min_size=1, max_size=40),
    st.sampled_from(["marketing", "service", "urgent"]),
)
def test_a_label_comes_back_as_it_went_and_holds_only_what_ses_takes(
    member: str, message_id: str, source: str, purpose: str
) -> None:
    label = Label(member, message_id, source, purpose)  # type: ignore[arg-type]
    assert all(len(value) <= 256 and set(value) <= set(names_of_tags) for value in label.tags.values())
    assert label_in({name: [value] for name, value in label.tags.items()}) == label


names_of_tags = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"message": ["M1_2"], "purpose": ["marketing"]},
        {"message": ["M1"], "purpose": ["marketing"], "source": ["YQ"]},
        {"message": ["_1"], "purpose": ["marketing"], "source": ["YQ"]},
        {"message": ["M1_2"], "purpose": ["other"], "source": ["YQ"]},
        {"message": ["M1_2"], "purpose": ["marketing"], "source": ["_"]},
        {"message": ["M1_2"], "purpose": ["marketing"], "source": ["_w"]},
        {"message": ["M1_2", "M2_3"], "purpose": ["marketing"], "source": ["YQ"]},
        {"message": "M1_2", "purpose": "marketing", "source": "YQ"},
    ],
)
def test_tags_that_we_did_not_write_name_no_message(tags: dict[str, object]) -> None:
    assert label_in(tags) is None
