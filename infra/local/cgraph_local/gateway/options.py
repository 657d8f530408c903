"""The options of the gateway. The defaults are the limits of AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    documents: Path
    """The folder with `openapi.json` and `asyncapi.json`."""
    account_id: str = "000000000000"
    region: str = "us-east-1"
    socket_path: str = "/ws"
    socket_idle_seconds: float = 600.0
    socket_life_seconds: float = 7200.0
    connections_per_second: float = 500.0
    max_messages_in_flight: int = 32
    """Messages of one socket that are handled at once. Further ones wait in the client's TCP
    window.
    """
    max_unsent_bytes: int = 512 * 1024
    """Bytes that may wait for a slow client before posts to it are answered with 429."""
    access_log: bool = False
    edge: bool = False
    """The gateway also plays the edge in front of the HTTP API."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, documents: Path) -> Self:
        """Reads CGRAPH_SOCKET_IDLE_SECONDS, CGRAPH_SOCKET_LIFE_SECONDS, CGRAPH_ACCESS_LOG and
        CGRAPH_EDGE. Raises ValueError.
        """
        return cls(
            documents=documents,
            socket_idle_seconds=_seconds(environment, "CGRAPH_SOCKET_IDLE_SECONDS", default=600.0),
            socket_life_seconds=_seconds(environment, "CGRAPH_SOCKET_LIFE_SECONDS", default=7200.0),
            access_log=environment.get("CGRAPH_ACCESS_LOG", "") not in ("", "0"),
            edge=has_edge(environment),
        )


def has_edge(environment: Mapping[str, str]) -> bool:
    return environment.get("CGRAPH_EDGE", "") not in ("", "0")


def _seconds(environment: Mapping[str, str], name: str, *, default: float) -> float:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= 86_400.0:
        raise ValueError(f"{name} must be a number of seconds above 0, at most a day, not {text!r}")
    return seconds
