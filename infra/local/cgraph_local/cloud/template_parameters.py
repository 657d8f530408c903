"""Local values of the template's parameters and of the outputs of its nested stacks."""

import os

from cgraph_local.services import Endpoints
from cgraph_local.template import StackContext

NETWORK_OUTPUTS = (
    *("Subnets", "FunctionSubnets", "FirstZone"),
    *("FunctionGroup", "ProxyGroup", "DatabaseGroup", "CacheGroup"),
)
"""There is no VPC on this machine: these outputs have no meaning here."""


def local_stack_context(endpoints: Endpoints, *, port: int) -> StackContext:
    """`port`: that of the gateway."""
    return StackContext(
        gateway_url=f"http://127.0.0.1:{port}",
        emulator_url=endpoints.emulator_url,
        parameters={
            "StageName": "local",
            "HeartbeatSeconds": os.environ.get("CGRAPH_HEARTBEAT_SECONDS", "30"),
            "SocketLifeSeconds": os.environ.get("CGRAPH_SOCKET_LIFE_SECONDS", "7200"),
        },
        outputs={
            "Network": dict.fromkeys(NETWORK_OUTPUTS, "local"),
            "Observability": {"Topic": "local"},
            "Media": {"DistributionId": ""},
            "Database": {
                "Host": "127.0.0.1",
                "Port": str(endpoints.postgres_port),
                "Name": endpoints.database,
                "User": endpoints.database_user,
                "Owner": endpoints.database_user,
                "Auth": "none",
                "ProxyId": "local",
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
