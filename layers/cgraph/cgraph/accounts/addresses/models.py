from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.accounts.verification.models import VerificationRow
from cgraph.core.fields import Body, Code, Email, TypedPassword


class EmailCode(Body):
    """The code of a mail."""

    code: Code = Field(
        description="The six digits of the last mail. Spaces and hyphens do not matter."
    )


class EmailChange(Body):
    """A new address for the caller's account."""

    email: Email = Field(description="Where the code goes that confirms the change.")
    password: TypedPassword = Field(
        description="The caller's password, because a stolen access token must not allow this."
    )


@dataclass(frozen=True, slots=True)
class ChangeRow(VerificationRow):
    """`email`: the new address; the current one is `old_email`."""

    old_email: str
    was_verified: bool


@dataclass(frozen=True, slots=True)
class UsedTokenRow:
    """`refusal`: why it was not used (`taken`, `invalid`). `profile`: an UpdatedProfileRow.
    `was_verified`: of the old address. The sessions that have ended are those of EndedSessions.
    """

    refusal: str | None
    purpose: str
    old_email: str
    was_verified: bool
    profile: dict[str, Any] | None
    session_ids: list[UUID] | None
    access_hashes: list[bytes] | None


@dataclass(frozen=True, slots=True)
class Restoration:
    """The token that an old address gets. `locked_hash`: of a password that nobody knows."""

    id: UUID
    text: str
    hash: bytes
    until: datetime
    locked_hash: str | None = None
