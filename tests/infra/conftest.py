"""Every stage synthesised once for the session: a synth takes seconds, and all these tests do is read what it wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

import pytest
from aws_cdk import App

from infra.app import add_club
from infra.stage import STAGES
from tests.infra.synthesised import Synthesised
from tests.packaging.built import packages

LIFETIMES = ("data", "staff", "code", "watch")


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesised]:
    """A synth of one stage with the packages that would be deployed, into a folder of its own."""

    def made(name: str, **context: str) -> Synthesised:
        folder = tmp_path_factory.mktemp(f"cdk-{name}")
        app = App(analytics_reporting=False, outdir=str(folder), context={"stage": name, **context})
        stage = STAGES[name]
        add_club(app, stage, packages("local" if stage.is_local else "aws"))
        app.synth()
        templates = {
            lifetime: json.loads((folder / f"{stage.stack(lifetime)}.template.json").read_text())
            for lifetime in LIFETIMES
        }
        return Synthesised(stage, folder, templates)

    return made


@pytest.fixture(scope="session")
def clubs(synthesise: Callable[..., Synthesised]) -> Callable[[str], Synthesised]:
    """The stage by its name, synthesised when it is first asked for."""
    return cache(synthesise)


@pytest.fixture(params=sorted(STAGES))
def club(request: pytest.FixtureRequest, clubs: Callable[[str], Synthesised]) -> Synthesised:
    """Each stage in turn."""
    return clubs(request.param)


@pytest.fixture(params=sorted(set(STAGES) - {"local"}))
def club_on_aws(request: pytest.FixtureRequest, clubs: Callable[[str], Synthesised]) -> Synthesised:
    """Each stage that stands on AWS."""
    return clubs(request.param)
