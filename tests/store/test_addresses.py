"""Where a function finds AWS and with which keys, as its environment says it."""

from __future__ import annotations

import boto3
import pytest

from shared.settings import AwsKeys, SettingWrong, aws_endpoint, aws_keys, aws_region

NAMES = (
    "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION "
    "AWS_ENDPOINT_URL AWS_ENDPOINT_URL_DYNAMODB AWS_ENDPOINT_URL_SSM"
).split()


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("region", ["eu-central-1", "il-central-1", "us-east-1", "me-central-1", "cn-north-1"])
@pytest.mark.parametrize("service", ["dynamodb", "ssm"])
@pytest.mark.parametrize(
    "named",
    [
        {},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:3"},
    ],
)
def test_a_service_is_found_where_boto3_would_find_it(
    monkeypatch: pytest.MonkeyPatch, region: str, service: str, named: dict[str, str]
) -> None:
    for name, value in {"AWS_DEFAULT_REGION": region, **named}.items():
        monkeypatch.setenv(name, value)
    other = boto3.Session("key", "secret").client(service)  # type: ignore[call-overload]
    assert aws_endpoint(service) == other.meta.endpoint_url
    assert aws_region() == other.meta.region_name


def test_a_functions_keys_are_those_of_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert aws_keys() == AwsKeys("AKID", "secret", None)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert aws_keys() == AwsKeys("AKID", "secret", "token")


def test_what_is_missing_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingWrong, match="AWS_DEFAULT_REGION"):
        aws_region()
    with pytest.raises(SettingWrong, match="AWS_ACCESS_KEY_ID"):
        aws_keys()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    with pytest.raises(SettingWrong, match="AWS_SECRET_ACCESS_KEY"):
        aws_keys()
