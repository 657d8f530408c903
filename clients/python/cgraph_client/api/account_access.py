"""What keeps an account in the hands of its user: the address, a lost password, backup codes; and
invitations of others."""

from __future__ import annotations

from cgraph_client.api.base_client import BaseClient
from cgraph_client.core.parsing import parse
from cgraph_client.models.invitations import Invitation
from cgraph_client.models.page import Page


class AccountAccess(BaseClient):
    async def send_verification(self) -> None:
        """Sends a mail with a code to the address of the account."""
        await self.request("POST", "/me/email/verification")

    async def verify_email(self, code: str) -> None:
        """Takes the code of the last mail: of `send_verification`, `change_email` or the
        registration."""
        await self.request("POST", "/me/email/verify", body={"code": code})

    async def change_email(self, email: str, *, password: str) -> None:
        """Sends a code to the new address, which is the account's once it is verified."""
        await self.request("POST", "/me/email", body={"email": email, "password": password})

    async def forgot_password(self, login: str) -> None:
        """Sends a mail with a token to the address of the account, if there is one. Needs no
        session."""
        await self._request_without_session("/auth/password/forgot", {"login": login})

    async def reset_password(self, token: str, *, new_password: str) -> None:
        """Takes the token of the mail and ends all sessions of the account. Needs no session."""
        body = {"token": token, "new_password": new_password}
        await self._request_without_session("/auth/password/reset", body)

    async def renew_backup_codes(self, *, password: str, code: str) -> tuple[str, ...]:
        """Returns new backup codes, which are shown only this once; the earlier ones end."""
        body = {"password": password, "code": code}
        document = await self.request("POST", "/auth/totp/backup-codes", body=body)
        return parse(lambda answer: tuple(answer["backup_codes"]), document)

    async def create_invitation(self, *, note: str = "") -> Invitation:
        """Returns an invitation with its text, which is shown only this once."""
        return await self.call(Invitation.from_json, "POST", "/me/invitations", body={"note": note})

    async def invitations(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Invitation]:
        """Lists the invitations that the user has made, newest first."""
        return await self.get_page(
            Invitation.from_json, "/me/invitations", limit=limit, cursor=cursor
        )

    async def revoke_invitation(self, invitation_id: str) -> None:
        await self.request("DELETE", f"/me/invitations/{invitation_id}")
