"""Signs a request to AWS (Signature Version 4): a POST without a query, to `/` as its JSON services take it, or to a path."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache

from shared.settings import AwsKeys

_ALGORITHM = "AWS4-HMAC-SHA256"


def authorization(
    headers: Mapping[str, str], body: bytes, keys: AwsKeys, region: str, service: str, path: str = "/"
) -> str:
    """The header `authorization` for a request with this body and just these headers.

    Names are in lower case, `host` and `x-amz-date` among them; a value has no space at its ends and no two in a row. A path is
    of letters, digits, `/` and `-`: whatever else would have to be encoded twice.
    """
    names = sorted(headers)
    signed = ";".join(names)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    canonical = f"POST\n{path}\n\n{lines}\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    instant = headers["x-amz-date"]
    scope = f"{instant[:8]}/{region}/{service}/aws4_request"
    text = f"{_ALGORITHM}\n{instant}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_key_of_day(keys.secret, instant[:8], region, service), text.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={keys.id}/{scope}, SignedHeaders={signed}, Signature={signature}"


@lru_cache(maxsize=4)
def _key_of_day(secret: str, *scope: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
