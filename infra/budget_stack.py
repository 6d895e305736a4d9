"""The budget's stack: AWS itself says by mail when the month becomes dearer than was meant. The local cloud knows no budgets."""

from __future__ import annotations

import re
from typing import NamedTuple

from aws_cdk import IStackSynthesizer, Stack
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.stage import TAG, Stage


class BudgetUnfit(Exception):
    """The budget that was asked for cannot be made; the message says why."""


class Budget(NamedTuple):
    """So many dollars a month, and who is told. `of_club`: only what has the stage's tag, which sees nothing until the tag is
    activated in Billing; without it all that the account uses."""

    usd: int
    email: str
    of_club: bool = False


# Of the budget, in percent: what was used, and what the month will come to as AWS sees it.
WARNINGS = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
USD_MAX = 10_000_000


def budget_asked(usd: str | None, email: str | None, of: str | None) -> Budget | None:
    """What was said with `-c budget=`, `budget_email=` and `budget_of=`; None where nobody wants one. Raises BudgetUnfit."""
    if usd is None:
        return None
    if not (usd.isascii() and usd.isdecimal()) or not 1 <= int(usd) <= USD_MAX:
        raise BudgetUnfit(f"-c budget={usd} is no number of whole dollars a month from 1 to {USD_MAX:,}.")
    if not email or "@" not in email:
        raise BudgetUnfit("A budget tells somebody: say -c budget_email=ADDRESS, or -c alarm_email=ADDRESS.")
    if of not in (None, "account", "club"):
        raise BudgetUnfit(f"-c budget_of={of} is neither account nor club.")
    return Budget(int(usd), email, of == "club")


def minor_asked(text: str | None) -> float | None:
    """What was said with `-c member_cost_max=`: minor units, a part of one too. Raises BudgetUnfit."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text) or float(text) == 0:
        raise BudgetUnfit(f"-c member_cost_max={text} is no number of minor units above 0.")
    return float(text)


class BudgetStack(Stack):
    """One budget of the month, which only tells: that is free."""

    def __init__(self, scope: Construct, stage: Stage, budget: Budget, *, synthesizer: IStackSynthesizer) -> None:
        super().__init__(scope, stage.stack("budget"), description="The club's budget", synthesizer=synthesizer)
        told = budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=budget.email)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=stage.stack("month"),
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=budget.usd, unit="USD"),
                cost_filters={"TagKeyValue": [f"user:{TAG}${stage.name}"]} if budget.of_club else None,
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[told],
                )
                for kind, percent in WARNINGS
            ],
        )
