"""Requests to URLs that a person gave: a push service, the page behind a link.

Such a URL may name what only our network reaches: the metadata of a machine, a database, a router.
So a host name is resolved once, only global addresses are kept, and the connection goes to one of
those; the name itself is never resolved again (DNS rebinding). Redirects are not followed: each is
another URL that a person gave.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from urllib.parse import urlsplit

from cgraph.core.outbound_response import OutboundResponse, read_response

URL_CHARACTERS = 2048
PORTS = {"https": 443, "http": 80}

Address = IPv4Address | IPv6Address

_INTERNET = ip_network("2000::/3")
"""All of IPv6 that is assigned to the internet; NAT64 and mapped addresses are outside of it."""

_REFUSED = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # carriers' own, and the metadata of one cloud
            "168.63.129.16/32",  # the metadata of another one, in a public range
            "192.0.0.0/24",  # protocols, and the metadata of a third one: global for older Pythons
            "192.88.99.0/24",  # relays of 6to4
            "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
_ISATAP = {0x00005EFE, 0x02005EFE}
"""The middle of an address with an IPv4 address at its end."""


class UrlRefused(ValueError):
    """Nobody may have us call this URL; the text says why."""


class AddressRefused(OSError):
    """The host has no address that is global."""


def is_global(address: Address) -> bool:
    """Whether it is an address of one machine anywhere on the internet, and has no other address in
    it.
    """
    if isinstance(address, IPv6Address) and (
        address.scope_id or address not in _INTERNET or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    ):
        return False
    if any(address in network for network in _REFUSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class Url:
    """`host`: in ASCII, without brackets. `target`: path and query, percent-encoded."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """As RFC 6454 writes it: without the port where it is the scheme's own."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Egress:
    """What may be called. The defaults are those of a URL that a person gave; tests have another
    one, of this machine. `ports`: None for all.
    """

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = frozenset({443})
    is_allowed: Callable[[Address], bool] = is_global
    tls: Callable[[], ssl.SSLContext] = _default_tls


HTTPS_ONLY = Egress()


def parse_url(text: str, *, egress: Egress = HTTPS_ONLY) -> Url:
    """Raises UrlRefused. A host that is a name may still have no global address."""
    if len(text) > URL_CHARACTERS or not text.isascii() or not text.isprintable() or " " in text:
        raise UrlRefused("must be printable ASCII of at most 2048 characters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UrlRefused("is not a URL") from error
    if parts.scheme not in egress.schemes:
        raise UrlRefused(f"must begin with {' or '.join(sorted(egress.schemes))}")
    if not parts.hostname or "@" in parts.netloc or "%" in parts.netloc or "\\" in text:
        raise UrlRefused("must have a host, and no user")
    url = Url(
        parts.scheme, parts.hostname, port or PORTS[parts.scheme], _target(parts.path, parts.query)
    )
    _require_allowed(url, egress)
    return url


def _target(path: str, query: str) -> str:
    return f"{path or '/'}?{query}" if query else path or "/"


def _require_allowed(url: Url, egress: Egress) -> None:
    if egress.ports is not None and url.port not in egress.ports:
        raise UrlRefused("must have the port of its scheme")
    try:
        address = ip_address(url.host)
    except ValueError:
        return
    if not egress.is_allowed(address):
        raise UrlRefused("must have a public address")


async def resolve(url: Url, *, egress: Egress = HTTPS_ONLY) -> list[str]:
    """The addresses of its host that are allowed. Raises AddressRefused, OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    allowed = [text for text in texts if egress.is_allowed(ip_address(text))]
    if not allowed:
        raise AddressRefused(f"{url.host} has no public address")
    return allowed


async def request(
    method: str,
    url: Url,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float = 10.0,
    response_bytes: int = 65_536,
    egress: Egress = HTTPS_ONLY,
) -> OutboundResponse:
    """`seconds`: for all of it. `response_bytes`: of the body; what comes after is not read.

    Raises OSError, also as TimeoutError, AddressRefused and ssl.SSLError.
    """
    async with asyncio.timeout(seconds):
        reader, writer = await _connect(url, egress=egress)
        try:
            writer.write(_head(method, url, headers or {}, length=len(body)) + body)
            await writer.drain()
            return await read_response(reader, method=method, body_bytes=response_bytes)
        finally:
            writer.transport.abort()  # nothing of it is wanted any more


def _head(method: str, url: Url, headers: Mapping[str, str], *, length: int) -> bytes:
    fields = {"host": url.authority, "connection": "close", **headers}
    if length or method in {"POST", "PUT"}:
        fields["content-length"] = str(length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {url.target} HTTP/1.1\r\n{lines}\r\n".encode("ascii")


async def _connect(
    url: Url, *, egress: Egress
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To the first address that answers."""
    secured = (egress.tls(), url.host) if url.scheme == "https" else (None, None)
    last: OSError = AddressRefused(url.host)
    for address in await resolve(url, egress=egress):
        try:
            return await asyncio.open_connection(
                address, url.port, ssl=secured[0], server_hostname=secured[1]
            )
        except OSError as error:
            last = error
    raise last
