"""Who gets into the office: tokens of the people who work here, at the running club's own gateway."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from club import aws, staff
from club.__main__ import app
from club.console import Trouble
from club.home import Home
from club.up import OpenClub
from shared.api.routes import GROUPS, STAFF_ROUTES
from tests.documented import Told, operations_of_keys, operations_of_staff, request_of
from tests.local.holdings import row_counts
from tests.local.test_keys import opens
from tests.local.test_purchases import problem
from tests.storefront import Storefront, new_id, purchase

Office = Callable[[str], Storefront]
STAFF = pytest.mark.parametrize("told", operations_of_staff(), ids=lambda told: told.name)


@pytest.fixture(scope="module")
def office(club: OpenClub, club_home: Home) -> Iterator[Office]:
    """A desk with the token of the local club's person in one group."""
    made: list[Storefront] = []

    def opened(group: str) -> Storefront:
        made.append(Storefront(club.url, staff.token(staff.demo_email(group), club_home)))
        return made[-1]

    yield opened
    for desk in made:
        desk.http.close()


def asked(told: Told, desk: Storefront, member_id: str = "M0000000000000001") -> httpx.Response:
    request = request_of(told)
    url = told.path.format(member_id=member_id, adjustment_id=new_id("J"), automation_id="birthday", report="days")
    body = {"json": _of_its_own(request["json"])} if "json" in request else {}
    return desk.http.request(**request | {"url": url} | body)


def _of_its_own(body: dict[str, Any]) -> dict[str, Any]:
    """A body under an id that nobody used; of a switch one that leaves things going."""
    body = body | {name: going for name, going in (("stopped", False), ("enabled", True)) if name in body}
    return {name: new_id() if name.endswith("_id") and "member" not in name else value for name, value in body.items()}


def newcomer(club_home: Home, *groups: str) -> str:
    """Somebody new in these groups; the e-mail."""
    email = f"{new_id('staff')}@club.example".lower()
    staff.create(email, groups=groups or ("clerk",), home=club_home)
    return email


# -- tokens ---------------------------------------------------------------------------------------------------


def unpacked(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, claims, signature = token.split(".")
    return json.loads(_read(head)), json.loads(_read(claims)), signature


def packed(head: dict[str, Any], claims: dict[str, Any], signature: str) -> str:
    return ".".join((_written(json.dumps(head).encode()), _written(json.dumps(claims).encode()), signature))


def _read(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _written(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def alg_none(token: str) -> str:
    head, claims, _ = unpacked(token)
    return packed(head | {"alg": "none"}, claims, "")


def signed_with_the_public_key(token: str, jwks: bytes) -> str:
    """HS256 under what everybody can read: a door that takes the token's own word for how it is signed would open."""
    head, claims, _ = unpacked(token)
    text = packed(head | {"alg": "HS256"}, claims, "").rstrip(".")
    return f"{text}.{_written(hmac.new(jwks, text.encode(), hashlib.sha256).digest())}"


def claiming(**more: Any) -> Callable[[str], str]:
    """The same signature under other claims."""

    def changed(token: str) -> str:
        head, claims, signature = unpacked(token)
        return packed(head, claims | more, signature)

    return changed


def of_another_pool(token: str) -> str:
    """A genuine token with all the groups, from a pool that anybody could make."""
    cognito = aws.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName=new_id("pool"))["UserPool"]["Id"]
    return _signed_in(cognito, pool, _app(cognito, pool))


def of_another_app(token: str) -> str:
    """A genuine token of our own pool for an app that is not the office."""
    ours = staff.pool_of()
    return _signed_in(ours.cognito, ours.id, _app(ours.cognito, ours.id))


def _app(cognito: Any, pool: str) -> str:
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName=new_id("app"), ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )
    return str(made["UserPoolClient"]["ClientId"])


def _signed_in(cognito: Any, pool: str, app_id: str) -> str:
    email, password = f"{new_id('x')}@club.example".lower(), secrets.token_urlsafe(24) + "aA1!"
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    there = {group["GroupName"] for group in cognito.list_groups(UserPoolId=pool)["Groups"]}
    for group in GROUPS:
        if group not in there:
            cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
    told = cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=app_id, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )  # fmt: skip
    return str(told["AuthenticationResult"]["AccessToken"])


FORGERIES: dict[str, Callable[[str], str]] = {
    "alg none": alg_none,
    "another signature": lambda token: token[:-8] + ("A" * 8 if not token.endswith("A" * 8) else "B" * 8),
    "without a signature": lambda token: token.rsplit(".", 1)[0],
    "another group": claiming(**{"cognito:groups": ["owner", *GROUPS]}),
    "a longer life": claiming(exp=4_102_444_800),
    "another pool": of_another_pool,
    "another app": of_another_app,
    "no token": lambda token: "ck",
}


def test_a_token_of_each_group_opens_what_the_table_says_and_no_more(
    club: OpenClub, main: Storefront, office: Office
) -> None:
    member_id = main.new_member()
    for group in GROUPS:
        desk = office(group)
        for told in operations_of_staff():
            before = row_counts()
            answer = asked(told, desk, member_id)
            if group in told.groups:
                assert opens(answer), (group, told.name)
                assert answer.json().get("code") != "group_not_allowed", (group, told.name)
            else:
                assert problem(answer, 403, "group_not_allowed")["allowed"] == list(told.groups)
                assert row_counts() == before


@STAFF
def test_without_a_token_no_route_of_staff_opens(club: OpenClub, told: Told) -> None:
    with Storefront(club.url, None) as stranger:
        assert asked(told, stranger).status_code == 401


@STAFF
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_not_the_clubs_own_token_opens_nothing(
    club: OpenClub, office: Office, told: Told, forgery: str
) -> None:
    desk = office("owner")
    assert opens(asked(told, desk))
    genuine = desk.http.headers["Authorization"].removeprefix("Bearer ")
    before = row_counts()
    with Storefront(club.url, FORGERIES[forgery](genuine)) as stranger:
        answer = asked(told, stranger)
    assert (answer.status_code, list(answer.json())) == (401, ["message"])
    assert row_counts() == before


@STAFF
def test_a_token_signed_with_what_everybody_can_read_opens_nothing(club: OpenClub, office: Office, told: Told) -> None:
    desk = office("owner")
    genuine = desk.http.headers["Authorization"].removeprefix("Bearer ")
    jwks = httpx.get(f"{club.running.endpoint}/{staff.pool_of().id}/.well-known/jwks.json", timeout=30).content
    assert json.loads(jwks)["keys"]
    with Storefront(club.url, signed_with_the_public_key(genuine, jwks)) as stranger:
        assert asked(told, stranger).status_code == 401


@STAFF
def test_a_token_that_has_ended_opens_nothing(
    club: OpenClub, club_home: Home, signing_key: Any, office: Office, told: Told
) -> None:
    head, claims, _ = unpacked(office("owner").http.headers["Authorization"].removeprefix("Bearer "))
    now = int(time.time())
    living, dead = (signing_key(head, claims | {"iat": now - 60, "exp": now + seconds}) for seconds in (600, -1))
    with Storefront(club.url, living) as desk:
        assert opens(asked(told, desk))
    with Storefront(club.url, dead) as stranger:
        assert asked(told, stranger).status_code == 401


@pytest.fixture(scope="module")
def signing_key(club_home: Home) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    """Signs as the local Cognito does, with its own key: what is refused is refused for its claims alone."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    kept = club_home.state / "cognito-pool-keys" / f"{staff.pool_of().id}-access.pem"

    def signed(head: dict[str, Any], claims: dict[str, Any]) -> str:
        text = packed(head, claims, "").rstrip(".")
        key = serialization.load_pem_private_key(kept.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return f"{text}.{_written(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    return signed


def test_an_id_token_which_carries_the_e_mail_opens_nothing(club: OpenClub, club_home: Home) -> None:
    email = staff.demo_email("owner")
    named, nameless = (unpacked(staff.token(email, club_home, kind=kind))[1] for kind in ("IdToken", "AccessToken"))
    assert email in named.values()
    assert email not in nameless.values()
    with Storefront(club.url, staff.token(email, club_home, kind="IdToken")) as desk:
        answers = {told.name: asked(told, desk) for told in operations_of_staff()}
    assert {(answer.status_code, *answer.json()) for answer in answers.values()} == {(403, "message")}


@STAFF
def test_a_key_of_a_store_opens_no_route_of_staff(main: Storefront, told: Told) -> None:
    assert asked(told, main).status_code == 401


@pytest.mark.parametrize("told", operations_of_keys(), ids=lambda told: told.name)
def test_a_token_of_staff_opens_no_route_of_a_store(office: Office, told: Told) -> None:
    desk = office("owner")
    assert desk.http.get("/v1/staff/me").status_code == 200
    before = row_counts()
    answer = desk.http.request(**request_of(told))
    assert answer.status_code in (401, 403)
    assert list(answer.json()) == ["message"]
    assert row_counts() == before


# -- what staff see -------------------------------------------------------------------------------------------


def test_staff_see_what_a_till_sees_of_a_member(main: Storefront, office: Office) -> None:
    member_id, desk = main.new_member(), office("clerk")
    for _ in range(3):
        assert main.buy(purchase(member_id=member_id)).status_code == 201
    assert desk.http.get(f"/v1/staff/members/{member_id}").content == main.member(member_id).content
    query = {"limit": 2}
    seen, told = (
        desk.http.get(f"/v1/staff/members/{member_id}/statement", params=query),
        main.statement(member_id, **query),
    )
    assert (seen.status_code, seen.content) == (200, told.content)
    more = query | {"cursor": seen.json()["next_cursor"]}
    further = desk.http.get(f"/v1/staff/members/{member_id}/statement", params=more)
    assert further.content == main.statement(member_id, **more).content


def test_who_acts_is_the_pools_id_of_the_person(office: Office) -> None:
    told = office("manager").http.get("/v1/staff/me").json()
    people = {person.email: person for person in staff.people(staff.pool_of())}
    assert told["actor"] == people[staff.demo_email("manager")].actor
    assert (told["groups"], told["operations"]) == (
        ["manager"],
        [route.operation for route in STAFF_ROUTES if "manager" in route.groups],
    )


# -- the operator's commands -----------------------------------------------------------------------------------


def test_passwords_are_kept_for_their_owner_alone_and_none_is_like_another(club: OpenClub, club_home: Home) -> None:
    assert stat.S_IMODE(club_home.staff.stat().st_mode) == 0o600
    kept = json.loads(club_home.staff.read_text())
    assert {staff.demo_email(group) for group in GROUPS} <= set(kept)
    assert len(set(kept.values())) == len(kept)
    assert all(len(password) >= 24 for password in kept.values())


def test_a_second_up_changes_nobody(club: OpenClub, club_home: Home) -> None:
    kept, there = club_home.staff.read_text(), list(staff.people(staff.pool_of()))
    staff.ensure(club_home)
    assert (club_home.staff.read_text(), list(staff.people(staff.pool_of()))) == (kept, there)


def test_a_lost_file_of_passwords_is_made_again(club: OpenClub, club_home: Home) -> None:
    club_home.staff.unlink()
    staff.ensure(club_home)
    assert staff.token(staff.demo_email("clerk"), club_home)


def test_the_commands_let_in_list_sign_in_and_shut_out(club: OpenClub, club_home: Home) -> None:
    email = f"{new_id('noa')}@club.example".lower()
    run = CliRunner().invoke
    assert run(app, ["staff", "create", email, "--group", "clerk", "--group", "finance"]).exit_code == 0
    (person,) = (one for one in staff.people(staff.pool_of()) if one.email == email)
    assert (person.groups, person.has_second_factor) == (("clerk", "finance"), False)
    listed = run(app, ["staff", "list"])
    assert listed.exit_code == 0
    assert f"{email}  {person.actor}  clerk, finance  confirmed  password alone\n" in listed.stdout
    assert unpacked(run(app, ["staff", "token", email]).stdout.strip())[1]["sub"] == person.actor
    with Storefront(club.url, staff.token(email, club_home)) as desk:
        assert desk.http.get("/v1/staff/me").json()["actor"] == person.actor
    assert run(app, ["staff", "revoke", email, "--group", "finance"]).exit_code == 0
    with Storefront(club.url, staff.token(email, club_home)) as desk:
        assert desk.http.get("/v1/staff/me").json()["groups"] == ["clerk"]
    assert run(app, ["staff", "revoke", email]).exit_code == 0
    with pytest.raises(Trouble, match="will not let"):
        staff.token(email, club_home)


def test_who_was_shut_out_and_comes_back_is_the_same_person_with_no_group_of_before(
    club: OpenClub, club_home: Home
) -> None:
    email = newcomer(club_home, "owner", "clerk")
    staff.revoke(email, groups=(), home=club_home)
    (gone,) = (one for one in staff.people(staff.pool_of()) if one.email == email)
    assert (gone.status, gone.groups) == ("shut out", ())
    assert staff.create(email, groups=("clerk",), home=club_home) == gone.actor
    with Storefront(club.url, staff.token(email, club_home)) as desk:
        assert desk.http.get("/v1/staff/me").json()["groups"] == ["clerk"]


def test_the_same_person_again_keeps_password_and_id_and_gets_the_further_group(
    club: OpenClub, club_home: Home
) -> None:
    email = newcomer(club_home, "clerk")
    kept = json.loads(club_home.staff.read_text())[email]
    actor = staff.create(email, groups=("manager",), home=club_home)
    (person,) = (one for one in staff.people(staff.pool_of()) if one.email == email)
    assert (person.actor, person.groups) == (actor, ("clerk", "manager"))
    assert json.loads(club_home.staff.read_text())[email] == kept


def test_what_an_operator_mistypes_is_said_in_one_sentence(club: OpenClub, club_home: Home) -> None:
    for wrong, told in (
        (lambda: staff.create("x@club.example", groups=("boss",)), "'boss' is not a group"),
        (lambda: staff.create("x@club.example", groups=()), "Say which group"),
        (lambda: staff.create("no-mail", groups=("clerk",)), "cannot be invited"),
        (lambda: staff.revoke("nobody@club.example", groups=()), "Nobody of the staff"),
        (lambda: staff.token("nobody@club.example"), "No password of nobody@club.example is kept"),
        (lambda: staff.pool_of("moon"), "no stage 'moon'"),
    ):
        with pytest.raises(Trouble, match=told):
            wrong()
