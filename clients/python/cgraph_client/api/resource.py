"""A part of the API that has an attribute of its own: `client.posts`."""

from __future__ import annotations

from typing import Any

from cgraph_client.api.base_client import BaseClient


class Resource:
    """Sends its requests through the client that it is an attribute of."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client


def without_none(**fields: Any) -> dict[str, Any]:
    """Returns a body of those fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
