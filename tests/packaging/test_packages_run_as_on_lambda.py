"""Each packaged function, unpacked with its layer into an interpreter that has nothing else, called as Lambda calls it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from typing import Any

import pytest

from infra.packaging import ROOT
from infra.rooms import GATE, ROOMS
from tests.packaging.built import packages
from tests.packaging.runtime_api import Machine, invoke, run_python, unpack

ROOM_NAMES = tuple(room.name for room in ROOMS)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Machine]:
    return unpack(packages("local"), tmp_path_factory.mktemp("lambda"))


def test_the_gate_opens_for_nobody_without_a_key(machines: dict[str, Machine]) -> None:
    event = {**_event("POST /v1/purchases"), "type": "REQUEST", "identitySource": ["", "POST /v1/purchases"]}
    outcome = invoke(machines[GATE], event)
    assert outcome.error is None, outcome.said
    assert outcome.answer == {"isAuthorized": False}


def test_a_purchase_that_is_no_json_is_refused_in_the_clubs_own_words(machines: dict[str, Machine]) -> None:
    _check_refused(machines["purchase"], "POST /v1/purchases")


def test_a_joining_that_is_no_json_is_refused_in_the_clubs_own_words(machines: dict[str, Machine]) -> None:
    _check_refused(machines["member"], "POST /v1/members")


def test_somebody_of_no_group_is_refused_in_the_clubs_own_words(machines: dict[str, Machine]) -> None:
    event = _event("GET /v1/staff/me")
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": "5d1c3c52"}, "scopes": None}}
    outcome = invoke(machines["office"], event)
    assert outcome.error is None, outcome.said
    told = json.loads(outcome.answer["body"])
    assert (outcome.answer["statusCode"], told["code"]) == (403, "group_not_allowed")
    assert told["allowed"] == ["clerk", "manager", "finance", "owner"]


def test_a_delivery_of_nothing_is_done_at_once_and_one_that_cannot_be_counted_now_comes_again(
    machines: dict[str, Machine],
) -> None:
    idle = invoke(machines["relay"], {"Records": []})
    assert (idle.error, idle.answer) == (None, None)
    done, untold = map(json.loads, idle.said.splitlines())
    assert {"level": "info", "records": 0, "folded": 0, "known": 0}.items() <= done.items()
    # What it used cannot be told without DynamoDB, and fails nothing.
    assert untold["code"] == "use_untold"
    # There is no DynamoDB here: what is raised is what makes the stream bring it again.
    image = {"k": {"S": "purchase#main#1"}, "c": {"S": "purchase"}, "t": {"N": "1"}, "v": {"N": "1"}}
    record = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": image}}
    failed = invoke(machines["relay"], {"Records": [record]})
    assert failed.error is not None
    assert {"level": "error", "records": 1, "error": "busy"}.items() <= json.loads(failed.said.splitlines()[0]).items()


@pytest.mark.parametrize("room", ["gate", "relay"])
def test_who_compiles_no_law_does_not_pay_for_it(machines: dict[str, Machine], room: str) -> None:
    shown = run_python(machines[room], f"import functions.{room}.handler, sys\nprint(*sorted(sys.modules))")
    assert shown.returncode == 0, shown.stderr[-2000:]
    loaded = {name.partition(".")[0] for name in shown.stdout.split()}
    assert not loaded & {"cel_expr_python", "babel", "phonenumbers"}


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_docs_are_served_plain_and_zipped_and_not_at_all_when_nothing_is_new(
    machines: dict[str, Machine], path: str
) -> None:
    event = _event(f"GET {path}")
    plain, zipped = (
        invoke(machines["docs"], event | {"headers": headers}).answer
        for headers in ({}, {"accept-encoding": "br, gzip"})
    )
    assert (plain["statusCode"], zipped["statusCode"]) == (200, 200)
    assert (zipped["isBase64Encoded"], zipped["headers"]["content-encoding"]) == (True, "gzip")
    assert gzip.decompress(base64.b64decode(zipped["body"])).decode() == plain["body"]
    again = invoke(machines["docs"], event | {"headers": {"if-none-match": plain["headers"]["etag"]}}).answer
    assert (again["statusCode"], again["body"]) == (304, "")


def test_the_document_that_is_served_is_the_one_that_is_kept(machines: dict[str, Machine]) -> None:
    served = invoke(machines["docs"], _event("GET /openapi.json")).answer
    assert served["body"] == (ROOT / "docs" / "openapi.json").read_text("utf-8")
    assert served["headers"]["content-type"] == "application/json"


def test_the_page_runs_its_own_scripts_and_no_others(machines: dict[str, Machine]) -> None:
    page = invoke(machines["docs"], _event("GET /docs")).answer
    policy = dict(part.split(" ", 1) for part in page["headers"]["content-security-policy"].split("; "))
    scripts = re.findall(r"<script>(.*?)</script>", page["body"], re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(scripts) == 2
    assert policy["script-src"].split() == [f"'sha256-{one}'" for one in hashes]
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["img-src"] == "data:"
    # Whatever the page itself names to be fetched would be a src or a link: the scripts fetch the document alone.
    around = re.sub(r"<(script|style)>.*?</\1>", "", page["body"], flags=re.DOTALL)
    assert re.findall(r"""(?:src|href|action)=["']([^"']*)""", around) == ["data:,"]


@pytest.mark.parametrize("room", ROOM_NAMES)
def test_a_cold_start_compiles_nothing_and_reads_only_the_package(machines: dict[str, Machine], room: str) -> None:
    machine = machines[room]
    shown = run_python(machine, f"import functions.{room}.handler", "-v")
    assert shown.returncode == 0, shown.stderr[-2000:]
    compiled_there = [
        line
        for line in shown.stderr.splitlines()
        if line.startswith("# code object from")
        and str(machine.task.parent) in line
        and not line.rstrip("'").endswith(".pyc")
    ]
    assert compiled_there == []
    assert f"matches {machine.task}/functions/{room}/handler.py" in shown.stderr
    assert "site-packages" not in shown.stderr


@pytest.mark.parametrize("room", ROOM_NAMES)
def test_no_function_pays_for_what_documents_it(machines: dict[str, Machine], room: str) -> None:
    shown = run_python(
        machines[room], f"import functions.{room}.handler, sys\nprint('shared.api.shapes' in sys.modules)"
    )
    assert (shown.returncode, shown.stdout) == (0, "False\n"), shown.stderr[-2000:]


@pytest.mark.parametrize("room", ROOM_NAMES)
def test_every_module_of_a_package_can_be_imported_there(machines: dict[str, Machine], room: str) -> None:
    machine = machines[room]
    names = sorted(
        path.relative_to(machine.task).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for path in machine.task.rglob("*.py")
    )
    shown = run_python(machine, f"import importlib\nfor name in {names!r}: importlib.import_module(name)")
    assert shown.returncode == 0, shown.stderr[-2000:]


@pytest.mark.parametrize("room", ROOM_NAMES)
def test_a_cold_start_loads_no_kit_for_the_whole_of_aws(machines: dict[str, Machine], room: str) -> None:
    shown = run_python(machines[room], f"import functions.{room}.handler, sys\nprint(*sorted(sys.modules))")
    assert shown.returncode == 0, shown.stderr[-2000:]
    loaded = {name.partition(".")[0] for name in shown.stdout.split()}
    assert "functions" in loaded
    assert not loaded & {"boto3", "botocore", "s3transfer", "urllib3", "aws_lambda_powertools"}


def test_the_analyst_has_the_numeric_libraries_and_says_what_stopped_it(machines: dict[str, Machine]) -> None:
    shown = run_python(
        machines["analyst"],
        "import functions.analyst.handler, numpy, scipy.stats\nprint(numpy.__file__)\nprint(scipy.stats.norm.ppf(0.975))",
    )
    assert shown.returncode == 0, shown.stderr[-2000:]
    place, quantile = shown.stdout.splitlines()
    assert place.startswith(str(machines["analyst"].layer))
    assert float(quantile) == pytest.approx(1.96, abs=0.001)
    # There is no DynamoDB here: what is raised is what makes Lambda try it again.
    failed = invoke(machines["analyst"], {"job": "estimates"})
    assert failed.error is not None
    said = {"level": "error", "code": "job_failed", "job": "estimates", "error": "busy"}
    assert said.items() <= json.loads(failed.said.splitlines()[0]).items()


def test_the_layer_knows_the_clubs_languages_phones_and_time_zones(machines: dict[str, Machine]) -> None:
    shown = run_python(
        machines["member"],
        "import phonenumbers, zoneinfo, babel.dates, datetime, json\n"
        "day = datetime.date(2026, 11, 22)\n"
        "print(json.dumps([phonenumbers.is_valid_number(phonenumbers.parse('050-234-5678', 'IL')),\n"
        "    *[babel.dates.format_date(day, locale=name) for name in ('en', 'he', 'fa')]]))\n"
        "zoneinfo.reset_tzpath(()); print(zoneinfo.ZoneInfo('Asia/Jerusalem'))",
    )
    assert shown.returncode == 0, shown.stderr[-2000:]
    said, zone = shown.stdout.splitlines()
    assert json.loads(said)[:2] == [True, "Nov 22, 2026"]
    assert len(set(json.loads(said)[1:])) == 3
    assert zone == "Asia/Jerusalem"


def _check_refused(machine: Machine, route: str) -> None:
    event = {
        **_event(route),
        "headers": {
            "content-type": "application/json",
            "authorization": "Bearer ck_test_1_2",
            "idempotency-key": "a-1",
        },
        "body": '{"store": "main", ',
    }
    outcome = invoke(machine, event)
    assert outcome.error is None, outcome.said
    assert outcome.answer["statusCode"] == 400, outcome.answer
    headers = {name.lower(): value for name, value in outcome.answer["headers"].items()}
    assert headers["content-type"].startswith("application/problem+json")
    problem = json.loads(outcome.answer["body"])
    assert problem["status"] == 400
    assert problem["code"]
    assert problem["request_id"]


def _event(route: str) -> dict[str, Any]:
    """What the HTTP API sends, payload version 2.0, without what differs between the tests."""
    method, path = route.split(" ")
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "1d96e089",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "till",
            },
            "requestId": "41ebc096",
            "routeKey": route,
            "stage": "$default",
            "time": "22/Nov/2026:05:47:31 +0000",
            "timeEpoch": 1795326451543,
            "authorizer": {"lambda": {"store": "main", "mode": "test", "key": "k1"}},
        },
        "isBase64Encoded": False,
    }
