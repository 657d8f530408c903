from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from cgraph.accounts.webauthn.models import PasskeyResponse, Purpose
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, DeviceToken, Model, OneLine

PASSKEYS_MAX = 20

PasskeyName = Annotated[str, OneLine(60)]


class PasskeyOptionsRequest(Body):
    """What a passkey is to be used for."""

    purpose: Literal[Purpose.LOG_IN, Purpose.SECOND_FACTOR, Purpose.CONFIRM] = Field(
        default=Purpose.LOG_IN,
        description="`log_in`: alone (`POST /auth/passkey`). `second_factor`: after the password "
        "(`POST /auth/login`). `confirm`: of a session (`POST /auth/confirm`).",
    )


class PasskeyOptions(Model):
    """Options of the Web Authentication API, as JSON."""

    public_key: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON()` or "
        "`parseRequestOptionsFromJSON()`. The challenge is good for one attempt, within five "
        "minutes."
    )


class PasskeyDraft(Body):
    """A passkey to add."""

    name: PasskeyName = Field(description="By which its user recognises it.")
    second_factor: bool = Field(
        default=False,
        description="Whether a log-in with the password also needs this passkey, another one "
        "like it, or a code.",
    )
    response: PasskeyResponse = Field(
        description="`JSON.stringify()` of what `navigator.credentials.create()` returned."
    )


class PasskeyChange(Body):
    """What changes in a passkey."""

    name: PasskeyName | None = Field(default=None, description="Null leaves it as it is.")
    second_factor: bool | None = Field(
        default=None, description="As when it was added. Null leaves it as it is."
    )


class PasskeyLogin(Body):
    """A log-in with a passkey alone."""

    response: PasskeyResponse = Field(
        description="`JSON.stringify()` of what `navigator.credentials.get()` returned."
    )
    device_token: DeviceToken | None = Field(
        default=None, description="From the last registration or log-in on this device."
    )


class Passkey(Model):
    """A passkey of the caller."""

    id: UUID
    name: str = Field(description="By which its user recognises it.")
    second_factor: bool = Field(
        description="Whether a log-in with the password needs it, another one like it, or a code."
    )
    synced: bool = Field(description="Whether its provider copies it to other devices.")
    created_at: Timestamp
    last_used_at: Timestamp | None = Field(description="Null before its first use.")


@dataclass(frozen=True, slots=True)
class IdRow:
    id: UUID


@dataclass(frozen=True, slots=True)
class PasskeyListRow:
    """A Passkey as JSON."""

    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class KnownCredentialRow:
    credential_id: bytes
    transports: list[str]


@dataclass(frozen=True, slots=True)
class UserNameRow:
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class CreatedRow:
    created: bool
