"""Registration, log-in and tokens."""

from __future__ import annotations

import asyncio
import secrets
import uuid

from aiohttp import web

from tests.unit.client.fake_server.state import Faults, JsonObject, Refusal, ServerState


class Sessions:
    def __init__(self, state: ServerState, *, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def authenticate(self, request: web.Request) -> str:
        """Returns the id of the user."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._state.access_tokens:
            raise Refusal(401, "unauthenticated")
        user_id, expires_at = self._state.access_tokens[token]
        if asyncio.get_running_loop().time() > expires_at:
            raise Refusal(401, "token_expired")
        return user_id

    async def register(self, request: web.Request) -> web.Response:
        body = await request.json()
        if any(u["username"] == body["username"] for u in self._state.users.values()):
            raise Refusal(409, "username_taken")
        user = {"id": str(uuid.uuid4()), "username": body["username"], "unknown_field": 1}
        self._state.users[user["id"]] = user
        self._state.passwords[user["id"]] = body["password"]
        return web.json_response({"user": user, **self._new_session(user["id"])}, status=201)

    async def log_in(self, request: web.Request) -> web.Response:
        body = await request.json()
        user = self._state.user_by_name(body["login"])
        self._state.device_tokens.append(body.get("device_token"))
        if self._state.passwords[user["id"]] != body["password"]:
            raise Refusal(401, "wrong_password", detail="The name or the password is wrong.")
        return web.json_response({"user": user, **self._new_session(user["id"])})

    async def refresh(self, request: web.Request) -> web.Response:
        token = (await request.json())["refresh_token"]
        user_id = self._state.refresh_tokens.pop(token, None)
        await asyncio.sleep(0.02)
        if user_id is None:
            raise Refusal(401, "session_ended")
        return web.json_response(self._new_session(user_id))

    async def log_out(self, request: web.Request) -> web.Response:
        self.authenticate(request)
        return web.Response(status=204)

    async def make_ticket(self, request: web.Request) -> web.Response:
        ticket = secrets.token_hex(8)
        self._state.tickets[ticket] = self.authenticate(request)
        url = f"ws://{request.host}/ws?ticket={ticket}"
        return web.json_response({"ticket": ticket, "url": url, "expires_in": 30})

    def _new_session(self, user_id: str) -> JsonObject:
        access, refresh = secrets.token_hex(8), secrets.token_hex(8)
        expires_at = asyncio.get_running_loop().time() + self._faults.access_token_seconds
        self._state.access_tokens[access] = (user_id, expires_at)
        self._state.refresh_tokens[refresh] = user_id
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": 3_600,
            "device_token": f"cgd_{user_id}",
        }
