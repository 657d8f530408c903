"""Refusals as HTTP answers (RFC 9457): the only place where a refusal becomes a response."""

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cgraph.core import metrics
from cgraph.core.errors import (
    InternalError,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    Refusal,
    ValidationFailed,
)
from cgraph.core.log import logger
from cgraph.core.validation import validation_failed

PROBLEM = "application/problem+json"


def answer_refusals(app: FastAPI) -> None:
    """Registers the handlers of all that an app may raise."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_failure)


def refusal_response(refusal: Refusal) -> Response:
    """Of a refusal that an action or an admission raised."""
    if refusal.is_failure:
        metrics.fail()
    return problem(refusal)


def failure_response(error: Exception) -> Response:
    """Of an error that nobody expected."""
    logger.error("request_failed", exc_info=error)
    metrics.fail()
    return problem(InternalError())


def problem(refusal: Refusal) -> Response:
    """RFC 9457, with the stable `code`."""
    document: dict[str, Any] = {
        "type": f"urn:cgraph:problem:{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    headers = {}
    if isinstance(refusal, ValidationFailed):
        document["errors"] = refusal.errors
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(refusal.retry_after + 0.5)))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = json.dumps(document).encode()
    return Response(body, refusal.status, headers, media_type=PROBLEM)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if error.is_failure:
        metrics.fail()
    return problem(error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    items = error.errors()
    if any(item["type"] == "json_invalid" for item in items):
        return problem(MalformedBody())
    route = request.scope["route"]
    undeclared = await route.undeclared(request)
    return problem(validation_failed([*undeclared, *items], known=route.known_names))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """What FastAPI refuses by itself."""
    assert isinstance(error, HTTPException)
    known = {400: MalformedBody(), 404: NotFound(), 405: MethodNotAllowed()}
    return problem(known[error.status_code])


async def _on_failure(request: Request, error: Exception) -> Response:
    logger.error("request_failed", exc_info=error)
    metrics.fail()
    return problem(InternalError())
