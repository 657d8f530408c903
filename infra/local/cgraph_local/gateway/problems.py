"""The errors of the gateway itself, as problem documents (RFC 9457)."""

from enum import Enum

import orjson

from cgraph_local.gateway.asgi import HttpResponse

_HEADERS = (
    (b"content-type", b"application/problem+json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


class Problem(Enum):
    """Status, stable code, AWS's text, and a detail for the developer.

    AWS sends its text only, as `message`. HTTP APIs of AWS answer a failed function with 500 and a
    timed-out integration with 503; here they are 502 and 504, so that failures of a function can be
    distinguished from failures of the gateway.
    """

    BAD_REQUEST = (400, "bad_request", "Bad Request", "This is not a valid HTTP request.")
    FORBIDDEN = (403, "forbidden", "Forbidden", "This may not be requested from here.")
    NOT_FOUND = (404, "not_found", "Not Found", "No route has this method and path.")
    PAYLOAD_TOO_LARGE = (
        413,
        "payload_too_large",
        "Request Entity Too Large",
        "A body may have 10 MB, and the event of a function 6 MB.",
    )
    HEADERS_TOO_LARGE = (
        431,
        "headers_too_large",
        "Request Header Fields Too Large",
        "The request line and the header values may have 10,240 bytes together.",
    )
    THROTTLED = (429, "throttled", "Too Many Requests", "The rate limit is exceeded. Try again.")
    GATEWAY_FAILED = (
        500,
        "gateway_failed",
        "Internal Server Error",
        "The local gateway has a defect; its traceback is on the console.",
    )
    FUNCTION_FAILED = (502, "function_failed", "Internal Server Error", "The function failed.")
    FUNCTION_TIMED_OUT = (
        504,
        "function_timed_out",
        "Service Unavailable",
        "The function did not return in time.",
    )

    def __init__(self, status: int, code: str, message: str, detail: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def response(self, detail: str | None = None) -> HttpResponse:
        document = {
            "type": "about:blank",
            "title": self.message,
            "status": self.status,
            "code": self.code,
            "detail": detail or self.detail,
            "message": self.message,
        }
        return HttpResponse(self.status, [*_HEADERS], orjson.dumps(document))


class RequestRefused(Exception):
    """The gateway answers the request with a problem."""

    def __init__(self, problem: Problem, detail: str | None = None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.detail = detail

    @property
    def response(self) -> HttpResponse:
        return self.problem.response(self.detail)
