"""What the gateway itself answers when no function did."""

from enum import Enum

import orjson

from cgraph_local.gateway.asgi import Reply

_PROBLEM = (b"content-type", b"application/problem+json")


class Problem(Enum):
    """Status, stable code, AWS's own text, and what a person should know.

    AWS sends only its text, as `message`: these documents hold that and more. HTTP APIs of AWS
    answer a failed function with 500 and a timed-out integration with 503; here they are 502 and
    504, so that a fault of the gateway can be told from a fault of a function.
    """

    BAD_REQUEST = (400, "bad_request", "Bad Request", "This is not a valid HTTP request.")
    FORBIDDEN = (403, "forbidden", "Forbidden", "This may not be asked from here.")
    NOT_FOUND = (404, "not_found", "Not Found", "No route has this method and path.")
    PAYLOAD_TOO_LARGE = (
        413,
        "payload_too_large",
        "Request Entity Too Large",
        "A body holds at most 10 MB, and at most 6 MB as the event of a function.",
    )
    HEADERS_TOO_LARGE = (
        431,
        "headers_too_large",
        "Request Header Fields Too Large",
        "The request line and the header values hold at most 10,240 bytes together.",
    )
    THROTTLED = (429, "throttled", "Too Many Requests", "More requests than the limit. Try again.")
    GATEWAY_FAILED = (
        500,
        "gateway_failed",
        "Internal Server Error",
        "The local gateway has a defect; its traceback is on the console.",
    )
    FUNCTION_FAILED = (502, "function_failed", "Internal Server Error", "The function failed.")
    FUNCTION_TIMED_OUT = (504, "function_timed_out", "Service Unavailable", "No answer in time.")

    def __init__(self, status: int, code: str, message: str, detail: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def reply(self, detail: str | None = None) -> Reply:
        document = {
            "type": "about:blank",
            "title": self.message,
            "status": self.status,
            "code": self.code,
            "detail": detail or self.detail,
            "message": self.message,
        }
        return Reply(self.status, [_PROBLEM], orjson.dumps(document))


class Refused(Exception):
    def __init__(self, problem: Problem, detail: str | None = None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.detail = detail

    @property
    def reply(self) -> Reply:
        return self.problem.reply(self.detail)
