"""Refuses what web pages send: any page in the user's browser can reach 127.0.0.1.

A page of another site has an Origin, or a Sec-Fetch-Site that says so. A page whose name leads to
127.0.0.1 (DNS rebinding) has a Host that is not of this machine.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from cgraph_local.gateway.edge import ORIGIN_HOST

LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1", ORIGIN_HOST))

Headers = Iterable[tuple[bytes, bytes]]


def refusal(headers: Headers, *, allowed: Collection[str], is_document: bool = False) -> str | None:
    """Why a request is refused, or None. The names of the headers are in lower case. `allowed`:
    the origins that the template names. `is_document`: other sites may link to it.
    """
    sent = dict(headers)
    host = sent.get(b"host", b"").decode("latin-1")
    if not _is_loopback(f"//{host}"):
        return f"The Host {host!r} is not of this machine: use 127.0.0.1 or localhost."
    if b"origin" in sent:
        origin = sent[b"origin"].decode("latin-1")
        if origin not in allowed and not _is_loopback(origin):
            return f"The Origin {origin!r} is not of this machine."
    elif sent.get(b"sec-fetch-site") == b"cross-site" and not is_document:
        return "A page of another site may not call this."
    return None


@lru_cache(maxsize=64)
def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False
