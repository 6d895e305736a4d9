"""Messages over real lines to far sides that answer as AWS does, or badly: sent once, refused for sure, or perhaps sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
from botocore.loaders import Loader

from shared.domain.contact_gate import Purpose
from shared.domain.contact_tables import Contact
from shared.domain.notices import Label
from shared.settings import AwsKeys
from shared.store import lines
from shared.store.sender import ATTEMPTS_MAX, SES, SNS, Lost, Patient, Sender
from shared.store.wires import Email, Gateway, Push, Refused, Sms, Why, Wire, endpoint_of, wires_of
from tests.store import far_side
from tests.store.far_side import FarSide, Way, answer, refusing, telling
from tests.store.second_opinion import by_botocore

KEYS = AwsKeys("AKID", "secret", "token")
LABEL = Label("M0123456789ABCDEF", "1795366800000-0a1b2c", "birthday", "marketing")
NUMBER = "+972502345678"


class Written(NamedTuple):
    subject: str = "יום הולדת שמח"
    text: str = "מתנה מחכה לך"
    html: str = "<p>מתנה</p>"
    sender: str = "=?utf-8?b?16jXmdee15XXnw==?= <club@rimon.example>"
    headers: Mapping[str, str] = {
        "List-Unsubscribe": "<https://club.example/v1/preferences/x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


WRITTEN = Written()


def published(request: far_side.Request, far: FarSide) -> tuple[bytes, bool]:
    body = (
        '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>sns-1</MessageId>'
        "</PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>"
    )
    return answer(body.encode(), Content_Type="text/xml"), True


def sns_refusing(code: str, status: int = 400) -> Way:
    body = (
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>no</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
    return lambda request, far: (answer(body.encode(), status, Content_Type="text/xml"), True)


class Channel(NamedTuple):
    """A wire to a far side, how that says yes, that it is asked too much, and whom a message goes to."""

    made: Callable[[FarSide], Wire]
    yes: Way
    too_much: Way
    address: str


def patient(one: Any) -> Any:
    """Whoever waits between attempts does not wait here."""
    one.sleep = lambda seconds: None
    return one


def aws(service: Any, far: FarSide) -> Sender:
    return patient(Sender(service, far.url, "il-central-1", lambda: KEYS, 0.5))  # type: ignore[no-any-return]


CHANNELS = {
    "email": Channel(
        lambda far: Email(aws(SES, far), "club-dev"),
        telling({"MessageId": "ses-1"}),
        refusing("TooManyRequestsException", 429),
        "dana@example.com",
    ),
    "sms": Channel(lambda far: Sms(aws(SNS, far), ["IL"], "Rimon"), published, sns_refusing("Throttling"), NUMBER),
    "push": Channel(
        lambda far: Push(aws(SNS, far)), published, sns_refusing("Throttled", 429), "arn:aws:sns:il-central-1:1:endpoint/GCM/a/1"
    ),
    "gateway": Channel(
        lambda far: patient(Gateway(f"{far.url}/v2/messages", lambda: "T0K")), telling({"id": "gw-1"}), telling({}, 429),
        "+989121234567",
    ),
}  # fmt: skip


def send(
    channel: Channel, *ways: Way, purpose: Purpose = "marketing", letter: Written = WRITTEN
) -> tuple[str, FarSide]:
    with FarSide(*ways) as far:
        try:
            return channel.made(far).send(channel.address, letter, LABEL._replace(purpose=purpose)).id, far
        except (Lost, Refused) as fault:
            fault.add_note(str(len(far.requests)))
            raise


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.store.wires.SENDING_SECONDS_MAX", 0.5)


def test_a_mail_is_sent_with_its_headers_and_the_tag_that_comes_back_with_its_notices() -> None:
    sent, far = send(CHANNELS["email"], CHANNELS["email"].yes)
    (request,) = far.requests
    assert sent == "ses-1"
    assert request.path == "/v2/email/outbound-emails"
    asked = request.asked
    assert asked["FromEmailAddress"] == Written().sender
    assert asked["Destination"] == {"ToAddresses": ["dana@example.com"]}
    simple = asked["Content"]["Simple"]
    assert simple["Subject"] == {"Data": "יום הולדת שמח", "Charset": "UTF-8"}
    assert simple["Body"]["Text"]["Data"] == "מתנה מחכה לך"
    assert simple["Body"]["Html"] == {"Data": "<p>מתנה</p>", "Charset": "UTF-8"}
    assert {one["Name"]: one["Value"] for one in simple["Headers"]} == Written().headers
    assert {one["Name"]: one["Value"] for one in asked["EmailTags"]} == LABEL.tags
    assert asked["ConfigurationSetName"] == "club-dev"


def test_a_mail_is_asked_for_in_the_shape_that_aws_describes() -> None:
    _, far = send(CHANNELS["email"], CHANNELS["email"].yes)
    described = Loader().load_service_model("sesv2", "service-2")
    operation = described["operations"]["SendEmail"]
    assert operation["http"] == {"method": "POST", "requestUri": far.requests[0].path}

    def fits(value: Any, name: str) -> None:
        shape = described["shapes"][name]
        if shape["type"] == "structure":
            assert set(value) <= set(shape["members"]), name
            assert set(shape.get("required", ())) <= set(value), name
            for member, one in value.items():
                fits(one, shape["members"][member]["shape"])
        elif shape["type"] == "list":
            for one in value:
                fits(one, shape["member"]["shape"])
        else:
            assert isinstance(value, str), name

    fits(far.requests[0].asked, operation["input"]["shape"])


@pytest.mark.parametrize(("name", "service"), [("email", "ses"), ("sms", "sns"), ("push", "sns")])
def test_what_is_sent_is_signed_for_its_service_and_its_path(name: str, service: str) -> None:
    _, far = send(CHANNELS[name], CHANNELS[name].yes)
    (request,) = far.requests
    names = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    signed = {one: request.headers[one] for one in names}
    again = by_botocore(signed, request.body, KEYS, "il-central-1", service, request.path)
    assert request.headers["authorization"] == again
    assert {"content-type", "host", "x-amz-date", "x-amz-security-token"} == set(names)


@pytest.mark.parametrize(
    ("purpose", "kind"), [("marketing", "Promotional"), ("service", "Transactional"), ("urgent", "Transactional")]
)
def test_a_text_message_says_whether_somebody_waits_for_it(purpose: Purpose, kind: str) -> None:
    sent, far = send(CHANNELS["sms"], published, purpose=purpose)
    form = dict(parse_qsl(far.requests[0].body.decode(), strict_parsing=True))
    assert sent == "sns-1"
    assert (form["Action"], form["Version"]) == ("Publish", "2010-03-31")
    assert (form["PhoneNumber"], form["Message"]) == (NUMBER, "מתנה מחכה לך")
    attributes = {
        form[f"MessageAttributes.entry.{n}.Name"]: form[f"MessageAttributes.entry.{n}.Value.StringValue"]
        for n in (1, 2)
    }
    assert attributes == {"AWS.SNS.SMS.SMSType": kind, "AWS.SNS.SMS.SenderID": "Rimon"}


def test_a_name_that_no_network_shows_as_a_sender_is_left_out() -> None:
    with FarSide(published) as far:
        Sms(aws(SNS, far), ["IL"], "רימון").send(NUMBER, Written(), LABEL)
    assert b"SenderID" not in far.requests[0].body


def test_a_push_carries_its_title_and_text_for_either_kind_of_phone() -> None:
    _, far = send(CHANNELS["push"], published)
    form = dict(parse_qsl(far.requests[0].body.decode(), strict_parsing=True))
    assert (form["TargetArn"], form["MessageStructure"]) == (CHANNELS["push"].address, "json")
    said = json.loads(form["Message"])
    alert = {"title": "יום הולדת שמח", "body": "מתנה מחכה לך"}
    assert said["default"] == "מתנה מחכה לך"
    assert json.loads(said["APNS"])["aps"]["alert"] == json.loads(said["GCM"])["notification"] == alert


def answering_xml(name: str, inside: str = "") -> Way:
    body = f"<{name}Response><{name}Result>{inside}</{name}Result></{name}Response>".encode()
    return lambda request, far: (answer(body, Content_Type="text/xml"), True)


def test_a_phones_endpoint_is_asked_for_by_its_token_and_opened_again_where_it_was_closed() -> None:
    arn = "arn:aws:sns:il-central-1:1:endpoint/GCM/club/1"
    made = answering_xml("CreatePlatformEndpoint", f"<EndpointArn>{arn}</EndpointArn>")
    with FarSide(made, answering_xml("SetEndpointAttributes")) as far:
        assert endpoint_of(aws(SNS, far), "arn:aws:sns:il-central-1:1:app/GCM/club", "T0K") == arn
    first, second = (dict(parse_qsl(one.body.decode(), strict_parsing=True)) for one in far.requests)
    assert (first["Action"], first["Token"]) == ("CreatePlatformEndpoint", "T0K")
    assert (second["EndpointArn"], second["Attributes.entry.1.key"], second["Attributes.entry.1.value"]) == (
        arn,
        "Enabled",
        "true",
    )


def test_a_token_that_nobody_knows_is_refused_for_good() -> None:
    with FarSide(sns_refusing("InvalidParameter")) as far, pytest.raises(Refused) as no:
        endpoint_of(aws(SNS, far), "arn:aws:sns:il-central-1:1:app/GCM/club", "T0K")
    assert no.value.why == "never"


def test_a_gateway_is_told_whom_what_and_by_which_id_and_shown_the_token() -> None:
    sent, far = send(CHANNELS["gateway"], CHANNELS["gateway"].yes)
    (request,) = far.requests
    assert sent == "gw-1"
    assert request.path == "/v2/messages"
    assert request.asked == {"to": "+989121234567", "text": "מתנה מחכה לך", "id": LABEL.message_id}
    assert request.headers["authorization"] == "Bearer T0K"


def test_a_gateway_that_says_nothing_well_has_taken_the_message() -> None:
    assert send(CHANNELS["gateway"], lambda request, far: (answer(b"", 202), True))[0] == ""


@pytest.mark.parametrize(
    "url",
    ["http://sms.example.com/v2", "ftp://127.0.0.1", "https://sms.example.com/a?b=c", "https://sms.example.com/a b"],
)
def test_a_gateway_is_reached_by_https_at_one_plain_address(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Gateway(url, lambda: "T0K")


@pytest.mark.parametrize("name", CHANNELS)
def test_a_message_that_was_refused_because_of_too_many_is_tried_again_and_then_sent(name: str) -> None:
    channel = CHANNELS[name]
    sent, far = send(channel, *[channel.too_much] * (ATTEMPTS_MAX - 1), channel.yes)
    assert sent
    assert len(far.requests) == ATTEMPTS_MAX == 3


@pytest.mark.parametrize("name", CHANNELS)
def test_a_message_that_is_throttled_each_time_is_refused_for_later_after_three_attempts(name: str) -> None:
    with pytest.raises(Refused) as refused:
        send(CHANNELS[name], *[CHANNELS[name].too_much] * 5)
    assert refused.value.why == "throttled"
    assert refused.value.__notes__ == ["3"]


LOSING: dict[str, Way] = {
    "the line is closed": far_side.closing,
    "half a head": far_side.half_a_head,
    "half a body": far_side.half_a_body,
    "silence": far_side.silence,
    "its own mistake": refusing("InternalFailure", 500),
    "a gateway's mistake": telling("bad gateway", 502),
    "not there": telling({}, 503),
    "too late": telling({}, 504),
}


@pytest.mark.parametrize("how", LOSING)
@pytest.mark.parametrize("name", CHANNELS)
def test_a_message_that_may_have_been_sent_is_not_sent_again(name: str, how: str) -> None:
    with pytest.raises(Lost) as lost:
        send(CHANNELS[name], LOSING[how], *[CHANNELS[name].yes] * 3)
    assert lost.value.__notes__ == ["1"]


@pytest.mark.parametrize("name", ["email", "sms", "push"])
def test_a_yes_without_an_id_is_no_word_to_rely_on(name: str) -> None:
    with pytest.raises(Lost):
        send(CHANNELS[name], telling({}))


@pytest.mark.parametrize("name", CHANNELS)
def test_a_message_that_never_left_is_tried_again_and_then_lost_for_sure(name: str) -> None:
    with FarSide() as far:
        url = far.url
    tried: list[str] = []
    wire = CHANNELS[name].made(far)
    far_end = (
        wire if isinstance(wire, Patient) else next(one for one in vars(wire).values() if isinstance(one, Patient))
    )
    far_end.sleep = lambda seconds: tried.append(url)
    with pytest.raises(Lost):
        wire.send(CHANNELS[name].address, Written(), LABEL)
    assert len(tried) == ATTEMPTS_MAX - 1


@pytest.mark.parametrize(
    ("name", "way", "why"),
    [
        ("email", refusing("MessageRejected"), "never"),
        ("email", refusing("BadRequestException"), "never"),
        ("email", refusing("AccountSuspendedException"), "paused"),
        ("email", refusing("SendingPausedException"), "paused"),
        ("email", refusing("MailFromDomainNotVerifiedException"), "paused"),
        ("email", refusing("NotFoundException", 404), "paused"),
        ("email", refusing("LimitExceededException"), "throttled"),
        ("email", refusing("AccessDeniedException", 403), "paused"),
        (
            "email",
            telling({"__type": "MessageRejected", "message": "Email address is not verified. The following …"}, 400),
            "paused",
        ),
        ("sms", sns_refusing("InvalidParameter"), "never"),
        ("sms", sns_refusing("AuthorizationError", 403), "paused"),
        ("push", sns_refusing("EndpointDisabled"), "never"),
        ("push", sns_refusing("PlatformApplicationDisabled"), "paused"),
        ("gateway", telling({}, 400), "never"),
        ("gateway", telling({}, 401), "paused"),
        ("gateway", telling({}, 402), "paused"),
    ],
)
def test_a_refusal_says_whether_it_is_the_message_the_hour_or_the_whole_account(name: str, way: Way, why: Why) -> None:
    with pytest.raises(Refused) as refused:
        send(CHANNELS[name], *[way] * ATTEMPTS_MAX)
    assert refused.value.why == why


def test_every_error_that_aws_lists_for_a_mail_is_told_apart() -> None:
    described = Loader().load_service_model("sesv2", "service-2")
    told = {}
    for error in described["operations"]["SendEmail"]["errors"]:
        name = error["shape"]
        with pytest.raises(Refused) as refused:
            send(CHANNELS["email"], *[refusing(name, described["shapes"][name]["error"]["httpStatusCode"])] * 3)
        told[name] = refused.value.why
    assert {name for name, why in told.items() if why == "never"} == {"MessageRejected", "BadRequestException"}
    assert {name for name, why in told.items() if why == "throttled"} == {
        "TooManyRequestsException",
        "LimitExceededException",
    }


@pytest.mark.parametrize(
    "letter",
    [
        Written(headers={"X-A": "one\r\nBcc: all@example.com"}),
        Written(headers={"X-A\r\nBcc": "all@example.com"}),
        Written(headers={"X-A": "שלום"}),
        Written(subject="hello\r\nBcc: all@example.com"),
        Written(sender="Rimon\r\nBcc: all@example.com <club@rimon.example>"),
    ],
)
def test_no_header_of_a_mail_becomes_two(letter: Written) -> None:
    with pytest.raises(Refused) as refused:
        send(CHANNELS["email"], letter=letter)
    assert (refused.value.why, refused.value.__notes__) == ("never", ["0"])


@pytest.mark.parametrize("address", ["", "a@b.example\r\nBcc: c", "two@a.example, three@a.example", "no-at"])
def test_a_mail_goes_to_one_address(address: str) -> None:
    with FarSide() as far, pytest.raises(Refused):
        Email(aws(SES, far), "club-dev").send(address, Written(), LABEL)
    assert far.requests == []


@pytest.mark.parametrize("number", ["+989121234567", "+12015550123", "+8821621", "0502345678"])
def test_no_text_message_goes_to_a_country_that_the_club_does_not_send_to(number: str) -> None:
    with FarSide(published) as far, pytest.raises(Refused) as refused:
        Sms(aws(SNS, far), ["IL"]).send(number, Written(), LABEL)
    assert (refused.value.code, far.requests) == ("country_not_allowed", [])


def test_text_messages_go_by_the_gateway_where_it_reaches_and_by_sns_elsewhere() -> None:
    with FarSide(published) as sns, FarSide(telling({"id": "gw-1"})) as other:
        wire = Sms(aws(SNS, sns), ["IL", "IR"], "", (["IR"], Gateway(other.url, lambda: "T0K")))
        assert wire.send("+989121234567", Written(), LABEL).id == "gw-1"
        assert wire.send(NUMBER, Written(), LABEL).id == "sns-1"


def test_a_club_has_a_wire_for_each_channel_that_its_programme_names_and_that_has_one() -> None:
    def never() -> Sender:
        raise AssertionError("nothing is opened that is not asked for")

    contact = Contact(channels=("sms", "push", "whatsapp"), sms_countries=("IL",))
    with FarSide() as far:
        made = wires_of(contact, never, lambda: aws(SNS, far), "club-dev")
    assert {name: type(wire) for name, wire in made.items()} == {"sms": Sms, "push": Push}


def test_whoever_takes_messages_is_waited_for_longer_than_a_table() -> None:
    assert lines.READ_SECONDS_MAX < lines.SENDING_SECONDS_MAX
