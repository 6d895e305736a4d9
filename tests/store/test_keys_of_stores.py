"""A store's keys: two alive while rotating, test beside live, ended for good, and never kept in the open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.actions.caller import Caller
from shared.actions.keys_of_stores import (
    LIVE_KEYS_PER_STORE_MAX,
    KeysExhausted,
    KeyUnknown,
    StoreInvalid,
    all_keys,
    caller_of,
    create_key,
    revoke_key,
)
from shared.domain.errors import Busy
from shared.store.backend import Backend
from shared.store.keys import Mode
from shared.store.table import Tables
from tests.store.club_rows import NOON

SCOPES = ("purchases:write", "members:read")


def made(backend: Backend, store: str = "main", mode: Mode = "live") -> str:
    return create_key(backend, mode, store, SCOPES, NOON)


def key_id(token: str) -> str:
    return token.split("_")[2]


def test_a_key_opens_its_own_store_with_its_scopes(backend: Backend) -> None:
    token = made(backend)
    assert caller_of(backend, token) == (Caller("main", "live", key_id(token)), tuple(sorted(SCOPES)))


def test_a_store_has_two_living_keys_while_it_rotates_and_not_three(backend: Backend) -> None:
    old, new = made(backend), made(backend)
    assert caller_of(backend, old)
    assert caller_of(backend, new)
    with pytest.raises(KeysExhausted):
        made(backend)
    revoke_key(backend, key_id(old), NOON)
    assert caller_of(backend, old) is None
    assert caller_of(backend, new)
    assert caller_of(backend, made(backend))


def test_another_stores_keys_and_test_keys_are_counted_apart(backend: Backend) -> None:
    for store, mode in (("main", "live"), ("main", "test"), ("annex", "live")):
        for _ in range(LIVE_KEYS_PER_STORE_MAX):
            made(backend, store, mode)
        with pytest.raises(KeysExhausted):
            made(backend, store, mode)


def test_a_test_key_is_a_test_key_whatever_is_written_on_it(backend: Backend) -> None:
    token = made(backend, mode="test")
    assert token.startswith("ck_test_")
    found = caller_of(backend, token)
    assert found is not None
    assert found[0].mode == "test"
    assert caller_of(backend, token.replace("ck_test_", "ck_live_")) is None


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda token, other: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token, other: token.rpartition("_")[0] + "_" + other.rpartition("_")[2],
        lambda token, other: token.upper(),
        lambda token, other: token + "0",
        lambda token, other: token[:-1],
        lambda token, other: token + "\n",
        lambda token, other: " " + token,
        lambda token, other: token.replace("_", "-"),
        lambda token, other: "ck_live_000000000000_" + "0" * 40,
        lambda token, other: "",
    ],
    ids=[
        "last letter changed", "another key's secret", "capitals", "longer", "shorter", "with a line end",
        "with a space", "dashes", "made up", "empty",
    ],
)  # fmt: skip
def test_what_is_not_exactly_a_living_key_opens_nothing(backend: Backend, spoiled: object) -> None:
    assert callable(spoiled)
    assert caller_of(backend, spoiled(made(backend), made(backend))) is None


def test_the_secret_is_not_kept(backend: Backend) -> None:
    token = made(backend)
    assert token.rpartition("_")[2] not in repr(backend.listed("club", "key"))


def test_revoking_twice_changes_nothing(backend: Backend) -> None:
    token = made(backend)
    first = revoke_key(backend, key_id(token), NOON)
    assert revoke_key(backend, key_id(token), NOON + timedelta(days=1)) == first
    assert first.revoked_at == NOON.isoformat(timespec="seconds")
    with pytest.raises(KeyUnknown):
        revoke_key(backend, "000000000000", NOON)


def test_the_operator_sees_all_keys_with_what_they_may(backend: Backend) -> None:
    token, other = made(backend), made(backend, "annex", "test")
    revoke_key(backend, key_id(token), NOON)
    told = {key.id: (key.mode, key.store, key.scopes, key.revoked_at is not None) for key in all_keys(backend)}
    assert told == {
        key_id(token): ("live", "main", tuple(sorted(SCOPES)), True),
        key_id(other): ("test", "annex", tuple(sorted(SCOPES)), False),
    }


@pytest.mark.parametrize("store", ["", "Main", "a#b", "a b", "-a", "x" * 33, "حانوت", "a\n"])
def test_a_store_has_a_plain_name(backend: Backend, store: str) -> None:
    with pytest.raises(StoreInvalid):
        made(backend, store)
    assert all_keys(backend) == []


def test_two_operators_at_once_do_not_make_a_third_key(tables: Tables) -> None:
    def tried(_: int) -> str | None:
        try:
            return made(tables)
        except (KeysExhausted, Busy):
            return None

    with ThreadPoolExecutor(6) as operators:
        tokens = [token for token in operators.map(tried, range(6)) if token]
    assert len(tokens) == LIVE_KEYS_PER_STORE_MAX
    assert {key.id for key in all_keys(tables)} == {key_id(token) for token in tokens}
    assert all(caller_of(tables, token) for token in tokens)
