"""The signature is the one that AWS computes: its own published examples, and botocore's signer as a second opinion."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.settings import AwsKeys
from shared.store.signature import authorization
from tests.store.second_opinion import by_botocore

EXAMPLE = AwsKeys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
EXAMPLE_TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7m"
    "SEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0r"
    "KwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
# The examples of AWS's Signature Version 4 test suite that are a POST to `/`: headers beside host and date, body, signature.
PUBLISHED = {
    "post-vanilla": ({}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-header-key-sort": (
        {"my-header1": "value1"}, b"", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    "post-header-value-case": (
        {"my-header1": "VALUE1"}, b"", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    "post-x-www-form-urlencoded": (
        {"content-type": "application/x-www-form-urlencoded"}, b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "post-sts-header-before": (
        {"x-amz-security-token": EXAMPLE_TOKEN}, b"", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ),
}  # fmt: skip

word = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=._-", min_size=1, max_size=60)
value = st.lists(word, min_size=1, max_size=3).map(" ".join)


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_aws_published_is_signed_as_published(name: str) -> None:
    others, body, signature = PUBLISHED[name]
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z", **others}
    signed = authorization(headers, body, EXAMPLE, "us-east-1", "service")
    names = ";".join(sorted(headers))
    scope = "20150830/us-east-1/service/aws4_request"
    assert signed == (f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, Signature={signature}")


@given(
    body=st.binary(max_size=300),
    secret=word,
    token=st.none() | word,
    region=st.sampled_from(["eu-central-1", "il-central-1", "cn-north-1"]),
    service=st.sampled_from(["dynamodb", "ssm"]),
    date=st.integers(1_577_836_800, 4_102_444_800).map(lambda at: time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))),
    others=st.dictionaries(st.from_regex(r"x-[a-z0-9][a-z0-9-]{0,20}", fullmatch=True), value, max_size=4),
)
def test_any_request_is_signed_as_botocore_signs_it(
    body: bytes, secret: str, token: str | None, region: str, service: str, date: str, others: dict[str, str]
) -> None:
    headers = others | {"host": f"{service}.{region}.amazonaws.com", "x-amz-date": date}
    if token:
        headers["x-amz-security-token"] = token
    keys = AwsKeys("AKID", secret, token)
    signed = authorization(headers, body, keys, region, service)
    assert signed == by_botocore(headers, body, keys, region, service)
