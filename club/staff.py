"""The people who work here, from the operator's side: `club staff create`, `list`, `token`, `revoke`.

On AWS a person is invited by e-mail, chooses a password and a second factor, and nobody else ever sees either. The local
club sends no mail: there the password is random and kept in `.club/staff.json`, and `club staff token` signs in with it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import typer

from club import aws
from club.console import Trouble, say, step
from club.home import Home, here
from club.store import STAGE_HELP
from infra.stage import STAGES
from shared.api.routes import GROUPS

app = typer.Typer(no_args_is_help=True, help="The people who work here: invited by e-mail, each in one group or more.")

Stage = Annotated[str, typer.Option(help=STAGE_HELP)]
Email = Annotated[str, typer.Argument(help="The e-mail that the person signs in with.")]
Groups = Annotated[list[str] | None, typer.Option(help=f"May be repeated: {', '.join(GROUPS)}.")]

# Long enough that nobody guesses it, and of every kind of sign that the pool asks for.
_SIGNS_OF_EACH_KIND = "aA1!"
# What Cognito gives at most for one question.
_PEOPLE_ON_A_PAGE = 60


class Person(NamedTuple):
    """Somebody of the staff as the pool knows them."""

    email: str
    actor: str
    groups: tuple[str, ...]
    status: str
    has_second_factor: bool


class Pool(NamedTuple):
    """One stage's pool, and the client that asks it with the operator's rights."""

    cognito: Any
    id: str
    app: str


@app.command("create")
def create_command(email: Email, group: Groups = None, stage: Stage = aws.LOCAL) -> None:
    """Let a person in, again too, or put one who is there into more groups. On AWS an invitation goes out by e-mail."""
    actor = create(email, groups=tuple(group or ()), stage=stage)
    told = (
        "is in; `club staff token` signs in" if stage == aws.LOCAL else "is invited; the mail holds the first password"
    )
    say(f"{email} {told} ({actor}).")


@app.command("list")
def list_command(stage: Stage = aws.LOCAL) -> None:
    """Print everybody of the staff with their groups, and who has a second factor."""
    # Lines and no table: a narrow terminal would break e-mails and ids, which are there to be copied.
    for person in people(pool_of(stage)):
        second = "second factor" if person.has_second_factor else "password alone"
        say(f"{person.email}  {person.actor}  {', '.join(person.groups) or 'no group'}  {person.status}  {second}")


@app.command("token")
def token_command(email: Email) -> None:
    """Sign in to the local club for a person and print the access token. On AWS each person signs in for themselves."""
    say(token(email))


@app.command("revoke")
def revoke_command(email: Email, group: Groups = None, stage: Stage = aws.LOCAL) -> None:
    """Take a person out of groups or, without one, shut the person out. A token that is out lives for up to an hour more."""
    revoke(email, groups=tuple(group or ()), stage=stage)
    say(f"{email} is {'out of ' + ', '.join(group) if group else 'shut out'}.")


def create(email: str, *, groups: Sequence[str], stage: str = aws.LOCAL, home: Home | None = None) -> str:
    """A person of the pool, in these groups at least; the id that entries will name."""
    _check_groups(groups)
    if not groups:
        raise Trouble(f"Say which group with --group: {', '.join(GROUPS)}.")
    pool = pool_of(stage, home)
    try:
        _let_in(pool, email, home if stage == aws.LOCAL else None, is_local=stage == aws.LOCAL)
    except pool.cognito.exceptions.UsernameExistsException:
        # Whoever was shut out comes back with these groups alone: `revoke` took the others.
        pool.cognito.admin_enable_user(UserPoolId=pool.id, Username=email)
    except pool.cognito.exceptions.InvalidParameterException as fault:
        raise Trouble(f"{email!r} cannot be invited: {fault.response['Error']['Message']}") from None
    for group in groups:
        pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username=email, GroupName=group)
    return _found(pool, email)


def token(email: str, home: Home | None = None, *, kind: str = "AccessToken") -> str:
    """A token of the local club for somebody whose password is kept here."""
    home = home or here()
    password = _passwords(home).get(email)
    if password is None:
        raise Trouble(f"No password of {email} is kept here: `python -m club staff create {email} --group GROUP`.")
    pool = pool_of(aws.LOCAL, home)
    try:
        told = pool.cognito.admin_initiate_auth(
            UserPoolId=pool.id, ClientId=pool.app, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )  # fmt: skip
    except pool.cognito.exceptions.NotAuthorizedException as fault:
        raise Trouble(f"The pool will not let {email} in: {fault.response['Error']['Message']}") from None
    if "AuthenticationResult" not in told:
        raise Trouble(f"The pool asks {email} for more than a password: {told.get('ChallengeName')}.")
    return str(told["AuthenticationResult"][kind])


def revoke(email: str, *, groups: Sequence[str], stage: str = aws.LOCAL, home: Home | None = None) -> None:
    """Out of these groups; without one out of all, disabled, and signed out everywhere."""
    _check_groups(groups)
    pool = pool_of(stage, home)
    _found(pool, email)
    if not groups:
        pool.cognito.admin_disable_user(UserPoolId=pool.id, Username=email)
        pool.cognito.admin_user_global_sign_out(UserPoolId=pool.id, Username=email)
    for group in groups or GROUPS:
        pool.cognito.admin_remove_user_from_group(UserPoolId=pool.id, Username=email, GroupName=group)


def people(pool: Pool) -> Iterator[Person]:
    """Everybody in the pool."""
    pages = pool.cognito.get_paginator("list_users").paginate(
        UserPoolId=pool.id, PaginationConfig={"PageSize": _PEOPLE_ON_A_PAGE}
    )
    for one in (one for page in pages for one in page["Users"]):
        told = {attribute["Name"]: attribute["Value"] for attribute in one["Attributes"]}
        asked = {"UserPoolId": pool.id, "Username": one["Username"]}
        groups = pool.cognito.admin_list_groups_for_user(**asked)["Groups"]
        factors = pool.cognito.admin_get_user(**asked).get("UserMFASettingList", [])
        status = one["UserStatus"].lower() if one["Enabled"] else "shut out"
        yield Person(
            told["email"], told["sub"], tuple(sorted(group["GroupName"] for group in groups)), status, bool(factors)
        )


def pool_of(stage: str = aws.LOCAL, home: Home | None = None) -> Pool:
    """The pool of a stage, found by the names that its stack keeps."""
    if stage not in STAGES:
        raise Trouble(f"There is no stage {stage!r}; there are {', '.join(STAGES)}.")
    named, ssm = STAGES[stage], aws.client("ssm", stage, home)
    try:
        pool, app_id = (
            ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in (named.staff_pool, named.staff_app)
        )
    except ssm.exceptions.ParameterNotFound:
        raise Trouble(f"The stack {named.stack('staff')} does not stand: deploy it first.") from None
    return Pool(aws.client("cognito-idp", stage, home), pool, app_id)


def demo_email(group: str) -> str:
    """The local club's person in one group. Mail to this domain reaches nobody."""
    return f"{group}@club.example"


def ensure(home: Home) -> None:
    """Somebody in each group who can sign in to the local club. Whoever has a password here and is in the pool is left alone."""
    pool, passwords = pool_of(aws.LOCAL, home), _passwords(home)
    there = {person.email for person in people(pool)}
    missing = [group for group in GROUPS if demo_email(group) not in there or demo_email(group) not in passwords]
    if not missing:
        return
    with step("Letting the staff in"):
        for group in missing:
            create(demo_email(group), groups=(group,), home=home)
            _set_password(pool, demo_email(group), home)


def _let_in(pool: Pool, email: str, home: Home | None, *, is_local: bool) -> None:
    """A new person. Locally nothing is sent, and the password is for good at once."""
    verified = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    quietly = {"MessageAction": "SUPPRESS"} if is_local else {"DesiredDeliveryMediums": ["EMAIL"]}
    pool.cognito.admin_create_user(UserPoolId=pool.id, Username=email, UserAttributes=verified, **quietly)
    if is_local:
        _set_password(pool, email, home or here())


def _set_password(pool: Pool, email: str, home: Home) -> None:
    password = secrets.token_urlsafe(24) + _SIGNS_OF_EACH_KIND
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username=email, Password=password, Permanent=True)
    draft = home.staff.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(_passwords(home) | {email: password}, indent=2) + "\n")
    draft.replace(home.staff)


def _passwords(home: Home) -> dict[str, str]:
    kept: dict[str, str] = json.loads(home.staff.read_text()) if home.staff.exists() else {}
    return kept


def _found(pool: Pool, email: str) -> str:
    """The person's id. Raises Trouble for somebody who is not in the pool."""
    try:
        told = pool.cognito.admin_get_user(UserPoolId=pool.id, Username=email)["UserAttributes"]
    except pool.cognito.exceptions.UserNotFoundException:
        raise Trouble(f"Nobody of the staff has the e-mail {email}; `python -m club staff list` prints them.") from None
    return str(next(one["Value"] for one in told if one["Name"] == "sub"))


def _check_groups(groups: Sequence[str]) -> None:
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        raise Trouble(f"{unknown[0]!r} is not a group; there are {', '.join(GROUPS)}.")
