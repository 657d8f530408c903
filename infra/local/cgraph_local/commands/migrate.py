"""`cgraph migrate`"""

import argparse
import sys

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.migrations import DatabaseDiffers, migrate_home
from cgraph_local.services import Endpoints


def main(_: argparse.Namespace) -> int:
    home = Home.from_environment()
    port = RunningCloud(home).service_port("postgres")
    endpoints = Endpoints(postgres_port=port)
    try:
        applied = migrate_home(home, endpoints=endpoints)
    except DatabaseDiffers as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"migrated: {name}" for name in applied) or "nothing new")
    return 0
