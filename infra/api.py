"""The HTTP API: routes, throttles and the authorizer, all made from `shared/api/routes.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import CfnOutput, Fn, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.alarms import add_alarm, alarms_of_api
from infra.rooms import GATE
from infra.stage import Stage
from shared.api.routes import EVERY_ROUTE, PUBLIC_ROUTES, ROUTES, STAFF_ROUTES, PublicRoute

# How long an answer of the gate is kept, and so how long a revoked key still works. The route is part of what the
# answer is kept under: a right to one route is never lent to another.
AUTHORIZER_SECONDS = 60
IDENTITY = ("$request.header.Authorization", "$context.routeKey")

# Cognito writes it into access tokens of those who sign in themselves. An ID token has none, so the gateway refuses it:
# it carries the person's e-mail, which has no business in a function.
ACCESS_TOKENS_ONLY = "aws.cognito.signin.user.admin"

# Whatever a new route forgets to say about itself. Each route has its own limits in the routes table.
_RATE_PER_S_DEFAULT = 1
_BURST_DEFAULT = 5

# What of the API may call a room, as method and path; every other room serves what stands below /v1.
_CALLS = {"docs": "GET/*"}

# No path, no query string, no address, no agent: they can name a member. The route key has names of places, not values.
ACCESS_LOG = {
    "id": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "status": "$context.status",
    "ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "gate": "$context.authorizer.error",
    "error": "$context.integrationErrorMessage",
}


class Api(Construct):
    """The gateway in front of the functions. The gate is asked before every route of a key; tokens of staff the gateway
    checks itself; the few public routes are open."""

    def __init__(
        self,
        scope: Stack,
        name: str,
        stage: Stage,
        functions: Mapping[str, lambda_.Function],
        *,
        log_retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, name)
        stack = scope
        api = gateway.CfnApi(
            self, "Http", name=stage.stack("api"), protocol_type="HTTP", description="The door of the customer club"
        )
        execute = f"arn:{stack.partition}:execute-api:{stack.region}:{stack.account}:{api.ref}"

        gate = functions[GATE]
        authorizer = gateway.CfnAuthorizer(
            self,
            "Gate",
            api_id=api.ref,
            name="gate",
            authorizer_type="REQUEST",
            authorizer_uri=_invocation(stack, gate),
            authorizer_payload_format_version="2.0",
            enable_simple_responses=True,
            identity_source=list(IDENTITY),
            authorizer_result_ttl_in_seconds=AUTHORIZER_SECONDS,
        )
        self._let_call(gate, "GateCall", f"{execute}/authorizers/{authorizer.ref}")

        pool, app = (
            ssm.StringParameter.value_for_string_parameter(stack, name) for name in (stage.staff_pool, stage.staff_app)
        )
        staff = gateway.CfnAuthorizer(
            self,
            "Staff",
            api_id=api.ref,
            name="staff",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=gateway.CfnAuthorizer.JWTConfigurationProperty(
                audience=[app], issuer=f"https://cognito-idp.{stack.region}.amazonaws.com/{pool}"
            ),
        )

        integrations = {}
        for room in dict.fromkeys(route.function for route in EVERY_ROUTE):
            integrations[room] = gateway.CfnIntegration(
                self,
                f"{room.title()}Integration",
                api_id=api.ref,
                integration_type="AWS_PROXY",
                integration_uri=functions[room].function_arn,
                payload_format_version="2.0",
            )
            self._let_call(functions[room], f"{room.title()}Call", f"{execute}/*/{_CALLS.get(room, '*/v1/*')}")

        routes = [
            gateway.CfnRoute(
                self,
                f"Route{number:02}",
                api_id=api.ref,
                route_key=route.key,
                operation_name=route.summary,
                target=Fn.join("/", ["integrations", integrations[route.function].ref]),
                authorization_type="CUSTOM",
                authorizer_id=authorizer.ref,
            )
            for number, route in enumerate(ROUTES, start=1)
        ]
        routes += [
            gateway.CfnRoute(
                self,
                f"Staff{number:02}",
                api_id=api.ref,
                route_key=route.key,
                operation_name=route.summary,
                target=Fn.join("/", ["integrations", integrations[route.function].ref]),
                authorization_type="JWT",
                authorizer_id=staff.ref,
                authorization_scopes=[ACCESS_TOKENS_ONLY],
            )
            for number, route in enumerate(STAFF_ROUTES, start=1)
        ]
        routes += [
            gateway.CfnRoute(
                self,
                name,
                api_id=api.ref,
                route_key=public.key,
                operation_name=public.summary,
                target=Fn.join("/", ["integrations", integrations[public.function].ref]),
                authorization_type="NONE",
            )
            for name, public in public_route_ids()
        ]

        log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=stage.api_log,
            retention=log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        published = gateway.CfnStage(
            self,
            "Stage",
            api_id=api.ref,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=gateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn, format=json.dumps(ACCESS_LOG, separators=(",", ":"))
            ),
            # Metrics by route would be billed as custom ones, four for each route; the access log has the same figures.
            default_route_settings=gateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=_RATE_PER_S_DEFAULT,
                throttling_burst_limit=_BURST_DEFAULT,
                detailed_metrics_enabled=False,
            ),
            route_settings={
                route.key: {
                    "ThrottlingRateLimit": route.rate_per_s,
                    "ThrottlingBurstLimit": route.burst,
                    "DetailedMetricsEnabled": False,
                }
                for route in EVERY_ROUTE
            },
        )
        # A throttle may only name a route that is there.
        for route in routes:
            published.add_resource_dependency(route)

        for alarm in alarms_of_api(api.ref):
            add_alarm(self, stage, alarm)
        ssm.StringParameter(
            self,
            "Address",
            parameter_name=stage.address,
            string_value=api.attr_api_endpoint,
            description="Where the API answers: links in messages lead there; a domain of one's own may be written here",
        )
        CfnOutput(stack, "ClubUrl", value=api.attr_api_endpoint, description="Where the API answers")
        CfnOutput(stack, "ClubApiId", value=api.ref, description="The API's own id, part of its address")

    def _let_call(self, function: lambda_.Function, name: str, source_arn: str) -> None:
        lambda_.CfnPermission(
            self,
            name,
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=source_arn,
        )


def public_route_ids() -> list[tuple[str, PublicRoute]]:
    """The public routes, each with the name of its construct below the API's."""
    return [(f"Public{number:02}", public) for number, public in enumerate(PUBLIC_ROUTES, start=1)]


def _invocation(stack: Stack, function: lambda_.Function) -> str:
    path = f"2015-03-31/functions/{function.function_arn}/invocations"
    return f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path/{path}"
