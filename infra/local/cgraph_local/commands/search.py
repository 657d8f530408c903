"""`cgraph search reindex`"""

import argparse
import sys
import time
from typing import Any

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud

FUNCTION = "ReindexDocuments"
STEP_SECONDS = 3


def main(arguments: argparse.Namespace) -> int:
    cloud = RunningCloud(Home.from_environment())
    if FUNCTION not in cloud.request("GET", "/_local/statistics"):
        print("There is no OpenSearch: `make run SEARCH=opensearch`", file=sys.stderr)
        return 1
    began, documents = time.monotonic(), 0
    while True:
        path = f"/_local/invoke/{FUNCTION}"
        invocation = cloud.request("POST", path, {"seconds": STEP_SECONDS})
        if invocation["error"]:
            print(f"{invocation['payload']}; run it again to go on", file=sys.stderr)
            return 1
        step = invocation["payload"]
        documents += step["documents"]
        print(_line(step, documents=documents, seconds=time.monotonic() - began), flush=True)
        if step["is_done"]:
            return 0


def _line(step: dict[str, Any], *, documents: int, seconds: float) -> str:
    state = "is searched from now on" if step["is_done"] else f"at the {step['at']}s"
    return f"{step['index']}: {documents:,} documents in {seconds:.0f} s, {state}"
