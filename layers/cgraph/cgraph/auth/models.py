from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from cgraph.fields import Email, Login, Password, Username
from cgraph.people.models import Me


class Registration(BaseModel):
    username: Username
    email: Email
    password: Password


class Credentials(BaseModel):
    """`login`: a username or an e-mail address."""

    login: Login
    password: str = Field(min_length=1, max_length=256)


class RefreshRequest(BaseModel):
    refresh_token: str = Field(max_length=200)


class TokenPair(BaseModel):
    """`expires_in`: the access token's life, in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class Welcome(TokenPair):
    """What a person gets who has just registered or logged in."""

    user: Me


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """What a log-in is checked against."""

    id: UUID
    username: str
    email: str
    display_name: str
    bio: str
    created_at: datetime
    password_hash: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """`live`: neither ended nor older than its life; `fresh`: the access token is the current one
    and has not expired.
    """

    live: bool
    fresh: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Rotation:
    """The outcome of one refresh: `rotated` by this call, or the state the token was found in."""

    rotated: bool
    live: bool
    used_at: datetime | None
    sealed: bytes | None
    old_access_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Spent:
    used: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """`access_hash`: of the token that must be forgotten."""

    access_hash: bytes
