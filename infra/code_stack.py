"""The stack that changes with every deployment: the layer, a function and a role for each room, and the API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aws_cdk import Duration, IStackSynthesizer, RemovalPolicy, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from functions.scheduler.timetable import BY_NAME
from infra.alarms import TOLD, TOLD_METRIC
from infra.api import Api
from infra.clock import add_clock
from infra.mail import add_mail, pushing_rights, registering_rights, sending_rights
from infra.packaging import Package, Packages, Target
from infra.queues import add_queues, queue_url
from infra.rooms import ANALYST, CLOCKED, REGISTERS, RELAY, ROOMS, Follows, Grant, Room
from infra.stage import TAG, Stage

_ARCHITECTURES = {"aarch64": lambda_.Architecture.ARM_64, "arm64": lambda_.Architecture.ARM_64}
_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
}


class CodeStack(Stack):
    """One loop over `infra/rooms.py` makes the functions; the API is made from the routes that name them."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        packages: Packages,
        *,
        traced: bool,
        tells_figures: bool,
        zone: str,
        sender: str | None,
        push: Mapping[str, str],
        reads_bill: bool,
        synthesizer: IStackSynthesizer,
    ) -> None:
        super().__init__(
            scope, stage.stack("code"), description="The club's functions and API", synthesizer=synthesizer
        )
        self._stage = stage
        self._traced = traced
        self._tells_figures = tells_figures
        self._sender = sender
        self._push = dict(push)
        self._reads_bill = reads_bill
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
        numeric = lambda_.LayerVersion(
            self,
            "NumericLibraries",
            code=_code(packages.numeric),
            compatible_runtimes=[self._runtime],
            compatible_architectures=[self._architecture],
            description="What fits models, for whom that is the work",
        )
        self._streams = {
            room.follows.table: ssm.StringParameter.value_for_string_parameter(self, stage.stream(room.follows.table))
            for room in ROOMS
            if room.follows is not None
        }
        functions = {
            room.name: self._function(
                room, packages.functions[room.name], [layer, numeric] if room.fits_models else [layer]
            )
            for room in ROOMS
        }
        queues = add_queues(self, stage, functions)
        for room in ROOMS:
            if room.follows is not None:
                self._follow(room, room.follows, functions[room.name], queues.dead.queue_arn)
        for told in TOLD:
            logs.MetricFilter(
                self,
                f"{told.room.title()}Tells",
                log_group=functions[told.room].log_group,
                filter_pattern=logs.FilterPattern.literal(told.pattern),
                metric_namespace=stage.metrics,
                metric_name=TOLD_METRIC,
                metric_value="1",
            )
        add_clock(self, stage, queues, functions, zone=zone)
        add_mail(self, stage, queues, sender=sender)
        Api(self, "Api", stage, functions, log_retention=_RETENTION[stage.log_days])

    def _function(self, room: Room, package: Package, layers: Sequence[lambda_.LayerVersion]) -> lambda_.Function:
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
            layers=list(layers),
            role=self._role(room),
            memory_size=memory_mb(stage, room),
            timeout=Duration.seconds(room.timeout_s),
            environment={
                "CLUB_STAGE": stage.name,
                "CLUB_TABLES": json.dumps({table: stage.table(table) for table in room.tables}),
                "CLUB_PEPPERS": stage.peppers,
                "CLUB_PROGRAMME_SECONDS": str(stage.programme_seconds),
                **({"CLUB_SEEN_BUCKETS": stage.seen_buckets} if room.name == RELAY else {}),
                **({"CLUB_PARTS": str(stage.parts)} if room.name == CLOCKED else {}),
                # The parts that the census was taken in.
                **({"CLUB_PARTS": str(stage.parts or BY_NAME["census"].parts)} if room.name == ANALYST else {}),
                # Each figure is a metric with a price of its own, so nobody pays for what no dashboard shows.
                **({"CLUB_METRICS": stage.metrics} if room.name == CLOCKED and self._tells_figures else {}),
                **({"CLUB_BILL": TAG} if room.name == CLOCKED and self._reads_bill else {}),
                **(
                    {"CLUB_QUEUES": self.to_json_string({name: queue_url(self, stage, name) for name in room.sends_to})}
                    if room.sends_to
                    else {}
                ),
                **({"CLUB_PUSH": json.dumps(self._push)} if self._push and room.name == REGISTERS else {}),
                **(
                    {"CLUB_MAIL": stage.mail, "CLUB_GATEWAY": stage.gateway, "CLUB_API": stage.address}
                    if room.sends
                    else {}
                ),
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

    def _follow(self, room: Room, follows: Follows, function: lambda_.Function, dead_arn: str) -> None:
        """The stream that calls a room."""
        name, stage = room.name.title(), self._stage
        lambda_.CfnEventSourceMapping(
            self,
            f"{name}Follows",
            function_name=function.function_name,
            event_source_arn=self._streams[follows.table],
            starting_position="TRIM_HORIZON",
            batch_size=follows.records_max,
            maximum_batching_window_in_seconds=0 if follows.carrying else stage.gather_seconds,
            filter_criteria=_only(follows.carrying),
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=follows.tries_max,
            maximum_record_age_in_seconds=follows.age_hours_max * 3_600,
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=dead_arn)
            ),
        )

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
        if room.follows is not None:
            statements += [
                iam.PolicyStatement(
                    actions=[
                        f"dynamodb:{call}"
                        for call in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
                    ],
                    resources=[self._streams[room.follows.table]],
                ),
                iam.PolicyStatement(
                    actions=["sqs:SendMessage"],
                    resources=[self._arn("sqs", stage.dead_letters, "", separator="")],
                ),
            ]
        if room.clocked:
            statements.append(
                iam.PolicyStatement(
                    actions=["sqs:SendMessage"],
                    resources=[self._arn("sqs", stage.dead_letters, "", separator="")],
                )
            )
        worked = room.works.queues if room.works is not None else ()
        calls = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        for names, actions in ((worked, calls), (room.sends_to, ("SendMessage",))):
            if names:
                statements.append(
                    iam.PolicyStatement(
                        actions=[f"sqs:{action}" for action in actions],
                        resources=[self._arn("sqs", stage.queue(name), "", separator="") for name in names],
                    )
                )
        if room.sends:
            statements += [*sending_rights(self, stage, self._sender), *pushing_rights(self._push, stage)]
        if room.name == CLOCKED and self._reads_bill:
            statements.append(iam.PolicyStatement(actions=["ce:GetCostAndUsage"], resources=["*"]))
        if room.name == REGISTERS:
            statements += registering_rights(self._push, stage)
        # A SecureString under the account's own aws/ssm key needs no right on the key besides.
        parameters = [stage.peppers] * room.reads_peppers + [stage.address] * room.sends
        if parameters:
            statements.append(
                iam.PolicyStatement(
                    actions=["ssm:GetParameter"],
                    resources=[self._arn("ssm", "parameter", one.removeprefix("/")) for one in parameters],
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
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(grant.of)}} if grant.of else None,
        )

    def _arn(self, service: str, kind: str, name: str, separator: str = "/") -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{kind}{separator}{name}"


def memory_mb(stage: Stage, room: Room) -> int:
    """A large club's clock has more, and no other room."""
    return stage.clock_memory_mb or room.memory_mb if room.name == CLOCKED else room.memory_mb


def _only(carrying: tuple[str, ...]) -> lambda_.CfnEventSourceMapping.FilterCriteriaProperty | None:
    """The filter of a stream: rows that carry one of these attributes, whatever it says."""
    if not carrying:
        return None
    kinds = {"ms": "S", "tr": "N"}
    patterns = [{"dynamodb": {"NewImage": {name: {kinds[name]: [{"exists": True}]}}}} for name in carrying]
    return lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
        filters=[lambda_.CfnEventSourceMapping.FilterProperty(pattern=json.dumps(one)) for one in patterns]
    )


def _code(package: Package) -> lambda_.Code:
    """The zip as it was built. Its own hash names it, so nothing is uploaded twice."""
    return lambda_.Code.from_asset(str(package.path), asset_hash=package.sha256, display_name=package.name)


def _runtime(target: Target) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{target.python[0]}.{target.python[1]}", lambda_.RuntimeFamily.PYTHON)
