"""HTTP functions: a FastAPI app with one route, behind Mangum. Where a request is as it should be,
the route is called without the layers of both (see `direct_route`).
"""

import re
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, create_model
from starlette.datastructures import State

from cgraph.core import loop, metrics, recent_changes, snapstart, text
from cgraph.core.addresses import client_address, network_of
from cgraph.core.admission import admit
from cgraph.core.caller import Admission, Caller, Sender
from cgraph.core.direct_route import BASE_PATH, DirectRoute, Event, Reply, Unusual, to_reply
from cgraph.core.encoding import header_text
from cgraph.core.errors import AuthenticationRequired, EdgeRequired, ReadOnly
from cgraph.core.fields import Cursor
from cgraph.core.limits import Limit, Mode
from cgraph.core.log import logger
from cgraph.core.pagination import Page
from cgraph.core.policies import Policy
from cgraph.core.problems import PROBLEM, answer_refusals, problem
from cgraph.core.scopes import scope_of
from cgraph.core.sender_admission import admit_sender
from cgraph.core.strict_route import StrictRoute
from cgraph.core.tokens import Kind

SAFE_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Of each answer: it is for its caller only, and only what its type says."""

snapstart.imported_on_use("mangum.adapter")

CORRELATION_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")

Handler = Callable[[Event, Any], Reply]


def new_app(
    policy: Policy,
    *,
    limit: Limit | None,
    vouched_by: Kind | None = None,
    scope: str | None = None,
) -> FastAPI:
    """An app for one route. `limit`: None only for what touches nothing; without a session it is
    counted by the address. `vouched_by`: the kind of token in the body (`refresh_token`) by which
    it is counted instead, if Valkey knows that it was issued. `scope`: what an API token needs,
    where that is not the folder and the method.
    """
    app = FastAPI(
        title="CGraph",
        openapi_url=None,
        dependencies=[Depends(_admit_sender)] if limit and not policy.signed_in else [],
    )
    app.router.route_class = StrictRoute
    app.state.policy, app.state.limit, app.state.vouched_by = policy, limit, vouched_by
    app.state.scope = scope
    answer_refusals(app)
    return app


def lambda_handler(app: FastAPI) -> Handler:
    """What Lambda calls."""
    snapstart.prepare_snapshot()
    _complete_scope(app)
    direct = _direct_route(app)

    def answer(event: Event, context: Any) -> Reply:
        if direct is not None:
            try:
                return loop.run(direct.answer(event, direct.parse(event)))
            except Unusual:
                pass
        loop.current_loop()  # or Mangum makes one of its own
        return _adapter(app)(event, context)

    return _handler(answer)


def _complete_scope(app: FastAPI) -> None:
    for route in app.routes:
        if isinstance(route, StrictRoute) and app.state.scope is None:
            app.state.scope = scope_of(route.endpoint.__module__, route.methods or ())


@cache
def _adapter(app: FastAPI) -> Handler:
    """Mangum, for a request that no direct route takes. Lifespan is off: it would be run at every
    request.
    """
    from mangum import Mangum
    from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

    return Mangum(
        app,
        lifespan="off",
        api_gateway_base_path=BASE_PATH,
        text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, PROBLEM],
    )


def _handler(answer: Handler) -> Handler:
    """With what each answer has and each request leaves."""

    def handle(event: Event, context: Any) -> Reply:
        correlation_id = _correlation_id(event)
        logger.set_correlation_id(correlation_id)
        try:
            client_address(event)
        except EdgeRequired as refusal:
            reply = to_reply(problem(refusal))
        else:
            with metrics.invocation("http.request.duration"):
                reply = answer(event, context)
                if user := recent_changes.take_slow_write():
                    loop.run(recent_changes.try_mark(user))
        reply["headers"] |= {**SAFE_HEADERS, "x-correlation-id": correlation_id}
        return reply

    return handle


def _direct_route(app: FastAPI) -> DirectRoute | None:
    if app.router.route_class is not StrictRoute:
        return None  # it is not of new_app, which a contract test refuses
    admitted = partial(_admit_event, state=app.state)
    try:
        direct = DirectRoute(app, caller=_caller, admit=admitted, raw=RawJSONResponse)
    except Unusual:
        return None
    if snapstart.is_snapshot():
        direct.build_models()
    return direct


def _correlation_id(event: Event) -> str:
    """The client's own, where it is one that can be logged; else the request's."""
    given = event["headers"].get("x-correlation-id", "")
    if CORRELATION_ID.fullmatch(given):
        return str(given)
    return str(event["requestContext"]["requestId"])


async def _admit(request: Request, response: Response) -> Admission:
    admission = await _admit_event(request.scope["aws.event"], state=request.app.state)
    response.headers.update(admission.allowance.headers())
    return admission


async def _admit_event(event: Event, *, state: State) -> Admission:
    """`state`: of the app."""
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AuthenticationRequired
    admission = await admit(
        token.strip(),
        address=client_address(event),
        limit=state.limit,
        policy=state.policy,
        scope=state.scope,
        changes=event["requestContext"]["http"]["method"] != "GET",
    )
    admission.allowance.require()
    if admission.mode is Mode.READ_ONLY and state.limit.writes:
        raise ReadOnly(retry_after=30)
    return admission


async def _admit_sender(request: Request, response: Response) -> AsyncIterator[Sender]:
    state = request.app.state
    network = network_of(client_address(request.scope["aws.event"]))
    body = await request.body() if state.vouched_by else b""
    async with admit_sender(network, limit=state.limit, vouched_by=state.vouched_by, body=body) as (
        sender,
        allowance,
    ):
        response.headers.update(allowance.headers())
        yield sender


async def _caller(admission: Annotated[Admission, Depends(_admit)]) -> Caller:
    return admission.caller


async def _device(request: Request) -> str:
    """Of the event itself: on its way through ASGI, a header is only latin-1."""
    user_agent = request.scope["aws.event"]["headers"].get("user-agent", "")
    return text.clean_line(header_text(user_agent), at_most=200)


CurrentUser = Annotated[Caller, Depends(_caller)]
AdmittedSender = Annotated[Sender, Depends(_admit_sender)]
Device = Annotated[str, Depends(_device)]
PageLimit = Annotated[int, Query(ge=1, le=100, description="The largest number of items.")]
PageCursor = Annotated[
    Cursor | None,
    Query(description="`next` of the page before. Without it, the first page."),
]


class RawJSONResponse(JSONResponse):
    """A body that is JSON already, as Postgres wrote it."""

    def render(self, content: str) -> bytes:
        return content.encode()


def json_body(model: type[BaseModel], *, status: int = 200) -> dict[str, Any]:
    """Arguments of a route whose endpoint returns JSON text: `model` is what the documents show."""
    return {
        "response_class": RawJSONResponse,
        "response_model": None,
        "responses": {status: {"model": model}},
        "status_code": status,
    }


def json_page(item: type[BaseModel]) -> dict[str, Any]:
    """Arguments of a route whose endpoint returns a page of `item`, as JSON text. The page of
    Message is the schema MessagePage.
    """
    page: type[BaseModel] = Page[item]  # type: ignore[valid-type] # known when it is called
    return json_body(create_model(f"{item.__name__}Page", __base__=page, __doc__=Page.__doc__))


def mark_replay(response: Response, *, replayed: bool) -> None:
    """A write that had been done before answers 200 and says so."""
    if replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
