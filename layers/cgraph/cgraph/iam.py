"""IAM tokens in place of passwords, for RDS Proxy and ElastiCache: one SigV4 signature, no boto3.

A token is a presigned URL without its scheme, good for 15 minutes: enough to open a connection,
which then stays.
"""

import hashlib
import hmac
import os
import ssl
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

LIFE_SECONDS = 900

_NO_BODY = hashlib.sha256(b"").hexdigest()


def database_token(*, host: str, port: int, user: str) -> str:
    """The password with which `user` opens a connection to RDS Proxy."""
    return presign("rds-db", host=f"{host}:{port}", query={"Action": "connect", "DBUser": user})


def database_credentials(*, host: str, port: int, user: str) -> dict[str, str]:
    """libpq's parameters: a token made now, sent only to whom the system's authorities know."""
    return {
        "password": database_token(host=host, port=port, user=user),
        "sslmode": "verify-full",
        "sslrootcert": ssl.get_default_verify_paths().cafile or "system",
    }


def cache_token(*, cache: str, user: str) -> str:
    """The password with which `user` opens a connection to the serverless cache of this name."""
    query = {"Action": "connect", "User": user, "ResourceType": "ServerlessCache"}
    return presign("elasticache", host=cache, query=query)


def presign(
    service: str, *, host: str, query: dict[str, str], moment: datetime | None = None
) -> str:
    """`host/?query` signed by AWS Signature Version 4 with the function's own credentials."""
    stamp = (moment or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    region = os.environ["AWS_REGION"]
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = {
        **query,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(LIFE_SECONDS),
        "X-Amz-SignedHeaders": "host",
    }
    if session := os.environ.get("AWS_SESSION_TOKEN"):
        signed["X-Amz-Security-Token"] = session
    canonical_query = urlencode(sorted(signed.items()), quote_via=quote, safe="-_.~")
    request = f"GET\n/\n{canonical_query}\nhost:{host}\n\nhost\n{_NO_BODY}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signature = hmac.new(_key(stamp[:8], region, service), to_sign.encode(), "sha256").hexdigest()
    return f"{host}/?{canonical_query}&X-Amz-Signature={signature}"


def _key(day: str, region: str, service: str) -> bytes:
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
