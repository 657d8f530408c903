"""The six routes of the comparison, and sockets, as one FastAPI application.

They call our own actions, so the statements are the same, and stay the same when ours change. What
Postgres has written as JSON is passed on as it is. There is no Valkey, no queue and no function.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Query, Response, WebSocket

from cgraph.accounts.people import actions as people
from cgraph.chat.conversations import actions as conversations
from cgraph.chat.conversations.models import ConversationFilter
from cgraph.chat.messages import actions as messages
from cgraph.chat.messages.history import actions as history
from cgraph.chat.messages.models import ListMessagesQuery, MessageDraft
from cgraph.chat.policies import MEMBER
from cgraph.core.policies import SIGNED_IN
from cgraph.forums.policies import FORUM_PARTICIPANT, FORUM_READER
from cgraph.forums.posts import actions as posts
from cgraph.forums.posts.feeds import actions as feeds
from cgraph.forums.posts.feeds.models import ListPostsQuery
from cgraph.forums.posts.models import PostDraft
from tests.load.monolith.database import Database
from tests.load.monolith.identity import Authorization, Identity
from tests.load.monolith.sockets import Sockets

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Worker:
    """`path`: its Unix socket for the other workers; `peers`: theirs."""

    port: int
    conninfo: str
    secret: str
    path: str
    peers: list[str]


def new_app(worker: Worker) -> FastAPI:
    sockets, identity = Sockets(), Identity(worker.secret)
    database = Database(worker.conninfo, sockets=sockets)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(database.pool)
            server = await asyncio.start_unix_server(sockets.receive, worker.path)
            stack.callback(server.close)
            sending = asyncio.create_task(sockets.send_waiting())
            stack.callback(sending.cancel)
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    _add_realtime(app, worker, sockets=sockets, identity=identity)
    _add_lists(app, database, identity)
    _add_messages(app, database, identity)
    _add_forums(app, database, identity)
    return app


def _add_realtime(app: FastAPI, worker: Worker, *, sockets: Sockets, identity: Identity) -> None:
    @app.get("/ready")
    async def ready() -> Response:
        """Ready once it is connected to all peers."""
        try:
            for path in worker.peers[len(sockets.peers) :]:
                _, writer = await asyncio.open_unix_connection(path)
                sockets.peers.append(writer)
        except OSError:
            return Response(status_code=503)
        return Response()

    @app.post("/realtime/ticket")
    async def make_ticket(authorization: Authorization) -> dict[str, Any]:
        token = authorization.removeprefix("Bearer ")
        return {"url": f"ws://127.0.0.1:{worker.port}/ws?token={token}"}

    @app.websocket("/ws")
    async def serve_socket(socket: WebSocket, token: str) -> None:
        await sockets.serve(socket, identity.user(token))


def _add_lists(app: FastAPI, database: Database, identity: Identity) -> None:
    @app.get("/me")
    async def show_me(authorization: Authorization) -> Response:
        caller = identity.caller(authorization, SIGNED_IN)
        async with database.autocommit() as tx:
            me = await people.show_me(tx, id=caller.id)
        return _json(me)

    @app.get("/conversations")
    async def list_conversations(
        authorization: Authorization, filter: Annotated[ConversationFilter, Query()]
    ) -> Response:
        caller = identity.caller(authorization, SIGNED_IN)
        async with database.autocommit() as tx:
            page = await conversations.list_conversations(tx, reader=caller.id, filter=filter)
        return _json(page)


def _add_messages(app: FastAPI, database: Database, identity: Identity) -> None:
    @app.get("/conversations/{id}/messages")
    async def list_messages(
        id: UUID, authorization: Authorization, query: Annotated[ListMessagesQuery, Query()]
    ) -> Response:
        caller = identity.caller(authorization, MEMBER)
        async with database.autocommit() as tx:
            page = await history.list_messages(tx, caller=caller, conversation_id=id, query=query)
        return _json(page)

    @app.post("/messages")
    async def send_message(draft: MessageDraft, authorization: Authorization) -> Response:
        caller = identity.caller(authorization, MEMBER)
        async with database.autocommit() as tx:
            sent = await messages.send_message(tx, caller=caller, draft=draft)
        return _json(sent.message.model_dump_json(), status=201)


def _add_forums(app: FastAPI, database: Database, identity: Identity) -> None:
    @app.get("/forums/{slug}/posts")
    async def list_posts(
        slug: str, authorization: Authorization, query: Annotated[ListPostsQuery, Query()]
    ) -> Response:
        caller = identity.caller(authorization, FORUM_READER)
        async with database.autocommit() as tx:
            page = await feeds.list_posts(tx, caller=caller, slug=slug, query=query)
        return _json(page)

    @app.post("/forums/{slug}/posts")
    async def create_post(slug: str, draft: PostDraft, authorization: Authorization) -> Response:
        caller = identity.caller(authorization, FORUM_PARTICIPANT)
        async with database.autocommit() as tx:
            result = await posts.create_post(tx, caller=caller, slug=slug, draft=draft)
        return _json(result.json, status=201)


def _json(text: str, *, status: int = 200) -> Response:
    return Response(text, status, media_type=JSON)
