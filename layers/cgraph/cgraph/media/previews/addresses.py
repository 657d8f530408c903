"""To which addresses the fetcher of link previews may connect: to those of the public internet."""

from ipaddress import IPv6Address, ip_network

from cgraph.core.outbound import Address, is_global

_INTERNET = ip_network("2000::/3")
"""All of IPv6 that is assigned to it."""

_REFUSED = tuple(
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # carriers' own, and the metadata of one cloud
        "168.63.129.16/32",  # the metadata of another one, in a public range
        "192.0.0.0/24",  # protocols, and the metadata of a third one: global for older Pythons
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "3fff::/20",
    )
)
_ISATAP = {0x00005EFE, 0x02005EFE}
"""The middle of an address with an IPv4 address at its end."""


def is_public(address: Address) -> bool:
    """Whether a host of the public internet can have it, without an address in an address."""
    if isinstance(address, IPv6Address) and (
        address not in _INTERNET or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    ):
        return False
    return is_global(address) and not any(address in network for network in _REFUSED)
