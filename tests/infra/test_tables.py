"""The tables as they will stand: keys, price, protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.store import backend
from tests.infra.synthesised import Resource, Synthesised


def test_every_table_of_the_store_stands_with_the_keys_the_store_uses(club: Synthesised) -> None:
    keys = {
        name: tuple(key["AttributeName"] for key in _of(table)["KeySchema"]) for name, table in club.tables().items()
    }
    assert keys == backend.KEYS
    for table in club.tables().values():
        assert [key["KeyType"] for key in _of(table)["KeySchema"]] == ["HASH", "RANGE"][: len(_of(table)["KeySchema"])]


def test_keys_are_texts_except_the_sequence_and_the_shard(club: Synthesised) -> None:
    types = {
        (name, attribute["AttributeName"]): attribute["AttributeType"]
        for name, table in club.tables().items()
        for attribute in _of(table)["AttributeDefinitions"]
    }
    assert {key for key, type_ in types.items() if type_ == "N"} == {("ledger", "n"), ("limits", "s")}
    assert set(types.values()) == {"N", "S"}


def test_the_statement_index_carries_the_few_attributes_the_store_reads_and_no_other_index_stands(
    club: Synthesised,
) -> None:
    indexes = {name: _of(table).get("GlobalSecondaryIndexes") for name, table in club.tables().items()}
    assert {name for name, found in indexes.items() if found} == {"ledger"}
    assert indexes["ledger"] == [
        {
            "IndexName": backend.BY_ACCOUNT,
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
            "Projection": {"NonKeyAttributes": list(backend.BY_ACCOUNT_ATTRIBUTES), "ProjectionType": "INCLUDE"},
        }
    ]


def test_an_idle_table_costs_nothing(club: Synthesised) -> None:
    for table in club.tables().values():
        assert _of(table)["BillingMode"] == "PAY_PER_REQUEST"
        assert "ProvisionedThroughput" not in _of(table)


def test_on_aws_no_table_goes_with_its_stack_and_each_can_be_restored_to_any_second(club_on_aws: Synthesised) -> None:
    for table in club_on_aws.tables().values():
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
        assert _of(table)["DeletionProtectionEnabled"] is True
        assert _of(table)["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    manifest = (club_on_aws.folder / "manifest.json").read_text()
    assert '"terminationProtection": true' in manifest


def test_the_local_clubs_tables_can_be_thrown_away(clubs: Callable[[str], Synthesised]) -> None:
    for table in clubs("local").tables().values():
        assert table["DeletionPolicy"] == "Delete"
        assert _of(table).get("DeletionProtectionEnabled", False) is False


def test_only_limits_and_what_the_club_marks_are_forgotten(club: Synthesised) -> None:
    forgets = {name: _of(table).get("TimeToLiveSpecification") for name, table in club.tables().items()}
    assert {name: found for name, found in forgets.items() if found} == {
        table: {"AttributeName": "x", "Enabled": True} for table in ("limits", "club", "post")
    }


def test_the_ledger_alone_tells_each_row_that_is_written_and_nothing_of_what_was_there(club: Synthesised) -> None:
    told = {name: _of(table).get("StreamSpecification") for name, table in club.tables().items()}
    assert {name: found for name, found in told.items() if found} == {"ledger": {"StreamViewType": "NEW_IMAGE"}}


def test_tables_are_encrypted_with_keys_that_cost_nothing_unless_a_stage_asks_for_its_own(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    assert clubs("prod").resources("AWS::KMS::Key") == []
    for table in clubs("prod").tables().values():
        # Not "without encryption": with a key that DynamoDB owns, which it says by saying nothing.
        assert _of(table).get("SSESpecification", {"SSEEnabled": False}) == {"SSEEnabled": False}
    owned = synthesise("prod", tables_key="customer")
    (key,) = owned.full("AWS::KMS::Key").values()
    assert key["DeletionPolicy"] == "Retain"
    assert key["Properties"]["EnableKeyRotation"] is True
    for table in owned.tables().values():
        assert _of(table)["SSESpecification"]["SSEEnabled"] is True
        assert _of(table)["SSESpecification"]["SSEType"] == "KMS"
    assert [plugin["conclusion"] for plugin in owned.report()["pluginReports"]] == ["success", "success"]


def _of(table: Resource) -> Any:
    return table["Properties"]
