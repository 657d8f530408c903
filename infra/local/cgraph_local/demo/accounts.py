"""Two demo accounts with a direct conversation, so that a newcomer has somebody to talk to."""

import contextlib
import json
from typing import Any
from uuid import uuid4

from cgraph_local.core.running_cloud import RequestFailed, RunningCloud

DEMO_USERNAMES = ("ada", "grace")
DEMO_PASSWORD = "correct horse battery"  # noqa: S105 (of accounts on this machine only)

UNAUTHORIZED = 401


def create_demo_data(cloud: RunningCloud) -> None:
    """Creates the accounts and the conversation that do not exist yet."""
    sessions = DemoSessions(cloud)
    tokens = [str(sessions.session(name)["access_token"]) for name in DEMO_USERNAMES]
    cloud.request("POST", "/conversations", direct_conversation(), token=tokens[0])


def direct_conversation() -> dict[str, Any]:
    """The body of the request that opens the conversation between the two."""
    return {"kind": "direct", "members": [DEMO_USERNAMES[1]]}


def new_account(prefix: str) -> dict[str, Any]:
    """The body of a registration, with a username that is not taken."""
    username = f"{prefix}-{uuid4().hex[:12]}"
    return registration(username)


def registration(username: str) -> dict[str, Any]:
    return {
        "username": username,
        "email": f"{username}@example.org",
        "password": DEMO_PASSWORD,
    }


class DemoSessions:
    """Sessions are kept in the home between starts and commands, because log-ins are limited."""

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud
        self._path = cloud.home.path / "demo.json"

    def session(self, username: str) -> dict[str, Any]:
        """A valid session of a demo account: `user`, `access_token` and `refresh_token`. It is
        refreshed, or opened by a log-in or registration, where that is needed.
        """
        session = self._read().get(username)
        if session is not None and self._is_valid(session):
            return session
        session = (
            self._refresh(session)
            or self._log_in(username, device_token=(session or {}).get("device_token"))
            or self._register(username)
        )
        self._save(username, session)
        return session

    def _is_valid(self, session: dict[str, Any]) -> bool:
        return self._request("GET", "/me", token=str(session["access_token"])) is not None

    def _refresh(self, session: dict[str, Any] | None) -> dict[str, Any] | None:
        if session is None:
            return None
        body = {"refresh_token": session["refresh_token"]}
        tokens = self._request("POST", "/auth/refresh", body)
        return None if tokens is None else {**session, **tokens}

    def _log_in(self, username: str, *, device_token: str | None) -> dict[str, Any] | None:
        body = {"login": username, "password": DEMO_PASSWORD, "device_token": device_token}
        return self._request("POST", "/auth/login", body)

    def _register(self, username: str) -> dict[str, Any]:
        return dict(self._cloud.request("POST", "/auth/register", registration(username)))

    def _request(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> dict[str, Any] | None:
        """None when the credentials are refused with 401."""
        try:
            return dict(self._cloud.request(method, path, body, token=token))
        except RequestFailed as failure:
            if failure.status != UNAUTHORIZED:
                raise
            return None

    def _read(self) -> dict[str, dict[str, Any]]:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return dict(json.loads(self._path.read_text()))
        return {}

    def _save(self, username: str, session: dict[str, Any]) -> None:
        temporary = self._path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps({**self._read(), username: session}))
        temporary.replace(self._path)
