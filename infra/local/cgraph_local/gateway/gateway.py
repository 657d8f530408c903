"""The ASGI app of the gateway: passes each request to the part that handles it."""

import logging
import time
from collections.abc import Callable

from uvicorn.server import ServerState

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.running_cloud import ADMIN_PREFIX
from cgraph_local.gateway import browser_guard
from cgraph_local.gateway.admin import AdminApi, Mails
from cgraph_local.gateway.asgi import (
    BodyTooLarge,
    ClientDisconnected,
    HttpResponse,
    Receive,
    Scope,
    Send,
    read_body,
    send_response,
)
from cgraph_local.gateway.connections_api import TOO_LARGE, ConnectionsApi, ConnectionsRequest
from cgraph_local.gateway.documentation import documentation_routes
from cgraph_local.gateway.edge import Edge
from cgraph_local.gateway.fault_injection import FaultInjection
from cgraph_local.gateway.http_gateway import HttpGateway
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, RequestRefused
from cgraph_local.gateway.socket import Socket
from cgraph_local.gateway.socket_frames import MESSAGE_LIMIT
from cgraph_local.gateway.socket_gateway import SocketGateway
from cgraph_local.host import LambdaHost
from cgraph_local.template import Stack

logger = logging.getLogger(__name__)


class Gateway:
    """An ASGI app for HTTP. uvicorn gives WebSocket connections to the protocol of `new_socket`."""

    def __init__(
        self,
        stack: Stack,
        *,
        host: LambdaHost,
        options: GatewayOptions,
        credentials: Credentials,
        mails: Mails = tuple,
    ) -> None:
        """`credentials`: for `@connections`, the administration API and the edge."""
        self._host = host
        self._options = options
        self._edge = Edge(credentials.edge_key) if options.edge else None
        self._faults = FaultInjection()
        self._open_sockets = OpenSockets(options)
        self._connections = ConnectionsApi(
            self._open_sockets, faults=self._faults, credentials=credentials
        )
        self.connections_path = f"{options.socket_path}/@connections/".encode()
        self._admin = AdminApi(
            host=host,
            sockets=self._open_sockets,
            faults=self._faults,
            credentials=credentials,
            mails=mails,
        )
        self._sockets = SocketGateway(
            stack, host=host, options=options, faults=self._faults, sockets=self._open_sockets
        )
        self.apply(stack)

    def apply(self, stack: Stack) -> None:
        """Replaces the stack after a change of the template. It is used from the next
        request on.
        """
        if self._edge is not None:
            stack = self._edge.behind(stack)
        self._http = HttpGateway(stack, host=self._host, options=self._options, faults=self._faults)
        self._origins = stack.allowed_origins
        routed = {path for _, path in self._http.routes.exact}
        documents = documentation_routes(self._options.documents)
        self._documents: dict[str, Callable[[], HttpResponse]] = {
            path: document for path, document in documents.items() if path not in routed
        }
        self._sockets.apply(stack)

    def new_socket(self, *, server: ServerState, reads_handshake: bool = True) -> Socket:
        return Socket(self._sockets, server=server, reads_handshake=reads_handshake)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self.answer(scope, receive)
        except ClientDisconnected:
            return
        if response is None:
            await _abort_connection(scope, receive)
        else:
            await send_response(response, send)

    async def answer(self, scope: Scope, receive: Receive) -> HttpResponse | None:
        """None when fault injection loses the response. Raises ClientDisconnected."""
        started = time.perf_counter()
        try:
            response = await self._handle(scope, receive)
        except RequestRefused as refusal:
            response = refusal.response
        except ClientDisconnected:
            raise
        except Exception:
            logger.exception("%s %s failed in the gateway", scope["method"], scope["path"])
            response = Problem.GATEWAY_FAILED.response()
        if self._options.access_log:
            _print_access_log(scope, response, seconds=time.perf_counter() - started)
        return response

    def _refusal(self, scope: Scope) -> str | None:
        is_document = scope["path"] in self._documents
        return browser_guard.refusal(
            scope["headers"], allowed=self._origins, is_document=is_document
        )

    async def _handle(self, scope: Scope, receive: Receive) -> HttpResponse | None:
        """None when fault injection loses the response."""
        if reason := self._refusal(scope):
            raise RequestRefused(Problem.FORBIDDEN, reason)
        path: str = scope["path"]
        if path.encode().startswith(self.connections_path):
            return await self._receive_post(scope, receive)
        if path in self._documents and scope["method"] in ("GET", "HEAD"):
            return self._documents[path]()
        if path.startswith(ADMIN_PREFIX):
            return await self._admin.handle(scope, receive)
        if self._edge is not None:
            scope = self._edge.origin_request(scope)
        return await self._http.handle(scope, receive)

    def handle_post(self, request: ConnectionsRequest) -> HttpResponse:
        """A request to `@connections`."""
        started = time.perf_counter()
        if reason := browser_guard.refusal(request.headers, allowed=self._origins):
            response = RequestRefused(Problem.FORBIDDEN, reason).response
        else:
            response = self._connections.handle(request)
        if self._options.access_log:
            scope = {"method": request.method, "path": request.target.decode("latin-1")}
            _print_access_log(scope, response, seconds=time.perf_counter() - started)
        return response

    async def _receive_post(self, scope: Scope, receive: Receive) -> HttpResponse:
        """Such a request that the protocol could not pass on at once."""
        try:
            body = await read_body(receive, limit=MESSAGE_LIMIT)
        except BodyTooLarge:
            return TOO_LARGE
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        request = ConnectionsRequest(scope["method"], target, scope["headers"], body)
        return self._connections.handle(request)


async def _abort_connection(scope: Scope, receive: Receive) -> None:
    scope["extensions"]["cgraph.transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _print_access_log(scope: Scope, response: HttpResponse | None, *, seconds: float) -> None:
    status = response.status if response is not None else "lost"
    milliseconds = round(seconds * 1000, 1)
    print(f"{scope['method']} {scope['path']} → {status} in {milliseconds} ms", flush=True)
