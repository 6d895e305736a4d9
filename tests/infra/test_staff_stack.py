"""The pool of the people who work here: nobody signs up, passwords are strong, and it outlives what stands around it."""

from __future__ import annotations

from collections.abc import Callable

from shared.api.routes import GROUPS
from tests.infra.synthesised import Synthesised

PASSWORD_LENGTH_MIN = 12


def test_nobody_signs_up_by_themselves_and_an_invitation_ends_within_days(club: Synthesised) -> None:
    (pool,) = club.resources("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] <= 7


def test_a_password_is_long_and_of_every_kind_of_sign(club: Synthesised) -> None:
    (pool,) = club.resources("AWS::Cognito::UserPool")
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= PASSWORD_LENGTH_MIN
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


def test_a_second_factor_is_an_app_never_an_sms_and_can_be_demanded_of_all(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    for club, mfa in ((clubs("prod"), "OPTIONAL"), (synthesise("prod", staff_mfa="required"), "ON")):
        (pool,) = club.resources("AWS::Cognito::UserPool")
        assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == (mfa, ["SOFTWARE_TOKEN_MFA"])
        assert "SmsConfiguration" not in pool
        assert {plugin["conclusion"] for plugin in club.report()["pluginReports"]} == {"success"}


def test_the_groups_are_those_that_routes_may_name(club: Synthesised) -> None:
    groups = {group["GroupName"]: group["Description"] for group in club.resources("AWS::Cognito::UserPoolGroup")}
    assert groups == GROUPS
    # A group that lent a role of AWS to whoever is in it would be a second door.
    assert not [group for group in club.resources("AWS::Cognito::UserPoolGroup") if "RoleArn" in group]


def test_a_password_leaves_the_browser_on_no_stage_of_aws(club: Synthesised) -> None:
    (app,) = club.resources("AWS::Cognito::UserPoolClient")
    local = {"ALLOW_ADMIN_USER_PASSWORD_AUTH"} if club.stage.is_local else set()
    assert set(app["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"} | local
    assert (app["GenerateSecret"], app["EnableTokenRevocation"]) == (False, True)
    assert app["PreventUserExistenceErrors"] == "ENABLED"
    # None at all would mean every one of them.
    assert app["WriteAttributes"] == ["nickname"]
    assert app["AccessTokenValidity"] <= 60
    assert app["TokenValidityUnits"]["AccessToken"] == "minutes"


def test_the_pool_outlives_a_deployment_and_a_deletion_where_data_is_kept(club: Synthesised) -> None:
    (pool,) = club.full("AWS::Cognito::UserPool").values()
    kept = club.stage.keeps_data
    assert (pool["Properties"]["DeletionProtection"], pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == (
        ("ACTIVE", "Retain", "Retain") if kept else ("INACTIVE", "Delete", "Delete")
    )


def test_the_names_of_pool_and_app_are_kept_where_code_and_operator_look(club: Synthesised) -> None:
    (pool,), (app,) = club.full("AWS::Cognito::UserPool"), club.full("AWS::Cognito::UserPoolClient")
    names = {kept["Name"]: kept["Value"] for kept in club.resources("AWS::SSM::Parameter")}
    names.pop(club.stage.stream("ledger"))
    names.pop(club.stage.address)
    assert names == {
        f"/club/{club.stage.name}/staff/pool": {"Ref": pool},
        f"/club/{club.stage.name}/staff/app": {"Ref": app},
    }
