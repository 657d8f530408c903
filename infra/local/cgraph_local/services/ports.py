"""Free ports of 127.0.0.1 for the services."""

from __future__ import annotations

import random
import socket

# Below the ports the kernel lends to outgoing connections (32768 on Linux, 49152 on macOS): a
# client that keeps dialling a stopped service could otherwise be lent that very port and meet
# itself, and the service could not come back on it.
LOWEST, HIGHEST = 15_000, 32_000


def free_port() -> int:
    for _ in range(200):
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 - any free port will do
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port of 127.0.0.1 between {LOWEST} and {HIGHEST}")
