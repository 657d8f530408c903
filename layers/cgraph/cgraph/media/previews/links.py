"""Links of a text, and the parts of a link that decide where a request goes."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from uuid import UUID

from cgraph.media.previews.addresses import parse_address
from cgraph.media.previews.errors import AddressRefused, PreviewFailed

LINKS_AT_MOST = 5
"""Of one text that get a preview."""

MAX_URL_LENGTH = 2000
PORTS = {"http": 80, "https": 443}

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.?")
_SAFE = "%!$&'()*+,;=:@/?~-._"
"""What stays as it is in the path and query of a request; all else is percent-encoded."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host`: in lower case and ASCII, an IPv6 address without brackets.
    `path`: with the query, percent-encoded."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_default_port(self) -> bool:
        return self.port == PORTS[self.scheme]

    @property
    def netloc(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.is_default_port else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def parse_target(url: str) -> Target:
    """Raises AddressRefused (other schemes, a login, no host) and PreviewFailed (no URL at all)."""
    if len(url) > MAX_URL_LENGTH or any(ord(each) <= 0x20 or each == "\x7f" for each in url):
        raise PreviewFailed("bad_url")
    try:
        parts = urlsplit(url.replace("\\", "/"))
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise PreviewFailed("bad_url") from None
    if parts.scheme not in PORTS:
        raise AddressRefused("scheme")
    if "@" in parts.netloc:
        raise AddressRefused("login_in_url")
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(
        scheme=parts.scheme,
        host=_host(host, bracketed="[" in parts.netloc),
        port=PORTS[parts.scheme] if port is None else port,
        path=path + query,
    )


def preview_links(links: Iterable[str]) -> list[str]:
    """The first of them that a preview can be made of, in one spelling, each once. Reads nothing
    but the links themselves."""
    found: dict[str, None] = {}
    for link in links:
        try:
            found.setdefault(parse_target(link).url)
        except PreviewFailed:
            continue
        if len(found) == LINKS_AT_MOST:
            break
    return list(found)


def preview_id(url: str) -> UUID:
    """Of the preview of a link, which is the same wherever the link stands."""
    return UUID(bytes=hashlib.sha256(url.encode()).digest()[:16])


def _host(host: str, *, bracketed: bool) -> str:
    """Raises PreviewFailed."""
    if bracketed:
        try:
            return str(parse_address(host))
        except ValueError:
            raise PreviewFailed("bad_url") from None
    if not host.isascii():
        host = _in_ascii(host)
    host = host.lower()
    if not _HOST.fullmatch(host):
        raise PreviewFailed("bad_url")
    return host


def _in_ascii(host: str) -> str:
    """Raises PreviewFailed."""
    import idna  # large tables, and few links need them

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise PreviewFailed("bad_url") from None
