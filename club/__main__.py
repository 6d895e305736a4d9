"""The operator's command: `python -m club <command>`. It only mounts; each group of commands has a file of its own."""

from __future__ import annotations

import sys

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError

from club import conform, docs, key, load, programme, report, staff
from club.assess import assess
from club.automations import automations, year
from club.campaign import app as campaign
from club.console import Trouble, complain
from club.cost import bill, cost
from club.diff import diff
from club.down import down
from club.effect import effect
from club.expected import expected
from club.export import export
from club.guard import guard
from club.import_file import import_file
from club.job import job
from club.kpis import kpis
from club.liability import liability
from club.marketing import marketing
from club.playbooks import playbooks
from club.preview import preview
from club.prices import prices
from club.quote import quote
from club.rebuild import rebuild
from club.segment import segment
from club.statement import statement
from club.tallies import tallies
from club.trends import trends
from club.up import up
from club.uplift import uplift
from club.verify import verify
from club.vocabulary import vocabulary
from shared.domain.errors import Busy
from shared.store.sender import Refused

app = typer.Typer(name="club", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(up)
app.command()(down)
app.command("load", help=load.HELP)(load.load)
app.command("import")(import_file)
app.command("check")(programme.check)
app.command("publish")(programme.publish_command)
app.command("rules")(programme.rules)
app.command("quote")(quote)
app.command("guard")(guard)
app.command("assess")(assess)
app.command("segment")(segment)
app.command("preview")(preview)
app.command("automations")(automations)
app.add_typer(campaign, name="campaign")
app.command("marketing")(marketing)
app.command("job")(job)
app.command("year")(year)
app.command("statement")(statement)
app.command("verify")(verify)
app.command("rebuild")(rebuild)
app.command("kpis")(kpis)
app.command("prices")(prices)
app.command("cost")(cost)
app.command("bill")(bill)
app.command("liability")(liability)
app.command("uplift")(uplift)
app.command("effect")(effect)
app.command("expected")(expected)
app.add_typer(report.app, name="report")
app.command("playbooks")(playbooks)
app.command("trends")(trends)
app.command("tallies")(tallies)
app.command("export")(export)
app.command("diff")(diff)
app.command("conform")(conform.conform)
app.command("vocabulary")(vocabulary)
app.add_typer(key.app, name="key")
app.add_typer(staff.app, name="staff")
app.command("docs")(docs.docs)


def main() -> None:
    """Run one command; what an operator can mend is one sentence and a non-zero exit."""
    try:
        app()
    except Trouble as trouble:
        complain(str(trouble))
    except Busy:
        complain("The club's AWS does not answer now, or asks for a pause: try again in a moment.")
    except (BotoCoreError, ClientError, Refused, httpx.HTTPError) as failure:
        complain(f"The club's AWS did not answer as it should: {failure}")
    else:
        return
    sys.exit(1)


if __name__ == "__main__":
    main()
