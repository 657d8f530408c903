"""Fetches what a link leads to, from the public internet only.

A name is resolved once. All its addresses are checked, and the connection goes to one that was
checked, so another answer to a later question changes nothing. The same for each redirect.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urljoin

from cgraph.media.previews.addresses import Address, is_public, parse_address
from cgraph.media.previews.errors import AddressRefused, PreviewFailed
from cgraph.media.previews.links import PORTS, Target, parse_target

SECONDS = 5.0
"""For a page with all its redirects, however slowly its server answers."""

BYTES_AT_MOST = 512 * 1024
REDIRECTS_AT_MOST = 3
USER_AGENT = "Mozilla/5.0 (compatible; CGraphPreview/1.0)"

_REDIRECTS = {301, 302, 303, 307, 308}

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the fetcher may connect to. `exceptions`: addresses with ports that it may reach
    beside the internet, for tests; empty on AWS."""

    exceptions: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolve = resolve
    allows: Callable[[Address], bool] = is_public

    def addresses(self, target: Target, *, seconds: float) -> list[str]:
        """Of the target, all checked. Raises AddressRefused, PreviewFailed."""
        found = self._resolved(target, seconds=seconds)
        for text in found:
            self._check(text, port=target.port)
        return found

    def _check(self, text: str, *, port: int) -> None:
        """Raises AddressRefused."""
        if (text, port) in self.exceptions:
            return
        if port not in PORTS.values():
            raise AddressRefused("port")
        try:
            address = parse_address(text)
        except ValueError:
            raise AddressRefused("address") from None
        if not self.allows(address):
            raise AddressRefused("address")

    def _resolved(self, target: Target, *, seconds: float) -> list[str]:
        """Raises PreviewFailed."""
        resolver = ThreadPoolExecutor(1)  # getaddrinfo knows no timeout
        try:
            found = resolver.submit(self.resolve, target.host, target.port).result(seconds)
        except TimeoutError:
            raise PreviewFailed("timeout") from None
        except (OSError, UnicodeError):
            raise PreviewFailed("unknown_host") from None
        finally:
            resolver.shutdown(wait=False)
        if not found:
            raise PreviewFailed("unknown_host")
        return found


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url`: after the redirects. `content_type`: in lower case, without parameters."""

    url: str
    content_type: str
    charset: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Fetcher:
    reach: Reach = field(default_factory=Reach)
    seconds: float = SECONDS

    def fetch(self, url: str, *, accept: Mapping[str, bool]) -> Fetched:
        """`accept`: content types, and whether the beginning is enough of a body that is too long.
        Raises PreviewFailed.
        """
        ends_at = time.monotonic() + self.seconds
        for _ in range(REDIRECTS_AT_MOST + 1):
            target = parse_target(url)
            with self._answer(target, accept=accept, ends_at=ends_at) as answer:
                if answer.status not in _REDIRECTS:
                    fetched = _read(answer, target, accept=accept)
                    _left(ends_at)  # or the body is what came until then
                    return fetched
                location = answer.headers.get("location")
            if not location:
                raise PreviewFailed("bad_redirect")
            try:
                url = urljoin(target.url, location.strip())
            except ValueError:
                raise PreviewFailed("bad_redirect") from None
        raise PreviewFailed("too_many_redirects")

    @contextmanager
    def _answer(
        self, target: Target, *, accept: Mapping[str, bool], ends_at: float
    ) -> Iterator[HTTPResponse]:
        """Raises PreviewFailed, also for what goes wrong while the answer is read."""
        addresses = self.reach.addresses(target, seconds=_left(ends_at))
        try:
            with _connected(target, addresses, ends_at=ends_at) as connection:
                headers = {
                    "Accept": ", ".join(accept),
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                    "Host": target.netloc,
                    "User-Agent": USER_AGENT,
                }
                connection.request("GET", target.path, headers=headers)
                with connection.getresponse() as answer:
                    yield answer
        except PreviewFailed:
            raise
        except ssl.SSLError:
            raise PreviewFailed("timeout" if time.monotonic() >= ends_at else "tls") from None
        except (OSError, HTTPException, ValueError):
            is_late = time.monotonic() >= ends_at
            raise PreviewFailed("timeout" if is_late else "unreachable") from None


def _left(ends_at: float) -> float:
    """Raises PreviewFailed."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise PreviewFailed("timeout")
    return left


@contextmanager
def _connected(target: Target, addresses: list[str], *, ends_at: float) -> Iterator[HTTPConnection]:
    """Ends at the deadline even where each read brings a byte. Raises OSError, PreviewFailed."""
    plain = used = _connect(addresses, target.port, ends_at=ends_at)
    same = plain.dup()  # TLS takes the first one over
    watchdog = threading.Timer(_left(ends_at), _shut_down, [same])
    watchdog.daemon = True
    watchdog.start()
    try:
        plain.settimeout(_left(ends_at))
        if target.scheme == "https":
            used = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        connection = HTTPConnection(target.host, target.port)
        connection.sock = used  # so it never resolves the name itself
        yield connection
    finally:
        watchdog.cancel()
        for each in (used, plain, same):
            each.close()


def _connect(addresses: list[str], port: int, *, ends_at: float) -> socket.socket:
    """To the first address that answers. Raises OSError, PreviewFailed."""
    failed: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(ends_at))
            connection.connect((address, port))
        except OSError as error:
            connection.close()
            failed = error
            continue
        except PreviewFailed:
            connection.close()
            raise
        return connection
    raise failed


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed


def _read(answer: HTTPResponse, target: Target, *, accept: Mapping[str, bool]) -> Fetched:
    """Raises PreviewFailed, OSError, HTTPException."""
    if answer.status != 200:
        raise PreviewFailed("status")
    content_type = answer.headers.get_content_type().lower()
    if content_type not in accept or "content-type" not in answer.headers:
        raise PreviewFailed("content_type")
    if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise PreviewFailed("content_encoding")
    body = answer.read(BYTES_AT_MOST + 1)
    if len(body) > BYTES_AT_MOST and not accept[content_type]:
        raise PreviewFailed("too_long")
    charset = answer.headers.get_content_charset()
    return Fetched(target.url, content_type, charset, body[:BYTES_AT_MOST])
