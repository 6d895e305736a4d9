"""The handler that the documentation of the parts teaches, for comparison: Powertools around a boto3 resource.

Logger, Tracer, Metrics, the resolver with validation, the idempotency layer, and one transaction of three rows: the purchase,
the account, the outbox. It stands here so that anyone can measure against it; the club does not use it.
"""

# mypy: ignore-errors
# What it imports is installed for `make bench` alone, where no checker looks.

# Annotations stay values here: behind the tracer's decorator the resolver cannot look up names that are written as text.

import json
import os
from datetime import datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger(service="purchases")
tracer = Tracer(service="purchases")
metrics = Metrics(namespace="Club", service="purchases")
app = APIGatewayHttpResolver(enable_validation=True)

dynamodb = boto3.resource("dynamodb")
table_name = os.environ["TABLE_NAME"]
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE_NAME"])
idempotency = IdempotencyConfig(event_key_jmespath="powertools_json(body).[store, purchase_id]")


class Line(BaseModel):
    sku: str
    category: str | None = None
    quantity: int = Field(default=1, ge=1)
    amount_minor: int = Field(ge=0)
    discount_minor: int = Field(default=0, ge=0)


class Purchase(BaseModel):
    store: str
    purchase_id: str
    member_id: str
    occurred_at: datetime
    currency: str
    channel: str
    lines: list[Line]
    discount_minor: int = Field(default=0, ge=0)
    shipping_minor: int = Field(default=0, ge=0)
    tax_minor: int = Field(default=0, ge=0)
    total_minor: int = Field(ge=0)


class Receipt(BaseModel):
    store: str
    purchase_id: str
    member_id: str
    points_earned: int


@app.post("/v1/purchases")
@tracer.capture_method
def record_purchase(purchase: Purchase) -> Response[Receipt]:
    points = purchase.total_minor // 100
    key = f"{purchase.store}#{purchase.purchase_id}"
    message = {"kind": "points_earned", "member_id": purchase.member_id, "points": points}
    dynamodb.meta.client.transact_write_items(
        TransactItems=[
            {
                "Put": {
                    "TableName": table_name,
                    "Item": {"pk": f"PURCHASE#{key}", "points": points, **purchase.model_dump(mode="json")},
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            },
            {
                "Update": {
                    "TableName": table_name,
                    "Key": {"pk": f"MEMBER#{purchase.member_id}"},
                    "UpdateExpression": "ADD points :points, spend_minor :spend SET last_purchase_at = :at",
                    "ExpressionAttributeValues": {
                        ":points": points,
                        ":spend": purchase.total_minor,
                        ":at": purchase.occurred_at.isoformat(),
                    },
                }
            },
            {"Put": {"TableName": table_name, "Item": {"pk": f"OUTBOX#{key}", "message": json.dumps(message)}}},
        ]
    )
    metrics.add_metric(name="PointsEarned", unit=MetricUnit.Count, value=points)
    logger.info("purchase recorded", extra={"purchase_id": purchase.purchase_id, "points": points})
    receipt = Receipt(
        store=purchase.store, purchase_id=purchase.purchase_id, member_id=purchase.member_id, points_earned=points
    )
    return Response(status_code=201, content_type="application/json", body=receipt)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
@idempotent(config=idempotency, persistence_store=persistence)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
