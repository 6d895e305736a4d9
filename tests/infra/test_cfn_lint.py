"""AWS's own linter reads every template, for the region the prices are from and the one nearest to the first shops."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from infra.stage import STAGES
from tests.infra.synthesised import Synthesised

LINT = "import sys; from cfnlint.runner import main; sys.exit(main())"
REGIONS = ("us-east-1", "il-central-1")


def test_cloudformation_will_understand_every_template(clubs: Callable[[str], Synthesised]) -> None:
    templates = [str(path) for stage in STAGES for path in sorted(clubs(stage).folder.glob("*.template.json"))]
    assert len(templates) == 4 * len(STAGES)
    said = subprocess.run(
        [sys.executable, "-c", LINT, "--regions", *REGIONS, "--template", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
