"""A server that speaks the protocol, with faults: it repeats, reorders, drops pushes and cuts
sockets."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from tests.unit.client.fake_server.actions import Actions
from tests.unit.client.fake_server.event_log import EventLog
from tests.unit.client.fake_server.http_routes import HttpRoutes
from tests.unit.client.fake_server.socket_route import SocketRoute
from tests.unit.client.fake_server.state import Faults, JsonObject, ServerState


class FakeServer:
    def __init__(self, seed: int = 7) -> None:
        self.state = ServerState()
        self.faults = Faults()
        self.log = EventLog(self.state, faults=self.faults, seed=seed)
        self.actions = Actions(self.state, faults=self.faults, log=self.log)
        self._sockets = SocketRoute(
            self.state, faults=self.faults, log=self.log, actions=self.actions
        )
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def counts(self) -> Counter[str]:
        return self.log.counts

    @property
    def open_sockets(self) -> int:
        return len(self.log.sockets)

    @property
    def most_open_sockets(self) -> int:
        return self._sockets.most_open

    @property
    def frames(self) -> list[JsonObject]:
        """All frames that the clients have sent."""
        return self._sockets.frames

    @property
    def typing(self) -> list[bool]:
        """The flag of each `typing` frame."""
        return [each["data"]["typing"] for each in self.frames if each["action"] == "typing"]

    async def start(self) -> None:
        """Uses the same port after each `stop`."""
        routes = HttpRoutes(self.state, faults=self.faults, log=self.log, actions=self.actions)
        app = web.Application(middlewares=[routes.render_refusals])
        app.router.add_get("/ws", self._sockets.handle)
        for method, path, handler in routes.all():
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._runner is not None
        await self.log.wait_for_pushes()
        self.cut()
        await self._runner.cleanup()

    def cut(self, share: float = 1.0) -> None:
        """Ends a share of the sockets as a broken network does, without a closing frame."""
        self._sockets.cut(share)

    async def broadcast(self, frame: JsonObject) -> None:
        """Sends a frame to every open socket."""
        for socket in list(self.log.sockets):
            await socket.send_json(frame)
