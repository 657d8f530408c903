"""What counts as one sender: an IPv4 address, or the /64 of an IPv6 address, of which a single
customer has at least one, and often a whole /48.
"""

import socket
from dataclasses import dataclass

_MAPPED = bytes(10) + b"\xff\xff"
"""How the addresses of `::ffff:0:0/96` begin, which are IPv4 addresses."""


@dataclass(frozen=True, slots=True)
class Network:
    """`site`: the IPv4 address, or the /48. `subnet`: what makes the /48 a /64, empty for IPv4."""

    site: str
    subnet: str = ""

    def __str__(self) -> str:
        return f"{self.site}:{self.subnet}" if self.subnet else self.site


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
