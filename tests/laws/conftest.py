"""The DynamoDB on which the laws are tried."""

from __future__ import annotations

import pytest

from tests.laws.ground import named_endpoint
from tests.wire import Reached


@pytest.fixture(scope="session")
def reached(request: pytest.FixtureRequest) -> Reached:
    """The tests' own local AWS, or what CLUB_DYNAMODB_ENDPOINT names."""
    there = named_endpoint()
    found: Reached = there if there is not None else request.getfixturevalue("club").running
    return found
