"""A new account, for sample events that end sessions or change how an account logs in: the demo
accounts stay as they were.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cgraph.accounts.one_time_tokens.tokens import OneTimeToken, Purpose
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import DEMO_PASSWORD, new_account

if TYPE_CHECKING:
    from cgraph_local.demo.authenticator import Authenticator


class NewAccount:
    """Registered when one of its values is first read."""

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud

    @cached_property
    def _session(self) -> dict[str, Any]:
        return dict(self._cloud.request("POST", "/auth/register", new_account("new-user")))

    @property
    def access_token(self) -> str:
        return str(self._session["access_token"])

    def mailed(self, purpose: Purpose) -> OneTimeToken:
        """What a mail to the account's address brings."""
        from cgraph_local.demo.mail_links import one_time_token

        endpoints = self._cloud.endpoints("postgres")
        user_id = UUID(self._session["user"]["id"])
        return one_time_token(endpoints, user_id=user_id, purpose=purpose)

    @cached_property
    def session_id(self) -> str:
        return str(self._request("GET", "/auth/sessions")["items"][0]["id"])

    @cached_property
    def totp_code(self) -> str:
        """A valid code of a second factor that is not confirmed yet."""
        import pyotp

        factor = self._request("POST", "/auth/totp", {"password": DEMO_PASSWORD})
        return str(pyotp.TOTP(factor["secret"]).now())

    @cached_property
    def backup_code(self) -> str:
        """A backup code of a second factor that is active."""
        confirmed = self._request("POST", "/auth/totp/confirm", {"code": self.totp_code})
        return str(confirmed["backup_codes"][0])

    @cached_property
    def _authenticator(self) -> "Authenticator":
        from cgraph_local.demo.authenticator import Authenticator

        return Authenticator(self._cloud.address.replace("127.0.0.1", "localhost"), "localhost")

    @property
    def new_passkey(self) -> str:
        """What an authenticator answers for a new passkey."""
        options = self._request("POST", "/me/passkeys/options")
        return self._authenticator.create(options["public_key"])

    @cached_property
    def passkey_id(self) -> str:
        draft = {"name": "a phone", "response": self.new_passkey}
        return str(self._request("POST", "/me/passkeys", draft)["id"])

    @property
    def passkey_response(self) -> str:
        """What the authenticator answers at a log-in."""
        assert self.passkey_id
        options = self._request("POST", "/auth/passkey/options", {})
        return self._authenticator.get(options["public_key"])

    @cached_property
    def api_token_id(self) -> str:
        draft = {"name": "a program", "scopes": ["messages:read"]}
        return str(self._request("POST", "/me/tokens", draft)["id"])

    def _request(self, method: str, path: str, body: object = None) -> Any:
        return self._cloud.request(method, path, body, token=self.access_token)
