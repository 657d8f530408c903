"""API Gateway's `@connections`, called directly: signed requests over connections that are reused.

Through aioboto3 a frame costs five times the CPU.
"""

import atexit
import os
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from cgraph.core import iam, loop

CONCURRENT_REQUESTS = 64
"""Of one process."""

TIMEOUT = ClientTimeout(total=None, sock_connect=2, sock_read=5)
SKIPPED_HEADERS = ("accept", "accept-encoding", "user-agent")
_sessions: tuple[ClientSession, ClientSession] | None = None


class SocketGone(Exception):
    """There is no such connection, or no more."""


class NotDelivered(Exception):
    """It may go another time; the text says why not now."""


async def post(connection: str, data: bytes) -> None:
    """A frame to a socket; when an answer is lost, twice. Raises SocketGone, NotDelivered."""
    await _call("POST", connection, data)


async def close(connection: str) -> None:
    """Raises SocketGone, NotDelivered."""
    await _call("DELETE", connection, b"")


async def _call(method: str, connection: str, body: bytes) -> None:
    why = ""
    for session in _open_sessions():
        try:
            status, answer = await _request(session, method, connection, body)
        except TimeoutError as error:
            raise NotDelivered(repr(error)) from error
        except (ClientError, OSError) as error:
            why = repr(error)
            continue
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if status == HTTPStatus.GONE:
            raise SocketGone(connection)
        raise NotDelivered(f"{status} {answer[:200].decode(errors='replace')}")
    raise NotDelivered(why)


async def _request(
    session: ClientSession, method: str, connection: str, body: bytes
) -> tuple[int, bytes]:
    origin, host, folder = _address()
    path = f"{folder}/@connections/{quote(connection, safe='')}"
    signed = iam.signed_headers(
        "execute-api", method=method, host=host, path=path, headers={}, body=body
    )
    url = URL(origin + path, encoded=True)
    async with session.request(method, url, data=body, headers=signed) as answer:
        return answer.status, await answer.read()


@lru_cache(maxsize=1)
def _address() -> tuple[str, str, str]:
    """Of the stage: `https://host`, `host`, `/stage`."""
    url = urlsplit(os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
    return f"{url.scheme}://{url.netloc}", url.netloc, url.path.rstrip("/")


def _open_sessions() -> tuple[ClientSession, ClientSession]:
    """The second makes a new connection each time, for what the first has lost: as often as not a
    connection only died while this environment was frozen.
    """
    global _sessions
    if _sessions is None:
        _sessions = _session(force_close=False), _session(force_close=True)
        atexit.register(lambda: loop.run(close_sessions()))
    return _sessions


async def close_sessions() -> None:
    """At the end of the process, or aiohttp complains."""
    global _sessions
    for session in _sessions or ():
        await session.close()
    _sessions = None


def _session(*, force_close: bool) -> ClientSession:
    return ClientSession(
        connector=TCPConnector(limit=CONCURRENT_REQUESTS, force_close=force_close),
        cookie_jar=DummyCookieJar(),
        skip_auto_headers=SKIPPED_HEADERS,
        timeout=TIMEOUT,
    )
