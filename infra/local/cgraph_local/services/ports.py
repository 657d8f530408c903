"""Free ports of 127.0.0.1 for the services."""

from __future__ import annotations

import random
import socket

LOWEST, HIGHEST = 15_000, 32_000
"""Below the ephemeral ports (from 32768 on Linux, 49152 on macOS). Otherwise a client that tries to
reconnect to a stopped service could get that port for its own end and connect to itself, and the
service could not start on it again."""


def free_port() -> int:
    """Raises OSError when there is none."""
    for _ in range(200):
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 - any free port will do
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:  # without SO_REUSEADDR, or a port that is held would look free
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port of 127.0.0.1 between {LOWEST} and {HIGHEST}")


def hold_port(port: int) -> socket.socket:
    """Keeps a port from `free_port()` of others, until the socket is closed: for what begins to
    listen seconds after its port was chosen. Raises OSError when something listens there.
    """
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", port))
    except OSError:
        held.close()
        raise
    return held
