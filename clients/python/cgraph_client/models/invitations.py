"""Invitations to register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.users import User


@dataclass(frozen=True, slots=True)
class Invitation(JsonModel):
    """Admits one new account. `invitation` is its text, which only the answer to its creation
    has."""

    id: str
    note: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    used_by: User | None = None
    used_at: datetime | None = None
    invitation: str | None = None
