from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, OneLine


class InvitationDraft(Body):
    """An invitation for one new account."""

    note: Annotated[str, OneLine(100, required=False)] = Field(
        default="", description="For the caller only: whom it is for. At most 100 characters."
    )


class Invitation(Model):
    """An invitation that the caller has made."""

    id: UUID
    note: str = Field(description="Of the caller; nobody else sees it.")
    created_at: Timestamp
    expires_at: Timestamp = Field(description="14 days after it was made.")
    used_by: UserSummary | None = Field(
        description="Who registered with it; null until then, and where the account is gone."
    )
    used_at: Timestamp | None = Field(description="Null until it was used.")


class NewInvitation(Invitation):
    """An invitation with the text that admits a new account, shown only once."""

    invitation: str = Field(description="For the field `invitation` of `POST /auth/register`.")


@dataclass(frozen=True, slots=True)
class CreatedRow:
    created: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An Invitation as JSON, and its id, which is its position in the list."""

    id: UUID
    json: str
