from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Token


class RefreshRequest(Body):
    """A refresh token to exchange for a new pair of tokens."""

    refresh_token: Annotated[str, Field(max_length=200), Token("refresh token")]


class TokenPair(Model):
    """The tokens of a session. Each refresh replaces both."""

    access_token: str = Field(
        description="Sent with each request: `Authorization: Bearer <token>`."
    )
    refresh_token: str = Field(
        description="Good for one refresh, within 60 days of the last log-in or refresh."
    )
    expires_in: int = Field(description="Lifetime of the access token in seconds.")


class Session(Model):
    """A log-in that has not ended."""

    id: UUID
    device: str = Field(
        description="The `User-Agent` header of the log-in, at most 200 characters."
    )
    created_at: Timestamp
    last_used_at: Timestamp = Field(description="Time of the last log-in or refresh.")
    current: bool = Field(description="Whether the request came through this session.")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A Session as JSON, and its id, which is its position in the list."""

    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class RotationRow:
    """The result of one refresh. `rotated`: this call used the token; otherwise the row has the
    state that the token was in. `live`: the session has neither ended nor expired. The old access
    token lives on for `grace_ms`; the one that was in its grace period until now has ended.
    """

    rotated: bool
    live: bool
    used_at: datetime | None
    sealed: bytes | None
    old_access_hash: bytes
    ended_access_hash: bytes | None
    grace_ms: int


@dataclass(frozen=True, slots=True)
class TokenUseRow:
    used: bool


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """When the session began, or was confirmed last."""

    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class EndedSessions:
    """Sessions that a statement has ended, and the hashes of their access tokens."""

    session_ids: list[UUID]
    access_hashes: list[bytes]
