"""How many stories a property of the laws is tried on: as many as it says, or a few that are always the same for each mutant."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

# `make mutants` says so: nobody can wait for sixty stories of each of ten thousand mutants, nor reads the smallest of those that
# tell a mutant from the product.
_FEW = 12 if os.environ.get("CLUB_MUTANTS") else None
_PHASES = (Phase.explicit, Phase.generate) if _FEW else tuple(Phase)


def drawn(examples: int) -> settings:
    return settings(
        deadline=None, max_examples=min(examples, _FEW or examples), derandomize=_FEW is not None, phases=_PHASES
    )
