"""`cgraph search reindex`"""

import argparse
import sys

from cgraph_local.core.home import Home
from cgraph_local.core.reindex_progress import progress_line
from cgraph_local.core.running_cloud import RunningCloud

FUNCTION = "ReindexDocuments"
STEP_SECONDS = 3


def main(arguments: argparse.Namespace) -> int:
    cloud = RunningCloud(Home.from_environment())
    if FUNCTION not in cloud.request("GET", "/_local/statistics"):
        print("There is no OpenSearch: `make run SEARCH=opensearch`", file=sys.stderr)
        return 1
    documents = 0
    while True:
        path = f"/_local/invoke/{FUNCTION}"
        invocation = cloud.request("POST", path, {"seconds": STEP_SECONDS})
        if invocation["error"]:
            print(f"{invocation['payload']}; run it again to go on", file=sys.stderr)
            return 1
        step = invocation["payload"]
        documents += step["documents"]
        print(progress_line(step, documents=documents), flush=True)
        if step["is_done"]:
            return 0
