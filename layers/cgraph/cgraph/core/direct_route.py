"""The short way to an endpoint (decision 0112): what Mangum and FastAPI do for a request that is
as it should be, without the layers around it, in a tenth of the time.

What a route takes and answers is what FastAPI found out about it. A request in which anything is
unusual or not valid is not answered here: it goes through the app, which alone knows how to refuse
it.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI, Response
from fastapi._compat import ModelField
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import ResponseValidationError
from pydantic import BaseModel
from starlette.datastructures import QueryParams

from cgraph.core.caller import Admission
from cgraph.core.encoding import decode_json
from cgraph.core.errors import Refusal
from cgraph.core.problems import failure_response, refusal_response
from cgraph.core.strict_route import StrictRoute

Arguments = dict[str, Any]
"""Of an endpoint, by name."""

Event = dict[str, Any]
Reply = dict[str, Any]
Admit = Callable[[Event], Awaitable[Admission]]

BASE_PATH = "/v1"
"""What a custom domain's mapping leaves in the path."""

JSON = "application/json"
QUERIES_KEPT = 128


class Unusual(Exception):
    """The app must answer the request."""


class DirectRoute:
    """`caller`: the dependency that stands for the caller, whom `admit` finds out. `raw`: the class
    of responses whose content is JSON already. Raises Unusual for a route with anything else.
    """

    def __init__(
        self, app: FastAPI, *, caller: Callable[..., Any], admit: Admit, raw: type[Response]
    ) -> None:
        (route,) = app.routes
        if not isinstance(route, StrictRoute) or not _is_plain(route, caller=caller, raw=raw):
            raise Unusual
        self._route, self._admit = route, admit
        self._dependant, self._names = route.dependant, frozenset(route.query_names)
        self._caller_name = next((each.name for each in self._dependant.dependencies), None)
        self._methods = route.methods or set()
        self._status: int = route.status_code or 200
        self._parse_query = lru_cache(maxsize=QUERIES_KEPT)(self._read_query)

    def build_models(self) -> None:
        """Now, not when they are first used."""
        needs = self._dependant
        for field in (*needs.query_params, *needs.body_params, self._route.response_field):
            model = field.field_info.annotation if field else None
            if isinstance(model, type) and issubclass(model, BaseModel):
                model.model_rebuild()

    def parse(self, event: Event) -> Arguments:
        """What the endpoint gets from path, query and body. Raises Unusual."""
        http = event["requestContext"]["http"]
        path = self._route.path_regex.match(_path(http["path"]))
        if path is None or http["method"] not in self._methods:
            raise Unusual
        arguments: Arguments = {}
        for field in self._dependant.path_params:
            arguments[field.name] = _valid(field, path[field.alias])
        arguments |= self._parse_query(event["rawQueryString"])
        body = event.get("body")
        if self._dependant.body_params:
            (field,) = self._dependant.body_params
            arguments[field.name] = _valid(field, _read_body(event, body))
        elif body:
            raise Unusual
        return arguments

    async def answer(self, event: Event, arguments: Arguments) -> Reply:
        """`arguments`: as `parse` returns them."""
        try:
            headers: dict[str, str] = {}
            if self._caller_name is not None:
                admission = await self._admit(event)
                arguments[self._caller_name] = admission.caller
                headers = admission.allowance.headers()
            return await self._call(arguments, headers)
        except Refusal as refusal:
            return to_reply(refusal_response(refusal))
        except Exception as error:
            return to_reply(failure_response(error))

    async def _call(self, arguments: Arguments, headers: dict[str, str]) -> Reply:
        status, name = self._status, self._dependant.response_param_name
        if name is not None:
            response = arguments[name] = _without_status()
        result = await self._route.endpoint(**arguments)
        sent = {"content-type": JSON}
        if name is not None:
            status = response.status_code or status
            sent |= response.headers
        body = self._body_of(result)
        if status != 204:
            sent["content-length"] = str(len(body) if body.isascii() else len(body.encode()))
        sent |= {key.lower(): value for key, value in headers.items()}
        return {"statusCode": status, "body": body, "headers": sent, "isBase64Encoded": False}

    def _body_of(self, result: Any) -> str:
        field = self._route.response_field
        if self._status == 204:
            return ""
        if field is None:
            return str(result)
        value, errors = field.validate(result, {}, loc=("response",))
        if errors:
            raise ResponseValidationError(errors=errors, body=result)
        return field.serialize_json(value).decode()

    def _read_query(self, text: str) -> Arguments:
        query = QueryParams(text)
        if not self._names.issuperset(query):
            raise Unusual
        values, errors = request_params_to_args(self._dependant.query_params, query)
        if errors:
            raise Unusual
        return values


def to_reply(response: Response) -> Reply:
    """What API Gateway takes."""
    return {
        "statusCode": response.status_code,
        "headers": dict(response.headers),
        "body": bytes(response.body).decode(),
        "isBase64Encoded": False,
    }


def _is_plain(route: StrictRoute, *, caller: Callable[..., Any], raw: type[Response]) -> bool:
    """Whether `DirectRoute` knows all that the route needs."""
    needs = route.dependant
    is_raw = route.response_class is raw
    is_usual = isinstance(route.response_class, DefaultPlaceholder)
    return bool(
        route.include_in_schema
        and all(each.call is caller for each in needs.dependencies)
        and not _has_other_parameters(needs)
        and len(needs.body_params) <= 1
        and not route._embed_body_fields
        and (is_raw or (is_usual and (route.response_field or route.status_code == 204)))
    )


def _has_other_parameters(needs: Dependant) -> bool:
    return bool(
        needs.header_params
        or needs.cookie_params
        or needs.request_param_name
        or needs.http_connection_param_name
        or needs.websocket_param_name
        or needs.background_tasks_param_name
        or needs.security_scopes_param_name
    )


def _path(path: str) -> str:
    path = path.removeprefix(BASE_PATH)
    return unquote(path) if "%" in path else path


def _valid(field: ModelField, value: Any) -> Any:
    """Raises Unusual."""
    value, errors = field.validate(value)
    if errors:
        raise Unusual
    return value


def _read_body(event: Event, body: str | None) -> Any:
    """JSON; anything else is for the app. Raises Unusual."""
    kind, _, _ = event["headers"].get("content-type", "").partition(";")
    if not body or kind.strip().lower() != JSON or event["isBase64Encoded"]:
        raise Unusual
    try:
        return decode_json(body)
    except (ValueError, RecursionError):
        raise Unusual from None


def _without_status() -> Response:
    """As FastAPI gives it to an endpoint."""
    response = Response()
    del response.headers["content-length"]
    response.status_code = None  # type: ignore[assignment]
    return response
