from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from cgraph.accounts.people.models import Me
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Code, Email, Login, Model, Password, Username


class Registration(Body):
    username: Username
    email: Email
    password: Password


class Credentials(Body):
    """`login`: a username or an e-mail address. `code`: of the second factor, or a backup code,
    where the account has one.
    """

    login: Login
    password: str = Field(min_length=1, max_length=256)
    code: Code | None = None


class PasswordChange(Body):
    current_password: str = Field(min_length=1, max_length=256)
    new_password: Password

    @field_validator("new_password")
    @classmethod
    def _is_new(cls, new_password: str, info: ValidationInfo) -> str:
        if new_password == info.data.get("current_password"):
            raise ValueError("must not be the password that it replaces")
        return new_password


class RefreshRequest(Body):
    refresh_token: str = Field(max_length=200)


class TokenPair(Model):
    """`expires_in`: the access token's life, in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class Welcome(TokenPair):
    """What a person gets who has just registered or logged in."""

    user: Me


class Session(Model):
    """A log-in that has not ended. `device`: what it called itself; `last_used_at`: its last log-in
    or refresh; `current`: it is the one that asks.
    """

    id: UUID
    device: str
    created_at: Timestamp
    last_used_at: Timestamp
    current: bool


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """What a log-in is checked against."""

    id: UUID
    username: str
    email: str
    display_name: str
    bio: str
    created_at: datetime
    totp: bool
    password_hash: str


@dataclass(frozen=True, slots=True)
class StoredPassword:
    password_hash: str


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
    """Sessions that have just ended, and their access tokens, which must be forgotten."""

    session_ids: list[UUID]
    access_hashes: list[bytes]
