"""What no till should ever send, to every door it fits: always a clear no with a stable code, never a 5xx, nothing written."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping

import pytest

from shared.api.routes import ROUTES
from tests.api import test_returns as by_return
from tests.api import test_what_only_the_gateway_sends as in_memory
from tests.laws import test_redemptions as redeemed
from tests.local import test_bad_addresses as addresses
from tests.local import test_staff as office
from tests.local.bad_input import (
    ADDRESSES,
    AUTHORIZATIONS,
    BESIDES,
    BOMBS,
    ENDINGS,
    FILLINGS,
    IDEMPOTENCY_KEYS,
    JSON,
    MOVED,
    NAMES,
    PHONES,
    PLACES,
    POSTS,
    RETURN_QUERIES,
    SIZES_BYTES,
    STATEMENT_QUERIES,
    TRANSPORT,
    TYPES,
    bodies_of,
    cases,
    changed,
    contacts_of,
    distinct_inputs,
    good,
    requests_by_endpoint,
)
from tests.local.bad_members import CONTACTS, LOOK_UPS, MEMBER
from tests.local.bad_purchases import EVENT, GOOD_PURCHASES, PURCHASE, RETURN
from tests.local.conftest import Opening
from tests.local.holdings import proven_postings
from tests.local.refusals import Ask, Regular, account_row, all_refused, posting, sent
from tests.storefront import Json, Storefront, new_id, person, phone, purchase

# -- transport: to every door that takes a body --------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_cannot_be_read_is_refused(main: Storefront, regular: Regular, path: str) -> None:
    def ask(make: Callable[[str], bytes]) -> Ask:
        return lambda: sent(main, path, make(path))

    all_refused({how: ask(make) for how, make in cases(TRANSPORT)}, 400, 413, 422, regular=regular)


@pytest.mark.parametrize("path", POSTS)
def test_a_body_of_another_type_is_refused(main: Storefront, regular: Regular, path: str) -> None:
    def ask(content_type: str | None) -> Ask:
        return lambda: sent(main, path, json.dumps(good(path, regular.id)).encode(), content_type)

    told = all_refused({how: ask(content_type) for how, content_type in cases(TYPES)}, 415, regular=regular)
    assert {one["expected"] for one in told.values()} == {JSON}


@pytest.mark.parametrize("path", POSTS)
def test_a_body_too_large_is_refused_before_it_is_read(main: Storefront, regular: Regular, path: str) -> None:
    questions: dict[str, Ask] = {}
    for size in (size for sizes in SIZES_BYTES.values() for size in sizes):
        for what, filled in FILLINGS.items():
            questions[f"{size} of {what}"] = lambda size=size, filled=filled: sent(main, path, filled(size))
    told = all_refused(questions, 413, regular=regular)
    assert {one["bytes_max"] for one in told.values()} == {256 * 1024}


@pytest.mark.parametrize("path", POSTS)
def test_a_compressed_body_is_refused_whatever_its_header_says(main: Storefront, regular: Regular, path: str) -> None:
    questions: dict[str, Ask] = {}
    for what, bomb in cases(BOMBS):
        for encoding in ("gzip", "deflate", "identity"):
            questions[f"{what}, {encoding}"] = lambda bomb=bomb, encoding=encoding: sent(
                main, path, bomb, **{"Content-Encoding": encoding}
            )
        questions[f"{what}, as what it is"] = lambda bomb=bomb: sent(main, path, bomb, "application/gzip")
    all_refused(questions, 400, 413, 415, regular=regular)


@pytest.mark.parametrize("path", POSTS)
def test_a_field_that_nobody_asked_for_is_refused(main: Storefront, regular: Regular, path: str) -> None:
    questions = {f"{what} = {value}": posting(main, path, good(path, regular.id) | {name: value})
                 for what, name in cases(NAMES) for value in (1, None, {})}  # fmt: skip
    told = all_refused(questions, 422, regular=regular)
    assert {one["reason"] for one in told.values()} == {"is not a field of this request"}


# -- purchases, quotes and activities ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes", "/v1/events"])
def test_a_purchase_or_an_activity_that_cannot_be_is_refused(main: Storefront, regular: Regular, path: str) -> None:
    table = (*cases(PURCHASE), *(cases(EVENT) if path == "/v1/events" else ()))
    bodies = {what: changed(path, change, regular.id) for what, change in table}
    fitting = {what: posting(main, path, body) for what, body in bodies.items() if body is not None}
    assert len(fitting) >= 100
    told = all_refused(fitting, 400, 403, 404, 422, regular=regular)
    before_joining = {what: one["field"] for what, one in told.items() if one["code"] == "before_joining"}
    assert set(before_joining.values()) == {"occurred_at"}
    assert {what.partition(":")[0] for what in before_joining} == {"time before joining"}


def test_a_return_that_cannot_be_is_refused_and_nothing_waits(main: Storefront, regular: Regular) -> None:
    fitting = {what: posting(main, "/v1/returns", body) for what, body in bodies_of("/v1/returns").items()}
    assert len(fitting) >= 60
    told = all_refused(fitting, 400, 403, 422, regular=regular)
    assert {one["code"] for one in told.values()} == {"invalid", "store_not_allowed"}


@pytest.mark.parametrize("path", ["/v1/redemptions", *ENDINGS])
def test_a_redemption_that_cannot_be_is_refused(main: Storefront, regular: Regular, path: str) -> None:
    fitting = {what: posting(main, path, body) for what, body in bodies_of(path).items()}
    all_refused(fitting, 400, 403, 404, 422, regular=regular)


@pytest.mark.parametrize(
    "path",
    [f"/v1/{what}" for what in ("certificates", "certificates/lookup", "certificates/print", "coupons/validate")],
)
def test_a_certificate_that_cannot_be_and_a_code_that_nobody_has_are_refused(
    main: Storefront, regular: Regular, path: str
) -> None:
    fitting = {what: posting(main, path, body) for what, body in bodies_of(path).items()}
    told = all_refused(fitting, 400, 403, 404, 422, regular=regular)
    unusable = {what for what, one in told.items() if one["code"] == "code_unusable"}
    assert unusable == (
        {what for what in told if "nobody has" in what} if path.endswith(("lookup", "print")) else set()
    )


def test_a_member_moves_to_no_clock_that_there_is_not(main: Storefront, regular: Regular) -> None:
    at = MOVED.replace("M0123456789ABCDEF", regular.id)
    asked = {what: posting(main, at, body) for what, body in bodies_of(MOVED).items()}
    told = all_refused(asked, 400, 422, regular=regular)
    assert {one["code"] for one in told.values()} == {"invalid"}


@pytest.mark.parametrize("path", PHONES)
def test_a_phone_that_cannot_be_is_neither_registered_nor_forgotten(
    main: Storefront, regular: Regular, path: str
) -> None:
    at = path.replace("M0123456789ABCDEF", regular.id)
    told = all_refused(
        {what: posting(main, at, body) for what, body in bodies_of(path).items()}, 400, 422, regular=regular
    )
    assert {one["code"] for one in told.values()} == {"invalid"}


def test_the_returns_that_wait_are_asked_for_in_one_way(main: Storefront, regular: Regular) -> None:
    questions: dict[str, Ask] = {
        query or "nothing": lambda query=query: main.http.get(f"/v1/returns?{query}") for query in RETURN_QUERIES
    }
    all_refused(questions, 422, regular=regular)


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes", "/v1/events", "/v1/members/lookup"])
def test_a_contact_that_cannot_be_one_is_refused_and_not_repeated(
    main: Storefront, regular: Regular, path: str
) -> None:
    bodies = contacts_of(path)
    told = all_refused({what: posting(main, path, body) for what, body in bodies.items()}, 400, 422, regular=regular)
    assert {what: one["field"] for what, one in told.items()} == {what: next(iter(CONTACTS[what])) for what in told}
    _assert_not_repeated({what: CONTACTS[what] for what in told}, told)


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes", "/v1/events"])
def test_a_body_that_leaves_something_out_is_told_what(main: Storefront, regular: Regular, path: str) -> None:
    needed = {
        "/v1/events": ("store", "kind", "source_id", "occurred_at"),
    }.get(path, ("store", "purchase_id", "occurred_at", "currency", "lines", "total_minor"))
    whole = good(path, regular.id)
    bodies = {name: {field: value for field, value in whole.items() if field != name} for name in needed}
    told = all_refused({name: posting(main, path, body) for name, body in bodies.items()}, 422, regular=regular)
    assert {name: (one["field"], one["reason"]) for name, one in told.items()} == dict(
        zip(needed, ((name, "is missing") for name in needed), strict=True)
    )


def test_minus_zero_is_no_amount(main: Storefront, regular: Regular) -> None:
    body = json.dumps(purchase(member_id=regular.id) | {"discount_minor": 4711}).replace("4711", "-0").encode()
    questions: dict[str, Ask] = {
        path: lambda path=path: sent(main, path, body) for path in ("/v1/purchases", "/v1/quotes")
    }
    assert {one["field"] for one in all_refused(questions, 422, regular=regular).values()} == {"discount_minor"}


def test_two_spellings_of_one_id_in_unicode_are_one_purchase_and_one_activity(main: Storefront) -> None:
    member_id, mark = main.new_member(), new_id("Café")
    composed, apart = (unicodedata.normalize(form, mark) for form in ("NFC", "NFD"))
    assert composed != apart
    for path, named in (("/v1/purchases", "purchase_id"), ("/v1/events", "source_id")):
        body = good(path, member_id)
        first, twin = (main.http.post(path, json=body | {named: id_}) for id_ in (composed, apart))
        assert (first.status_code, twin.status_code, twin.content) == (201, 201, first.content)
        assert twin.headers["Idempotency-Replayed"] == "true"
    assert main.bought(apart).json()["purchase"]["purchase_id"] == composed
    assert len(proven_postings(member_id)) == 3


@pytest.mark.parametrize("what", GOOD_PURCHASES)
def test_a_purchase_that_only_looks_odd_is_taken(main: Storefront, what: str) -> None:
    body = {**purchase(), **GOOD_PURCHASES[what]}
    body["purchase_id"] += new_id("")[-8:] if "purchase_id" in GOOD_PURCHASES[what] else ""
    answer = main.buy(body)
    assert answer.status_code == 201, answer.text
    assert main.buy(body).content == answer.content


def test_what_another_realm_or_another_store_holds_is_nobodys_here(
    main: Storefront, opened: Opening, regular: Regular
) -> None:
    annex, trying = opened(), opened(mode="test")
    theirs = trying.new_member()
    questions: dict[str, Ask] = {}
    for path in ("/v1/purchases", "/v1/quotes", "/v1/events"):
        questions[f"{path} for a member of the test realm"] = posting(main, path, good(path, theirs))
        questions[f"{path} for a member of the live realm"] = posting(
            trying, path, good(path, regular.id) | {"store": trying.store}
        )
        questions[f"{path} with the key of another store"] = posting(annex, path, good(path, regular.id))
    for shop, member_id in ((main, theirs), (trying, regular.id)):
        questions[f"member {member_id}"] = lambda shop=shop, member_id=member_id: shop.member(member_id)
        questions[f"statement {member_id}"] = lambda shop=shop, member_id=member_id: shop.statement(member_id)
    questions["a purchase with the key of another store"] = lambda: annex.http.get(
        f"/v1/purchases/main/{regular.purchase_id}"
    )
    questions["a purchase with the key of the test realm"] = lambda: trying.bought(regular.purchase_id)
    told = all_refused(questions, 403, 404, regular=regular)
    assert all(one["code"] == "store_not_allowed" for what, one in told.items() if "another store" in what)
    assert account_row(theirs)["n"] == {"N": "1"}


# -- members -------------------------------------------------------------------------------------------------


def _assert_not_repeated(changes: Mapping[str, Json], told: Mapping[str, Json]) -> None:
    personal = {
        what: value
        for what, change in changes.items()
        for field, value in change.items()
        if field in ("name", "card", "phone", "email", "id_number") and isinstance(value, str) and len(value) > 4
    }
    assert personal
    assert not [what for what, value in personal.items() if value in json.dumps(told[what], ensure_ascii=False)]


def test_a_person_who_cannot_be_is_refused_and_not_repeated(main: Storefront, regular: Regular) -> None:
    changes = dict(cases(MEMBER))
    told = all_refused(
        {what: posting(main, "/v1/members", person() | change) for what, change in changes.items()},
        400,
        422,
        regular=regular,
    )
    _assert_not_repeated(changes, told)


def test_an_idempotency_key_that_is_none_is_refused(main: Storefront, regular: Regular) -> None:
    def ask(key: str) -> Ask:
        return lambda: main.http.post("/v1/members", json=person(), headers={"Idempotency-Key": key.encode()})

    told = all_refused({key[:40]: ask(key) for key in IDEMPOTENCY_KEYS}, 422, regular=regular)
    assert {one["field"] for one in told.values()} == {"Idempotency-Key"}


def test_a_look_up_that_asks_for_nobody_or_for_several_is_refused(main: Storefront, regular: Regular) -> None:
    all_refused(
        {what: posting(main, "/v1/members/lookup", body) for what, body in LOOK_UPS.items()}, 400, 422, regular=regular
    )


def test_a_person_with_a_name_in_two_scripts_a_tag_and_a_domain_of_her_language_joins(main: Storefront) -> None:
    email = f"noa+{new_id('club')}@bücher.example"
    member_id = main.new_member(
        name="נועה O'Neil-לוי", email=email, birthday={"calendar": "hebrew", "month": 13, "day": 5}
    )
    assert main.look_up(email=email.upper()).json()["member_id"] == member_id
    assert main.look_up(email=email.replace("bücher", "xn--bcher-kva")).json()["member_id"] == member_id


@pytest.mark.parametrize("zero", ["۰", "٠", "０"], ids=["Persian", "Arabic", "full width"])
def test_a_phone_in_the_digits_of_another_script_is_the_same_phone(main: Storefront, zero: str) -> None:
    number = phone()
    typed = number.translate({ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)})
    member_id = main.new_member(phone=typed)
    assert main.look_up(phone=number).json()["member_id"] == member_id
    assert main.buy(purchase(phone=typed)).json()["purchase"]["member_id"] == member_id


# -- the lines of LAWS, item by item -------------------------------------------------------------------------

# What is taken, or is one thing twice: held by a test of its own.
HELD: dict[str, Callable[..., None]] = {
    "amount 0": test_a_purchase_that_only_looks_odd_is_taken,
    "NFC and NFD twins (one purchase)": test_two_spellings_of_one_id_in_unicode_are_one_purchase_and_one_activity,
    "e-mail IDN": test_a_person_with_a_name_in_two_scripts_a_tag_and_a_domain_of_her_language_joins,
    "e-mail +tag": test_a_person_with_a_name_in_two_scripts_a_tag_and_a_domain_of_her_language_joins,
    "name mixed direction": test_a_person_with_a_name_in_two_scripts_a_tag_and_a_domain_of_her_language_joins,
    "Persian and Arabic digits are normalised, not refused": test_a_phone_in_the_digits_of_another_script_is_the_same_phone,
    "cursor another member's": addresses.test_a_cursor_that_was_not_given_out_for_this_member_opens_nothing,
    "cursor one byte changed": addresses.test_a_cursor_that_was_not_given_out_for_this_member_opens_nothing,
    "base64 flag without base64": in_memory.test_a_body_that_the_gateway_flags_as_base64_and_is_none_is_refused_at_every_door,
    "cursor expired": in_memory.test_a_cursor_of_before_the_pepper_was_replaced_is_refused,
    "JWT alg none": office.test_what_is_not_the_clubs_own_token_opens_nothing,
    "HS/RS swap": office.test_a_token_signed_with_what_everybody_can_read_opens_nothing,
    "other audience": office.test_what_is_not_the_clubs_own_token_opens_nothing,
    "expired 1 s ago": office.test_a_token_that_has_ended_opens_nothing,
    "more than paid": by_return.test_no_more_comes_back_than_was_bought,
    "unknown purchase (parked)": by_return.test_a_return_that_comes_first_waits_and_is_applied_with_its_purchase,
    "same id twice": by_return.test_a_return_sent_again_is_answered_as_the_first_time_and_changes_nothing,
    "two ids above the total": by_return.test_no_more_comes_back_than_was_bought,
    "return of a return": by_return.test_a_return_of_a_return_waits_for_a_purchase_of_that_name,
    "a line not in the purchase": by_return.test_no_more_comes_back_than_was_bought,
    "before the purchase": by_return.test_a_return_that_cannot_be_is_refused_and_changes_nothing,
    "after the points are spent": redeemed.test_a_return_after_the_points_are_spent_becomes_a_debt_that_later_points_repay,
    "wholly paid with points": redeemed.test_a_return_gives_back_the_points_that_paid_for_the_purchase_with_their_own_days,
    "a valid token with another's id in path and body": test_what_another_realm_or_another_store_holds_is_nobodys_here,
}
# Items of these five lines that come with a door that is not there yet.
LATER = {
    "member erased": "erasure",
    **dict.fromkeys(
        ("HMAC missing", "hex for base64", "of re-serialised JSON", "previous secret after its overlap", "replay"),
        "webhooks",
    ),
}
# Whole lines that come with their doors.
LINES_LATER = {"Redemption": "redemptions", "Import": "imports"}
LAWS: dict[str, tuple[str, ...]] = {
    "Return": (
        "more than paid", "unknown purchase (parked)", "same id twice", "two ids above the total", "return of a return", "0",
        "a line not in the purchase", "other currency", "before the purchase", "after the points are spent",
        "wholly paid with points",
    ),
    "Transport": (
        "empty", "null", "[]", '"x"', "truncated", "BOM", "UTF-16", "invalid UTF-8", "NaN", "Infinity", "1e400",
            "5,000 digits", "2^63",
        "duplicate keys", "nesting 2,000 and 100,000", "lone surrogate", "extra field", "__proto__",
        "1 MB and 10 MB (413 before parsing)", "text/plain", "no type", "charset label", "gzip bomb",
            "base64 flag without base64",
    ),
    "Purchase": (
        "amount -1", "amount 0", "amount -0", "amount 10.5", "amount 10.0", 'amount "100"', "amount true",
            "amount null",
        "amount 10^12+1", "currency lower case", "currency unknown", "currency not the programme's",
        "currency zero- and three-decimal", "id empty", "id blank", "id 65 characters", "id NUL", "id newline",
        "id right-to-left override", "id zero-width", "NFC and NFD twins (one purchase)", "id emoji", "id #", "id |",
            "id ../admin",
        "member unknown", "member erased", "member another store's", "time naive", "time in the future",
            "time before joining",
        "time 1900", "time 9999", "time +25:00", "lines 0", "lines 1,001", "lines negative quantity",
            "lines 89,638 units",
        "lines sum not the total", "lines discount above price",
    ),
    "Member": (
        "e-mail without @", "e-mail two", "e-mail 255+", "e-mail CRLF", "e-mail IDN", "e-mail +tag", "phone letters",
            "phone 00",
        "phone premium", "phone 5 and 20 digits", "Persian and Arabic digits are normalised, not refused",
            "birth future",
        "birth 1899", "birth 29 Feb 2023", "birth month 13", "name empty", "name 10,000", "name <script>",
            "name {{7*7}}",
        "name %s", "name =HYPERLINK(...)", "name mixed direction", "zone Mars/Phobos",
            "balance, tier or role in the body",
    ),
    "Query": (
        "id ..%2f", "id %00", "id %0d%0a", "id %ff", "id 5,000 characters", "limit 0", "limit -1", "limit 1e2",
            "limit 10^9",
        "limit repeated", "//v1", "cursor random", "cursor another member's", "cursor one byte changed",
            "cursor expired",
        "from after to",
    ),
    "Access": (
        "no", "empty", "wrong scheme", "JWT alg none", "HS/RS swap", "other audience", "expired 1 s ago",
        "a valid token with another's id in path and body", "HMAC missing", "hex for base64", "of re-serialised JSON",
        "previous secret after its overlap", "replay",
    ),
}  # fmt: skip
TABLES: dict[str, tuple[Mapping[str, Mapping[str, object]], ...]] = {
    "Transport": (TRANSPORT, NAMES, TYPES, BOMBS, dict.fromkeys(SIZES_BYTES, FILLINGS)),
    "Purchase": (PURCHASE,),
    "Return": (RETURN,),
    "Member": (MEMBER,),
    "Query": (PLACES, STATEMENT_QUERIES, ADDRESSES),
    "Access": (AUTHORIZATIONS,),
}


@pytest.mark.parametrize("line_of_laws", LAWS)
def test_every_item_of_the_laws_has_a_case_or_a_test_or_names_the_door_it_comes_with(line_of_laws: str) -> None:
    items = set(LAWS[line_of_laws])
    with_cases = {item for table in TABLES[line_of_laws] for item, named in table.items() if named} - {BESIDES}
    assert with_cases <= items
    assert items <= with_cases | set(HELD) | set(LATER)
    assert not (with_cases | set(HELD)) & set(LATER)


def test_what_is_held_or_comes_later_is_an_item_of_the_laws() -> None:
    items = {item for line_of_laws in LAWS.values() for item in line_of_laws}
    assert set(HELD) | set(LATER) <= items
    assert not set(LINES_LATER) & set(LAWS)


def test_there_are_enough_bad_inputs_for_every_kind_of_door(capsys: pytest.CaptureFixture[str]) -> None:
    """P5: 150 bad inputs, each to every endpoint it fits."""
    counted = distinct_inputs()
    sent_to = requests_by_endpoint()
    assert sum(counted.values()) >= 150
    assert set(sent_to) == {route.key for route in ROUTES}
    assert all(count >= 150 for count in sent_to.values()), sent_to
    with capsys.disabled():
        print(f"\n{sum(counted.values())} distinct bad inputs, {sum(sent_to.values())} requests:", sent_to)
