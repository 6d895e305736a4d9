"""The floor signs as AWS's own library does: without a right signature it would be no floor on AWS."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.functions import HERE

BODY = b'{"TransactItems": []}'


@pytest.mark.parametrize("token", [None, "a-token-of-a-role"])
def test_the_floors_signature_is_the_one_that_aws_expects(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    floor = _floor(monkeypatch, token)
    headers: dict[str, str] = floor._signed(BODY)
    assert headers["Authorization"] == _of_botocore(headers, token)


def _floor(monkeypatch: pytest.MonkeyPatch, token: str | None) -> ModuleType:
    """A copy of the module that has read this environment."""
    variables = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "a secret", "TABLE_NAME": "t",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    else:
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    spec = importlib.util.spec_from_file_location("floor_under_test", HERE / "floor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _of_botocore(headers: dict[str, str], token: str | None) -> str:
    """The same request at the same second, signed by botocore."""
    at = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    sent = {name: headers[name] for name in ("Content-Type", "X-Amz-Target")}
    request: Any = AWSRequest("POST", "http://127.0.0.1:9/", data=BODY, headers=sent)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("botocore.auth.get_current_datetime", lambda: at.replace(tzinfo=None))
        SigV4Auth(Credentials("AKIDEXAMPLE", "a secret", token), "dynamodb", "us-east-1").add_auth(request)
    return str(request.headers["Authorization"])
