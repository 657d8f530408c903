"""The template's parameters on this machine."""

from cgraph_local.services import Endpoints
from cgraph_local.template import Surroundings


def surroundings(endpoints: Endpoints, *, port: int) -> Surroundings:
    return Surroundings(
        gateway=f"http://127.0.0.1:{port}",
        emulator=endpoints.emulator_url,
        parameters={
            "StageName": "local",
            "DatabaseHost": "127.0.0.1",
            "DatabasePort": str(endpoints.postgres_port),
            "DatabaseName": endpoints.database,
            "DatabaseUser": endpoints.database_user,
            "DatabaseAuth": "none",
            "CacheHost": "127.0.0.1",
            "CachePort": str(endpoints.valkey_port),
            "CacheAuth": "none",
        },
    )
