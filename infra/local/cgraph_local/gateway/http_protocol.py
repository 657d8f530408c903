"""HTTP connections of the gateway: uvicorn's protocol, with two shorter ways to the gateway.

A request to `@connections` is answered where it is read, without a task: a busy conversation has
thousands of posts a second. Another request whose body is small is one task and one write, without
ASGI. All others, and requests that a client sends before it has its last response, are uvicorn's.
"""

from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from cgraph_local.gateway.asgi import Headers, HttpResponse, Message, Scope
from cgraph_local.gateway.connections_api import SENT, ConnectionsRequest, parse_whole
from cgraph_local.gateway.gateway import Gateway
from cgraph_local.gateway.handshake import read_handshake
from cgraph_local.gateway.problems import Problem
from cgraph_local.gateway.socket_frames import MESSAGE_LIMIT

SMALL_BODY = 256 * 1024
"""Bytes. A larger one is read piece by piece, so that its size is refused before all of it is in
memory.
"""


class _Exchange:
    """A request without ASGI and its response, as uvicorn's protocol knows one (`cycle`)."""

    __slots__ = ("disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.response_complete = False
        self.disconnected = False
        self.message_event = _NOBODY_WAITS


class _NobodyWaits:
    def set(self) -> None: ...


_NOBODY_WAITS = _NobodyWaits()


class HttpProtocol(HttpToolsProtocol):
    """Answers an invalid request with a problem document. The transport is in the scope, so that
    fault injection can close the connection.
    """

    def __init__(self, gateway: Gateway, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._gateway = gateway
        self._posts = b"POST " + gateway.connections_path
        self._posted_at = 0.0
        self._in_message = False
        self._body: bytearray | None = None
        """Of a request without ASGI, as far as it has come."""
        self._is_post = False

    def data_received(self, data: bytes) -> None:
        """A post that has come in one piece needs no parser: it would cost half of the answer."""
        if data.startswith(self._posts) and not self._in_message and self._is_idle:
            request = parse_whole(data)
            if request is not None:
                self._posted_at = self.loop.time()
                if self.timeout_keep_alive_task is None:
                    self._close_when_idle(self.timeout_keep_alive)
                self._write_posted(self._gateway.handle_post(request), is_last=False)
                return
        super().data_received(data)

    def timeout_keep_alive_handler(self) -> None:
        remaining = self._posted_at + self.timeout_keep_alive - self.loop.time()
        if remaining > 0:
            self._close_when_idle(remaining)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_message = True
        self._body = None
        self.scope["extensions"] = {"cgraph.transport": self.transport}  # type: ignore[dict-item]

    def on_headers_complete(self) -> None:
        self._is_post = self.url.startswith(self._gateway.connections_path)
        if not self._is_idle or self.expect_100_continue:
            super().on_headers_complete()
        elif self._is_post or (not self.parser.should_upgrade() and _is_small(self.headers)):
            self._body = bytearray()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._body is None:
            super().on_body(body)
        elif not self._is_post or len(self._body) <= MESSAGE_LIMIT:
            self._body += body

    def on_message_complete(self) -> None:
        self._in_message = False
        if self._body is None:
            super().on_message_complete()
            return
        method = self.parser.get_method().decode("ascii")
        keeps_alive = self.parser.should_keep_alive()
        if self._is_post:
            request = ConnectionsRequest(method, self.url, self.headers, bytes(self._body))
            self._write_posted(self._gateway.handle_post(request), is_last=not keeps_alive)
            self.on_response_complete()
            return
        self.cycle = exchange = _Exchange(keep_alive=keeps_alive)  # type: ignore[assignment]
        scope = self._complete_scope(method)
        task = self.loop.create_task(self._answer(exchange, scope, bytes(self._body)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def handle_websocket_upgrade(self) -> None:
        handshake = read_handshake(self.parser.get_method(), self.url, self.headers)
        if handshake is None:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        socket = self._gateway.new_socket(server=self.server_state, reads_handshake=False)
        self.transport.set_protocol(socket)
        socket.open(self.transport, *handshake)

    def send_400_response(self, msg: str) -> None:
        response = Problem.BAD_REQUEST.response(msg)
        self.transport.write(_serialize(response, is_last=True))
        self.transport.close()

    @property
    def _is_idle(self) -> bool:
        """No earlier request waits for its response."""
        is_complete = self.cycle is None or self.cycle.response_complete
        return is_complete and not self.transport.is_closing()

    def _close_when_idle(self, seconds: float) -> None:
        handler = self.timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(seconds, handler)

    def _write_posted(self, response: HttpResponse, *, is_last: bool) -> None:
        if response is SENT and not is_last:
            self.transport.write(_SENT)
            return
        self.transport.write(_serialize(response, is_last=is_last))
        if is_last:
            self.transport.close()

    def _complete_scope(self, method: str) -> Scope:
        scope: Scope = self.scope  # type: ignore[assignment]
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["method"] = method
        scope["http_version"] = self.parser.get_http_version()
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""
        return scope

    async def _answer(self, exchange: _Exchange, scope: Scope, body: bytes) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        response = await self._gateway.answer(scope, receive)
        exchange.response_complete = True
        if response is None:
            self.transport.abort()
        elif not self.transport.is_closing():
            more = self.server_state.default_headers
            is_last, without_body = not exchange.keep_alive, scope["method"] == "HEAD"
            self.transport.write(
                _serialize(response, more=more, is_last=is_last, without_body=without_body)
            )
            if is_last:
                self.transport.close()
            self.on_response_complete()


def _is_small(headers: Headers) -> bool:
    """Whether it is known to be, before the body has come."""
    for name, value in headers:
        if name == b"transfer-encoding" or (name == b"content-length" and int(value) > SMALL_BODY):
            return False
    return True


def _serialize(
    response: HttpResponse,
    *,
    more: Headers | None = None,
    is_last: bool = False,
    without_body: bool = False,
) -> bytes:
    """`more`: further headers. `without_body`: the response to HEAD."""
    parts = [STATUS_LINE[response.status]]
    for name, value in (*(more or ()), *response.headers):
        parts += (name, b": ", value, b"\r\n")
    if response.body or response.status not in _WITHOUT_LENGTH:
        parts.append(b"content-length: %d\r\n" % len(response.body))
    if is_last:
        parts.append(b"connection: close\r\n")
    parts.append(b"\r\n")
    if not without_body:
        parts.append(response.body)
    return b"".join(parts)


_WITHOUT_LENGTH = frozenset((204, 304))
_SENT = _serialize(SENT)
