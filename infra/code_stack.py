"""The stack that changes with every deployment: the layer, a function and a role for each room, and the API."""

from __future__ import annotations

import json

from aws_cdk import Duration, IStackSynthesizer, RemovalPolicy, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.api import Api
from infra.packaging import Package, Packages, Target
from infra.rooms import ROOMS, Grant, Room
from infra.stage import Stage

_ARCHITECTURES = {"aarch64": lambda_.Architecture.ARM_64, "arm64": lambda_.Architecture.ARM_64}
_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
}


class CodeStack(Stack):
    """One loop over `infra/rooms.py` makes the functions; the API is made from the routes that name them."""

    def __init__(
        self, scope: Construct, stage: Stage, packages: Packages, *, traced: bool, synthesizer: IStackSynthesizer
    ) -> None:
        super().__init__(
            scope, stage.stack("code"), description="The club's functions and API", synthesizer=synthesizer
        )
        self._stage = stage
        self._traced = traced
        self._runtime = _runtime(packages.target)
        self._architecture = _ARCHITECTURES.get(packages.target.machine, lambda_.Architecture.X86_64)
        layer = lambda_.LayerVersion(
            self,
            "Dependencies",
            code=_code(packages.layer),
            compatible_runtimes=[self._runtime],
            compatible_architectures=[self._architecture],
            description="What the functions import and did not write",
        )
        functions = {room.name: self._function(room, packages.functions[room.name], layer) for room in ROOMS}
        Api(self, "Api", stage, functions, log_retention=_RETENTION[stage.log_days])

    def _function(self, room: Room, package: Package, layer: lambda_.LayerVersion) -> lambda_.Function:
        name, stage = room.name.title(), self._stage
        log = logs.LogGroup(
            self,
            f"{name}Log",
            log_group_name=stage.function_log(room.name),
            retention=_RETENTION[stage.log_days],
            removal_policy=RemovalPolicy.DESTROY,
        )
        function = lambda_.Function(
            self,
            name,
            function_name=stage.function(room.name),
            description=room.summary,
            code=_code(package),
            handler=room.handler,
            runtime=self._runtime,
            architecture=self._architecture,
            layers=[layer],
            role=self._role(room),
            memory_size=room.memory_mb,
            timeout=Duration.seconds(room.timeout_s),
            environment={
                "CLUB_STAGE": stage.name,
                "CLUB_TABLES": json.dumps({table: stage.table(table) for table in room.tables}),
                "CLUB_PEPPERS": stage.peppers,
                "CLUB_PROGRAMME_SECONDS": str(stage.programme_seconds),
            },
            log_group=log,
            # START, END and REPORT lines would be longer than what a purchase has to say; the same figures are metrics.
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            tracing=lambda_.Tracing.ACTIVE if self._traced else lambda_.Tracing.DISABLED,
        )
        # The role is one resource with its rights inside it, and naming it is already waiting for it.
        made = function.node.default_child
        assert isinstance(made, lambda_.CfnFunction)
        made.add_deletion_override("DependsOn")
        for part in (function, log):
            Tags.of(part).add("club:room", room.name)
        return function

    def _role(self, room: Room) -> iam.Role:
        """A role with exactly the calls in the room's table, and the right to write its own log."""
        stage = self._stage
        statements = [
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                # Lambda names the streams itself, at run time.
                resources=[self._arn("logs", "log-group", f"{stage.function_log(room.name)}:*", separator=":")],
            ),
            *(self._statement(grant) for grant in room.grants),
        ]
        if room.reads_peppers:
            # A SecureString under the account's own aws/ssm key needs no right on the key besides.
            statements.append(
                iam.PolicyStatement(
                    actions=["ssm:GetParameter"],
                    resources=[self._arn("ssm", "parameter", stage.peppers.removeprefix("/"))],
                )
            )
        role = iam.Role(
            self,
            f"{room.name.title()}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What the {room.name} function may do",
            # Minimising would sort a grant in with others; the template is read by people, so it stays as in the table.
            inline_policies={"Grants": iam.PolicyDocument(statements=statements, minimize=False)},
        )
        Tags.of(role).add("club:room", room.name)
        return role

    def _statement(self, grant: Grant) -> iam.PolicyStatement:
        table = self._stage.table(grant.table)
        return iam.PolicyStatement(
            actions=[f"dynamodb:{action}" for action in grant.actions],
            resources=[self._arn("dynamodb", "table", f"{table}/index/{grant.on_index}" if grant.on_index else table)],
        )

    def _arn(self, service: str, kind: str, name: str, separator: str = "/") -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{kind}{separator}{name}"


def _code(package: Package) -> lambda_.Code:
    """The zip as it was built. Its own hash names it, so nothing is uploaded twice."""
    return lambda_.Code.from_asset(str(package.path), asset_hash=package.sha256, display_name=package.name)


def _runtime(target: Target) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{target.python[0]}.{target.python[1]}", lambda_.RuntimeFamily.PYTHON)
