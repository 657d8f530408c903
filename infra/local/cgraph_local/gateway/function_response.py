"""Makes an HTTP response of what a function returned, as API Gateway does."""

import re
from base64 import b64decode
from functools import lru_cache
from typing import Any

import orjson

from cgraph_local.gateway.asgi import JSON, Headers, HttpResponse
from cgraph_local.gateway.problems import Problem, RequestRefused

RESPONSE_LIMIT = 6 * 1024 * 1024

_GATEWAY_HEADERS = frozenset(
    (b"connection", b"content-length", b"keep-alive", b"transfer-encoding", b"upgrade")
)
"""A function cannot set these."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, 5.6.2."""


class MalformedResponse(RequestRefused):
    """The function returned what API Gateway cannot make a response of."""

    def __init__(self, detail: str) -> None:
        super().__init__(Problem.FUNCTION_FAILED, detail)


def parse_response(payload: object) -> HttpResponse:
    """`payload`: a mapping with `statusCode`; or any other JSON value, which becomes the body of a
    response with status 200. Raises MalformedResponse.
    """
    if not isinstance(payload, dict) or "statusCode" not in payload:
        body = payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
        return HttpResponse(200, [JSON], body)
    body = response_body(payload)
    headers = response_headers(payload.get("headers"))
    headers.extend(_cookies(payload.get("cookies")))
    if body and not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
    return HttpResponse(response_status(payload), headers, body)


def response_status(payload: dict[str, Any]) -> int:
    status = payload.get("statusCode")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise MalformedResponse(f"statusCode is {status!r}, which is not an HTTP status.")
    return status


def response_body(payload: dict[str, Any]) -> bytes:
    text = payload.get("body")
    if text is None:
        return b""
    if not isinstance(text, str):
        raise MalformedResponse(f"The body is a {type(text).__name__}, not a string.")
    try:
        body = b64decode(text, validate=True) if payload.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise MalformedResponse("The body is not valid base64 or not valid text.") from None
    if len(body) > RESPONSE_LIMIT:
        raise MalformedResponse("The body is larger than the 6 MB a function may return.")
    return body


def response_headers(headers: object) -> Headers:
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise MalformedResponse("headers is not a mapping.")
    named = ((_name(name), _header_text(name, value)) for name, value in headers.items())
    return [(name, _latin1(text)) for name, text in named if name not in _GATEWAY_HEADERS]


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    if not _TOKEN.fullmatch(name):
        raise MalformedResponse(f"The header {name!r} is not named as HTTP demands.")
    return name.lower().encode("ascii")


def _header_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedResponse(f"The header {name} is a {type(value).__name__}, not a string.")


def _cookies(cookies: object) -> Headers:
    if cookies is None:
        return []
    if not isinstance(cookies, list) or not all(isinstance(cookie, str) for cookie in cookies):
        raise MalformedResponse("cookies is not a list of strings.")
    return [(b"set-cookie", _latin1(cookie)) for cookie in cookies]


@lru_cache(maxsize=256)
def _latin1(text: str) -> bytes:
    try:
        value = text.encode("latin-1")
    except UnicodeEncodeError:
        raise MalformedResponse("A header is not Latin-1.") from None
    if not text.isprintable() and any(byte < 32 or byte == 127 for byte in value):
        raise MalformedResponse("A header contains a control character.")
    return value
