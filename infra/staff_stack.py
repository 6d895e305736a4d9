"""The stack of the people who work here: a Cognito pool, its groups, and the app they sign in to. It outlives deployments."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, IStackSynthesizer, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.stage import Stage
from shared.api.routes import GROUPS

PASSWORD_LENGTH_MIN = 12
INVITATION_DAYS = 3
# A token cannot be called back: it opens the office for so long after a person was shut out.
TOKEN_MINUTES = 60
# A working day, then the password is asked for again.
SESSION_HOURS = 12


class StaffStack(Stack):
    """Nobody signs up: an operator invites. The sign-in name is the e-mail; Cognito's own id of the person is what tokens,
    entries and logs name.

    The ids of pool and app are Cognito's, so they are kept under names (`/club/<stage>/staff/...`), and no stack waits for
    another one's export.
    """

    def __init__(self, scope: Construct, stage: Stage, *, mfa_required: bool, synthesizer: IStackSynthesizer) -> None:
        super().__init__(
            scope,
            stage.stack("staff"),
            description="The people who work in the club",
            termination_protection=stage.keeps_data,
            synthesizer=synthesizer,
        )
        pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=stage.stack("staff"),
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            # A second factor is an app on a phone: an SMS costs, and can be turned to another phone.
            mfa=cognito.Mfa.REQUIRED if mfa_required else cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=PASSWORD_LENGTH_MIN,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(INVITATION_DAYS),
            ),
            # The first 10,000 people a month are free in this plan; the larger one has no free ones.
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            deletion_protection=stage.keeps_data,
            removal_policy=RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY,
        )
        for group, what_for in GROUPS.items():
            cognito.CfnUserPoolGroup(
                self, f"{group.title()}Group", user_pool_id=pool.user_pool_id, group_name=group, description=what_for
            )
        app = pool.add_client(
            "App",
            user_pool_client_name="office",
            # A page in a browser cannot keep a secret.
            generate_secret=False,
            # A token may change what its person is called here, and not the e-mail that the operator invited.
            write_attributes=cognito.ClientAttributes().with_standard_attributes(nickname=True),
            # The password itself never leaves the browser (SRP). Locally `club staff token` signs in for the operator.
            auth_flows=cognito.AuthFlow(user_srp=True, admin_user_password=stage.is_local),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.minutes(TOKEN_MINUTES),
            id_token_validity=Duration.minutes(TOKEN_MINUTES),
            refresh_token_validity=Duration.hours(SESSION_HOURS),
        )
        for name, value in ((stage.staff_pool, pool.user_pool_id), (stage.staff_app, app.user_pool_client_id)):
            ssm.StringParameter(
                self, f"{name.rsplit('/', 1)[-1].title()}Name", parameter_name=name, string_value=value,
                description="Which pool signs the tokens of staff, and for which app",
            )  # fmt: skip
        CfnOutput(self, "StaffPool", value=pool.user_pool_id, description="The pool of the people who work here")
