"""Nothing stands in a club's account whose price nobody has looked up."""

from __future__ import annotations

from benchmarks.template import FREE, PRICED
from tests.infra.synthesised import Synthesised


def test_of_every_kind_of_resource_it_is_known_what_it_costs_to_have_it(club_on_aws: Synthesised) -> None:
    kinds = {
        resource["Type"] for template in club_on_aws.templates.values() for resource in template["Resources"].values()
    }
    assert kinds - set(PRICED) - FREE == set()
