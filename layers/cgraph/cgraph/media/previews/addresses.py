"""To which addresses the fetcher of link previews may connect: to those of the public internet."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_V4_REFUSED = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own, and the metadata of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # the metadata of another one, in a public range
        "169.254.0.0/16",  # link-local: the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_V6_GLOBAL = IPv6Network("2000::/3")
"""All that is assigned to the internet. What is outside of it is refused: loopback, link-local,
unique local, multicast, IPv4 in an IPv6 address (mapped, compatible, NAT64)."""

_V6_REFUSED = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4, with an IPv4 address in it
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_ISATAP = {0x00005EFE, 0x02005EFE}
"""The middle of an address with an IPv4 address at its end."""


def is_public(address: Address) -> bool:
    """Whether a host of the public internet can have it, without an address in an address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _V4_REFUSED)
    return (
        address in _V6_GLOBAL
        and not any(address in network for network in _V6_REFUSED)
        and (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP
    )


def parse_address(text: str) -> Address:
    """Raises ValueError, also where the address is one of an interface (`fe80::1%eth0`)."""
    if "%" in text:
        raise ValueError("an address of one interface")
    return ip_address(text)
