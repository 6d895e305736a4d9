"""The stack that outlives every deployment: the tables, the key that may encrypt them, and what their streams are called."""

from __future__ import annotations

from aws_cdk import CfnOutput, IStackSynthesizer, RemovalPolicy, Stack, Tags
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.stage import Stage
from infra.tables import TABLES, Key, Table

_TYPES = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER}


class DataStack(Stack):
    """Every table of `infra/tables.py`. With `customer_key` they are encrypted with a key of the owner's ($1 a month)."""

    def __init__(self, scope: Construct, stage: Stage, *, customer_key: bool, synthesizer: IStackSynthesizer) -> None:
        super().__init__(
            scope,
            stage.stack("data"),
            description="The club's tables",
            termination_protection=stage.keeps_data,
            synthesizer=synthesizer,
        )
        key = self._customer_key() if customer_key else None
        for table in TABLES:
            made = self._table(table, stage, key)
            Tags.of(made).add("club:table", table.name)
            if table.streams:
                # A stream's name is DynamoDB's own, and another one for another table of the same name.
                ssm.StringParameter(
                    self,
                    f"{table.name.title()}Stream",
                    parameter_name=stage.stream(table.name),
                    string_value=made.table_stream_arn or "",
                    description=f"The stream of the {table.name} table",
                )
            CfnOutput(self, f"Table{table.name.title()}", value=made.table_name, description=table.question)

    def _table(self, table: Table, stage: Stage, key: kms.Key | None) -> dynamodb.Table:
        made = dynamodb.Table(
            self,
            table.name.title(),
            table_name=stage.table(table.name),
            partition_key=_attribute(table.partition),
            sort_key=_attribute(table.sort) if table.sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            # AWS-owned keys encrypt at rest at no charge; a key of one's own adds a price for each call.
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else dynamodb.TableEncryption.DEFAULT,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.keeps_data
            ),
            deletion_protection=stage.keeps_data,
            removal_policy=RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY,
            time_to_live_attribute=table.expires_at,
            stream=dynamodb.StreamViewType.NEW_IMAGE if table.streams else None,
        )
        if table.secondary is not None:
            made.add_global_secondary_index(
                index_name=table.secondary.name,
                partition_key=_attribute(table.secondary.partition),
                sort_key=_attribute(table.secondary.sort),
                projection_type=dynamodb.ProjectionType.INCLUDE,
                non_key_attributes=list(table.secondary.carries),
            )
        return made

    def _customer_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "TablesKey",
            description="Encrypts the club's tables",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # DynamoDB uses the key for whoever may use the table; nobody may use the key any other way.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={
                    "StringEquals": {
                        "kms:CallerAccount": self.account,
                        "kms:ViaService": f"dynamodb.{self.region}.{self.url_suffix}",
                    }
                },
            )
        )
        return key


def _attribute(key: Key) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=key.name, type=_TYPES[key.type])
