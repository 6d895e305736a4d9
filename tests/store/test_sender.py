"""Requests over a real line to a far side that behaves badly: answered, refused or lost, and never asked too often."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.retries.standard import RetryContext, StandardRetryConditions, ThrottledRetryableChecker

from infra.rooms import ROOMS
from shared.settings import AwsKeys
from shared.store import lines
from shared.store.sender import ATTEMPTS_MAX, DYNAMODB, PAUSE_S, PAUSE_WHEN_THROTTLED_S, SSM, Lost, Refused, Sender
from tests.store import far_side
from tests.store.far_side import FarSide, Way, refusing, telling
from tests.store.second_opinion import by_botocore

KEYS = AwsKeys("AKID", "secret", "token")
ASKED = {"TableName": "accounts", "Key": {"a": {"S": "M1"}}}

# Each leaves the near side without a whole answer.
LOSING: dict[str, Way] = {
    "the line is closed": far_side.closing,
    "half a head": far_side.half_a_head,
    "half a body": far_side.half_a_body,
    "no HTTP": far_side.gibberish,
    "a folded head": far_side.folded,
    "two lengths": far_side.of_two_lengths,
    "two answers": far_side.two_answers,
    "a head without an end": far_side.an_endless_head,
    "another checksum": far_side.spoilt,
    "badly packed": far_side.spoilt_packed,
    "no JSON": far_side.no_json,
    "silence": far_side.silence,
    "half an answer, then silence": far_side.half_an_answer_then_silence,
}
PASSING: dict[str, Way] = {
    "its own mistake": refusing("InternalServerError", 500),
    "a gateway's mistake": telling("bad gateway", 502),
    "not there": telling({}, 503),
    "too late": telling({}, 504),
    "throttled": refusing("ThrottlingException"),
    "throughput exceeded": refusing("ProvisionedThroughputExceededException"),
    "too many": telling({}, 429),
}


class Near:
    """The near side: a sender whose pauses nobody waits."""

    def __init__(self, far: FarSide, keys: Any = lambda: KEYS) -> None:
        self.far = far
        self.pauses: list[float] = []
        self.sender = Sender(DYNAMODB, far.url, "eu-central-1", keys)
        self.sender.sleep = self.pauses.append
        self.sender.chance = lambda: 1.0

    def get(self) -> dict[str, Any]:
        return self.sender.call("GetItem", ASKED)


@contextmanager
def near(*ways: Way) -> Iterator[Near]:
    with FarSide(*ways) as far:
        yield Near(far)


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for silence; for everything else there is time, however busy the machine is."""
    silent = "silence" in getattr(getattr(request.node, "callspec", None), "id", "")
    monkeypatch.setattr(lines, "READ_SECONDS_MAX", 0.5 if silent else far_side.PATIENCE_S)


def test_what_is_asked_arrives_as_it_was_signed() -> None:
    with near(telling({"Item": {"a": {"S": "נועה"}}})) as here:
        assert here.get() == {"Item": {"a": {"S": "נועה"}}}
    (request,) = here.far.requests
    assert request.asked == ASKED
    told = request.headers
    assert told["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert told["content-type"] == "application/x-amz-json-1.0"
    assert told["x-amz-security-token"] == "token"
    names = told["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "x-amz-date", "x-amz-target", "x-amz-security-token", "content-type"} <= set(names)
    signed = {name: told[name] for name in names}
    assert told["authorization"] == by_botocore(signed, request.body, KEYS, "eu-central-1", "dynamodb")


def test_parameter_store_is_asked_in_its_own_words() -> None:
    with FarSide(telling({"Parameter": {}})) as far:
        sender = Sender(SSM, far.url, "eu-central-1", lambda: AwsKeys("AKID", "secret"))
        assert sender.call("GetParameter", {"Name": "/club"}) == {"Parameter": {}}
    told = far.requests[0].headers
    assert (told["x-amz-target"], told["content-type"]) == ("AmazonSSM.GetParameter", "application/x-amz-json-1.1")
    assert "/ssm/aws4_request" in told["authorization"]
    assert "x-amz-security-token" not in told


@pytest.mark.parametrize("way", [far_side.packed, far_side.in_pieces, far_side.after_a_word])
def test_an_answer_is_read_packed_in_pieces_or_after_a_word(way: Way) -> None:
    with near(way, way) as here:
        assert here.get() == here.get() == {"Item": {"a": {"S": "M1"}}}
    assert here.far.lines == 1


def test_an_answer_that_ends_when_the_far_side_hangs_up_is_read_and_its_line_left() -> None:
    with near(far_side.until_it_hangs_up) as here:
        assert here.get() == {"Item": {"a": {"S": "M1"}}}
        assert here.get() == {"Item": {}}
    assert [request.line for request in here.far.requests] == [0, 1]
    assert here.pauses == []


def test_one_line_serves_one_request_after_another() -> None:
    with near() as here:
        for _ in range(5):
            here.get()
    assert [request.line for request in here.far.requests] == [0] * 5


def test_a_line_that_the_far_side_says_it_will_close_is_not_used_again() -> None:
    with near(telling({}, Connection="close")) as here:
        here.get()
        here.get()
    assert [request.line for request in here.far.requests] == [0, 1]
    assert here.pauses == []


def test_a_line_that_was_closed_while_nobody_spoke_costs_no_attempt() -> None:
    with near(telling({}, stays=False)) as here:
        here.get()
        assert here.far.hung_up.acquire(timeout=far_side.PATIENCE_S)
        here.get()
    assert [request.line for request in here.far.requests] == [0, 1]
    assert here.pauses == []


@pytest.mark.parametrize("name", LOSING | PASSING)
def test_what_a_moment_later_may_be_answered_is_asked_again(name: str) -> None:
    with near(*[(LOSING | PASSING)[name]] * (ATTEMPTS_MAX - 1)) as here:
        assert here.get() == {"Item": {}}
    assert [request.asked for request in here.far.requests] == [ASKED] * ATTEMPTS_MAX
    assert len(here.pauses) == ATTEMPTS_MAX - 1


@pytest.mark.parametrize("name", LOSING)
def test_a_request_that_is_lost_each_time_is_sent_three_times_and_not_more(name: str) -> None:
    with near(*[LOSING[name]] * 5) as here, pytest.raises(Lost):
        here.get()
    assert len(here.far.requests) == ATTEMPTS_MAX == 3
    assert here.pauses == [PAUSE_S, 2 * PAUSE_S]


@pytest.mark.parametrize("name", PASSING)
def test_a_request_that_is_refused_each_time_is_sent_three_times_and_not_more(name: str) -> None:
    with near(*[PASSING[name]] * 5) as here, pytest.raises(Refused):
        here.get()
    assert len(here.far.requests) == ATTEMPTS_MAX
    pause = PAUSE_WHEN_THROTTLED_S if name in ("throttled", "throughput exceeded", "too many") else PAUSE_S
    assert here.pauses == [pause, 2 * pause]


def test_pauses_are_a_part_by_chance_of_what_they_may_be() -> None:
    with near(*[refusing("ThrottlingException")] * 2) as here:
        here.sender.chance = iter((0.0, 0.25)).__next__
        here.get()
    assert here.pauses == [0.0, 0.5]


def test_a_silent_far_side_is_left_while_the_function_still_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    attempt_seconds_max = lines.CONNECT_SECONDS_MAX + lines.READ_SECONDS_MAX
    assert ATTEMPTS_MAX * attempt_seconds_max + 3 * PAUSE_S < min(
        room.timeout_s for room in ROOMS if room.reads_peppers
    )
    with near() as here:
        here.get()
        assert [line.gettimeout() for line in here.sender._lines._open] == [lines.READ_SECONDS_MAX]


def test_a_request_for_which_nobody_opens_is_lost_and_told() -> None:
    with FarSide() as far:
        here = Near(far)
    with pytest.raises(Lost) as lost:
        here.get()
    assert isinstance(lost.value.__cause__, ConnectionRefusedError)
    assert len(here.pauses) == ATTEMPTS_MAX - 1


def test_a_refusal_is_told_with_its_code_its_status_and_what_was_said() -> None:
    told = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": {"a": {"S": "M1"}}}
    with near(telling(told, 400)) as here, pytest.raises(Refused) as refused:
        here.get()
    assert (refused.value.code, refused.value.status) == ("ConditionalCheckFailedException", 400)
    assert refused.value.answer["Item"] == {"a": {"S": "M1"}}
    assert len(here.far.requests) == 1


@pytest.mark.parametrize(
    ("way", "code"),
    [
        (telling({"code": "AccessDeniedException", "Message": "not you"}, 403), "AccessDeniedException"),
        (telling({}, 400, x_amzn_ErrorType="ParameterNotFound:http://internal.amazon.com/coral/"), "ParameterNotFound"),
        (telling(["what"], 413), ""),
    ],
)
def test_a_refusal_is_known_by_whichever_sign_it_carries(way: Way, code: str) -> None:
    with near(way) as here, pytest.raises(Refused) as refused:
        here.get()
    assert refused.value.code == code
    assert len(here.far.requests) == 1


def test_each_attempt_is_signed_with_the_keys_of_its_moment() -> None:
    with FarSide(far_side.closing) as far:
        Near(far, iter([AwsKeys("OLD", "a"), AwsKeys("NEW", "b")]).__next__).get()
    assert [one.headers["authorization"].split("Credential=")[1][:3] for one in far.requests] == ["OLD", "NEW"]


def test_tills_that_ask_at_once_each_get_their_own_answer() -> None:
    with FarSide(*[far_side.echo] * 400) as far, ThreadPoolExecutor(8) as tills:
        sender = Near(far).sender
        told = list(tills.map(lambda number: sender.call("GetItem", {"number": number}), range(400)))
        assert told == [{"number": number} for number in range(400)]
        assert len(sender._lines._open) <= lines.KEPT_MAX
    assert far.lines < 400


def test_a_service_that_answers_nobody_is_in_the_end_asked_once_and_as_before_when_it_is_back() -> None:
    with near(*[refusing("InternalServerError", 500)] * 1000) as here:
        asked = []
        for _ in range(30):
            before = len(here.far.requests)
            with pytest.raises(Refused):
                here.get()
            asked.append(len(here.far.requests) - before)
        assert asked[0] == ATTEMPTS_MAX
        assert asked[-1] == 1
        here.far.ways.clear()
        for _ in range(30):
            here.get()
        here.far.ways[:] = [refusing("InternalServerError", 500)]
        assert here.get() == {"Item": {}}


@pytest.mark.parametrize("url", ["http://dynamodb.example.com", "ftp://127.0.0.1", "127.0.0.1:8000", "https://aws/db"])
def test_nothing_is_sent_in_the_open_to_another_machine(url: str) -> None:
    with pytest.raises(ValueError, match="no address of a service"):
        Sender(DYNAMODB, url, "eu-central-1", lambda: KEYS)


def test_what_is_asked_again_is_what_botocore_would_ask_again() -> None:
    conditions, throttled = StandardRetryConditions(ATTEMPTS_MAX), ThrottledRetryableChecker()
    described = {
        service: ServiceModel(Loader().load_service_model(service, "service-2"), service)
        for service in ("dynamodb", "ssm")
    }
    asked = (
        described["dynamodb"].operation_model("TransactWriteItems"),
        described["ssm"].operation_model("GetParameter"),
    )
    codes = {shape.name for service in described.values() for shape in service.error_shapes}
    codes |= {
        *ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
        "RequestTimeout",
        "RequestTimeoutException",
        "Other",
        "",
    }
    codes -= {"EC2ThrottledException"}
    for operation in asked:
        for code in codes:
            # DynamoDB and Parameter Store say 400 or 500 with a code of theirs; 429 is a gateway's, which knows none.
            for status in (400, 403, 404, 413, 500, 501, 502, 503, 504, 505, *([] if code else [429])):
                context = seen_by_botocore(operation, code, status)
                refused = Refused(code, status, {})
                assert refused.is_passing == conditions.is_retryable(context), (operation.name, code, status)
                if throttled.is_retryable(context):
                    assert refused.is_throttled


def seen_by_botocore(operation: OperationModel, code: str, status: int) -> RetryContext:
    answer = Mock(status_code=status, headers={})
    return RetryContext(1, operation, {"Error": {"Code": code}}, answer, None, {})
