"""The wires that messages leave by: e-mail (SES), SMS (SNS, or a gateway of another company), push (SNS).

None of them can be told to send once only. So whatever may have been sent is `Lost`, and is not sent again from here; what was
refused because of too many requests, or did not leave this machine, is tried again a few times (F23, M12).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from shared.domain import sms
from shared.domain.contact_tables import Channel, Contact
from shared.domain.notices import Label
from shared.store import sender
from shared.store.answer import Answer
from shared.store.lines import SENDING_SECONDS_MAX, Lines
from shared.store.sender import Lost, Patient, Sender, posted, told

SEND_EMAIL = "/v2/email/outbound-emails"

# `never`: not this message to this address. `throttled`: later. `paused`: nothing of this channel, until somebody sees to it.
Why = Literal["never", "throttled", "paused"]

_PAUSED = frozenset(
    "AccountSuspendedException SendingPausedException MailFromDomainNotVerifiedException NotFoundException "
    "AccessDenied AccessDeniedException AuthorizationError AuthorizationErrorException InvalidClientTokenId "
    "UnrecognizedClientException SignatureDoesNotMatch InvalidSignatureException ExpiredToken ExpiredTokenException "
    "PlatformApplicationDisabled OptInRequired".split()
)
_PAUSED_STATUS = frozenset({401, 402, 403})
_NOT_VERIFIED = "not verified"

# What a header may hold on its way to SES (M8): all else would be a second header, or would be refused.
_HEADER_NAME = re.compile(r"[!-9;-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]{1,870}")
_MAILBOX = re.compile(r"[!-~]+@[!-~]+")
_SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{3,11}")
_XML_ID = re.compile(r"<MessageId>([^<]{1,200})</MessageId>")
_XML_ENDPOINT = re.compile(r"<EndpointArn>([^<]+)</EndpointArn>")
_XML_CODE = re.compile(r"<Code>([^<]{1,200})</Code>")
_XML_SAID = re.compile(r"<Message>([^<]{1,500})</Message>")
_BREAKS = frozenset("\r\n")


class Letter(Protocol):
    """A message as it is read. What a wire has no place for, it leaves: a text message is `text` alone. `sender` is who a mail
    comes from, as mail writes it: `Rimon <club@example.com>`."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Sent(NamedTuple):
    """It was taken. `id`: what the far side calls it; a gateway need not say."""

    id: str


class Refused(Exception):
    """It was not sent, for sure. `code` is the far side's own, or ours where nothing was asked."""

    def __init__(self, why: Why, code: str) -> None:
        super().__init__(f"{why}: {code}")
        self.why = why
        self.code = code


class Wire(Protocol):
    def send(self, address: str, letter: Letter, label: Label) -> Sent:
        """Raises Refused, or Lost for what may have been sent."""


class Email:
    """SES. By the configuration set notices come back."""

    def __init__(self, ses: Sender, configuration_set: str) -> None:
        self._ses = ses
        self._configuration_set = configuration_set

    def send(self, address: str, letter: Letter, label: Label) -> Sent:
        headers = letter.headers.items()
        written = [("From", letter.sender), *headers]
        is_safe = all(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value) for name, value in written)
        if not is_safe or _BREAKS & set(letter.subject):
            raise Refused("never", "header_unsafe")
        if _MAILBOX.fullmatch(address) is None:
            raise Refused("never", "address_unsafe")
        body: dict[str, Any] = {"Text": _utf8(letter.text)}
        if letter.html:
            body["Html"] = _utf8(letter.html)
        request = {
            "FromEmailAddress": letter.sender,
            "Destination": {"ToAddresses": [address]},
            "Content": {
                "Simple": {
                    "Subject": _utf8(letter.subject),
                    "Body": body,
                    "Headers": [{"Name": name, "Value": value} for name, value in headers],
                }
            },
            "EmailTags": [{"Name": name, "Value": value} for name, value in label.tags.items()],
            "ConfigurationSetName": self._configuration_set,
        }
        said = json.dumps(request, separators=(",", ":")).encode()
        return _sent(
            self._ses, lambda: self._ses.post(SEND_EMAIL, {"content-type": "application/json"}, said), _of_json
        )


class Sms:
    """SNS, to the countries that the club sends to and no others (M9). `elsewhere`: the gateway's countries, and the gateway."""

    def __init__(
        self,
        sns: Sender,
        countries: Collection[str],
        name: str = "",
        elsewhere: tuple[Collection[str], Wire] | None = None,
    ) -> None:
        self._sns = sns
        self._countries = countries
        self._name = name
        self._elsewhere = elsewhere

    def send(self, address: str, letter: Letter, label: Label) -> Sent:
        if not sms.may_be_texted(address, self._countries):
            raise Refused("never", "country_not_allowed")
        if self._elsewhere is not None and sms.may_be_texted(address, self._elsewhere[0]):
            return self._elsewhere[1].send(address, letter, label)
        # Promotional is cheaper and waits behind what somebody stands and waits for.
        kind = "Promotional" if label.purpose == "marketing" else "Transactional"
        attributes = {"AWS.SNS.SMS.SMSType": kind}
        if _SENDER_ID.fullmatch(self._name):
            attributes["AWS.SNS.SMS.SenderID"] = self._name
        return _published(self._sns, {"PhoneNumber": address, "Message": letter.text}, attributes)


class Push:
    """SNS, to the endpoint that it made of a phone's token: `address` is that endpoint's ARN."""

    def __init__(self, sns: Sender) -> None:
        self._sns = sns

    def send(self, address: str, letter: Letter, label: Label) -> Sent:
        apple = _json({"aps": {"alert": {"title": letter.subject, "body": letter.text}}, "message": label.message_id})
        google = _json(
            {"notification": {"title": letter.subject, "body": letter.text}, "data": {"message": label.message_id}}
        )
        message = _json({"default": letter.text, "APNS": apple, "APNS_SANDBOX": apple, "GCM": google})
        return _published(self._sns, {"TargetArn": address, "Message": message, "MessageStructure": "json"}, {})


def endpoint_of(sns: Sender, application: str, token: str) -> str:
    """The endpoint of a phone's token among those of a platform application, made where there is none, and opened again where it
    was closed. Raises Refused, or Lost."""
    form = {"Action": "CreatePlatformEndpoint", "PlatformApplicationArn": application, "Token": token}
    endpoint = _asked(sns, form, _XML_ENDPOINT)
    enabled = {"Attributes.entry.1.key": "Enabled", "Attributes.entry.1.value": "true"}
    _asked(sns, {"Action": "SetEndpointAttributes", "EndpointArn": endpoint, **enabled}, None)
    return endpoint


class Gateway(Patient):
    """SMS by another company: a POST of `{to, text, id}` to one address of one host, with a bearer token."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        """Raises ValueError when the address is not https, nor http on this machine itself."""
        super().__init__()
        address = urlsplit(url)
        self._lines = Lines(f"{address.scheme}://{address.netloc}", SENDING_SECONDS_MAX)
        self._path = address.path or "/"
        self._token = token
        if address.query or address.fragment or not _HEADER_NAME.fullmatch(self._path.replace(":", "")):
            raise ValueError("the gateway's address has a query, or a path that would have to be encoded")

    def send(self, address: str, letter: Letter, label: Label) -> Sent:
        said = _json({"to": address, "text": letter.text, "id": label.message_id}).encode()
        headers = {
            "host": self._lines.host,
            "content-type": "application/json",
            "authorization": f"Bearer {self._token()}",
        }
        return _sent(self, lambda: posted(self._lines, self._path, headers, said), _of_gateway)


def wires_of(
    contact: Contact,
    ses: Callable[[], Sender],
    sns: Callable[[], Sender],
    configuration_set: str,
    elsewhere: tuple[Collection[str], Wire] | None = None,
) -> dict[Channel, Wire]:
    """A wire for each channel that the programme writes by and that has one. WhatsApp has none yet."""
    made: dict[Channel, Callable[[], Wire]] = {
        "email": lambda: Email(ses(), configuration_set),
        "sms": lambda: Sms(sns(), contact.sms_countries, contact.sender or "", elsewhere),
        "push": lambda: Push(sns()),
    }
    return {channel: made[channel]() for channel in contact.channels if channel in made}


def _asked(sns: Sender, form: Mapping[str, str], wanted: re.Pattern[str] | None) -> str:
    """What SNS answers where it is looked for; nothing of it is done twice when it is asked twice."""
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    said = urlencode({"Version": "2010-03-31", **form}).encode()
    return _sent(sns, lambda: sns.post("/", headers, said), lambda answer: _of_xml(answer, wanted)).id


def _published(sns: Sender, fields: Mapping[str, str], attributes: Mapping[str, str]) -> Sent:
    form = {"Action": "Publish", "Version": "2010-03-31", **fields}
    for number, (name, value) in enumerate(attributes.items(), start=1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": name, f"{entry}.Value.DataType": "String", f"{entry}.Value.StringValue": value}
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    said = urlencode(form).encode()
    return _sent(sns, lambda: sns.post("/", headers, said), _of_xml)


def _sent(far: Patient, once: Callable[[], Answer], read: Callable[[Answer], Sent]) -> Sent:
    try:
        return far.carefully(lambda: read(once()))
    except sender.Refused as no:
        raise Refused(_why(no), no.code or str(no.status)) from no


def _of_json(answer: Answer) -> Sent:
    try:
        return Sent(str(told(answer)["MessageId"]))
    except KeyError:
        raise Lost("an answer without an id") from None
    except sender.Refused as no:
        raise _certain(no) from None


def _of_xml(answer: Answer, wanted: re.Pattern[str] | None = _XML_ID) -> Sent:
    text = answer.body.decode("utf-8", "replace")
    if answer.status < 300 and wanted is None:
        return Sent("")
    found = wanted.search(text) if wanted is not None else None
    if answer.status < 300:
        if found is None:
            raise Lost("an answer without an id")
        return Sent(found[1])
    code, said = _XML_CODE.search(text), _XML_SAID.search(text)
    why = {"message": said[1]} if said else {}
    raise _certain(sender.Refused(code[1] if code else "", answer.status, why))


def _of_gateway(answer: Answer) -> Sent:
    """Whatever a gateway answers well with, it has taken the message."""
    if answer.status >= 300:
        raise _certain(sender.Refused("", answer.status, {}))
    try:
        said = json.loads(answer.body.decode())
    except ValueError:
        said = None
    known = said.get("id", "") if isinstance(said, dict) else ""
    return Sent(str(known)[:200])


def _certain(no: sender.Refused) -> Exception:
    """A far side in trouble does not know itself what it has done: that is no refusal."""
    return Lost(no.code or str(no.status)) if no.status >= 500 and not no.is_throttled else no


def _why(no: sender.Refused) -> Why:
    if no.is_throttled:
        return "throttled"
    said = str(no.answer.get("message") or no.answer.get("Message") or "")
    # SES refuses a sender that is not verified in the words with which it refuses a message.
    is_ours = no.code in _PAUSED or no.status in _PAUSED_STATUS or _NOT_VERIFIED in said.lower()
    return "paused" if is_ours else "never"


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
