"""Tokens, sessions, the second factor and tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cgraph_client.core.parsing import JsonObject
from cgraph_client.models.json_model import JsonModel


@dataclass(frozen=True, slots=True)
class Session:
    """The tokens of a log-in. A refresh token works once, so a program that keeps its session
    across runs must store each new one. An API token is a session without one."""

    access_token: str
    refresh_token: str
    expires_at: datetime

    @classmethod
    def from_json(cls, document: JsonObject) -> Session:
        lifetime = timedelta(seconds=document["expires_in"])
        expires_at = datetime.now(UTC) + lifetime
        return cls(document["access_token"], document["refresh_token"], expires_at)

    @classmethod
    def of_api_token(cls, token: str) -> Session:
        return cls(token, refresh_token="", expires_at=datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class SavedLogin:
    """What a client keeps: its session, and the token by which the account knows this device. That
    one outlives the session, and goes with the next log-in."""

    session: Session | None = None
    device_token: str | None = None


@dataclass(frozen=True, slots=True)
class ActiveSession(JsonModel):
    """An entry in the list of the caller's sessions. `device` is the user agent it was opened
    with; `current`: it is the session of this client."""

    id: str
    device: str = ""
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class ApiToken(JsonModel):
    """What a program uses in place of a session. `token` is there only where it was just
    created."""

    id: str
    name: str
    scopes: tuple[str, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Passkey(JsonModel):
    """A passkey of the account. `second_factor`: a log-in with the password asks for it."""

    id: str
    name: str
    second_factor: bool = False
    synced: bool = False
    created_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SecondFactor(JsonModel):
    """The secret of an authenticator app; `uri` is the content of its QR code. It is not in force
    until a code has confirmed it."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class Ticket(JsonModel):
    """Opens one WebSocket, within a few seconds. `url` is the complete address to connect to."""

    url: str
    ticket: str = ""
