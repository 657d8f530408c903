"""Accounts: how one gets in, from where, and who may talk to one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cgraph_client.api.caller import Caller
from cgraph_client.credentials import Device, SecondFactor, Session
from cgraph_client.models import Page, User
from cgraph_client.reading import read


class Accounts(Caller):
    async def register(self, username: str, *, email: str, password: str) -> User:
        """Makes the account and logs in to it."""
        body = {"username": username, "email": email, "password": password}
        return self._enter(await self._ask_as_nobody("/auth/register", body))

    async def log_in(self, login: str, *, password: str, code: str | None = None) -> User:
        """`code`: of the authenticator or a backup code, where the account has a second factor;
        without it that is refused as `code_required`."""
        body = {"login": login, "password": password}
        body |= {"code": code} if code is not None else {}
        return self._enter(await self._ask_as_nobody("/auth/login", body))

    async def log_out(self) -> None:
        await self.ask("POST", "/auth/logout")
        self._sessions.use(None)

    async def me(self) -> User:
        return await self.ask_for(User.read, "/me")

    async def user(self, username: str) -> User:
        return await self.ask_for(User.read, f"/users/{quote(username, safe='')}")

    # sessions and secrets

    async def devices(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Device]:
        """Where one is logged in, the latest first."""
        return await self.ask_for_page(Device.read, "/auth/sessions", limit=limit, cursor=cursor)

    async def end_session(self, session_id: str) -> None:
        """Its tokens are worth nothing from now on, and its sockets close."""
        await self.ask("DELETE", f"/auth/sessions/{session_id}")

    async def end_sessions(self, *, current: bool = False) -> None:
        """All others; with `current` this one too."""
        await self.ask("DELETE", "/auth/sessions", current="true" if current else None)
        if current:
            self._sessions.use(None)

    async def change_password(self, current: str, new: str) -> None:
        """Ends all other sessions."""
        body = {"current_password": current, "new_password": new}
        await self.ask("POST", "/auth/password", body=body)

    async def set_up_totp(self, password: str) -> SecondFactor:
        """Log-ins ask for its codes once one has confirmed it."""
        document = await self.ask("POST", "/auth/totp", body={"password": password})
        return read(SecondFactor.read, document)

    async def confirm_totp(self, code: str) -> tuple[str, ...]:
        """From now on a log-in takes a code. The backup codes, which are not shown again."""
        document = await self.ask("POST", "/auth/totp/confirm", body={"code": code})
        return read(lambda answer: tuple(answer["backup_codes"]), document)

    async def remove_totp(self, code: str) -> None:
        await self.ask("POST", "/auth/totp/remove", body={"code": code})

    # blocks

    async def block(self, user_id: str) -> None:
        """No direct messages between the two, and no mentions by them."""
        await self.ask("PUT", f"/me/blocks/{user_id}")

    async def unblock(self, user_id: str) -> None:
        await self.ask("DELETE", f"/me/blocks/{user_id}")

    async def blocks(self, *, limit: int | None = None, cursor: str | None = None) -> Page[User]:
        return await self.ask_for_page(User.read, "/me/blocks", limit=limit, cursor=cursor)

    def _enter(self, document: Any) -> User:
        self._sessions.use(read(Session.read, document))
        return read(User.read, document["user"])
