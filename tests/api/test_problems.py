"""From a refusal to an answer: every refusal has a status, a code that stays, facts, and no value of a person."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from shared.api.problems import INTERNAL, RETRY_AFTER_S, STATUSES, problem_of, refusal_of
from shared.domain import errors
from shared.domain.member import Joining
from shared.domain.purchase import Purchase


def every(kind: type[errors.Refused] = errors.Refused) -> list[type[errors.Refused]]:
    return [one for child in kind.__subclasses__() for one in (child, *every(child))]


# The domain's own: the store adds kinds of Busy that speak of the database, the operator's commands never answer over HTTP.
REFUSALS = [kind for kind in every() if kind.__module__ == errors.__name__]


def made(kind: type[errors.Refused]) -> errors.Refused:
    return kind("total_minor", "is missing") if issubclass(kind, errors.Invalid) else kind()


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_status(kind: type[errors.Refused]) -> None:
    problem = problem_of(made(kind))
    assert 400 <= problem.status < 500 or problem.status == 503
    assert (problem.code, problem.title) == (kind.code, kind.title)


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (errors.BodyTooLarge(bytes_max=5), 413, "body_too_large"),
        (errors.ContentTypeForeign(), 415, "content_type_foreign"),
        (errors.BodyUnreadable(), 400, "body_unreadable"),
        (errors.CursorInvalid(), 400, "cursor_invalid"),
        (errors.Invalid("f", "r"), 422, "invalid"),
        (errors.StoreNotAllowed(), 403, "store_not_allowed"),
        (errors.MemberUnknown(by="card"), 404, "member_unknown"),
        (errors.PurchaseUnknown(), 404, "purchase_unknown"),
        (errors.ProgrammeUnknown(), 404, "programme_unknown"),
        (errors.LanguageUnknown(), 404, "language_unknown"),
        (errors.PurchaseDiffers(), 409, "purchase_differs"),
        (errors.JoinDiffers(), 409, "idempotency_key_reused"),
        (errors.ContactTaken(), 409, "contact_taken"),
        (errors.LookupsExhausted(), 429, "lookups_exhausted"),
        (errors.Busy(), 503, "busy"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, errors.Refused) else str(value),
)
def test_statuses_and_codes_stay_as_they_are_known(refusal: errors.Refused, status: int, code: str) -> None:
    problem = problem_of(refusal)
    assert (problem.status, problem.code) == (status, code)


def test_a_refusal_that_names_a_time_to_wait_says_how_long() -> None:
    assert problem_of(errors.Busy()).retry_after_s == 1
    assert problem_of(errors.LookupsExhausted()).retry_after_s == 60
    assert problem_of(errors.MemberUnknown()).retry_after_s is None
    assert set(RETRY_AFTER_S) <= {status for _, status in STATUSES}


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_codes_are_words_and_titles_are_sentences(kind: type[errors.Refused]) -> None:
    assert kind.code.replace("_", "").isalpha()
    assert kind.code == kind.code.lower()
    assert kind.title.endswith(".")


def test_refusals_that_a_caller_can_meet_have_codes_of_their_own() -> None:
    leaves = [kind for kind in REFUSALS if not any(issubclass(other, kind) for other in REFUSALS if other is not kind)]
    codes = [kind.code for kind in leaves]
    assert sorted(set(codes)) == sorted(codes)


def test_a_problem_is_what_rfc_9457_asks_with_our_code_and_facts() -> None:
    body = problem_of(errors.MemberUnknown(by="card")).body("r-1")
    assert body == {
        "type": "about:blank",
        "title": "No member of this club is known by that.",
        "status": 404,
        "code": "member_unknown",
        "by": "card",
        "request_id": "r-1",
    }


def test_a_mistake_of_ours_tells_nothing_of_the_inside() -> None:
    body = INTERNAL.body("r-1")
    assert (body["status"], body["code"], body["request_id"]) == (500, "internal", "r-1")
    assert set(body) == {"type", "title", "status", "code", "request_id"}


def refusal(model: type[Purchase | Joining], body: object) -> dict[str, object]:
    with pytest.raises(ValidationError) as fault:
        model.model_validate(body)
    return dict(refusal_of(fault.value).facts)


LINE = {"sku": "CD-1", "amount_minor": 100}
BODY = {
    "store": "main", "purchase_id": "A-1", "occurred_at": "2026-11-22T10:00:00Z", "currency": "USD", "lines": [LINE],
    "total_minor": 100,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"store": None}, "store"),
        ({"currency": "usd"}, "currency"),
        ({"purchase_id": "A 1"}, "purchase_id"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"lines": []}, "lines"),
        ({"lines": [LINE, {"sku": "CD-2"}]}, "lines.1.amount_minor"),
        ({"lines": [LINE | {"points": 5}]}, "lines.0.points"),
        ({"total_minor": 99}, "total_minor"),
        ({"discount_minor": 101, "total_minor": 0}, "discount_minor"),
        ({"card": "1", "email": "a@b.co"}, "member_id"),
        ({"points": 5}, "points"),
    ],
)
def test_a_fault_is_told_at_its_field_in_a_sentence(changes: dict[str, object], field: str) -> None:
    facts = refusal(Purchase, BODY | changes)
    assert facts["field"] == field
    reason = str(facts["reason"])
    assert reason
    assert reason[0].islower()


def test_what_is_missing_and_what_is_too_much_is_said_in_our_words() -> None:
    assert refusal(Purchase, {}) == {"field": "store", "reason": "is missing"}
    assert refusal(Purchase, BODY | {"tier": "gold"}) == {"field": "tier", "reason": "is not a field of this request"}


@pytest.mark.parametrize(
    "changes",
    [{"name": "<dana>"}, {"email": "x" * 300}, {"phone": 5}, {"birthday": {"calendar": "dana"}}, {"attributes": {"a": None}},
     {"attributes": {"Dana Levi": 1}}, {"dana@example.com": 1}, {"consents": [{"kind": "dana"}]}],
)  # fmt: skip
def test_no_value_of_a_person_is_repeated(changes: dict[str, object]) -> None:
    body = {"name": "Dana", "card": "dana-1", "language": "en", "source": "till"}
    assert "dana" not in json.dumps(refusal(Joining, body | changes)).lower().replace("standard", "")
