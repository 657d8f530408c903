"""Local values of the template's parameters and of the outputs of its nested stacks."""

import os
import re
from collections.abc import Mapping

from cgraph_local.services import Endpoints
from cgraph_local.services.emulator import MAIL_DOMAIN
from cgraph_local.template import Bucket, Stack, StackContext
from cgraph_local.template.pseudo_parameters import ACCOUNT_ID

NETWORK_OUTPUTS = (
    *("Subnets", "FunctionSubnets", "FirstZone"),
    *("FunctionGroup", "ProxyGroup", "DatabaseGroup", "CacheGroup", "Vpc"),
)
"""There is no VPC on this machine: these outputs have no meaning here."""

MEDIA_BUCKET = f"cgraph-media-{ACCOUNT_ID}"

NO_MEDIA = {"Url": "", "KeyId": "", "SigningKey": "", "DistributionId": ""}
"""Of a cloud that serves none."""

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


def web_origins(environment: Mapping[str, str]) -> str:
    """CGRAPH_WEB_ORIGINS: the origins of the web pages that may call the API and open sockets. None
    by default, and never all: any page in the user's browser can reach this machine. Raises
    ValueError.
    """
    text = environment.get("CGRAPH_WEB_ORIGINS", "")
    wrong = [origin for origin in text.split(",") if text and not ORIGIN.fullmatch(origin)]
    if wrong:
        raise ValueError(
            f"CGRAPH_WEB_ORIGINS must be origins as browsers send them, with commas between them "
            f"(http://localhost:5173), not {wrong[0]!r}"
        )
    return text


def passkey_origins(environment: Mapping[str, str], *, port: int) -> list[str]:
    """Of the gateway, as localhost, and of CGRAPH_WEB_ORIGINS: no browser has passkeys of
    127.0.0.1.
    """
    origins = web_origins(environment)
    return [f"http://localhost:{port}", *(origins.split(",") if origins else ())]


def media_bucket(stack: Stack) -> Mapping[str, Bucket]:
    """The bucket of infra/media.yaml, a nested stack, which is not read."""
    queue = stack.queues.get("MediaQueue")
    if queue is None:
        return {}
    return {"Media": Bucket(MEDIA_BUCKET, versioned=True, queue=queue.name, prefix="incoming/")}


def local_stack_context(
    endpoints: Endpoints, *, port: int, media: Mapping[str, str] = NO_MEDIA
) -> StackContext:
    """`port`: that of the gateway; `media`: the outputs of the nested stack."""
    return StackContext(
        gateway_url=f"http://127.0.0.1:{port}",
        emulator_url=endpoints.emulator_url,
        parameters={
            "StageName": "local",
            "HeartbeatSeconds": os.environ.get("CGRAPH_HEARTBEAT_SECONDS", "30"),
            "SocketLifeSeconds": os.environ.get("CGRAPH_SOCKET_LIFE_SECONDS", "7200"),
            "LinkPreviews": os.environ.get("CGRAPH_LINK_PREVIEWS", "on"),
            "MediaWindowSeconds": os.environ.get("CGRAPH_MEDIA_WINDOW_SECONDS", "120"),
            "WebOrigins": web_origins(os.environ),
            "MailFrom": f"CGraph <no-reply@{MAIL_DOMAIN}>",
            "ApiUrl": f"http://127.0.0.1:{port}",
            "UnverifiedMay": os.environ.get("CGRAPH_UNVERIFIED_MAY", "all"),
            "Registration": os.environ.get("CGRAPH_REGISTRATION", "open"),
            "PasskeyDomain": os.environ.get("CGRAPH_PASSKEY_DOMAIN", "localhost"),
            "PasskeyOrigins": ",".join(passkey_origins(os.environ, port=port)),
            "PushContact": os.environ.get("CGRAPH_PUSH_CONTACT", "mailto:operator@example.org"),
            "ApnsSecret": os.environ.get("CGRAPH_APNS_SECRET", ""),
            "FcmSecret": os.environ.get("CGRAPH_FCM_SECRET", ""),
            "Search": "opensearch" if endpoints.opensearch_url else "none",
        },
        outputs={
            "Network": dict.fromkeys(NETWORK_OUTPUTS, "local"),
            "Observability": {"Topic": "local"},
            "Media": {"Bucket": MEDIA_BUCKET, **media},
            "Mail": {"ConfigurationSet": ""},
            "Database": {
                "Host": "127.0.0.1",
                "Port": str(endpoints.postgres_port),
                "ReaderHost": "127.0.0.1",
                "ReaderPort": str(endpoints.reader_port),
                "Name": endpoints.database,
                "User": endpoints.database_user,
                "Owner": endpoints.database_user,
                "Operator": endpoints.database_user,
                "Auth": "none",
                "ProxyId": "local",
            },
            "OpenSearch": {
                "Url": endpoints.opensearch_url,
                "Auth": "none",
                "Prefix": os.environ.get("CGRAPH_OPENSEARCH_PREFIX", "cgraph"),
            },
            "Cache": {
                "Host": "127.0.0.1",
                "Port": str(endpoints.valkey_port),
                "Name": "local",
                "User": "local",
                "Auth": "none",
                "Arn": "arn:aws:elasticache:us-east-1:000000000000:serverlesscache:local",
                "UserArn": "arn:aws:elasticache:us-east-1:000000000000:user:local",
            },
        },
    )
