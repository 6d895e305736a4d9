"""The stages a club can stand on, what differs between them, and every name that is made from a stage."""

from __future__ import annotations

from typing import NamedTuple

# On everything that a stage has, so that the bill can be asked for the club alone. Billing shows it once it is activated there.
TAG = "club:stage"


class Stage(NamedTuple):
    """One stage. Names are plain strings, so no stack waits for another one's export."""

    name: str
    keeps_data: bool  # deletion protection, retained on removal, restorable to any second of 35 days
    log_days: int
    programme_seconds: int  # how long a function may use the programme it has read
    gather_seconds: (
        int  # how long a stream gathers before it is read: a few large deliveries cost less than many small ones
    )
    seen_buckets: str = (
        "0:1"  # how many buckets marks of counted postings are in, from a minute since 1970 on (MINUTE:BUCKETS …)
    )
    # Into how many parts a job over all accounts is cut, which are worked off side by side; 0: as the timetable says. A part of
    # 100,000 accounts takes minutes: a club of millions widens it.
    parts: int = 0
    # Memory of the clock, which buys it CPU in proportion; 0: as its room says. A month of 100 million members is closed in one
    # message, and takes a whole processor (1,769) some minutes.
    clock_memory_mb: int = 0

    @property
    def is_local(self) -> bool:
        return self.name == "local"

    @property
    def peppers(self) -> str:
        """The parameter that holds the peppers. The operator makes it: CloudFormation cannot make a SecureString."""
        return f"/club/{self.name}/peppers"

    @property
    def staff_pool(self) -> str:
        """The parameter that names the pool of staff: its id is Cognito's own, so it cannot be a name made from the stage."""
        return f"/club/{self.name}/staff/pool"

    @property
    def staff_app(self) -> str:
        """The parameter that names the app which staff sign in to: the audience of their tokens."""
        return f"/club/{self.name}/staff/app"

    @property
    def address(self) -> str:
        """The parameter that says where the API is: links in messages lead there."""
        return f"/club/{self.name}/address"

    def stream(self, table: str) -> str:
        """The parameter that names a table's stream."""
        return f"/club/{self.name}/stream/{table}"

    @property
    def dead_letters(self) -> str:
        """The queue that is told of all that failed for good, whichever queue or stream it was in."""
        return f"club-{self.name}-dead-letters"

    def queue(self, queue: str) -> str:
        return f"club-{self.name}-{queue}"

    @property
    def mail(self) -> str:
        """The configuration set that mail leaves by, and the topic that its notices come to."""
        return f"club-{self.name}-mail"

    @property
    def gateway(self) -> str:
        """The parameter that names another company's gateway for text messages. The operator makes it, where there is one."""
        return f"/club/{self.name}/gateway"

    @property
    def metrics(self) -> str:
        """The namespace of the club's own metrics."""
        return f"Club/{self.name}"

    def stack(self, lifetime: str) -> str:
        return f"club-{self.name}-{lifetime}"

    def table(self, table: str) -> str:
        return f"club-{self.name}-{table}"

    def function(self, room: str) -> str:
        return f"club-{self.name}-{room}"

    def function_log(self, room: str) -> str:
        return f"/aws/lambda/{self.function(room)}"

    @property
    def api_log(self) -> str:
        # Names under /aws/vendedlogs/ spare the account's log policy, which has room for few.
        return f"/aws/vendedlogs/club-{self.name}-api"


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("local", keeps_data=False, log_days=1, programme_seconds=2, gather_seconds=0),
        Stage("dev", keeps_data=True, log_days=7, programme_seconds=60, gather_seconds=300),
        Stage("prod", keeps_data=True, log_days=30, programme_seconds=60, gather_seconds=300),
    )
}


class StageUnknown(Exception):
    """The stage that was asked for is not in the table."""

    def __init__(self, asked: str | None) -> None:
        named = f"There is no stage {asked!r}" if asked else "No stage was named"
        super().__init__(f"{named}; say -c stage=NAME with one of: {', '.join(STAGES)}.")


def stage_named(name: str | None) -> Stage:
    if name is None or name not in STAGES:
        raise StageUnknown(name)
    return STAGES[name]
