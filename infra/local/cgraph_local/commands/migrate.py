"""`cgraph migrate`"""

import argparse

from cgraph_local.home import CHECKOUT, Home
from cgraph_local.running import RunningCloud
from cgraph_local.services import Endpoints


def main(_: argparse.Namespace) -> int:
    from cgraph.migrations import migrate

    port = RunningCloud(Home.from_environment()).service_port("postgres")
    endpoints = Endpoints(postgres_port=port, valkey_port=0, emulator_port=0)
    applied = migrate(endpoints.conninfo, CHECKOUT / "infra" / "migrations")
    print("\n".join(f"migrated: {name}" for name in applied) or "nothing new")
    return 0
