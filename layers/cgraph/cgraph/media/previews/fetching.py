"""Fetches what a link leads to, from the public internet only: see cgraph.core.outbound.

A name is resolved once for each request, and the connection goes to an address that was checked.
Each redirect is a link like the first one.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urljoin

from cgraph.core.outbound import AddressRefused, Egress, UrlRefused, parse_url, request
from cgraph.core.outbound_response import OutboundResponse
from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.links import normal_url

SECONDS = 5.0
"""For a page with all its redirects, however slowly its server answers."""

BYTES_AT_MOST = 512 * 1024
REDIRECTS_AT_MOST = 3
USER_AGENT = "Mozilla/5.0 (compatible; CGraphPreview/1.0)"

INTERNET = Egress(frozenset({"http", "https"}), frozenset({80, 443}))

_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url`: after the redirects. `content_type`: in lower case, without parameters."""

    url: str
    content_type: str
    charset: str | None
    body: bytes


async def fetch(
    url: str,
    *,
    accept: Mapping[str, bool],
    egress: Egress = INTERNET,
    seconds: float = SECONDS,
    at_most: int = BYTES_AT_MOST,
) -> Fetched:
    """`accept`: content types, and whether the beginning is enough of a body that is too long:
    that has more than `at_most` bytes. Raises PreviewFailed.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _followed(
                url, accept=accept, egress=egress, seconds=seconds, at_most=at_most
            )
    except TimeoutError:
        raise PreviewFailed("timeout") from None
    except (AddressRefused, UrlRefused):
        raise PreviewFailed("address") from None
    except socket.gaierror:
        raise PreviewFailed("unknown_host") from None
    except ssl.SSLError:
        raise PreviewFailed("tls") from None
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise PreviewFailed("unreachable") from None


async def _followed(
    url: str, *, accept: Mapping[str, bool], egress: Egress, seconds: float, at_most: int
) -> Fetched:
    """Raises PreviewFailed, and what `request` raises."""
    headers = {
        "accept": ", ".join(accept),
        "accept-encoding": "identity",
        "user-agent": USER_AGENT,
    }
    for _ in range(REDIRECTS_AT_MOST + 1):
        url = normal_url(url)
        answer = await request(
            "GET",
            parse_url(url, egress=egress),
            headers=headers,
            seconds=seconds,
            response_bytes=at_most + 1,
            egress=egress,
        )
        if answer.status not in _REDIRECTS:
            return _read(answer, url, accept=accept, at_most=at_most)
        url = _redirected(url, answer.headers.get("location", "").strip())
    raise PreviewFailed("too_many_redirects")


def _redirected(url: str, location: str) -> str:
    """Raises PreviewFailed."""
    try:
        return urljoin(url, location) if location else ""
    except ValueError:
        raise PreviewFailed("bad_url") from None


def _read(
    answer: OutboundResponse, url: str, *, accept: Mapping[str, bool], at_most: int
) -> Fetched:
    """Raises PreviewFailed."""
    if answer.status != 200:
        raise PreviewFailed("status")
    if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise PreviewFailed("content_encoding")
    typed = Message()
    typed["content-type"] = answer.headers.get("content-type", "")
    content_type = typed.get_content_type().lower()
    if content_type not in accept or not answer.headers.get("content-type"):
        raise PreviewFailed("content_type")
    if len(answer.body) > at_most and not accept[content_type]:
        raise PreviewFailed("too_long")
    return Fetched(url, content_type, typed.get_content_charset(), answer.body[:at_most])
