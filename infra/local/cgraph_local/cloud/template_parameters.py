"""The template's parameters on this machine, and what its nested stacks would put out."""

import os

from cgraph_local.services import Endpoints
from cgraph_local.template import Surroundings

NETWORK = (
    *("Subnets", "FunctionSubnets", "FirstZone"),
    *("FunctionGroup", "ProxyGroup", "DatabaseGroup", "CacheGroup"),
)
"""What it would put out; there is none on this machine."""


def surroundings(endpoints: Endpoints, *, port: int) -> Surroundings:
    return Surroundings(
        gateway=f"http://127.0.0.1:{port}",
        emulator=endpoints.emulator_url,
        parameters={
            "StageName": "local",
            "HeartbeatSeconds": os.environ.get("CGRAPH_HEARTBEAT_SECONDS", "30"),
            "SocketLifeSeconds": os.environ.get("CGRAPH_SOCKET_LIFE_SECONDS", "7200"),
        },
        outputs={
            "Network": dict.fromkeys(NETWORK, "local"),
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
