"""Which way a message leaves: as the programme names channels, and as the operator's parameter names a gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared import settings as environment
from shared.actions import wiring
from shared.domain.contact_tables import Contact
from shared.domain.errors import Busy
from shared.domain.notices import Label
from shared.store import connection, parameters
from shared.store.sender import Lost, Refused, Sender
from shared.store.wires import Email, Sms
from tests.store.far_side import FarSide, telling
from tests.store.test_wires import Written, published

LABEL = Label("M0123456789ABCDEF", "1795366800000-0a1b2c", "birthday", "marketing")
CONTACT = Contact(channels=("email", "sms"), sms_countries=("IL", "IR"))


class ParameterStore:
    """Answers with what it was given; an exception is raised."""

    def __init__(self) -> None:
        self.said: Any = Refused("ParameterNotFound", 400, {})
        self.asked: list[dict[str, Any]] = []

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert operation == "GetParameter"
        self.asked.append(request)
        if isinstance(self.said, Exception):
            raise self.said
        return {"Parameter": {"Value": self.said}}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ParameterStore]:
    made = ParameterStore()
    told = environment.Settings("dev", {}, "", 0, mail="club-dev-mail", gateway="/club/dev/gateway")
    monkeypatch.setattr(wiring, "settings", lambda: told)
    monkeypatch.setattr(parameters, "parameter_store", lambda: made)
    wiring._parameter.cache_clear()
    wiring._gateway_of.cache_clear()
    yield made
    wiring._parameter.cache_clear()


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    """SNS, and SES which is never asked."""
    with FarSide(published) as sns:
        from tests.store.test_wires import KEYS

        for name in ("mail", "texts"):
            service = connection.SES if name == "mail" else connection.SNS
            made = Sender(service, sns.url, "eu-central-1", lambda: KEYS)
            monkeypatch.setattr(connection, name, lambda made=made: made)
        yield sns


def text(**changes: Any) -> str:
    return json.dumps({"url": "https://sms.example.com/send", "token": "T0K", "countries": ["IR"], **changes})


def test_without_a_gateway_every_number_goes_by_sns(store: ParameterStore, far: FarSide) -> None:
    wires = wiring.wires_for(CONTACT)
    assert {name: type(wire) for name, wire in wires.items()} == {"email": Email, "sms": Sms}
    assert wires["sms"].send("+989121234567", Written(), LABEL).id == "sns-1"
    assert store.asked == [{"Name": "/club/dev/gateway", "WithDecryption": True}]


def test_with_one_its_countries_go_by_it(store: ParameterStore, far: FarSide) -> None:
    with FarSide(telling({"id": "gw-1"})) as gateway:
        store.said = text(url=f"{gateway.url}/send")
        assert wiring.wires_for(CONTACT)["sms"].send("+989121234567", Written(), LABEL).id == "gw-1"
        assert wiring.wires_for(CONTACT)["sms"].send("+972502345678", Written(), LABEL).id == "sns-1"
        assert gateway.requests[0].headers["authorization"] == "Bearer T0K"
    assert len(store.asked) == 1, "it is read once in a while, not for each message"


def test_a_club_that_texts_nobody_asks_for_no_gateway(store: ParameterStore, far: FarSide) -> None:
    assert set(wiring.wires_for(Contact(channels=("email",)))) == {"email"}
    assert store.asked == []


@pytest.mark.parametrize(
    "fault", [Lost("ssm"), Refused("ThrottlingException", 400, {}), Refused("AccessDenied", 403, {})]
)
def test_while_the_parameter_cannot_be_read_messages_wait(
    store: ParameterStore, far: FarSide, fault: Exception
) -> None:
    store.said = fault
    with pytest.raises(Busy):
        wiring.wires_for(CONTACT)


BAD: dict[str, Callable[[], str]] = {
    "no JSON": lambda: "https://sms.example.com T0K",
    "a list": lambda: '["T0K"]',
    "no token": lambda: json.dumps({"url": "https://sms.example.com", "countries": []}),
    "in the open": lambda: text(url="http://sms.example.com/send"),
    "a header within": lambda: text(token="T0K\r\nx-admin: yes"),
    "a path to encode": lambda: text(url="https://sms.example.com/a b"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_parameter_that_is_none_is_refused_and_its_secret_not_repeated(
    store: ParameterStore, far: FarSide, name: str
) -> None:
    store.said = BAD[name]()
    with pytest.raises(wiring.GatewayUnreadable) as refused:
        wiring.wires_for(CONTACT)
    assert "T0K" not in str(refused.value)
