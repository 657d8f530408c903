"""Users."""

from __future__ import annotations

from dataclasses import dataclass

from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.uploads import Picture


@dataclass(frozen=True, slots=True)
class Status(JsonModel):
    """What a user says to be doing. `until`: when it ends by itself."""

    text: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class UserSummary(JsonModel):
    id: str
    username: str
    display_name: str | None = None
    avatar: Picture | None = None


@dataclass(frozen=True, slots=True)
class User(UserSummary):
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Contact(JsonModel):
    """`state`: `requested` by the caller, `received`, or `contact`."""

    user: User
    state: str
    since: str


@dataclass(frozen=True, slots=True)
class Privacy(JsonModel):
    """The first two: `everyone`, `contacts` or `nobody`."""

    messages_from: str
    groups_from: str
    receipts: bool
