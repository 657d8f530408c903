"""A route that refuses what it does not declare: query parameters, and the fields of a body where
it takes none. Undeclared fields of a body that it takes are refused by the body's model.
"""

import warnings
from collections.abc import Callable, Coroutine, Iterator
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

from fastapi import Request, Response
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic.warnings import UnsupportedFieldAttributeWarning

from cgraph.core.encoding import decode_json
from cgraph.core.validation import Item, Path, field_names, unknown_items

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """The same request, whose body is JSON as `decode_json` takes it. The body is read once, by
    `request`, which handlers of refusals get.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request.scope, request.receive)
        self._request = request

    async def body(self) -> bytes:
        return await self._request.body()

    async def json(self) -> Any:
        return decode_json(await self.body())


class StrictRoute(APIRoute):
    """What is undeclared is found before anything else, and refused after it: a caller without a
    token gets 401, and the refusal lists what else is not valid.

    A route that is in no document, which answers for all unknown paths, takes anything.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.body_field is not None:
            _build(self.body_field)

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()
        if not self.include_in_schema:
            return handle
        takes_body, query = self.body_field is not None, frozenset(self.query_names)

        async def handle_strictly(request: Request) -> Response:
            scope = request.scope
            if scope["query_string"] and not query.issuperset(request.query_params.keys()):
                return await self._refuse(request)
            if not takes_body and scope["aws.event"].get("body") and await _body_names(request):
                return await self._refuse(request)
            return await handle(StrictRequest(request))

        return handle_strictly

    @cached_property
    def query_names(self) -> tuple[str, ...]:
        """Of all query parameters, those of its dependencies too."""
        return tuple(dict.fromkeys(_query_names(self.dependant)))

    def known_names(self, part: str, path: Path) -> list[str]:
        """Names that the request may have in its query, or at `path` in its body."""
        if part == "query":
            return list(self.query_names)
        bodies = [param.field_info.annotation for param in self.dependant.body_params]
        return [name for body in bodies for name in field_names(body, path)]

    async def undeclared(self, request: Request) -> list[Item]:
        """As pydantic would report it."""
        names = [name for name in request.query_params if name not in self.query_names]
        body = [] if self.body_field is not None else await _body_names(request)
        return [*unknown_items("query", names), *unknown_items("body", body)]

    async def _refuse(self, request: Request) -> Response:
        """As the route would answer, but in place of the endpoint there is the refusal."""
        route = copy(self)
        route.dependant = replace(self.dependant, call=_nothing_else_is_wrong)
        return await APIRoute.get_route_handler(route)(StrictRequest(request))


def _build(field: ModelField) -> None:
    """Models are built when they are first used; that of the body is now. FastAPI gives its type an
    alias, and ignores pydantic's warning only where it builds it itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
        field.validate(None)


async def _nothing_else_is_wrong(**_: object) -> None:
    raise RequestValidationError([])


def _query_names(dependant: Dependant) -> Iterator[str]:
    for param in dependant.query_params:
        yield from field_names(param.field_info.annotation) or [param.alias]
    for each in dependant.dependencies:
        yield from _query_names(each)


async def _body_names(request: Request) -> list[str]:
    """None where it is not a JSON object: such a body names nothing."""
    try:
        body = decode_json(await request.body())
    except (ValueError, RecursionError):
        return []
    return list(body) if isinstance(body, dict) else []
