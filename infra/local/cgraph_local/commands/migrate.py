"""`cgraph migrate`"""

import argparse
import sys

from cgraph_local.home import Home
from cgraph_local.migrations import MigrationRefused, describe, migrate_home
from cgraph_local.running import RunningCloud
from cgraph_local.services import Endpoints


def main(_: argparse.Namespace) -> int:
    home = Home.from_environment()
    port = RunningCloud(home).service_port("postgres")
    endpoints = Endpoints(postgres_port=port, valkey_port=0, emulator_port=0)
    try:
        migrated = migrate_home(home, endpoints=endpoints)
    except MigrationRefused as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(describe(migrated)) or "nothing new")
    return 0
