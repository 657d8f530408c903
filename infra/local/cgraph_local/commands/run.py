"""`cgraph run`"""

import argparse
import os
import sys

from cgraph_local.cloud.run import run
from cgraph_local.core.home import Home
from cgraph_local.services.ports import free_port


def main(_: argparse.Namespace) -> int:
    text = os.environ.get("CGRAPH_PORT", "8000")
    if not text.isdigit() or int(text) > 65535:
        print(f"CGRAPH_PORT must be a port number, not {text!r}", file=sys.stderr)
        return 2
    return run(Home.from_environment(), port=int(text) or free_port())
