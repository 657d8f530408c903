"""The address of a client, and what counts as one sender: an IPv4 address, or the /64 of an IPv6
address, of which a single customer has at least one, and often a whole /48.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from cgraph.core.errors import EdgeRequired

EDGE_KEYS = "EdgeKeys"
EDGE_KEY_HEADER = "x-cgraph-edge"
VIEWER_HEADER = "x-cgraph-viewer"
"""Both are set by the edge (infra/edge.yaml), in place of what the client sends by these names."""

_MAPPED = bytes(10) + b"\xff\xff"
"""How the addresses of `::ffff:0:0/96` begin, which are IPv4 addresses."""


@dataclass(frozen=True, slots=True)
class Network:
    """`site`: the IPv4 address, or the /48. `subnet`: what makes the /48 a /64, empty for IPv4."""

    site: str
    subnet: str = ""

    def __str__(self) -> str:
        return f"{self.site}:{self.subnet}" if self.subnet else self.site


def client_address(event: Mapping[str, Any]) -> str:
    """The address from which the client of an event of API Gateway connects. Behind an edge that is
    what the edge says, which proves itself by one of the keys in the API's stage variables. Without
    an edge, and for sockets, which have none, it is what API Gateway sees. Other headers, such as
    X-Forwarded-For, can say anything. Raises EdgeRequired where a request has passed the edge by.
    """
    context = event["requestContext"]
    if "http" not in context:
        return str(context["identity"]["sourceIp"])
    keys = (event.get("stageVariables") or {}).get(EDGE_KEYS)
    if keys is None:
        return str(context["http"]["sourceIp"])
    headers = event["headers"]
    sent = headers.get(EDGE_KEY_HEADER, "").encode("utf-8", "surrogateescape")
    address = str(headers.get(VIEWER_HEADER, ""))
    known = [compare_digest(sent, key.encode()) for key in keys.split(",")]
    if not any(known) or not _is_address(address):
        raise EdgeRequired
    return address


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False


def network_of(address: str) -> Network:
    """`address`: as the gateway reports it. What is no address stands for itself."""
    try:
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return Network(address)
    if packed.startswith(_MAPPED):
        return Network(socket.inet_ntop(socket.AF_INET, packed[12:]))
    groups = packed[:8].hex(":", 2).split(":")
    return Network(":".join(groups[:3]), groups[3])
