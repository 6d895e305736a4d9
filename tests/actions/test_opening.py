"""A function opens the club with the secrets of Parameter Store; here that is moto's, and no table is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType

import boto3
import pytest
from moto import mock_aws

from shared.domain.errors import Busy

NAME = "/club/local/peppers"


@pytest.fixture
def opening() -> Iterator[ModuleType]:
    """The module as a function that has just started sees it."""
    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        environment.setenv("CLUB_STAGE", "local")
        environment.setenv("CLUB_TABLES", "{}")
        environment.setenv("CLUB_PEPPERS", NAME)
        from shared.actions import opening
        from shared.settings import settings
        from shared.store import connection

        kept = (
            settings, connection.dynamodb, connection.tables,
            opening._store, opening._laws, opening._parameters, opening._peppers_of,
        )  # fmt: skip
        for one in kept:
            one.cache_clear()
        yield opening
        for one in kept:
            one.cache_clear()


def write(*versions: int) -> None:
    peppers = [{"version": version, "secret": f"{version:02x}" * 32} for version in versions]
    boto3.client("ssm").put_parameter(Name=NAME, Type="SecureString", Value=json.dumps(peppers), Overwrite=True)


def test_the_club_opens_with_the_secrets_of_its_stage(opening: ModuleType) -> None:
    write(1)
    fingerprint = opening.club().peppers.fingerprint("a purchase")
    assert fingerprint[0] == 1
    assert opening.club().peppers.same(fingerprint, "a purchase")
    assert not opening.club().peppers.same(fingerprint, "another purchase")


def test_a_club_without_its_secrets_asks_to_come_back_later(opening: ModuleType) -> None:
    with pytest.raises(Busy):
        opening.club()
    write(1)
    assert opening.club().peppers.fingerprint("x")[0] == 1


def test_secrets_are_not_read_again_for_each_purchase(opening: ModuleType) -> None:
    write(1)
    assert opening.club().peppers.fingerprint("a purchase")[0] == 1
    write(1, 2)
    assert opening.club().peppers.fingerprint("a purchase")[0] == 1


def test_a_new_pepper_is_in_use_once_the_reading_is_too_old(
    opening: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PEPPERS_SECONDS_MAX", 0)
    write(1)
    before = opening.club().peppers.fingerprint("a purchase")
    write(1, 2)
    now = opening.club().peppers
    assert (before[0], now.fingerprint("a purchase")[0]) == (1, 2)
    assert now.same(before, "a purchase")
