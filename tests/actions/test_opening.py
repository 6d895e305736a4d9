"""A function opens the club with the secrets of Parameter Store, as the local AWS keeps them; no table is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest

from club import aws, ministack
from club.home import Home
from shared.domain.errors import Busy
from tests.club.ports import free_port

NAME = "/club/opening/peppers"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("opening")).made()
    try:
        yield ministack.start(home, free_port()).endpoint
    finally:
        ministack.stop(home)


@pytest.fixture
def parameters(endpoint: str) -> Iterator[Any]:
    """The operator's hand on Parameter Store; what was put there is gone after the test."""
    make: Any = boto3.client
    ssm = make("ssm", endpoint_url=endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)
    yield ssm
    ssm.delete_parameters(Names=[NAME])


@pytest.fixture
def opening(endpoint: str) -> Iterator[ModuleType]:
    """The module as a function that has just started sees it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", endpoint)
        environment.setenv("AWS_REGION", ministack.REGION)
        environment.setenv("AWS_ACCESS_KEY_ID", aws.LOCAL_KEYS["aws_access_key_id"])
        environment.setenv("AWS_SECRET_ACCESS_KEY", aws.LOCAL_KEYS["aws_secret_access_key"])
        environment.setenv("CLUB_STAGE", "local")
        environment.setenv("CLUB_TABLES", "{}")
        environment.setenv("CLUB_PEPPERS", NAME)
        from shared.actions import opening
        from shared.settings import settings
        from shared.store import connection

        kept = (
            settings, connection.dynamodb, connection.parameter_store, connection.tables,
            opening._store, opening._laws, opening._secret, opening._peppers_of,
        )  # fmt: skip
        for one in kept:
            one.cache_clear()
        yield opening
        for one in kept:
            one.cache_clear()


def write(parameters: Any, *versions: int) -> None:
    peppers = [{"version": version, "secret": f"{version:02x}" * 32} for version in versions]
    parameters.put_parameter(Name=NAME, Type="SecureString", Value=json.dumps(peppers), Overwrite=True)


def test_the_club_opens_with_the_secrets_of_its_stage(opening: ModuleType, parameters: Any) -> None:
    write(parameters, 1)
    fingerprint = opening.club().peppers.fingerprint("a purchase")
    assert fingerprint[0] == 1
    assert opening.club().peppers.same(fingerprint, "a purchase")
    assert not opening.club().peppers.same(fingerprint, "another purchase")


def test_a_club_without_its_secrets_asks_to_come_back_later(opening: ModuleType, parameters: Any) -> None:
    with pytest.raises(Busy):
        opening.club()
    write(parameters, 1)
    assert opening.club().peppers.fingerprint("x")[0] == 1


def test_secrets_are_not_read_again_for_each_purchase(opening: ModuleType, parameters: Any) -> None:
    write(parameters, 1)
    assert opening.club().peppers.fingerprint("a purchase")[0] == 1
    write(parameters, 1, 2)
    assert opening.club().peppers.fingerprint("a purchase")[0] == 1


def test_a_new_pepper_is_in_use_once_the_reading_is_too_old(
    opening: ModuleType, parameters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.store.parameters.KEPT_SECONDS_MAX", 0)
    write(parameters, 1)
    before = opening.club().peppers.fingerprint("a purchase")
    write(parameters, 1, 2)
    now = opening.club().peppers
    assert (before[0], now.fingerprint("a purchase")[0]) == (1, 2)
    assert now.same(before, "a purchase")


def test_secrets_that_cannot_be_read_again_are_not_trusted_for_ever(
    opening: ModuleType, parameters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(parameters, 1)
    assert opening.club().peppers.fingerprint("a purchase")[0] == 1
    parameters.delete_parameters(Names=[NAME])
    assert opening.club().peppers.fingerprint("a purchase")[0] == 1
    monkeypatch.setattr("shared.store.parameters.KEPT_SECONDS_MAX", 0)
    with pytest.raises(Busy):
        opening.club()
