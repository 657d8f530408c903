"""Users."""

from __future__ import annotations

from dataclasses import dataclass

from cgraph_client.models.json_model import JsonModel


@dataclass(frozen=True, slots=True)
class User(JsonModel):
    id: str
    username: str
    display_name: str | None = None
