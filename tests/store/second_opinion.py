"""How botocore signs a request: the second opinion on our own signature."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from shared.settings import AwsKeys


def by_botocore(
    headers: Mapping[str, str], body: bytes, keys: AwsKeys, region: str, service: str, path: str = "/"
) -> str:
    url = f"https://{headers['host']}{path}"
    request = AWSRequest("POST", url, {name: one for name, one in headers.items() if name != "host"}, body)
    signer = SigV4Auth(Credentials(keys.id, keys.secret, keys.token), service, region)
    request.context["timestamp"] = headers["x-amz-date"]
    text = signer.string_to_sign(request, signer.canonical_request(request))
    names = ";".join(sorted(headers))
    return (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, "
        f"Signature={signer.signature(text, request)}"
    )
