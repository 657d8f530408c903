"""`cgraph consumers list|rewind|replay [NAME]`"""

import argparse
import sys

from cgraph_local.core.consumer_commands import event_of, lines_of
from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud


def main(arguments: argparse.Namespace) -> int:
    try:
        event = event_of(arguments)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    cloud = RunningCloud(Home.from_environment())
    invocation = cloud.request("POST", "/_local/invoke/ManageConsumers", event)
    if invocation["error"]:
        print(invocation["payload"]["errorMessage"], file=sys.stderr)
        return 1
    for line in lines_of(invocation["payload"]):
        print(line)
    return 0
