"""`cgraph accounts ACTION [LOGIN]`"""

import argparse
import sys

from cgraph_local.core.account_commands import account_event, account_lines
from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud


def main(arguments: argparse.Namespace) -> int:
    """1 also where the audit log was altered."""
    cloud = RunningCloud(Home.from_environment())
    event = account_event(arguments)
    invocation = cloud.request("POST", "/_local/invoke/ManageAccounts", event)
    if invocation["error"]:
        print(invocation["payload"]["errorMessage"], file=sys.stderr)
        return 1
    report = invocation["payload"]
    for line in account_lines(report):
        print(line)
    return 0 if report["first_fault"] is None else 1
