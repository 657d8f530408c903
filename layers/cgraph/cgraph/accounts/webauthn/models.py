from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints

from cgraph.core.fields import Token

PasskeyResponse = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000), Token("passkey response")
]
"""JSON of the Web Authentication API, which `responses` reads."""


class Purpose(StrEnum):
    """What a challenge is for."""

    REGISTER = "register"
    LOG_IN = "log_in"
    SECOND_FACTOR = "second_factor"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as stored."""

    id: UUID
    user_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class UsedPasskeyRow:
    """The account whose passkey was used. `me`: a Me."""

    id: UUID
    me: dict[str, Any]
