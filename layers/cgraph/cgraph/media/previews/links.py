"""The links of a text that get a preview, each in one spelling."""

import hashlib
import re
from collections.abc import Iterable
from html import unescape
from ipaddress import ip_address
from urllib.parse import quote, urlsplit
from uuid import UUID

from cgraph.core.outbound import PORTS
from cgraph.media.previews.errors import PreviewFailed

LINKS_AT_MOST = 5
"""Of one text that get a preview."""

MAX_URL_LENGTH = 2000

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.?")
_LINK = re.compile(r'<a href="([^"]*)"')
_SAFE = "%!$&'()*+,;=:@/?~-._"
"""What stays as it is in the path and query of a request; all else is percent-encoded."""


def normal_url(url: str) -> str:
    """In ASCII and without a fragment. Raises PreviewFailed: `bad_url`, also where it has a login;
    `scheme`.
    """
    if len(url) > MAX_URL_LENGTH or any(ord(each) <= 0x20 or each == "\x7f" for each in url):
        raise PreviewFailed("bad_url")
    try:
        parts = urlsplit(url.replace("\\", "/"))
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise PreviewFailed("bad_url") from None
    if parts.scheme not in PORTS:
        raise PreviewFailed("scheme")
    if "@" in parts.netloc:
        raise PreviewFailed("bad_url")
    host = _address(host) if "[" in parts.netloc else _name(host)
    place = "" if port in (None, PORTS[parts.scheme]) else f":{port}"
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return f"{parts.scheme}://{host}{place}{quote(parts.path or '/', safe=_SAFE)}{query}"


def html_links(html: str) -> list[str]:
    """The addresses of the links in HTML that cgraph.core.markdown has made."""
    return [unescape(address) for address in _LINK.findall(html)]


def preview_links(links: Iterable[str]) -> list[str]:
    """The first of them that a preview can be made of, each once."""
    found: dict[str, None] = {}
    for link in links:
        try:
            found.setdefault(normal_url(link))
        except PreviewFailed:
            continue
        if len(found) == LINKS_AT_MOST:
            break
    return list(found)


def preview_id(url: str) -> UUID:
    """Of the preview of a link, which is the same wherever the link stands."""
    return UUID(bytes=hashlib.sha256(url.encode()).digest()[:16])


def _address(text: str) -> str:
    """Raises PreviewFailed, also for an address of one interface (`fe80::1%eth0`)."""
    try:
        return f"[{ip_address(text if '%' not in text else '')}]"
    except ValueError:
        raise PreviewFailed("bad_url") from None


def _name(host: str) -> str:
    """Raises PreviewFailed."""
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
