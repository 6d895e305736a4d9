"""Somebody of the staff switches an automation off, or on again, without publishing a programme."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.club import Club, attempts
from shared.actions.staff import Staff
from shared.domain.errors import AutomationDisabled, AutomationUnknown
from shared.domain.staff_requests import Switching
from shared.domain.switched import Standing
from shared.store.backend import Contended, Unanswered
from shared.store.switched import put_switched, switched_of, word_of


def switch_automation(
    club: Club, staff: Staff, automation_id: str, told: Switching, seconds_left: Callable[[], float]
) -> Standing:
    """As it is then; what was so already stays as it was said first. What the programme has switched off is off.

    Raises AutomationUnknown, AutomationDisabled, Busy.
    """
    book = club.laws.at(club.now())
    rule = next((one for one in book.automations if one.automation.id == automation_id), None)
    if rule is None:
        raise AutomationUnknown(field="automation_id", reason="is of no automation of the programme")
    if told.enabled and not rule.automation.enabled:
        raise AutomationDisabled(automation=rule.automation.id)
    for _ in attempts(club, seconds_left):
        known = switched_of(club.store.backend, staff.mode)
        last = known.words.get(automation_id)
        if (last is None or last.enabled) == told.enabled:
            return Standing(rule, last)
        word = word_of(told.enabled, staff.actor, told.reason, club.now())
        try:
            if not club.store.backend.write([put_switched(staff.mode, known.said(automation_id, word))]):
                return Standing(rule, word)
        except (Contended, Unanswered):
            continue
    raise AssertionError("attempts end with Busy")
