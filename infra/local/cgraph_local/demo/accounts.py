"""Two people and a conversation, so that a newcomer has somebody to talk to."""

import contextlib
import json
from typing import Any

from cgraph_local.core.running_cloud import Refused, RunningCloud

PEOPLE = ("ada", "grace")
PASSWORD = "correct horse battery"  # noqa: S105 (of two people who exist on this machine only)

UNAUTHORIZED = 401


def make_demo(cloud: RunningCloud) -> None:
    """Does nothing to people and a conversation that are there already."""
    sessions = DemoSessions(cloud)
    tokens = [str(sessions.of(name)["access_token"]) for name in PEOPLE]
    cloud.ask("POST", "/conversations", direct_conversation(), token=tokens[0])


def direct_conversation() -> dict[str, Any]:
    return {"kind": "direct", "members": [PEOPLE[1]]}


class DemoSessions:
    """Kept in the home from one start and one command to the next: log-ins are limited."""

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud
        self._path = cloud.home.path / "demo.json"

    def of(self, name: str) -> dict[str, Any]:
        """`user`, `access_token` and `refresh_token` of one of the two, valid now."""
        session = self._kept().get(name)
        if session is not None and self._is_valid(session):
            return session
        session = self._refreshed(session) or self._logged_in(name) or self._registered(name)
        self._keep(name, session)
        return session

    def _is_valid(self, session: dict[str, Any]) -> bool:
        return self._ask("GET", "/me", token=str(session["access_token"])) is not None

    def _refreshed(self, session: dict[str, Any] | None) -> dict[str, Any] | None:
        if session is None:
            return None
        pair = self._ask("POST", "/auth/refresh", {"refresh_token": session["refresh_token"]})
        return None if pair is None else {**session, **pair}

    def _logged_in(self, name: str) -> dict[str, Any] | None:
        return self._ask("POST", "/auth/login", {"login": name, "password": PASSWORD})

    def _registered(self, name: str) -> dict[str, Any]:
        person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return dict(self._cloud.ask("POST", "/auth/register", person))

    def _ask(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> dict[str, Any] | None:
        """None where it does not know who asks."""
        try:
            return dict(self._cloud.ask(method, path, body, token=token))
        except Refused as refused:
            if refused.status != UNAUTHORIZED:
                raise
            return None

    def _kept(self) -> dict[str, dict[str, Any]]:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return dict(json.loads(self._path.read_text()))
        return {}

    def _keep(self, name: str, session: dict[str, Any]) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({**self._kept(), name: session}))
        fresh.replace(self._path)
