"""`cgraph functions`"""

import argparse
from typing import Any

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud

ROW = "{:<24} {:>9} {:>7} {:>9} {:>9} {:>9} {:>9}  {}"


def main(_: argparse.Namespace) -> int:
    statistics = RunningCloud(Home.from_environment()).request("GET", "/_local/statistics")
    print(
        ROW.format("function", "events", "errors", "cpu ms", "p50 ms", "p99 ms", "init ms", "pids")
    )
    for name, function in sorted(statistics.items()):
        print(_row(name, function))
    return 0


def _row(name: str, function: dict[str, Any]) -> str:
    duration, init = function["duration_ms"], function["init_ms"]
    pids = " ".join(
        f"{each['pid']}{'' if each['state'] == 'idle' else '*'}"
        for each in function["environments"]
    )
    return ROW.format(
        name,
        function["invocations"],
        sum(function["errors"].values()),
        function["cpu_ms"].get("mean", "–"),
        duration.get("p50", "–"),
        duration.get("p99", "–"),
        init.get("mean", "–"),
        pids,
    ).rstrip()
