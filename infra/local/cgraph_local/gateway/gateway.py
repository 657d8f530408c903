"""The one door of the local cloud: which part of the gateway a request is for."""

import logging
import time
from collections.abc import Callable

from uvicorn.server import ServerState

from cgraph_local.gateway.admin import PREFIX as ADMIN
from cgraph_local.gateway.admin import Admin
from cgraph_local.gateway.asgi import ClientGone, Receive, Reply, Scope, Send, send_reply
from cgraph_local.gateway.connections_api import ConnectionsApi
from cgraph_local.gateway.documentation import new_documents
from cgraph_local.gateway.fault_injection import Faults
from cgraph_local.gateway.http_gateway import HttpGateway
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, Refused
from cgraph_local.gateway.socket import Socket
from cgraph_local.gateway.socket_gateway import SocketGateway
from cgraph_local.host import LambdaHost
from cgraph_local.template import Stack

logger = logging.getLogger(__name__)


class Gateway:
    """An ASGI app for HTTP; sockets come as raw connections, through `new_socket`."""

    def __init__(self, stack: Stack, *, host: LambdaHost, options: GatewayOptions) -> None:
        self._host = host
        self._options = options
        self._faults = Faults()
        self._open = OpenSockets(options)
        self._connections = ConnectionsApi(self._open, faults=self._faults)
        self._connections_path = f"{options.socket_path}/@connections/"
        self._admin = Admin(host=host, sockets=self._open, faults=self._faults)
        self._sockets = SocketGateway(
            stack, host=host, options=options, faults=self._faults, sockets=self._open
        )
        self.apply(stack)

    def apply(self, stack: Stack) -> None:
        """The template has changed: requests from now on go by this stack."""
        self._http = HttpGateway(stack, host=self._host, options=self._options, faults=self._faults)
        routed = {path for _, path in self._http.routes.exact}
        documents = new_documents(self._options.documents)
        self._documents: dict[str, Callable[[], Reply]] = {
            path: document for path, document in documents.items() if path not in routed
        }
        self._sockets.apply(stack)

    def new_socket(self, *, server: ServerState) -> Socket:
        return Socket(self._sockets, server=server)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            reply = await self._reply(scope, receive)
        except Refused as refusal:
            reply = refusal.reply
        except ClientGone:
            return
        except Exception:
            logger.exception("%s %s failed in the gateway", scope["method"], scope["path"])
            reply = Problem.GATEWAY_FAILED.reply()
        if reply is None:
            await _hang_up(scope, receive)
        else:
            await send_reply(reply, send)
        if self._options.access_log:
            _print_access(scope, reply, seconds=time.perf_counter() - started)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply | None:
        path: str = scope["path"]
        if path.startswith(self._connections_path):
            connection_id = path.removeprefix(self._connections_path)
            return await self._connections.handle(scope, receive, connection_id=connection_id)
        if path in self._documents and scope["method"] in ("GET", "HEAD"):
            return self._documents[path]()
        if path.startswith(ADMIN):
            return await self._admin.handle(scope, receive)
        return await self._http.handle(scope, receive)


async def _hang_up(scope: Scope, receive: Receive) -> None:
    scope["extensions"]["cgraph.transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _print_access(scope: Scope, reply: Reply | None, *, seconds: float) -> None:
    status = reply.status if reply is not None else "lost"
    milliseconds = round(seconds * 1000, 1)
    print(f"{scope['method']} {scope['path']} → {status} in {milliseconds} ms", flush=True)
