"""What a function returned, as the HTTP answer API Gateway makes of it."""

from base64 import b64decode
from typing import Any

import orjson

from cgraph_local.gateway.asgi import JSON, Headers, Reply
from cgraph_local.gateway.problems import Problem, Refused

ANSWER_LIMIT = 6 * 1024 * 1024

_OURS = frozenset(("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"))


class Malformed(Refused):
    """API Gateway cannot make an answer of what the function returned."""

    def __init__(self, why: str) -> None:
        super().__init__(Problem.FUNCTION_FAILED, why)


def read_answer(payload: object) -> Reply:
    """A mapping with `statusCode`, or any other JSON value, which is a body with status 200."""
    if not isinstance(payload, dict) or "statusCode" not in payload:
        body = payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
        return Reply(200, [JSON], body)
    body = body_of(payload)
    headers = headers_of(payload.get("headers"))
    headers.extend(_cookies(payload.get("cookies")))
    if body and not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
    return Reply(status_of(payload), headers, body)


def status_of(payload: dict[str, Any]) -> int:
    status = payload.get("statusCode")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise Malformed(f"statusCode is {status!r}, not a status of HTTP.")
    return status


def body_of(payload: dict[str, Any]) -> bytes:
    text = payload.get("body")
    if text is None:
        return b""
    if not isinstance(text, str):
        raise Malformed(f"The body is a {type(text).__name__}, not a string.")
    try:
        body = b64decode(text, validate=True) if payload.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise Malformed("The body is neither text nor the base64 it is said to be.") from None
    if len(body) > ANSWER_LIMIT:
        raise Malformed("The body is larger than the 6 MB a function may return.")
    return body


def headers_of(given: object) -> Headers:
    if given is None:
        return []
    if not isinstance(given, dict):
        raise Malformed("headers is not a mapping.")
    return [
        (_encoded(name.lower()), _encoded(_header_text(name, value)))
        for name, value in given.items()
        if name.lower() not in _OURS
    ]


def _header_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Malformed(f"The header {name} is a {type(value).__name__}, not a string.")


def _cookies(given: object) -> Headers:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(cookie, str) for cookie in given):
        raise Malformed("cookies is not a list of strings.")
    return [(b"set-cookie", _encoded(cookie)) for cookie in given]


def _encoded(text: str) -> bytes:
    try:
        value = text.encode("latin-1")
    except UnicodeEncodeError:
        raise Malformed("A header is not Latin-1.") from None
    if not text.isprintable() and any(byte < 32 or byte == 127 for byte in value):
        raise Malformed("A header holds a control character.")
    return value
