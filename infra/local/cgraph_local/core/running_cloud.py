"""HTTP client of the local cloud that runs on a home."""

import http.client
import json
from typing import Any

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.endpoints import Endpoints
from cgraph_local.core.home import Home

ADMIN_PREFIX = "/_local/"
TIMEOUT_SECONDS = 330
"""Longer than the longest function timeout."""


class NotRunning(Exception):
    """No local cloud runs on this home."""


class RequestFailed(Exception):
    """The local cloud answered with an error status. The message holds the response body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class RunningCloud:
    """Raises NotRunning when no local cloud runs on the home."""

    def __init__(self, home: Home) -> None:
        run = home.running()
        if run is None or "port" not in run:
            raise NotRunning(
                f"No local cloud runs on {home.path}. Start one: `make run` (another home: "
                "CGRAPH_HOME=/path cgraph …)"
            )
        self.home = home
        self.port = int(run["port"])
        self.address = f"http://127.0.0.1:{self.port}"
        self._services: dict[str, dict[str, Any]] = run.get("services", {})

    def endpoints(self, *services: str) -> Endpoints:
        """Raises NotRunning while one of the services has no port yet."""
        for name in services:
            if not self._services.get(name, {}).get("port"):
                raise NotRunning(f"{name} does not run yet; see the console of `make run`")
        return Endpoints.of(self.home)

    def request(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> Any:
        """Returns the JSON of the response, None for an empty body. Raises RequestFailed for a
        status outside 200 to 299, NotRunning when nothing answers.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        elif path.startswith(ADMIN_PREFIX):
            headers |= Credentials.of(self.home).admin_headers
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, body=content, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        except OSError as error:
            raise NotRunning(f"{self.address} does not answer: {error}") from error
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            message = f"{method} {path} answered {response.status}: {text}"
            raise RequestFailed(response.status, message)
        return json.loads(text) if text else None
