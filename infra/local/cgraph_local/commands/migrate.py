"""`cgraph migrate`"""

import argparse
import sys

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.migrations import MigrationRefused, describe, migrate_home


def main(_: argparse.Namespace) -> int:
    home = Home.from_environment()
    endpoints = RunningCloud(home).endpoints("postgres")
    try:
        migrated = migrate_home(home, endpoints=endpoints)
    except MigrationRefused as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(describe(migrated)) or "nothing new")
    return 0
