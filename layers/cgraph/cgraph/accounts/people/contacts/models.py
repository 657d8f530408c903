from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import User
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model


class ContactState(StrEnum):
    """How a user sees another: asked by the user (`requested`), asked by the other (`received`), or
    a contact of each other.
    """

    REQUESTED = "requested"
    RECEIVED = "received"
    CONTACT = "contact"


class Contact(Model):
    """A contact of the caller, or a request of or to them."""

    user: User
    state: ContactState
    since: Timestamp = Field(description="When it got this state.")


class ContactChange(Model):
    """The data of `contact.changed`. `state`: null when there is nothing between the two."""

    user_id: UUID
    state: ContactState | None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A Contact as JSON; `since` and `id` are its position in the list."""

    since: datetime
    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class PutContactRow:
    refusal: str | None
    state: ContactState | None
    logged: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class RemovedContactRow:
    """`logged`: None if there is no such user."""

    logged: list[dict[str, Any]] | None
