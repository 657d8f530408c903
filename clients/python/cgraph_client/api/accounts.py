"""Accounts: registration, log-in, sessions, the second factor, contacts, privacy, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cgraph_client.api.base_client import BaseClient
from cgraph_client.core.parsing import parse
from cgraph_client.models.credentials import (
    ActiveSession,
    ApiToken,
    Passkey,
    SecondFactor,
    Session,
)
from cgraph_client.models.page import Page
from cgraph_client.models.users import Contact, Privacy, User


class Accounts(BaseClient):
    async def register(
        self, username: str, *, email: str, password: str, invitation: str | None = None
    ) -> User:
        """Creates an account and logs in to it. `invitation`: where the server requires one."""
        body = {"username": username, "email": email, "password": password}
        body |= {"invitation": invitation} if invitation is not None else {}
        return self._start_session(await self._request_without_session("/auth/register", body))

    async def log_in(self, login: str, *, password: str, code: str | None = None) -> User:
        """`code`: from the authenticator app or a backup code, where the account has a second
        factor. Without it such an account is refused with `second_factor_required`. The token of
        the last log-in on this device goes along: nobody else's wrong attempts lock it out."""
        body = {"login": login, "password": password}
        body |= {"code": code} if code is not None else {}
        device_token = self._session.device_token
        body |= {"device_token": device_token} if device_token is not None else {}
        return self._start_session(await self._request_without_session("/auth/login", body))

    async def log_out(self) -> None:
        await self.request("POST", "/auth/logout")
        self._session.replace(None)

    async def me(self) -> User:
        """Returns the user who is logged in."""
        return await self.get(User.from_json, "/me")

    async def change_me(
        self,
        *,
        username: str | None = None,
        display_name: str | None = None,
        bio: str | None = None,
        avatar: str | None = None,
        language: str | None = None,
    ) -> User:
        """Changes what is not None in the profile of the user who is logged in. `avatar`: the id
        of an upload of the user with the purpose `avatar`. `language`: of mails and push
        messages."""
        change = {
            "username": username,
            "display_name": display_name,
            "bio": bio,
            "avatar": avatar,
            "language": language,
        }
        body = {name: value for name, value in change.items() if value is not None}
        return await self.call(User.from_json, "PATCH", "/me", body=body)

    async def set_status(self, text: str | None, *, until: str | None = None) -> User:
        """`text`: None removes the status. `until`: when it ends by itself, as ISO 8601."""
        status = None if text is None else {"text": text, "until": until}
        return await self.call(User.from_json, "PATCH", "/me", body={"status": status})

    async def remove_avatar(self) -> User:
        return await self.call(User.from_json, "PATCH", "/me", body={"avatar": None})

    async def user(self, username: str) -> User:
        return await self.get(User.from_json, f"/users/{quote(username, safe='')}")

    async def user_by_id(self, user_id: str) -> User:
        """Returns a user, for example the author of a message who has left the conversation."""
        return await self.get(User.from_json, f"/users/by-id/{user_id}")

    # sessions and the second factor

    async def sessions(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[ActiveSession]:
        """Lists the sessions of the account that have not ended, newest first."""
        return await self.get_page(
            ActiveSession.from_json, "/auth/sessions", limit=limit, cursor=cursor
        )

    async def revoke_session(self, session_id: str) -> None:
        """Ends a session: its tokens are no longer valid and its sockets are closed."""
        await self.request("DELETE", f"/auth/sessions/{session_id}")

    async def revoke_sessions(self, *, current: bool = False) -> None:
        """Ends all other sessions; with `current` this one too."""
        await self.request("DELETE", "/auth/sessions", current="true" if current else None)
        if current:
            self._session.replace(None)

    async def change_password(self, current: str, new: str) -> None:
        """Changes the password and ends all other sessions."""
        body = {"current_password": current, "new_password": new}
        await self.request("POST", "/auth/password", body=body)

    async def set_up_totp(self, password: str) -> SecondFactor:
        """Returns the secret of a second factor, which `confirm_totp` puts in force."""
        document = await self.request("POST", "/auth/totp", body={"password": password})
        return parse(SecondFactor.from_json, document)

    async def confirm_totp(self, code: str) -> tuple[str, ...]:
        """Puts the second factor in force: from now on a log-in needs a code. Returns the backup
        codes, which are shown only this once."""
        document = await self.request("POST", "/auth/totp/confirm", body={"code": code})
        return parse(lambda answer: tuple(answer["backup_codes"]), document)

    async def remove_totp(self, code: str) -> None:
        await self.request("POST", "/auth/totp/remove", body={"code": code})

    # contacts and privacy

    async def put_contact(self, user_id: str) -> str:
        """Asks a user to be a contact, or accepts; returns the state: `requested`, `contact`."""
        document = await self.request("PUT", f"/me/contacts/{user_id}")
        return parse(lambda answer: str(answer["state"]), document)

    async def remove_contact(self, user_id: str) -> None:
        """Ends a contact, withdraws a request or declines one."""
        await self.request("DELETE", f"/me/contacts/{user_id}")

    async def contacts(
        self,
        *,
        state: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Contact]:
        """Lists contacts, or what is `requested` or `received`."""
        return await self.get_page(
            Contact.from_json, "/me/contacts", state=state, limit=limit, cursor=cursor
        )

    async def privacy(self) -> Privacy:
        return await self.get(Privacy.from_json, "/me/privacy")

    async def change_privacy(
        self,
        *,
        messages_from: str | None = None,
        groups_from: str | None = None,
        receipts: bool | None = None,
    ) -> Privacy:
        """Changes what is not None. The first two: `everyone`, `contacts` or `nobody`."""
        change = {
            "messages_from": messages_from,
            "groups_from": groups_from,
            "receipts": receipts,
        }
        body = {name: value for name, value in change.items() if value is not None}
        return await self.call(Privacy.from_json, "PATCH", "/me/privacy", body=body)

    # API tokens

    async def confirm(self, password: str, *, code: str | None = None) -> None:
        """Makes the session a fresh log-in, without which `fresh_login_required` refuses what
        changes who may use the account."""
        body = {"password": password} | ({"code": code} if code is not None else {})
        await self.request("POST", "/auth/confirm", body=body)

    async def create_api_token(
        self, name: str, *, scopes: Sequence[str], expires_in_days: int | None = None
    ) -> ApiToken:
        """Returns a token for `Client(…, token=…)`. Its `token` is shown only this once."""
        body: dict[str, Any] = {"name": name, "scopes": list(scopes)}
        body |= {"expires_in_days": expires_in_days} if expires_in_days is not None else {}
        return await self.call(ApiToken.from_json, "POST", "/me/tokens", body=body)

    async def api_tokens(self) -> Page[ApiToken]:
        """Lists all that have not expired, newest first."""
        return await self.get_page(ApiToken.from_json, "/me/tokens")

    async def delete_api_token(self, token_id: str) -> None:
        """From now on it is refused, and its sockets are closed."""
        await self.request("DELETE", f"/me/tokens/{token_id}")

    # passkeys: a browser adds them and logs in with them

    async def passkeys(self) -> Page[Passkey]:
        """Lists all, newest first."""
        return await self.get_page(Passkey.from_json, "/me/passkeys")

    async def rename_passkey(self, passkey_id: str, name: str) -> Passkey:
        body = {"name": name}
        return await self.call(Passkey.from_json, "PATCH", f"/me/passkeys/{passkey_id}", body=body)

    async def delete_passkey(self, passkey_id: str) -> None:
        """Needs a fresh log-in. Sessions that began with it go on."""
        await self.request("DELETE", f"/me/passkeys/{passkey_id}")

    # blocks

    async def block(self, user_id: str) -> None:
        """Blocks a user: no direct messages between the two, and no mentions by the user."""
        await self.request("PUT", f"/me/blocks/{user_id}")

    async def unblock(self, user_id: str) -> None:
        await self.request("DELETE", f"/me/blocks/{user_id}")

    async def blocks(self, *, limit: int | None = None, cursor: str | None = None) -> Page[User]:
        """Lists the users whom the caller blocks."""
        return await self.get_page(User.from_json, "/me/blocks", limit=limit, cursor=cursor)

    def _start_session(self, document: Any) -> User:
        session = parse(Session.from_json, document)
        self._session.replace(session, device_token=document.get("device_token"))
        return parse(User.from_json, document["user"])
