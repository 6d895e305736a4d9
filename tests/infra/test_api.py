"""The API as it will stand: every route behind the gate, throttled, and logged without a trace of who."""

from __future__ import annotations

import json

from infra.staff_stack import TOKEN_MINUTES
from shared.api.routes import EVERY_ROUTE, PUBLIC_ROUTES, STAFF_ROUTES
from tests.infra.synthesised import Resource, Synthesised, flat

REVOKED_AFTER_SECONDS_MAX = 60
# What may stand in an access log. Everything else the gateway knows (path, query, address, agent) can name a person.
IMPERSONAL = {
    "$context.requestId",
    "$context.requestTimeEpoch",
    "$context.routeKey",
    "$context.status",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.authorizer.error",
    "$context.integrationErrorMessage",
}


def test_the_api_has_the_routes_of_the_table_and_no_others(club: Synthesised) -> None:
    routes = {route["RouteKey"]: route for route in club.resources("AWS::ApiGatewayV2::Route")}
    assert set(routes) == {route.key for route in EVERY_ROUTE}
    assert len(routes) == len(club.resources("AWS::ApiGatewayV2::Route"))


def test_every_route_leads_to_its_own_function(club: Synthesised) -> None:
    functions = club.full("AWS::Lambda::Function")
    integrations = club.full("AWS::ApiGatewayV2::Integration")
    routes = {route["RouteKey"]: route for route in club.resources("AWS::ApiGatewayV2::Route")}
    for route in EVERY_ROUTE:
        integration = integrations[routes[route.key]["Target"]["Fn::Join"][1][1]["Ref"]]["Properties"]
        function = functions[integration["IntegrationUri"]["Fn::GetAtt"][0]]["Properties"]
        assert function["FunctionName"] == f"club-{club.stage.name}-{route.function}"
        assert integration["PayloadFormatVersion"] == "2.0"


def test_no_route_but_the_public_ones_can_be_taken_without_the_gate(club: Synthesised) -> None:
    gate, authorizer = _authorizer(club, "REQUEST")
    staff, _ = _authorizer(club, "JWT")
    opened = {route["RouteKey"] for route in club.resources("AWS::ApiGatewayV2::Route") if "AuthorizerId" not in route}
    # Written here a second time, so that a new one is a decision.
    page = {"GET /v1/preferences/{token}", "POST /v1/preferences/{token}"}
    assert opened == {route.key for route in PUBLIC_ROUTES} == {"GET /docs", "GET /openapi.json"} | page
    for route in club.resources("AWS::ApiGatewayV2::Route"):
        if route["RouteKey"] in opened:
            assert route["AuthorizationType"] == "NONE"
        elif route["RouteKey"] in {one.key for one in STAFF_ROUTES}:
            assert (route["AuthorizationType"], route["AuthorizerId"]) == ("JWT", {"Ref": staff})
        else:
            assert (route["AuthorizationType"], route["AuthorizerId"]) == ("CUSTOM", {"Ref": gate})
    function = next(
        name
        for name, made in club.full("AWS::Lambda::Function").items()
        if made["Properties"]["FunctionName"].endswith("-gate")
    )
    assert f"/functions/{{{function}.Arn}}/invocations" in flat(authorizer["Properties"]["AuthorizerUri"])


def test_the_gates_answer_is_kept_for_one_key_on_one_route_and_a_minute_at_most(club: Synthesised) -> None:
    authorizer = _authorizer(club, "REQUEST")[1]["Properties"]
    assert authorizer["IdentitySource"] == ["$request.header.Authorization", "$context.routeKey"]
    assert 0 < authorizer["AuthorizerResultTtlInSeconds"] <= REVOKED_AFTER_SECONDS_MAX
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"


def test_a_token_of_staff_is_one_of_this_stages_own_pool_and_app(club: Synthesised) -> None:
    authorizer = _authorizer(club, "JWT")[1]["Properties"]
    asked = {
        name: parameter["Default"]
        for name, parameter in club.templates["code"]["Parameters"].items()
        if parameter["Type"] == "AWS::SSM::Parameter::Value<String>"
    }
    (app,) = authorizer["JwtConfiguration"]["Audience"]
    assert asked[app["Ref"]] == f"/club/{club.stage.name}/staff/app"
    issuer = flat(authorizer["JwtConfiguration"]["Issuer"])
    (pool,) = (name for name, kept in asked.items() if kept == f"/club/{club.stage.name}/staff/pool")
    assert issuer == f"https://cognito-idp.{{AWS::Region}}.amazonaws.com/{{{pool}}}"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]


def test_a_token_that_carries_an_e_mail_opens_no_route_of_staff(club: Synthesised) -> None:
    routes = [one for one in club.resources("AWS::ApiGatewayV2::Route") if one["AuthorizationType"] == "JWT"]
    assert {route["RouteKey"] for route in routes} == {route.key for route in STAFF_ROUTES}
    # Cognito writes this scope into access tokens, and no scope into ID tokens.
    assert {tuple(route["AuthorizationScopes"]) for route in routes} == {("aws.cognito.signin.user.admin",)}
    assert TOKEN_MINUTES <= 60


def test_every_route_has_its_own_throttle_and_a_forgotten_one_the_slowest(club: Synthesised) -> None:
    (published,) = club.full("AWS::ApiGatewayV2::Stage").values()
    throttles = {
        key: (set_["ThrottlingRateLimit"], set_["ThrottlingBurstLimit"])
        for key, set_ in published["Properties"]["RouteSettings"].items()
    }
    assert throttles == {route.key: (route.rate_per_s, route.burst) for route in EVERY_ROUTE}
    default = published["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"]
    assert default <= min(rate for rate, _ in throttles.values())
    # A throttle that names a route before it is there stops the deployment.
    assert set(club.full("AWS::ApiGatewayV2::Route")) <= set(published["DependsOn"])


def test_metrics_by_route_are_not_paid_for(club: Synthesised) -> None:
    (published,) = club.resources("AWS::ApiGatewayV2::Stage")
    for settings in (published["DefaultRouteSettings"], *published["RouteSettings"].values()):
        assert settings["DetailedMetricsEnabled"] is False


def test_the_access_log_cannot_name_a_person(club: Synthesised) -> None:
    (published,) = club.resources("AWS::ApiGatewayV2::Stage")
    log = published["AccessLogSettings"]
    written = json.loads(log["Format"])
    assert set(written.values()) <= IMPERSONAL
    assert {"$context.requestId", "$context.routeKey", "$context.status"} <= set(written.values())
    group = log["DestinationArn"]["Fn::GetAtt"][0]
    assert club.full("AWS::Logs::LogGroup")[group]["Properties"]["LogGroupName"] == (
        f"/aws/vendedlogs/club-{club.stage.name}-api"
    )


def test_the_stack_says_where_the_club_answers(club: Synthesised) -> None:
    (api,) = club.full("AWS::ApiGatewayV2::Api")
    outputs = club.templates["code"]["Outputs"]
    assert outputs["ClubUrl"]["Value"] == {"Fn::GetAtt": [api, "ApiEndpoint"]}
    assert outputs["ClubApiId"]["Value"] == {"Ref": api}


def _authorizer(club: Synthesised, type_: str) -> tuple[str, Resource]:
    (found,) = (
        (name, made)
        for name, made in club.full("AWS::ApiGatewayV2::Authorizer").items()
        if made["Properties"]["AuthorizerType"] == type_
    )
    return found
