"""One worker of the monolith. Runs as a process of its own: `Worker` as JSON on stdin.

Each worker has a port, and clients are spread over them, as an ideal load balancer would do at no
cost: with a shared port, the kernel gives eight connections to two workers as it likes.
"""

from __future__ import annotations

import json
import sys

import uvicorn

from tests.load.monolith.app import Worker, new_app

if __name__ == "__main__":
    worker = Worker(**json.load(sys.stdin))
    uvicorn.run(
        new_app(worker),
        port=worker.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
    )
