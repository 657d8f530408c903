"""Somebody new, for the events that end sessions or change how a person logs in: after them the two
people of the demo are as they were.
"""

from functools import cached_property
from typing import Any
from uuid import uuid4

from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import PASSWORD


class Guest:
    """Registered when they are first asked for."""

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud

    @cached_property
    def access_token(self) -> str:
        name = f"guest-{uuid4().hex[:12]}"
        person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return str(self._cloud.ask("POST", "/auth/register", person)["access_token"])

    @cached_property
    def session_id(self) -> str:
        return str(self._ask("GET", "/auth/sessions")["items"][0]["id"])

    @cached_property
    def totp_code(self) -> str:
        """Of a second factor that waits to be confirmed."""
        import pyotp

        new = self._ask("POST", "/auth/totp", {"password": PASSWORD})
        return str(pyotp.TOTP(new["secret"]).now())

    @cached_property
    def backup_code(self) -> str:
        """Of a second factor that is active."""
        confirmed = self._ask("POST", "/auth/totp/confirm", {"code": self.totp_code})
        return str(confirmed["backup_codes"][0])

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        return self._cloud.ask(method, path, body, token=self.access_token)
