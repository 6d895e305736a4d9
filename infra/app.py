"""The club as a CDK app: `cdk deploy --all -c stage=dev`. Stacks are cut by lifetime, not by service.

-c stage=local|dev|prod    which club
-c tables_key=customer     encrypt the tables with a key of one's own ($1 a month and a price for each call)
-c alarm_email=ADDRESS     whom the alarms wake
-c dashboard=yes          the figures of each day and how well the club runs, as graphs ($3 a month)
-c member_cost_max=50     an alarm when a member cost more in a month, in minor units of the club's currency ($0.10 a month)
-c bill=yes               each month's bill beside what was metered (a cent a month); the tag club:stage has to be activated
-c budget=20              dollars a month; AWS says by mail when the account comes near to them or above
-c budget_email=ADDRESS   whom that mail goes to; the alarms' address without it
-c budget_of=club         only what has the tag club:stage, once it is activated in Billing
-c zone=Asia/Jerusalem     the zone whose clock the timetable follows; UTC without it
-c sender=example.com      the domain that mail comes from; whoever holds its DNS enters the three records that SES names
-c push_fcm=ARN           the platform application of SNS that pushes to Android; push_apns and push_apns_sandbox to iPhones
-c traced=yes              X-Ray ($5 for a million traces)
-c staff_mfa=required      nobody of the staff signs in without a second factor
-c assets_bucket=NAME      local only: the bucket that takes the packages, made before
"""

from __future__ import annotations

import sys

from aws_cdk import App, CliCredentialsStackSynthesizer, DefaultStackSynthesizer, IStackSynthesizer, Tags

from infra.acknowledged import check_with_nag
from infra.budget_stack import BudgetStack, BudgetUnfit, budget_asked, minor_asked
from infra.bytecode import BytecodeNotMade
from infra.code_stack import CodeStack
from infra.data_stack import DataStack
from infra.mail import PLATFORMS
from infra.packaging import AWS, PackageNotBuilt, Packages, build_folder, build_packages, this_machine
from infra.staff_stack import StaffStack
from infra.stage import TAG, Stage, StageUnknown, stage_named
from infra.watch_stack import WatchStack

ZONE_DEFAULT = "Etc/UTC"
# Whom the demo club writes as, on this machine.
DEMO_SENDER = "rimon.example.com"
ASSETS_BUCKET_DEFAULT = "club-local-assets"


def add_club(app: App, stage: Stage, packages: Packages) -> None:
    """The four stacks of one stage, and the budget's where one is asked for, tagged for the bill and checked by cdk-nag when they
    are synthesised. Raises BudgetUnfit."""
    data = DataStack(
        app, stage, customer_key=_asked(app, "tables_key") == "customer", synthesizer=_synthesizer(app, stage)
    )
    mfa_required = _asked(app, "staff_mfa") == "required"
    staff = StaffStack(app, stage, mfa_required=mfa_required, synthesizer=_synthesizer(app, stage))
    traced = _asked(app, "traced") == "yes"
    dashboard = _asked(app, "dashboard") == "yes"
    member_cost_max = minor_asked(_asked(app, "member_cost_max"))
    reads_bill = _asked(app, "bill") == "yes" and not stage.is_local
    zone = _asked(app, "zone") or ZONE_DEFAULT
    push = {kind: arn for kind in PLATFORMS if (arn := _asked(app, f"push_{kind}"))}
    code = CodeStack(
        app,
        stage,
        packages,
        traced=traced,
        tells_figures=dashboard or member_cost_max is not None,
        zone=zone,
        sender=_asked(app, "sender") or (DEMO_SENDER if stage.is_local else None),
        push=push,
        reads_bill=reads_bill,
        synthesizer=_synthesizer(app, stage),
    )
    # Functions without their tables would answer 500, so the tables come first.
    code.add_stack_dependency(data)
    # The API asks by name, at each deployment, which pool signs the tokens of staff.
    code.add_stack_dependency(staff)
    alarm_email = _asked(app, "alarm_email")
    WatchStack(
        app,
        stage,
        alarm_email=alarm_email,
        dashboard=dashboard,
        member_cost_max_minor=member_cost_max,
        synthesizer=_synthesizer(app, stage),
    )
    email = _asked(app, "budget_email") or alarm_email
    budget = budget_asked(_asked(app, "budget"), email, _asked(app, "budget_of"))
    if budget is not None and not stage.is_local:
        BudgetStack(app, stage, budget, synthesizer=_synthesizer(app, stage))
    Tags.of(app).add(TAG, stage.name)
    check_with_nag(
        app,
        stage,
        push=push,
        traced=traced,
        reads_bill=reads_bill,
        wakes_somebody=alarm_email is not None,
        mfa_required=mfa_required,
    )


def _asked(app: App, name: str) -> str | None:
    value = app.node.try_get_context(name)
    return None if value is None else str(value)


def _synthesizer(app: App, stage: Stage) -> IStackSynthesizer:
    """On AWS the bootstrapped roles and bucket. The local cloud has none: its bucket is the one that was made for it."""
    if not stage.is_local:
        return DefaultStackSynthesizer()
    return CliCredentialsStackSynthesizer(file_assets_bucket_name=_asked(app, "assets_bucket") or ASSETS_BUCKET_DEFAULT)


def main() -> None:
    app = App(analytics_reporting=False)
    try:
        stage = stage_named(_asked(app, "stage"))
        target = this_machine() if stage.is_local else AWS
        packages = build_packages(target, build_folder(), say=lambda line: print(line, file=sys.stderr))
    except (BytecodeNotMade, PackageNotBuilt, StageUnknown) as error:
        sys.exit(str(error))
    try:
        add_club(app, stage, packages)
    except BudgetUnfit as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
