"""The least that a purchase can be on DynamoDB: one transaction of two rows, signed by hand with the standard library alone.

No rules, no checks, no member's own figures: it says what the journey costs when nothing is decided on the way.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

_ENDPOINT = urlsplit(os.environ["AWS_ENDPOINT_URL"])
_REGION = os.environ["AWS_REGION"]
_KEY_ID, _SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
# A role's keys come with a token; keys of the local AWS's root have none.
_TOKEN = {"X-Amz-Security-Token": token} if (token := os.environ.get("AWS_SESSION_TOKEN")) else {}
_TABLE = os.environ["TABLE_NAME"]
_TARGET = "DynamoDB_20120810.TransactWriteItems"
_CONTENT_TYPE = "application/x-amz-json-1.0"

_line = http.client.HTTPConnection(_ENDPOINT.hostname or "", _ENDPOINT.port, timeout=5)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    purchase = json.loads(event["body"])
    points = purchase["total_minor"] // 100
    key = f"{purchase['store']}#{purchase['purchase_id']}"
    put = {
        "TableName": _TABLE,
        "Item": {"pk": {"S": key}, "lines": {"S": json.dumps(purchase["lines"])}, "points": {"N": str(points)}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    update = {
        "TableName": _TABLE,
        "Key": {"pk": {"S": purchase["member_id"]}},
        "UpdateExpression": "ADD points :p",
        "ExpressionAttributeValues": {":p": {"N": str(points)}},
    }
    _send({"TransactItems": [{"Put": put}, {"Update": update}]})
    receipt = {"purchase_id": purchase["purchase_id"], "member_id": purchase["member_id"], "points_earned": points}
    return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": json.dumps(receipt)}


def _send(request: dict[str, Any]) -> None:
    body = json.dumps(request).encode()
    _line.request("POST", "/", body, _signed(body))
    answer = _line.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(said.decode())


def _signed(body: bytes) -> dict[str, str]:
    """The headers of AWS's signature, version 4."""
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{at[:8]}/{_REGION}/dynamodb/aws4_request"
    headers = {"Content-Type": _CONTENT_TYPE, "X-Amz-Date": at, **_TOKEN, "X-Amz-Target": _TARGET}
    lowered = sorted({"host": _ENDPOINT.netloc, **{name.lower(): value for name, value in headers.items()}}.items())
    signed = ";".join(name for name, _ in lowered)
    lines = "".join(f"{name}:{value}\n" for name, value in lowered)
    canonical = f"POST\n/\n\n{lines}\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    key = f"AWS4{_SECRET}".encode()
    for part in (
        *scope.split("/"),
        f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}",
    ):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"Credential={_KEY_ID}/{scope}, SignedHeaders={signed}, Signature={key.hex()}"
    return {**headers, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}
