"""What the OpenAPI document allows and forbids, by chance, to every operation of the running club: at least 500 cases each.

The seed is fixed and printed; another one: `CLUB_SEED=7 pytest tests/local/test_schemathesis.py`, and `CLUB_CASES=5000` for more.
Half of the cases fit the document's schemas and half break them. Whoever is named in a case that fits is, more often than not,
a member or a purchase that the club has: else every case would end at "unknown".
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from club import staff
from club.up import OpenClub
from shared.domain.member import attribute_value, person_name
from shared.domain.text import clean_id, clean_text
from tests.documented import document, operations
from tests.local.bad_staff import LATER
from tests.local.conftest import Opening
from tests.storefront import Json, Storefront, line, new_id, person, purchase, yesterday

SEED = int(os.environ.get("CLUB_SEED", "20261125"))
CASES = int(os.environ.get("CLUB_CASES", "500"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, negative_data_rejection,
]  # fmt: skip
REFUSALS = (400, 403, 404, 409, 413, 415, 422, 429)
# A key may name 60 strangers a minute, and chance names mostly strangers.
STOREFRONTS = 10
ANSWER_TIMEOUT_S = 60


class Place(NamedTuple):
    """A store with its key, a desk of the club's owner, and what is known there."""

    shop: Storefront
    session: requests.Session
    desk: requests.Session
    member_id: str
    contacts: Json
    purchase_id: str
    return_id: str
    cursor: str
    code: str


@pytest.fixture(scope="module")
def places(opened: Opening) -> list[Place]:
    return [_place(opened()) for _ in range(STOREFRONTS)]


def _place(shop: Storefront) -> Place:
    contacts = {"card": new_id("CARD"), "email": f"{new_id('noa')}@example.com"}
    member_id = shop.new_member(**contacts)
    # Long enough ago that points can be used.
    ago = (datetime.now(UTC) - timedelta(days=30)).isoformat(timespec="seconds")
    bought = [
        purchase(line(400_000), member_id=member_id, occurred_at=ago),
        *(purchase(member_id=member_id) for _ in range(2)),
    ]
    assert {shop.buy(body).status_code for body in bought} == {201}
    cursor = shop.statement(member_id, limit=2).json()["next_cursor"]
    session = requests.Session()
    session.headers["Authorization"] = shop.http.headers["Authorization"]
    desk = requests.Session()
    desk.headers["Authorization"] = f"Bearer {staff.token(staff.demo_email('owner'))}"
    back = {"store": shop.store, "return_id": new_id("R"), "purchase_id": bought[0]["purchase_id"], "amount_minor": 1}
    assert shop.http.post("/v1/returns", json=back | {"occurred_at": yesterday()}).status_code == 201
    for how in ("capture", "void", "reverse"):
        held = {
            "store": shop.store,
            "redemption_id": f"{back['return_id']}-{how}",
            "member_id": member_id,
            "units": 500,
        }
        assert shop.http.post("/v1/redemptions", json=held).status_code == 201
    taken = shop.http.post(f"/v1/redemptions/{back['return_id']}-reverse/capture", json={})
    assert taken.status_code == 201
    card = {"store": shop.store, "certificate_id": new_id("GC"), "amount_minor": 5_000, "currency": "USD"}
    code = shop.http.post("/v1/certificates", json=card).json()["certificate"]["code"]
    _by_hand(shop, desk, member_id, str(back["return_id"]))
    return Place(shop, session, desk, member_id, contacts, bought[0]["purchase_id"], back["return_id"], cursor, code)


def _by_hand(shop: Storefront, desk: requests.Session, member_id: str, mark: str) -> None:
    """One adjustment that somebody approved, and one that somebody refused."""
    asking = requests.Session()
    asking.headers["Authorization"] = f"Bearer {staff.token(staff.demo_email('manager'))}"
    url = str(shop.http.base_url).rstrip("/")
    for how in ("approve", "refuse"):
        told = {"adjustment_id": f"{mark}-{how}", "member_id": member_id, "units": 1_500, "reason": "Late"}
        assert asking.post(f"{url}/v1/adjustments", json=told, timeout=30).status_code == 202
        decided = desk.post(f"{url}/v1/adjustments/{mark}-{how}/{how}", json={}, timeout=30)
        assert decided.status_code == 201, decided.text


def _taken(value: Any, check: Callable[[Any], object], otherwise: str) -> Any:
    """The generated value where the club takes it; no schema says which letters of Unicode a person can read."""
    try:
        check(value)
    except ValueError:
        return otherwise
    return value


def _id(text: str) -> str:
    return str(_taken(text, lambda told: clean_id(told, 64), new_id()))


def _label(text: str) -> str:
    return str(_taken(text, lambda told: clean_text(told, 64), "CD-1001"))


def _without_contacts(body: Json, *others: str) -> Json:
    return {name: value for name, value in body.items() if name not in ("member_id", "card", "phone", "email", *others)}


def _a_line(generated: Json) -> Json:
    told = generated | {name: _label(generated[name]) for name in ("sku", "category", "brand") if generated.get(name)}
    labels = {name: _label(label) for name, label in generated.get("labels", {}).items()}
    # To JSON Schema 1.0 is a whole number; to the club it is not.
    numbers = {
        "amount_minor": min(int(generated["amount_minor"]), 10**9),
        "quantity": int(generated.get("quantity", 1)),
    }
    return told | numbers | {"labels": labels, "discount_minor": 0, "offer_minor": 0, "tax_minor": 0}


def _a_purchase(draw: Any, body: Json, at: Place) -> Json:
    """The generated purchase as this store could report it: its own name and currency, a time that has been, a sum that fits."""
    lines = [_a_line(one) for one in body["lines"]]
    named = draw(
        st.sampled_from([{}, {"member_id": at.member_id}, *({kind: at.contacts[kind]} for kind in at.contacts)])
    )
    sums = ("discount", "shipping", "tax", "shipping_tax", "points_payment", "stored_value_payment")
    told = _without_contacts(body) | named | {f"{name}_minor": 0 for name in sums}
    return told | {
        "store": at.shop.store, "purchase_id": draw(st.sampled_from([_id(body["purchase_id"]), new_id()])),
            "currency": "USD", "occurred_at": yesterday(),
            "lines": lines, "offers": [],
        "total_minor": sum(one["amount_minor"] for one in lines), "codes": [_label(code) for code in body.get("codes",
            [])],
    }  # fmt: skip


def _an_event(draw: Any, body: Json, at: Place) -> Json:
    named = draw(st.sampled_from([{"member_id": at.member_id}, *({kind: at.contacts[kind]} for kind in at.contacts)]))
    told = {"store": at.shop.store, "kind": "review", "source_id": _id(body["source_id"]), "occurred_at": yesterday()}
    return _without_contacts(body) | named | told


def _a_redemption(draw: Any, body: Json, at: Place) -> Json:
    """One of a few, of the member's own points: asked for again it is the same."""
    which = draw(st.integers(1, 4))
    return {
        "store": at.shop.store,
        "redemption_id": f"{at.return_id}-{which}",
        "member_id": at.member_id,
        "units": 100 + which,
    }


def _a_reversal(draw: Any, body: Json, at: Place) -> Json:
    return {"reversal_id": new_id("B"), "units": 1}


def _nothing(draw: Any, body: Json, at: Place) -> Json:
    return {}


def _a_return(draw: Any, body: Json, at: Place) -> Json:
    """Of a purchase of the moment, by its lines, its money, or whole; or of one that nobody reported."""
    told = _without_contacts(body, "lines", "amount_minor", "currency")
    return told | draw(st.sampled_from([{"amount_minor": 1}, {"amount_minor": 2, "currency": "USD"}])) | {
        "store": at.shop.store, "return_id": new_id("R"), "occurred_at": yesterday(),
        "purchase_id": draw(st.sampled_from([at.purchase_id, new_id()])),
    }  # fmt: skip


def _a_person(draw: Any, body: Json, at: Place) -> Json:
    attributes = {name: _taken(value, attribute_value, "42") for name, value in body.get("attributes", {}).items()}
    consents = {one["kind"]: one | {"text_version": "2026-1"} for one in body.get("consents", [])}
    told: Json = {"attributes": attributes, "consents": list(consents.values())} | {
        name: person()[name] for name in ("card", "language")
    }
    told["name"] = _taken(body["name"], person_name, "Noa")
    return _without_contacts(body, "birthday", "joined_at", "id_number") | told


def _a_look_up(draw: Any, body: Json, at: Place) -> Json:
    kind = draw(st.sampled_from(["card", "email"]))
    return {kind: at.contacts[kind]}


def _a_certificate(draw: Any, body: Json, at: Place) -> Json:
    """One of a few, for whoever has its code: asked for again it is the same."""
    which = draw(st.integers(1, 4))
    known = {"store": at.shop.store, "currency": "USD"}
    return known | {"certificate_id": f"{at.return_id}-{which}", "amount_minor": 1_000 + which}


def _a_code(draw: Any, body: Json, at: Place) -> Json:
    return {"code": at.code}


def _a_printed_code(draw: Any, body: Json, at: Place) -> Json:
    return {
        "code": at.code,
        "language": draw(st.sampled_from(["en", "he", "fa"])),
        "format": body.get("format", "html"),
    }


def _a_phone(draw: Any, body: Json, at: Place) -> Json:
    """For Android, which the local stage has a platform application of."""
    return body | {"platform": "fcm"}


def _a_coupon(draw: Any, body: Json, at: Place) -> Json:
    """The code of something else: nobody has a coupon."""
    return {"store": at.shop.store, "code": at.code, "member_id": at.member_id}


def _an_adjustment(draw: Any, body: Json, at: Place) -> Json:
    kind, units = draw(st.sampled_from(["adjust", "opening"])), draw(st.integers(1, 5))
    return {"adjustment_id": new_id("J"), "kind": kind, "member_id": at.member_id, "units": units, "reason": "Late"}


def _an_extension(draw: Any, body: Json, at: Place) -> Json:
    """The same one, for there is hardly anything to extend twice: points that were given just before, and would lapse soon."""
    url, soon = str(at.shop.http.base_url).rstrip("/"), (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    lapsing = {"adjustment_id": f"{at.return_id}-soon", "member_id": at.member_id, "units": 7, "reason": "Late"}
    given = at.desk.post(f"{url}/v1/adjustments", json=lapsing | {"expires_on": soon}, timeout=30)
    assert given.status_code == 201, given.text
    return {"extension_id": f"{at.return_id}-E", "member_id": at.member_id, "expires_on": LATER, "reason": "Ill"}


def _no_stopping(draw: Any, body: Json, at: Place) -> Json:
    """Marketing goes already: it is stopped for nobody else who tries this club."""
    return {"stopped": False, "reason": "All is well"}


def _no_switching(draw: Any, body: Json, at: Place) -> Json:
    """It is on already."""
    return {"enabled": True, "reason": "All is well"}


def _a_merge(draw: Any, body: Json, at: Place) -> Json:
    """Of two who have just joined."""
    left, into = at.shop.new_member(), at.shop.new_member()
    return {"merge_id": new_id("M"), "from_member_id": left, "into_member_id": into, "reason": "One person"}


BODIES: dict[str, Callable[[Any, Json, Place], Json]] = {
    "adjust_balance": _an_adjustment,
    "approve_adjustment": _nothing,
    "refuse_adjustment": _nothing,
    "extend_points": _an_extension,
    "merge_members": _a_merge,
    "set_marketing": _no_stopping,
    "switch_automation": _no_switching,
    "record_purchase": _a_purchase,
    "quote_purchase": _a_purchase,
    "record_event": _an_event,
    "record_return": _a_return,
    "hold_redemption": _a_redemption,
    "capture_redemption": _nothing,
    "void_redemption": _nothing,
    "reverse_redemption": _a_reversal,
    "issue_certificate": _a_certificate,
    "find_certificate": _a_code,
    "print_certificate": _a_printed_code,
    "register_device": _a_phone,
    "validate_coupon": _a_coupon,
    "join_member": _a_person,
    "find_member": _a_look_up,
}


@st.composite
def cases(draw: Any, operation: Any, name: str, places: list[Place]) -> tuple[Case, Place]:
    """A case and who sends it. What fits the schema speaks, three times out of four, of what is there; what breaks it is
    left as it is but for the parts of the address that fit."""
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case, at = draw(operation.as_strategy(generation_mode=mode)), draw(st.sampled_from(places))
    if not draw(st.sampled_from([True, True, True, False])):
        return case, at
    broken = {location.value for location, part in case.meta.components.items() if part.mode.is_negative}
    if "path" not in broken and "path_parameters" not in broken:
        known = {
            "member_id": at.member_id,
            "store": at.shop.store,
            "purchase_id": at.purchase_id,
            "return_id": at.return_id,
            "automation_id": "birthday",
            "report": "days",
            "coupon": "spring.none.2026-01-01",
        }
        known |= {one: f"{at.return_id}-{name.partition('_')[0]}" for one in ("redemption_id", "adjustment_id")}
        case.path_parameters = {one: known[one] for one in case.path_parameters or {}}
    if mode.is_positive and name in BODIES:
        case.body = BODIES[name](draw, case.body, at)
    if mode.is_positive and name == "join_member":
        case.headers["Idempotency-Key"] = new_id("join")
    if mode.is_positive and name == "get_dormant_report":
        case.query.pop("cursor", None)
    if mode.is_positive and "cursor" in (case.query or {}):
        case.query["cursor"] = at.cursor
        if name.endswith("messages"):
            # Of members who joined a moment ago there is one page at most.
            del case.query["cursor"]
    if mode.is_positive and "state" in (case.query or {}):
        case.query["state"] = "parked"
    if mode.is_positive and {"from", "until"} & set(case.query or {}):
        case.query |= {"from": "2026-11-01", "until": "2026-11-30"}
    if mode.is_positive and "on" in (case.query or {}):
        case.query["on"] = "2026-11-01"
    if mode.is_positive and "language" in (case.query or {}):
        case.query["language"] = draw(st.sampled_from(["en", "he", "fa"]))
    return case, at


@pytest.fixture(scope="module")
def schema() -> Any:
    read = schemathesis.openapi.from_dict(document())
    read.config.generation.update(with_security_parameters=False)
    # Breaking itself is no way to refuse; saying that there is too much of it is one.
    read.config.checks.negative_data_rejection.expected_statuses = [str(status) for status in REFUSALS]
    return read


# Of members who joined a moment ago nothing has lapsed, and the clock has given them no coupon.
NEVER_NOW = {"reinstate_points", "validate_coupon", "get_coupon_certificate"}
# What takes neither parameter nor body can be asked in one way only.
ASKED_BY_CHANCE = [one.name for one in operations() if one.facts.get("parameters") or "requestBody" in one.facts]


def test_only_these_take_nothing_that_chance_could_vary() -> None:
    assert {one.name for one in operations()} - set(ASKED_BY_CHANCE) == {"get_staff", "get_marketing"}


@pytest.mark.parametrize("name", ASKED_BY_CHANCE)
def test_every_answer_is_one_that_the_document_tells_of(
    club: OpenClub, places: list[Place], schema: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = next(one for one in operations() if one.name == name)
    statuses: Counter[int] = Counter()

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(cases(schema[told.path][told.method], name, places))
    def ask(asked: tuple[Case, Place]) -> None:
        case, at = asked
        session = at.desk if told.groups else at.session
        answer = case.call(base_url=club.url, session=session, timeout=ANSWER_TIMEOUT_S)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    ask()
    with capsys.disabled():
        print(f"\n{name}, seed {SEED}: {dict(sorted(statuses.items()))}")
    assert statuses.total() >= CASES
    assert statuses[200] + statuses[201] + statuses[202] >= CASES // 10 or name in NEVER_NOW, (
        "hardly a case came through: it should be about members who are there"
    )
    assert sum(count for status, count in statuses.items() if status in (400, 404, 422)) >= CASES // 10
    assert not statuses[401]
