"""The opening handshake of a WebSocket, of a request that the HTTP parser has read already.

`websockets` would read it again: two thirds of what the gateway spends to open a socket. A request
that is not as RFC 6455 demands is left to it, because it says what is wrong.
"""

import binascii

from websockets.datastructures import Headers as ResponseHeaders
from websockets.http11 import Request, Response
from websockets.utils import accept_key

from cgraph_local.gateway.asgi import Headers

_BODY = frozenset((b"content-length", b"transfer-encoding"))
_KEY_BYTES = 16


def read_handshake(
    method: bytes, target: bytes, headers: Headers
) -> tuple[Request, Response] | None:
    """The request and the response that opens the socket. `headers`: they ask for a WebSocket."""
    sent = dict(headers)
    key = sent.get(b"sec-websocket-key", b"")
    if method != b"GET" or len(sent) < len(headers) or not _BODY.isdisjoint(sent):
        return None
    if sent.get(b"sec-websocket-version") != b"13" or not _is_key(key):
        return None
    given = ResponseHeaders()
    for name, text in headers:
        given[name.decode("latin-1")] = text.decode("latin-1")
    answered = ResponseHeaders()
    answered["Upgrade"] = "websocket"
    answered["Connection"] = "Upgrade"
    answered["Sec-WebSocket-Accept"] = accept_key(key.decode("ascii"))
    request = Request(target.decode("latin-1"), given)
    return request, Response(101, "Switching Protocols", answered)


def _is_key(text: bytes) -> bool:
    try:
        return len(binascii.a2b_base64(text, strict_mode=True)) == _KEY_BYTES
    except binascii.Error:
        return False
