"""The jobs of the timetable, each a verb called with the clock. What may take longer than the function lives walks on in the next
message: each is sent before the one at hand is over, so that none is lost, and what is done twice is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from functions.scheduler.task import CALLED, CAMPAIGN, Task
from functions.scheduler.timetable import BY_NAME
from shared.actions.caller import Caller
from shared.actions.close_bill import close_bill
from shared.actions.close_days import close_days, yesterday_of
from shared.actions.close_month import close_month
from shared.actions.close_targets import close_targets
from shared.actions.club import Club
from shared.actions.count_parts import is_counted
from shared.actions.forget import forget
from shared.actions.run_playbooks import intents_of, run_playbooks
from shared.actions.send_campaign import begin_campaigns, send_campaign
from shared.actions.sweep import days_to_sweep, grant_called, sweep
from shared.actions.take_census import month_before, take_census
from shared.actions.verify_accounts import verify_accounts
from shared.actions.wake_waiting import wake_waiting
from shared.actions.walking import Place, Seconds, Unfinished
from shared.domain.costs import member_cost_minor
from shared.domain.decide import ms
from shared.domain.liability import owed_minor
from shared.domain.messages import report_intent
from shared.domain.reconciliation import unmetered
from shared.observe import log, tell_figures
from shared.store.cost_explorer import Ask
from shared.store.keys import months
from shared.store.kpi import Counts, put_counts
from shared.store.runs import last_day, put_last_day
from shared.store.sender import Lost, Refused


class Clock(NamedTuple):
    """What a job is given. `send`: a text to the queue of that name. `parts` of a job over all accounts; 0: the timetable's.
    `metrics`: the namespace and the stage that figures are told under, where a dashboard shows them. `bill`: Cost Explorer and
    the tag that it knows the club by, where somebody wants to know what it says. `weigh`: notes what is kept of each table."""

    club: Club
    seconds_left: Seconds
    send: Callable[[str, str], None]
    parts: int = 0
    metrics: tuple[str, str] = ("", "")
    bill: tuple[Ask, str] | None = None
    weigh: Callable[[Club], int] | None = None


def run(clock: Clock, task: Task) -> None:
    """Begins a job, walks on with it, or does all of it. Raises Busy or Unfinished where the message has to come again."""
    if task.job == CALLED:
        called = grant_called(clock.club, Caller(""), task.member, task.kind, task.cause, clock.seconds_left)
        log("info", job=task.job, due=sum(called.due.values()))
    elif task.job == CAMPAIGN:
        _campaign(clock, task)
    elif BY_NAME[task.job].parts and task.place is None:
        _begin(clock, task.job)
    else:
        JOBS[task.job](clock, task)


def _begin(clock: Clock, job: str) -> None:
    """One message for each part, of the days since the last run. A run that was begun before is not begun again: its messages are
    on their way."""
    club, parts = clock.club, clock.parts or BY_NAME[job].parts
    today = club.now().astimezone(club.laws.at(club.now()).zone).date()
    days = tuple(days_to_sweep(last_day(club.store.backend, job), today))
    if days:
        for part in range(parts):
            clock.send("scheduler", Task(job, days, Place(part, parts)).body)
        put_last_day(club.store.backend, job, today)
    log("info", job=job, days=len(days))


def _sweep(clock: Clock, task: Task) -> None:
    assert task.place is not None
    club, place = clock.club, task.place
    swept = sweep(club, "live", task.days, clock.seconds_left, place, task.members)
    if swept.on is not None:
        clock.send("scheduler", task._replace(place=swept.on, members=swept.members).body)
    else:
        eve = task.days[-1] - timedelta(days=1)
        put_counts(club.store.backend, Counts("live", eve, place.part, place.parts, swept.members), club.now())
    due = sum(swept.due.values())
    log("info", job=task.job, part=place.part, accounts=swept.accounts, due=due, failed=swept.failed)
    if swept.failed:
        raise Unfinished


def _campaign(clock: Clock, task: Task) -> None:
    assert task.place is not None
    swept = send_campaign(clock.club, task.campaign, clock.seconds_left, task.place)
    if swept.on is not None:
        clock.send("scheduler", task._replace(place=swept.on).body)
    due = sum(swept.due.values())
    log("info", job=task.job, part=task.place.part, accounts=swept.accounts, due=due, failed=swept.failed)
    if swept.failed:
        raise Unfinished


def _verify(clock: Clock, task: Task) -> None:
    """What is broken rings by its code in the log, which names nobody: `club verify` says who it is and what to do."""
    assert task.place is not None
    verified = verify_accounts(clock.club, task.days, clock.seconds_left, task.place)
    if verified.on is not None:
        clock.send("scheduler", task._replace(place=verified.on).body)
    for fault in verified.faults:
        log("error", code="ledger_broken", job=task.job, outcome=fault.mend)
    said = {
        "part": task.place.part,
        "accounts": verified.accounts,
        "proven": verified.proven,
        "broken": verified.broken,
    }
    log("info", job=task.job, **said, failed=verified.failed)
    if verified.failed:
        raise Unfinished


def _kpi(clock: Clock, task: Task) -> None:
    club = clock.club
    if clock.weigh is not None:
        _weigh(clock.weigh, club)
    closed = close_days(club, "live")
    for day in closed:
        tell_figures(*clock.metrics, day.closed_ms, day.figures)
    # States are judged of the latest day alone, and again when the message comes again: what fired has fired.
    played = run_playbooks(club, "live", yesterday_of(club), clock.seconds_left)
    for intent in intents_of(played, "live"):
        clock.send("urgent", intent.text)
    log("info", job=task.job, days=len(closed), due=sum(one.firing is not None for one in played))


def _weigh(weigh: Callable[[Club], int], club: Club) -> None:
    """A day is closed whether or not somebody could say how large its tables were."""
    try:
        weigh(club)
    except (Refused, Lost) as fault:
        log("error", code="tables_unweighed", error=getattr(fault, "code", type(fault).__name__))


def _census(clock: Clock, task: Task) -> None:
    """Of the month before the day it was begun on, whatever day it is when a part comes again. Where the census takes longer than
    the hour that it has, its last part asks for the month: whose own message has failed by then, and would for good."""
    assert task.place is not None
    _, last = month_before(task.days[-1])
    counted = take_census(clock.club, "live", last, clock.seconds_left, task.place)
    if counted.on is not None:
        clock.send("scheduler", task._replace(place=counted.on).body)
    elif _is_late(clock, task.days[-1]) and is_counted(clock.club, "live", last, task.place.parts):
        clock.send("scheduler", Task("month").body)
    log("info", job=task.job, part=task.place.part, accounts=counted.members)


def _is_late(clock: Clock, began: date) -> bool:
    now = clock.club.now().astimezone(clock.club.laws.at(clock.club.now()).zone)
    return now.date() > began or now.hour > int(BY_NAME["month"].hours)


def _month(clock: Clock, task: Task) -> None:
    club = clock.club
    name, last = month_before(club.now().astimezone(club.laws.at(club.now()).zone).date())
    for chapter in close_month(club, "live", last, clock.parts or BY_NAME["census"].parts):
        if chapter.report.name == "liability":
            tell_figures(*clock.metrics, chapter.closed_ms, {"liability_minor": owed_minor(chapter.report)})
        if chapter.report.name == "cost" and (minor := member_cost_minor(chapter.report)) is not None:
            # The alarm rounds nothing: what a member costs may be less than the currency's smallest coin.
            tell_figures(*clock.metrics, chapter.closed_ms, {"member_cost_minor": float(minor)})
    close_targets(club, "live", last)
    if club.laws.at(club.now()).programme.contact.finance_email is not None:
        intent = report_intent(f"{months('live')}#{name}", name, ms(club.now()), club.now().date())
        clock.send("urgent", intent.text)
    log("info", job=task.job, days=last.day)


def _bill(clock: Clock, task: Task) -> None:
    club, outcome = clock.club, "not asked for"
    _, last = month_before(club.now().astimezone(club.laws.at(club.now()).zone).date())
    if clock.bill is not None:
        closed = close_bill(club, "live", *clock.bill, clock.metrics[1], last)
        outcome = "without the tag" if closed is None else f"not metered: {len(unmetered(closed.report))}"
    log("info", job=task.job, days=last.day, outcome=outcome)


def _retention(clock: Clock, task: Task) -> None:
    forgotten = forget(clock.club, lambda text: clock.send("marketing", text), clock.seconds_left)
    log("info", job=task.job, days=forgotten.days, messages=forgotten.messages, rows=forgotten.rows)


def _waiting(clock: Clock, task: Task) -> None:
    woken = wake_waiting(clock.club.store.backend, clock.club.now(), lambda text: clock.send("marketing", text))
    parts = clock.parts or BY_NAME["sweep"].parts

    def begin(campaign: str) -> None:
        for part in range(parts):
            clock.send("scheduler", Task(CAMPAIGN, place=Place(part, parts), campaign=campaign).body)

    begun = begin_campaigns(clock.club.store.backend, clock.club.now(), begin)
    log("info", job=task.job, messages=woken, calls=begun)


JOBS: Mapping[str, Callable[[Clock, Task], None]] = {
    "sweep": _sweep,
    "verify": _verify,
    "kpi": _kpi,
    "census": _census,
    "month": _month,
    "bill": _bill,
    "retention": _retention,
    "waiting": _waiting,
}
